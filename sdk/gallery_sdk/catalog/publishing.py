"""From a built catalog to files: written, compared with what is there, and releases recorded."""

from __future__ import annotations

import calendar
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from .building import Built
from .documents import digest
from .folders import ConnectorFolder, read_folder, source_sha256
from .models import Artefact
from .problems import CatalogError
from .registry import OwnRelease, add_releases, bump, read_registry
from .schemas import published_schemas
from .signing import CATALOG_NAME
from .wheels import build_wheel, look_into

__all__ = ["Difference", "bump", "compare_with_written", "release", "write"]

SCHEMAS = "schemas"


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a committed file is not what would be built."""

    where: str
    what: str


def write(built: Built, root: Path, out: Path | None = None) -> list[Path]:
    """Write `catalog.json` and `schemas/` of the repository, and the whole publication where `out` names a folder.

    Only these two are committed; details, being generated, go to `out` alone. Files that would not change are left
    untouched.

    Returns:
        The files that were written.
    """
    schemas = published_schemas()
    files = {root / CATALOG_NAME: built.catalog}
    files |= {root / SCHEMAS / name: data for name, data in schemas.items()}
    if out is not None:
        files |= {out / CATALOG_NAME: built.catalog}
        files |= {out / path: data for path, data in built.details.items()}
        files |= {out / SCHEMAS / name: data for name, data in schemas.items()}
    written = []
    for path, data in files.items():
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written.append(path)
    if out is not None:
        for stray in sorted((out / "c").glob("*.json")):
            if f"c/{stray.name}" not in built.details:
                stray.unlink()
    return written


def compare_with_written(built: Built, root: Path) -> list[Difference]:
    """How the committed files differ from what was built: stale, or changed by hand. Empty when they are equal."""
    differences, schemas = list[Difference](), published_schemas()
    path = root / CATALOG_NAME
    if not path.is_file():
        differences.append(Difference(CATALOG_NAME, "there is none"))
    elif path.read_bytes() != built.catalog:
        differences += _catalog_differences(path.read_bytes(), built.catalog)
    for name, data in schemas.items():
        file = root / SCHEMAS / name
        if not file.is_file() or file.read_bytes() != data:
            differences.append(Difference(f"{SCHEMAS}/{name}", "it is not the schema of this SDK"))
    for file in sorted((root / SCHEMAS).glob("*.json")):
        if file.name not in schemas:
            differences.append(Difference(f"{SCHEMAS}/{file.name}", "no format has this schema"))
    return differences


def _catalog_differences(written: bytes, built: bytes) -> list[Difference]:
    try:
        before, after = json.loads(written), json.loads(built)
        rows = [{row["slug"]: row for row in document["connectors"]} for document in (before, after)]
    except (ValueError, KeyError, TypeError):
        return [Difference(CATALOG_NAME, "it is no catalog")]
    found = []
    for slug in sorted(rows[0].keys() | rows[1].keys()):
        old, new = rows[0].get(slug), rows[1].get(slug)
        if old == new:
            continue
        if old is None or new is None:
            what = "it is missing" if old is None else "it is no connector of this repository"
        else:
            what = (
                f"changed: {', '.join(sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)))}"
            )
        found.append(Difference(f"{CATALOG_NAME}, connector {slug!r}", what))
    for key in sorted((before.keys() | after.keys()) - {"connectors"}):
        if before.get(key) != after.get(key):
            found.append(Difference(f"{CATALOG_NAME}, {key}", "it is not what the registry says"))
    return found or [Difference(CATALOG_NAME, "it says the same in other bytes")]


def release(root: Path, connectors: Sequence[str], out: Path, *, day: date) -> list[tuple[OwnRelease, Path]]:
    """Build the wheels of connectors and record them in `registry/releases.toml`.

    The wheel's time is midnight UTC of the day, so that whoever builds the same tree with that SOURCE_DATE_EPOCH and
    the same build backend gets the same bytes.

    Args:
        connectors: Which ones: their slugs, or their folders in the repository.
        out: Where the wheels go, to be uploaded to a package index.
        day: Day of the release.

    Raises:
        CatalogError: A version is released already, a wheel does not build, or a folder is not of the repository.
        ManifestError: A folder is no sound connector.
    """
    known = {(one.slug, one.version) for one in read_registry(root).releases}
    made = []
    for path in dict.fromkeys(_folder_of(root, one) for one in connectors):
        folder = read_folder(path)
        slug = folder.slug
        if (slug, folder.version) in known:
            raise CatalogError(
                f"version {folder.version} is released already",
                f"connectors/{path.name}",
                "Raise the version in pyproject.toml and in the manifest",
            )
        wheel = build_wheel(folder.path, out, epoch=calendar.timegm(day.timetuple()))
        data = wheel.read_bytes()
        facts = look_into(wheel, digest(data))
        if odd := _not_of_folder(wheel, folder):
            wheel.unlink()  # before somebody uploads it with the others
            raise CatalogError(
                f"its wheel would hold {odd!r}, which is not the folder's file of that name",
                f"connectors/{folder.slug}/pyproject.toml",
                "Let the build take the package as it is, and nothing else",
            )
        record = OwnRelease(
            slug=slug,
            version=facts.version,
            released=day,
            requires_sdk=folder.manifest.requires_sdk or "",
            python=folder.python,
            api_level=folder.api_level,
            schema_level=folder.manifest.schema_level,
            manifest_sha256=digest(facts.manifest),
            source_sha256=source_sha256(folder),
            files=(Artefact(name=wheel.name, sha256=digest(data), size=len(data)),),
        )
        made.append((record, wheel))
    add_releases(root, [record for record, _ in made])
    return made


def _folder_of(root: Path, connector: str) -> Path:
    """The folder that a slug means, or a path from here or from the root of the repository."""
    own = root / "connectors"
    for path in (own / connector, Path(connector), root / connector):
        if path.is_dir() and path.resolve().parent == own.resolve():
            return own / path.resolve().name
    raise CatalogError(
        "it is no connector of the repository",
        connector,
        f"Name one by its slug or its folder below {own}; --root names another repository",
    )


def _not_of_folder(wheel: Path, folder: ConnectorFolder) -> str | None:
    """A file of the wheel's package that is not as in the folder: a build may be told to take files from anywhere, and
    what was reviewed is the folder."""
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            top, _, inner = name.partition("/")
            source = folder.package / inner
            if top == folder.package.name and not (source.is_file() and source.read_bytes() == archive.read(name)):
                return name
    return None
