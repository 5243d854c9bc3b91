"""Connector folders of a repository: found, read, and checked for what the catalog relies on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ManifestError
from ..manifest import InvalidManifestError, Manifest, Problem, find_problems
from ..plugins.entries import GROUP
from .compatibility import API_LEVEL
from .documents import digest
from .migrating import read_any_level
from .names import DIST_PREFIX, normal_dist

MANIFEST_NAME: Final = "connector.toml"
_DECLARATIVE: Final = "gallery_sdk.plugins.declarative"


@dataclass(frozen=True, slots=True)
class ConnectorFolder:
    """A connector as its folder has it.

    Attributes:
        package: The folder of its import package, which holds the manifest.
        python: Versions of Python (`requires-python`).
        code: Its entry point names code of its own.
        guide: Text of setup.md; None without one.
    """

    path: Path
    package: Path
    dist: str
    version: str
    python: str
    api_level: int
    code: bool
    manifest: Manifest
    guide: str | None

    @property
    def slug(self) -> str:
        """Its name everywhere."""
        return self.manifest.slug

    @property
    def manifest_sha256(self) -> str:
        """Of the manifest's bytes."""
        return digest((self.package / MANIFEST_NAME).read_bytes())


def connector_folders(root: Path) -> list[Path]:
    """The folders below `connectors/`, by name; hidden ones and files are no connectors."""
    folder = root / "connectors"
    return sorted(
        path for path in (folder.iterdir() if folder.is_dir() else ()) if path.is_dir() and path.name[0] not in "._"
    )


def find_manifest(path: Path) -> Path:
    """The `connector.toml` that is meant: the file itself, or the one in the folder or in a package of it.

    Raises:
        ManifestError: There is none, or more than one.
    """
    if path.is_file():
        return path
    if (path / MANIFEST_NAME).is_file():
        return path / MANIFEST_NAME
    found = sorted(path.glob(f"*/{MANIFEST_NAME}"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise ManifestError(f"there is no {MANIFEST_NAME}", str(path), "Name the connector's folder or its manifest")
    names = " and ".join(str(one.relative_to(path)) for one in found)
    raise ManifestError(f"{names} are both manifests", str(path), "A connector has one package; remove the other")


def read_folder(path: Path, *, where: str | None = None) -> ConnectorFolder:
    """Read a connector folder.

    Args:
        path: `connectors/<slug>`.
        where: What the folder is called in messages; its path when left out.

    Raises:
        ManifestError: No manifest, no usable pyproject.toml, or the two do not agree; every problem is in `problems`
            where there are several.
    """
    where = str(path) if where is None else where
    manifest_path = find_manifest(path)
    manifest = read_any_level(manifest_path, where=f"{where}/{manifest_path.relative_to(path).as_posix()}")
    project = _project(path, where)
    problems = [problem for problem in find_problems(manifest) if problem.severity == "error"]
    problems += _disagreements(path, manifest, project, where)
    problems += _links(path, manifest_path.parent, where)
    if problems:
        raise InvalidManifestError(problems)
    entry_point = str(project["project"]["entry-points"][GROUP][manifest.slug])
    guide = manifest_path.with_name("setup.md")
    return ConnectorFolder(
        path=path,
        package=manifest_path.parent,
        dist=normal_dist(str(project["project"]["name"])),
        version=str(project["project"]["version"]),
        python=str(project["project"].get("requires-python", "")),
        api_level=int(project.get("tool", {}).get("gallery", {}).get("api_level", API_LEVEL)),
        code=not entry_point.startswith(_DECLARATIVE),
        manifest=manifest,
        guide=guide.read_text(encoding="utf-8") if guide.is_file() else None,
    )


def source_sha256(folder: ConnectorFolder) -> str:
    """One digest of everything that goes into the connector's wheel.

    SHA-256 of the lines that `sha256sum` prints for pyproject.toml, README.md and every file of the package, by path;
    byte code and hidden files are left out. So that it can be checked by hand, and differs when any shipped byte does.
    """
    files = [folder.path / name for name in ("README.md", "pyproject.toml")]
    files += [path for path in folder.package.rglob("*") if _is_shipped(path.relative_to(folder.package))]
    return files_sha256(folder.path, files)


def files_sha256(root: Path, paths: Iterable[Path]) -> str:
    """One digest of several files, folders left out: SHA-256 of what `sha256sum` prints for them in `root`, by path."""
    named = {path.relative_to(root).as_posix(): path for path in paths if path.is_file()}
    lines = [f"{digest(path.read_bytes())}  {name}\n" for name, path in sorted(named.items())]
    return digest("".join(lines).encode())


def _is_shipped(path: Path) -> bool:
    return path.suffix != ".pyc" and not any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _project(path: Path, where: str) -> dict[str, Any]:
    file = path / "pyproject.toml"
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ManifestError("there is no pyproject.toml", where, "Add one; `gallery new` shows its form") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"cannot be read: {error}", f"{where}/pyproject.toml", "Mend the file") from error
    table = project.get("project")
    if not isinstance(table, dict) or not table.get("name") or not table.get("version"):
        raise ManifestError(
            "[project] lacks name or version", f"{where}/pyproject.toml", "Write both, as texts that stand there"
        )
    return project


def _links(path: Path, package: Path, where: str) -> Iterator[Problem]:
    """Links to files elsewhere: their content would be published, as it is on the machine that publishes."""
    for one in sorted([*path.glob("*"), *package.rglob("*")]):
        if one.is_symlink() and not one.resolve().is_relative_to(path.resolve()):
            yield Problem(
                f"{where}/{one.relative_to(path).as_posix()}", "it is a link that leads out of the folder", "Remove it"
            )


def _disagreements(path: Path, manifest: Manifest, project: Mapping[str, Any], where: str) -> Iterator[Problem]:
    from packaging.version import InvalidVersion, Version

    slug, table = manifest.slug, project["project"]
    there = f"{where}/pyproject.toml"
    if path.name.replace("_", "-") != slug:
        yield Problem(where, f"the folder is not named after the slug {slug!r}", f"Rename it to connectors/{slug}")
    if normal_dist(str(table["name"])) != DIST_PREFIX + slug:
        yield Problem(f"{there}, project.name", f"{table['name']!r} does not fit the slug", f"Use {DIST_PREFIX}{slug}")
    claims = table.get("entry-points", {}).get(GROUP, {})
    if list(claims) != [slug]:
        found = ", ".join(map(repr, claims)) or "nothing"
        yield Problem(
            f"{there}, project.entry-points", f"{GROUP} offers {found}", f"Offer {slug!r} there and nothing else"
        )
    try:
        same = Version(str(table["version"])) == Version(manifest.version)
    except InvalidVersion:
        same = False
    if not same:
        yield Problem(
            f"{there}, project.version",
            f"{table['version']!r} is not the manifest's {manifest.version!r}",
            "Write the same version in both",
        )
    licence = table.get("license")
    if isinstance(licence, str) and manifest.license and licence != manifest.license:
        yield Problem(
            f"{there}, project.license",
            f"{licence!r} is not the manifest's {manifest.license!r}",
            "Write the same licence in both",
        )
