"""Which release of a connector to install: the newest that this SDK and this Python run, and why not a newer one."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .compatibility import API_LEVELS, SCHEMA_LEVELS
from .models import Catalog, CatalogEntry, Release
from .names import look_alikes, nearest_slug
from .problems import InstallError


@dataclass(frozen=True, slots=True)
class Choice:
    """A release to install.

    Attributes:
        skipped: Versions that were not taken, the newest first, each with its reason.
    """

    entry: CatalogEntry
    release: Release
    skipped: tuple[tuple[str, str], ...]


def find_entry(catalog: Catalog, slug: str) -> CatalogEntry:
    """The catalog's connector of that very name. A name that is nearly right is never taken for right.

    Raises:
        InstallError: There is none; or there is one, and it looks like another connector.
    """
    entry = catalog.by_slug.get(slug)
    where = f"connector {slug!r}"
    if entry is None:
        near = nearest_slug(slug, catalog.by_slug)
        raise InstallError(
            "the catalog has no such connector",
            where,
            f"Did you mean {near!r}" if near else "Find one with `gallery search`",
        )
    for pair in look_alikes(catalog.by_slug, catalog.distinct):
        if slug in pair:
            other = pair[0] if slug == pair[1] else pair[1]
            raise InstallError(
                f"its name looks like that of {other!r}, and the catalog does not say that both are meant",
                where,
                "Look at both with `gallery show`, and tell the catalog's publisher",
            )
    claims = [one.slug for one in catalog.connectors if one.slug == slug or one.dist == entry.dist]
    if len(claims) > 1:
        raise InstallError(
            f"two packages of the catalog claim the slug {slug!r} or the distribution {entry.dist!r}",
            where,
            "Tell the catalog's publisher; neither is installed",
        )
    return entry


def choose(
    catalog: Catalog,
    slug: str,
    *,
    sdk: str,
    python: str,
    version: str | None = None,
    within_major_of: str | None = None,
) -> Choice:
    """The newest release that can run here.

    Args:
        sdk: Version of the gallery-sdk that will run it.
        python: Version of the Python that will run it.
        version: Take this one, pre-releases included.
        within_major_of: Do not leave the major version of this one (of 0.x the minor version, as semantic versioning
            has it).

    Raises:
        InstallError: No release fits; the reasons are in the message.
    """
    entry = find_entry(catalog, slug)
    skipped: list[tuple[str, str]] = []
    for release in entry.releases:
        if version is not None and Version(release.version) != Version(version):
            continue
        reason = _unfit(catalog, slug, release, sdk, python, prereleases=version is not None)
        if reason is None and within_major_of is not None and not same_major(release.version, within_major_of):
            reason = f"it is another major version than {within_major_of}"
        if reason is None:
            return Choice(entry, release, tuple(skipped))
        skipped.append((release.version, reason))
    reasons = "; ".join(f"{number}: {reason}" for number, reason in skipped)
    wanted = "release" if version is None else f"version {version}"
    if known := ", ".join(entry.released):
        mend = f"Released are {known}; run `gallery catalog update` to look for newer ones"
    else:
        mend = (
            f"In a checkout of its repository `pip install -e connectors/{slug}` takes it as it is; "
            "`gallery catalog update` looks for a first release"
        )
    raise InstallError(
        f"no {wanted} can be installed ({reasons})" if reasons else f"there is no {wanted}",
        f"connector {slug!r}",
        mend,
    )


def same_major(one: str, other: str) -> bool:
    """Whether two versions are of one major version; of 0.x the minor version counts (semver.org, item 4)."""
    first, second = Version(one), Version(other)
    if first.major != second.major:
        return False
    return first.major > 0 or first.minor == second.minor


def _unfit(catalog: Catalog, slug: str, release: Release, sdk: str, python: str, *, prereleases: bool) -> str | None:
    withdrawal = catalog.withdrawal(slug, release.version)
    if withdrawal is not None:
        critical = "critical, " if withdrawal.severity == "critical" else ""
        return f"it is withdrawn ({critical}{withdrawal.reason})"
    if Version(release.version).is_prerelease and not prereleases:
        return "it is a pre-release"
    if not SpecifierSet(release.requires_sdk).contains(sdk, prereleases=True):
        return f"it needs gallery-sdk {release.requires_sdk}, and {sdk} is here"
    if not SpecifierSet(release.python).contains(python, prereleases=True):
        return f"it needs Python {release.python}, and {python} is here"
    if release.api_level not in API_LEVELS:
        return f"it is written for SDK API level {release.api_level}, and this SDK runs {_listed(API_LEVELS)}"
    if release.schema_level not in SCHEMA_LEVELS:
        return f"its manifest is of level {release.schema_level}, and this SDK reads {_listed(SCHEMA_LEVELS)}"
    if not release.files:
        return "it is not released yet, and only its source is pinned"
    return None


def _listed(levels: tuple[int, ...]) -> str:
    return ", ".join(map(str, levels))
