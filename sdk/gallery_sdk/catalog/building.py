"""`catalog.json` and its detail documents, made from connector folders and the registry.

What is built depends on files of the repository alone: no clock, no network, no file's time or owner. Before a version
is released its wheel does not exist, so the catalog pins the hash of its source tree and of its manifest; the release
adds the wheel's name, size and SHA-256, and from then on the folder must not change under that version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.version import Version

from ..errors import GalleryError
from ..manifest import CATEGORIES, InvalidManifestError, Manifest, Problem, find_problems
from .compatibility import API_LEVELS, SCHEMA_LEVELS, sdk_version
from .documents import canonical, digest
from .folders import ConnectorFolder, connector_folders, read_folder, source_sha256
from .migrating import read_any_level
from .models import BreakingNote, CatalogEntry, Release
from .names import DIST_PREFIX, look_alikes
from .problems import CatalogError
from .registry import FOLDER, HEAD_FILE, MANIFESTS, PACKAGES_FILE, OutsidePackage, Registry, read_registry
from .tiers import Grade, TierReport

DETAIL_SCHEMA_LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class Built:
    """A catalog, not written yet.

    Attributes:
        catalog: Bytes of catalog.json.
        details: Bytes by path relative to it (`c/slack.json`).
        problems: Connectors that are left out, and why; each hides itself alone.
    """

    catalog: bytes
    details: dict[str, bytes]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A connector that wants to be listed."""

    where: str
    folder: Path
    manifest: Manifest
    dist: str
    index: str | None
    home: str
    code: bool
    releases: tuple[Release, ...]
    guide: str | None


def build(root: Path, *, grade: Grade | None = None, registry: Registry | None = None) -> Built:
    """Build the catalog of a repository.

    Args:
        root: The folder with `connectors/` and `registry/`.
        grade: Computes tiers; without it every tier is null.
        registry: What the registry is to say; as its files do when left out.

    Raises:
        ConfigError: The registry cannot be read.
    """
    registry = read_registry(root) if registry is None else registry
    problems: list[Problem] = []
    candidates = list(_candidates(root, registry, problems))
    candidates = _without_clashes(candidates, problems)
    candidates = _without_look_alikes(candidates, registry, problems)
    entries, details = [], {}
    for candidate in sorted(candidates, key=lambda one: one.manifest.slug):
        report = None
        with _kept_apart(problems, candidate.where):
            report = grade(candidate.folder) if grade is not None else None
        with _kept_apart(problems, candidate.where):
            path, data = f"c/{candidate.manifest.slug}.json", canonical(_detail(candidate, report, registry))
            entries.append(_entry(candidate, report, path, data))
            details[path] = data
    return Built(canonical(_document(registry, entries)), details, tuple(problems))


def _candidates(root: Path, registry: Registry, problems: list[Problem]) -> Iterator[_Candidate]:
    for path in connector_folders(root):
        where = path.relative_to(root).as_posix()
        with _kept_apart(problems, where):
            folder = read_folder(path, where=where)
            yield _own(root, folder, registry)
    for place, package in enumerate(registry.packages):
        where = f"{FOLDER}/{PACKAGES_FILE}, package[{place}]"
        with _kept_apart(problems, where):
            yield _outside(root, package, where)


@contextmanager
def _kept_apart(problems: list[Problem], where: str) -> Iterator[None]:
    """Keep what is wrong with one connector to that connector, whatever it is."""
    try:
        yield
    except GalleryError as error:
        problems += getattr(error, "problems", None) or [Problem(error.where, error.what, error.mend)]
    except Exception as error:
        problems.append(Problem(where, f"cannot be read: {type(error).__name__}: {error}", "Mend the connector"))


def _own(root: Path, folder: ConnectorFolder, registry: Registry) -> _Candidate:
    where = folder.path.relative_to(root).as_posix()
    records = [one for one in registry.releases if one.slug == folder.slug]
    releases = [record.as_release() for record in records]
    source = source_sha256(folder)
    for record in records:
        if Version(record.version) == Version(folder.version) and record.source_sha256 != source:
            raise CatalogError(
                f"the folder is not what was released as {record.version} on {record.released}",
                f"{where}/pyproject.toml, project.version",
                "Raise the version there and in the manifest; a release is never changed",
            )
    if all(Version(one.version) != Version(folder.version) for one in releases):
        releases.append(
            Release(
                version=folder.version,
                requires_sdk=folder.manifest.requires_sdk or "",
                python=folder.python,
                api_level=folder.api_level,
                schema_level=folder.manifest.schema_level,
                manifest_sha256=folder.manifest_sha256,
                source_sha256=source,
            )
        )
    return _Candidate(
        where=where,
        folder=folder.path,
        manifest=folder.manifest,
        dist=folder.dist,
        index=registry.head.index if records else None,
        home="repository",
        code=folder.code,
        releases=_newest_first(releases),
        guide=folder.guide,
    )


def _outside(root: Path, package: OutsidePackage, where: str) -> _Candidate:
    path = root / FOLDER / MANIFESTS / f"{package.slug}.toml"
    manifest = read_any_level(path, where=path.relative_to(root).as_posix())
    releases = _newest_first(record.as_release() for record in package.release)
    newest = releases[0]
    if errors := [problem for problem in find_problems(manifest) if problem.severity == "error"]:
        raise InvalidManifestError(errors)
    if manifest.slug != package.slug:
        raise CatalogError(
            f"its manifest is of {manifest.slug!r}", f"{where}.slug", "Put the package's own manifest there"
        )
    if package.dist.startswith(DIST_PREFIX) and package.dist != DIST_PREFIX + package.slug:
        raise CatalogError(
            f"{package.dist!r} is the name of another connector's distribution",
            f"{where}.dist",
            f"Names that begin with {DIST_PREFIX} end in the connector's own slug",
        )
    if Version(manifest.version) != Version(newest.version):
        raise CatalogError(
            f"the manifest is of version {manifest.version}, and the newest release is {newest.version}",
            f"{where}.release",
            "Copy connector.toml out of the newest wheel, byte for byte",
        )
    if manifest.publisher is None or manifest.publisher.name != package.publisher:
        found = manifest.publisher.name if manifest.publisher else "nobody"
        raise CatalogError(
            f"the manifest names {found!r} as publisher, and {package.publisher!r} may publish {package.slug!r}",
            f"{where}.publisher",
            "Only that publisher may change the listing; ask for both to be changed together",
        )
    if digest(path.read_bytes()) != newest.manifest_sha256:
        raise CatalogError(
            f"manifest_sha256 of {newest.version} is not that of {path.name}",
            f"{where}.release",
            "Copy connector.toml out of the newest wheel, byte for byte, and give its hash",
        )
    return _Candidate(
        where=where,
        folder=path.parent,
        manifest=manifest,
        dist=package.dist,
        index=package.index,
        home="outside",
        code=package.code,
        releases=releases,
        guide=None,
    )


def _without_clashes(candidates: Sequence[_Candidate], problems: list[Problem]) -> list[_Candidate]:
    """Refuse every claim to a slug, or to a distribution, that two make."""
    kept = list(candidates)
    names: dict[str, Callable[[_Candidate], str]] = {
        "slug": lambda one: one.manifest.slug,
        "distribution": lambda one: one.dist,
    }
    for word, name in names.items():
        counts = Counter(name(one) for one in candidates)
        for one in candidates:
            if counts[name(one)] > 1 and one in kept:
                others = " and ".join(sorted(other.where for other in candidates if name(other) == name(one)))
                problems.append(Problem(one.where, f"{others} both claim the {word} {name(one)!r}", "Keep one of them"))
                kept.remove(one)
    return kept


def _without_look_alikes(
    candidates: Sequence[_Candidate], registry: Registry, problems: list[Problem]
) -> list[_Candidate]:
    """Refuse slugs that look like another's, unless the registry knows both for different connectors."""
    by_slug = {one.manifest.slug: one for one in candidates}
    refused = set()
    for pair in look_alikes(by_slug, registry.head.distinct):
        # Whoever has a release was there first; of two newcomers, or two that are established, neither is taken.
        newcomers = {slug for slug in pair if not any(one.files for one in by_slug[slug].releases)} or set(pair)
        for slug in sorted(newcomers):
            other = pair[0] if slug == pair[1] else pair[1]
            problems.append(
                Problem(
                    by_slug[slug].where,
                    f"the slug {slug!r} looks like {other!r}",
                    f"Choose another slug; where both are known to differ, add [{pair[0]!r}, {pair[1]!r}] to distinct "
                    f"in {FOLDER}/{HEAD_FILE}",
                )
            )
        refused |= newcomers
    return [one for slug, one in by_slug.items() if slug not in refused]


def _entry(candidate: _Candidate, report: TierReport | None, path: str, detail: bytes) -> dict[str, object]:
    manifest = candidate.manifest
    publisher = manifest.publisher.model_dump() if manifest.publisher else None
    capabilities = manifest.capabilities
    fields: dict[str, Any] = {
        **{name: getattr(manifest, name) for name in _COPIED},
        "vendor": manifest.vendor.name if manifest.vendor else "",
        "publisher": publisher,
        "tier": report.tier if report else None,
        "score": report.score.model_dump() if report else None,
        "transport": manifest.transport.kind,
        "auth": tuple(dict.fromkeys(method.kind for method in manifest.auth_methods)),
        "capabilities": {name: getattr(capabilities, name) for name in ("user", "group", "features")},
        "quirks": tuple(sorted({quirk.id for quirk in manifest.quirks})),
        "mappings": {kind: len(mappings) for kind, mappings in manifest.mappings.items()},
        "code": candidate.code,
        "dist": candidate.dist,
        "index": candidate.index,
        "home": candidate.home,
        "releases": candidate.releases,
        "detail": {"path": path, "sha256": digest(detail), "size": len(detail)},
        "breaking": tuple(
            BreakingNote(**one.model_dump(include=set(BreakingNote.model_fields))) for one in manifest.breaking
        ),
        "updated": candidate.releases[0].released,
    }
    return CatalogEntry.model_validate(fields).model_dump(mode="json")


_COPIED: Final = (
    "slug", "name", "summary", "aliases", "categories", "keywords", "maintainers", "license", "docs_url", "status",
    "replaced_by",
)  # fmt: skip


def _detail(candidate: _Candidate, report: TierReport | None, registry: Registry) -> dict[str, object]:
    slug = candidate.manifest.slug
    return {
        "type": "gallery-connector",
        "schema": DETAIL_SCHEMA_LEVEL,
        "slug": slug,
        "manifest": candidate.manifest.model_dump(mode="json", by_alias=True, exclude_none=True),
        "guide": candidate.guide,
        "code": candidate.code,
        "dist": candidate.dist,
        "releases": [one.model_dump(mode="json") for one in candidate.releases],
        "tier": report.model_dump(mode="json") if report else None,
        "withdrawn": [one.model_dump(mode="json") for one in registry.head.withdrawn if one.slug == slug],
    }


def _document(registry: Registry, entries: list[dict[str, object]]) -> dict[str, object]:
    head = registry.head
    generic = [entry["slug"] for entry in entries if "generic" in entry["categories"]]  # type: ignore[operator]
    withdrawn = sorted(head.withdrawn, key=lambda one: (one.slug, one.versions, one.since))
    return {
        "type": "gallery-catalog",
        "schema": 1,
        "version": head.version,
        "generated": head.generated.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires": head.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sdk": {"current": sdk_version(), "api_levels": list(API_LEVELS), "schema_levels": list(SCHEMA_LEVELS)},
        "categories": [{"id": name, "name": words} for name, words in sorted(CATEGORIES.items())],
        "connectors": entries,
        "withdrawn": [one.model_dump(mode="json") for one in withdrawn],
        "distinct": sorted(sorted(pair) for pair in head.distinct),
        "generic": generic,
    }


def _newest_first(releases: Iterable[Release]) -> tuple[Release, ...]:
    return tuple(sorted(releases, key=lambda one: Version(one.version), reverse=True))
