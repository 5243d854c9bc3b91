"""Making the index: distributions that offer connectors, their manifests read lightly, the broken ones kept apart.

No connector is imported. A manifest is found beside the package that the entry point names: first through the
distribution's own folder, then, for editable installs, by asking the import system where the package would come from.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .distributions import Offer, find_offers, recorded_files
from .entries import BLANK, GROUP, IndexEntry
from .heads import parse_head

_MANIFEST: Final = "connector.toml"
_DECLARATIVE: Final = "gallery_sdk.plugins.declarative"
_LARGEST_BYTES: Final = 4_000_000


def discover() -> tuple[IndexEntry, ...]:
    """Read every installed connector, by slug; one that cannot be read is there with its reason."""
    entries = [_read(offer) for offer in find_offers(GROUP)]
    return tuple(sorted(_without_clashes(entries), key=lambda entry: (entry.slug, entry.dist)))


def _read(offer: Offer) -> IndexEntry:
    start = BLANK._replace(
        slug=offer.name,
        name=offer.name,
        dist=offer.dist,
        dist_version=offer.version,
        module=offer.value,
        code=_module(offer) != _DECLARATIVE,
    )
    try:
        path = _locate(offer)
        if path is None:
            return start._replace(broken=f"no {_MANIFEST} beside {_package(offer)!r}")
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes a third of the time that reading them all does
            status = os.fstat(file.fileno())
            start = start._replace(manifest=path, manifest_mtime_ns=status.st_mtime_ns)
            if status.st_size > _LARGEST_BYTES:
                return start._replace(broken=f"{path} is larger than {_LARGEST_BYTES} bytes")
            text = file.read().decode("utf-8-sig")
        return _filled(start, parse_head(text))
    except _Unfit as error:
        return start._replace(broken=f"{start.manifest}: {error}")
    except UnicodeDecodeError:
        return start._replace(broken=f"{start.manifest} is not UTF-8")
    except Exception as error:
        from tomllib import TOMLDecodeError

        if isinstance(error, TOMLDecodeError):
            return start._replace(broken=f"{start.manifest} is not TOML: {error}")
        # Import finders are other people's code; whatever one of them raises concerns this entry alone.
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


def _module(offer: Offer) -> str:
    return offer.value.partition(":")[0].strip()


def _package(offer: Offer) -> str:
    """The package that holds the manifest; a connector without code is named by rule, after its slug."""
    module = _module(offer)
    if module == _DECLARATIVE:
        return f"gallery_connector_{offer.name.replace('-', '_')}"
    return module.partition(".")[0]


def _locate(offer: Offer) -> str | None:
    package = _package(offer)
    beside = os.path.join(offer.folder, package, _MANIFEST)  # noqa: PTH118
    if os.path.isfile(beside):  # noqa: PTH113
        return beside
    if _module(offer) == _DECLARATIVE:
        # Its package may be named otherwise; the distribution's list of files tells.
        for file in recorded_files(offer):
            if file.endswith(f"/{_MANIFEST}") and file.count("/") == 1:
                return os.path.join(offer.folder, *file.split("/"))  # noqa: PTH118
    for folder in _folders(package):
        if os.path.isfile(os.path.join(folder, _MANIFEST)):  # noqa: PTH113, PTH118
            return os.path.join(folder, _MANIFEST)  # noqa: PTH118
    return None


def _folders(package: str) -> list[str]:
    """Where the import system would find a package.

    To ask for a top-level name imports nothing. For a dotted one, which an entry point's name may make of it, Python
    would import what stands before the dot.
    """
    from importlib.util import find_spec

    if not package.isidentifier():
        return []
    spec = find_spec(package)
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return list(spec.submodule_search_locations)
    return [os.path.dirname(spec.origin)] if spec.origin else []  # noqa: PTH120


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
