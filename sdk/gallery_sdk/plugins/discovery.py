"""Making the index: distributions that offer connectors, their manifests read lightly, the broken ones kept apart.

No connector is imported. A manifest is found beside the package that the entry point names: first through the
distribution's own folder, then, for editable installs, by asking the import system where the package would come from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from .entries import BLANK, GROUP, IndexEntry
from .heads import parse_head, parse_metadata

_MANIFEST: Final = "connector.toml"
_DECLARATIVE: Final = "gallery_sdk.plugins.declarative"
_LARGEST_BYTES: Final = 4_000_000


def discover() -> tuple[IndexEntry, ...]:
    """Read every installed connector, by slug; one that cannot be read is there with its reason."""
    entries = [_read(point) for point in entry_points(group=GROUP)]
    return tuple(sorted(_without_clashes(entries), key=lambda entry: (entry.slug, entry.dist)))


def _read(point: EntryPoint) -> IndexEntry:
    dist_name, dist_version = _identity(point.dist)
    start = BLANK._replace(
        slug=point.name,
        name=point.name,
        dist=dist_name,
        dist_version=dist_version,
        module=point.value,
        code=point.module != _DECLARATIVE,
    )
    try:
        path = _locate(point)
        if path is None:
            return start._replace(broken=f"no {_MANIFEST} beside {_package(point)!r}")
        status = path.stat()
        start = start._replace(manifest=str(path), manifest_mtime_ns=status.st_mtime_ns)
        if status.st_size > _LARGEST_BYTES:
            return start._replace(broken=f"{path} is larger than {_LARGEST_BYTES} bytes")
        return _filled(start, parse_head(path.read_bytes().decode("utf-8-sig")))
    except _Unfit as error:
        return start._replace(broken=f"{start.manifest}: {error}")
    except tomllib.TOMLDecodeError as error:
        return start._replace(broken=f"{start.manifest} is not TOML: {error}")
    except UnicodeDecodeError:
        return start._replace(broken=f"{start.manifest} is not UTF-8")
    except Exception as error:
        # Metadata and import finders are other people's code; whatever one of them raises concerns this entry alone.
        return start._replace(broken=f"{type(error).__name__}: {error}")


class _Unfit(Exception):
    """The manifest does not say what the index needs."""


def _filled(entry: IndexEntry, data: Mapping[str, object]) -> IndexEntry:
    slug = _text(data, "slug")
    if slug != entry.slug:
        raise _Unfit(f"slug is {slug!r}, and the entry point is named {entry.slug!r}; they must be the same")
    if data.get("schema", 1) != 1:
        raise _Unfit(f"schema is {data['schema']!r}, and this SDK reads 1; upgrade gallery-sdk")
    capabilities, transport, auth = _table(data, "capabilities"), _table(data, "transport"), _table(data, "auth")
    methods = auth.get("method", [])
    if not isinstance(methods, list) or not all(isinstance(method, dict) for method in methods):
        raise _Unfit("auth.method is not a list of tables")
    return entry._replace(
        name=_text(data, "name"),
        version=_text(data, "version"),
        summary=_text(data, "summary", ""),
        status=_text(data, "status", "active"),
        vendor=_text(_table(data, "vendor"), "name", ""),
        categories=_texts(data, "categories"),
        keywords=_texts(data, "keywords"),
        aliases=_texts(data, "aliases"),
        auth=tuple(dict.fromkeys(_text(method, "kind") for method in methods)),
        capabilities=tuple(f"{kind}:{able}" for kind in ("user", "group") for able in _texts(capabilities, kind)),
        transport=_text(transport, "kind", "scim2"),
    )


def _without_clashes(entries: Iterable[IndexEntry]) -> Iterator[IndexEntry]:
    """Break every claim to a slug that two distributions make: which one runs must not be left to chance."""
    claims: dict[str, list[IndexEntry]] = {}
    for entry in entries:
        claims.setdefault(entry.slug, []).append(entry)
    for slug, claimants in claims.items():
        if len(claimants) == 1:
            yield claimants[0]
            continue
        names = " and ".join(sorted(f"{entry.dist} {entry.dist_version}" for entry in claimants))
        for entry in claimants:
            yield entry._replace(broken=f"{names} both claim the slug {slug!r}; uninstall all but one")


def _identity(dist: Distribution | None) -> tuple[str, str]:
    """Name and version of a distribution; "" for what its metadata does not tell."""
    if dist is None:
        return "", ""
    try:
        return parse_metadata(dist.read_text("METADATA") or "")
    except Exception:  # a dist-info folder without METADATA, or one that cannot be read
        return "", ""


def _package(point: EntryPoint) -> str:
    """The package that holds the manifest; a connector without code is named by rule, after its slug."""
    if point.module == _DECLARATIVE:
        return f"gallery_connector_{point.name.replace('-', '_')}"
    return point.module.partition(".")[0]


def _locate(point: EntryPoint) -> Path | None:
    package, dist = _package(point), point.dist
    if dist is not None:
        beside = Path(str(dist.locate_file(f"{package}/{_MANIFEST}")))
        if beside.is_file():
            return beside
        if point.module == _DECLARATIVE:
            # Its package may be named otherwise; the distribution's list of files tells (RECORD).
            for file in dist.files or ():
                if file.name == _MANIFEST and len(file.parts) == 2:
                    return Path(str(dist.locate_file(file)))
    for folder in _folders(find_spec(package)):
        if (folder / _MANIFEST).is_file():
            return folder / _MANIFEST
    return None


def _folders(spec: ModuleSpec | None) -> list[Path]:
    """Where a package lies. `find_spec` of a top-level name imports nothing."""
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return [Path(location) for location in spec.submodule_search_locations]
    return [Path(spec.origin).parent] if spec.origin else []


def _text(table: Mapping[str, object], field: str, otherwise: str | None = None) -> str:
    value = table.get(field, otherwise)
    if not isinstance(value, str) or (not value and otherwise is None):
        raise _Unfit(f"{field} is {'missing' if value is None else 'not a text'}")
    return value


def _texts(table: Mapping[str, object], field: str) -> tuple[str, ...]:
    value = table.get(field, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Unfit(f"{field} is not a list of texts")
    return tuple(value)


def _table(data: Mapping[str, object], field: str) -> dict[str, object]:
    value = data.get(field, {})
    if not isinstance(value, dict):
        raise _Unfit(f"{field} is not a table")
    return value
