"""What rules look at: the files of a connector, read once."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ...errors import GalleryError, ManifestError, PluginError
from ...manifest import Manifest, Problem, find_problems
from ...testing.cassettes import CassetteHeader, parse_header
from ..documents import digest
from ..folders import ConnectorFolder, find_manifest, source_sha256
from ..migrating import read_any_level
from ..registry import FOLDER, HEAD_FILE, OwnRelease, Registry, read_registry
from .evidence import CheckRecord, Evidence, read_evidence
from .refusals import unreadable

_GROUP: Final = "gallery.connectors"
_DECLARATIVE: Final = "gallery_sdk.plugins.declarative"
_NOT_SHIPPED_AS_CODE: Final = ("twin", "twin.py", "contract.py")


@dataclass(frozen=True, slots=True)
class Cassette:
    """A recording; `problem` says why its head cannot be read."""

    name: str
    text: str
    header: CassetteHeader | None
    problem: str = ""


@dataclass
class LookedAt:
    """A connector's folder, as the rules see it.

    Attributes:
        path: `connectors/<slug>`.
        package: The import package's folder.
        day: Facts and waivers are dated against it.
        kept: Evidence from its folder, whatever source it was had from; `evidence` is that of this very source.
        tapes_in: The folder of its recordings; None without one.
        registry: The repository's registry, and `releases` of the connector in it.
    """

    path: Path
    package: Path
    manifest: Manifest
    project: dict[str, Any]
    day: date
    kept: Evidence | None
    cassettes: tuple[Cassette, ...] = ()
    tapes_in: Path | None = None
    registry: Path = Path(FOLDER)
    releases: tuple[OwnRelease, ...] = ()

    @cached_property
    def problems(self) -> list[Problem]:
        """Errors of the manifest as a whole."""
        return [one for one in find_problems(self.manifest) if one.severity == "error"]

    def problems_at(self, *fields: str) -> list[str]:
        """Errors of the manifest at fields that begin with one of the given."""
        found = []
        for one in self.problems:
            place = one.where.removeprefix(self.manifest.where).removeprefix(", ")
            if place.startswith(fields):
                found.append(f"{place}: {one.what}")
        return found

    @property
    def table(self) -> dict[str, Any]:
        """`[project]` of pyproject.toml."""
        found = self.project.get("project")
        return found if isinstance(found, dict) else {}

    @property
    def entry_points(self) -> dict[str, str]:
        """What the distribution offers as connectors."""
        claims = self.table.get("entry-points", {}).get(_GROUP, {})
        return {str(name): str(value) for name, value in claims.items()}

    @property
    def code(self) -> bool:
        """Its entry point names code of its own."""
        return any(not value.startswith(_DECLARATIVE) for value in self.entry_points.values())

    @cached_property
    def source_sha256(self) -> str:
        """Of everything that goes into the wheel."""
        folder = ConnectorFolder(self.path, self.package, "", "", "", 1, self.code, self.manifest, None)
        return source_sha256(folder)

    @property
    def evidence(self) -> Evidence | None:
        """What acting this very source showed; None where nobody acted it."""
        return self.kept if self.kept is not None and self.kept.source_sha256 == self.source_sha256 else None

    @property
    def lacking(self) -> str:
        """Why there is no evidence."""
        if self.kept is None:
            return "nobody has acted it: run `gallery check --contract`"
        return "it changed since it was acted: run `gallery check --contract` again"

    @property
    def untried(self) -> str:
        """Why a check has no result although the connector was acted."""
        return "an earlier SDK acted it, run `gallery check --contract` again"

    @property
    def release(self) -> OwnRelease | None:
        """The release of this very version; None before."""
        return next((one for one in self.releases if one.version == self.manifest.version), None)

    def check(self, name: str) -> CheckRecord | None:
        """The result of a check of the contract suite; None where it was not run or does not apply."""
        records = self.evidence.contract if self.evidence is not None else ()
        return next((one for one in records if one.name == name), None)

    @cached_property
    def modules(self) -> dict[str, ast.Module]:
        """The package's Python, parsed, by path in the package.

        Raises:
            PluginError: A file is no Python.
        """
        parsed = {}
        for path in sorted(self.package.rglob("*.py")):
            try:
                parsed[path.relative_to(self.package).as_posix()] = ast.parse(path.read_text("utf-8"))
            except (SyntaxError, ValueError) as error:  # a null byte, or bytes that are no UTF-8, are a ValueError
                raise PluginError(*unreadable(error, path)) from error
        return parsed

    @property
    def own_code(self) -> list[str]:
        """Modules that run in jobs: without the twin and the contract's additions."""
        return [
            name
            for name, tree in self.modules.items()
            if name.split("/")[0] not in _NOT_SHIPPED_AS_CODE and any(not _is_text(node) for node in tree.body)
        ]

    @cached_property
    def shipped_texts(self) -> dict[str, str]:
        """Every text file of the package and the metadata beside it, by path in the folder."""
        files = [self.path / "pyproject.toml", self.path / "README.md", *sorted(self.package.rglob("*"))]
        texts = {}
        for path in files:
            parts = path.relative_to(self.path).parts
            if path.is_file() and "__pycache__" not in parts:
                texts["/".join(parts)] = path.read_bytes().decode("utf-8", "replace")
        return texts


def look_at(path: Path, day: date, *, cassettes: Path | None = None, registry: Registry | None = None) -> LookedAt:
    """Read a connector's folder for grading.

    Args:
        path: `connectors/<slug>`.
        cassettes: Where recordings are, a folder per connector; `cassettes` beside `connectors`, or in the folder
            itself, when left out.
        registry: That of the repository, where it was read already; else it is read, if there is one.

    Raises:
        ManifestError: The manifest or pyproject.toml cannot be read at all.
        ConfigError: The registry cannot be read.
    """
    file = find_manifest(path)
    manifest = read_any_level(file, where=file.relative_to(path).as_posix())
    project = _project(path)
    folder = manifest.tests.cassettes or manifest.slug
    root = path.resolve().parent.parent
    places = [cassettes / folder] if cassettes else [path / "cassettes" / folder, root / "cassettes" / folder]
    found = next((place for place in places if place.is_dir()), None)
    tapes = tuple(_cassette(one) for one in sorted(found.glob("*.yaml"))) if found is not None else ()
    if registry is None and (root / FOLDER / HEAD_FILE).is_file():
        registry = read_registry(root)
    releases = tuple(one for one in registry.releases if one.slug == manifest.slug) if registry is not None else ()
    kept = read_evidence(path)
    return LookedAt(path, file.parent, manifest, project, day, kept, tapes, found, root / FOLDER, releases)


def cassette_digests(cassettes: tuple[Cassette, ...]) -> dict[str, str]:
    """Name to SHA-256 of recordings."""
    return {one.name: digest(one.text.encode()) for one in cassettes}


def _cassette(path: Path) -> Cassette:
    text = path.read_text("utf-8")
    try:
        return Cassette(path.stem, text, parse_header(text, path.name))
    except GalleryError as error:
        return Cassette(path.stem, text, None, error.what)


def _project(path: Path) -> dict[str, Any]:
    file = path / "pyproject.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(
            f"pyproject.toml cannot be read ({type(error).__name__})", str(path), "`gallery new` shows its form"
        ) from error


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
