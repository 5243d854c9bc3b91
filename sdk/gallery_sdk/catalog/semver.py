"""Whether a connector's new version says how much it changed (semantic versioning 2.0.0)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from packaging.version import InvalidVersion, Version

from ..errors import UsageError
from ..manifest import Manifest, Problem
from .differences import LEVELS, Change, Level, find_changes, heaviest

NOTICE_DAYS: Final = 7
"""How long before its deadline a breaking change must be announced at least."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a version check found.

    Attributes:
        needed: The bump that the changes ask for; None when nothing changed.
        given: The bump that the version makes; None when it is the same version.
        least: The lowest version that would do.
        problems: What stands against publishing; empty when nothing does.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    needed: Level | None
    given: Level | None
    least: str
    problems: tuple[Problem, ...]


def check_version(old: Manifest, new: Manifest, *, today: date) -> Verdict:
    """Hold a new manifest's version against what changed.

    Before 1.0.0 a breaking change asks for a new minor version (semver.org, item 4), everything else for a new patch
    version. A breaking change also needs a `[[breaking]]` entry for the version: what to do, and a deadline that leaves
    people at least seven days.

    Raises:
        UsageError: The manifests are of different connectors, or a version is none.
    """
    if old.slug != new.slug:
        raise UsageError(
            f"the manifests are of {old.slug!r} and {new.slug!r}",
            new.where,
            "A slug never changes; publish another name as a connector of its own, with replaced_by in the old one",
        )
    before, after = _version(old), _version(new)
    changes = find_changes(old, new)
    needed, given = heaviest(changes), _bump(before, after)
    least = _least(before, needed)
    problems = []
    if after < before:
        problems.append(Problem(f"{new.where}, version", f"{after} is before {before}", f"Use {least} or later"))
    elif needed is not None and after < Version(least):
        count = len([one for one in changes if one.level == needed])
        told = f"there is a {needed} change" if count == 1 else f"there are {count} {needed} changes"
        what = f"{told}, and the version is {f'still {after}' if after == before else f'{after} after {before}'}"
        problems.append(Problem(f"{new.where}, version", what, f"Use {least} or later"))
    if needed == "major":
        problems += _notice(new, str(max(after, Version(least))), today)
    return Verdict(old.version, new.version, tuple(changes), needed, given, least, tuple(problems))


def _notice(new: Manifest, number: str, today: date) -> list[Problem]:
    """What is wrong with the entry for a breaking version, whose number may have to be raised first."""
    entry = next((one for one in new.breaking if one.version in (number, new.version)), None)
    if entry is None:
        what = f"version {number} breaks something, and no entry says so"
        mend = f'Add [[breaking]] with version = "{number}", summary, deadline, and migration: what to do'
        return [Problem(f"{new.where}, breaking", what, mend)]
    where = f"{new.where}, breaking[{new.breaking.index(entry)}]"
    problems = []
    first = today + timedelta(days=NOTICE_DAYS)
    if entry.deadline is None or entry.deadline < first:
        found = "there is no deadline" if entry.deadline is None else f"the deadline is {entry.deadline}"
        problems.append(Problem(f"{where}.deadline", found, f"Leave people {NOTICE_DAYS} days: {first} or later"))
    if not entry.migration:
        problems.append(Problem(f"{where}.migration", "nothing says what to do", "Say in a sentence how to move over"))
    return problems


def _version(manifest: Manifest) -> Version:
    try:
        return Version(manifest.version)
    except InvalidVersion as error:
        raise UsageError(
            f"{manifest.version!r} is not a version", f"{manifest.where}, version", "Write major.minor.patch"
        ) from error


def _bump(before: Version, after: Version) -> Level | None:
    pairs = zip(LEVELS, ("micro", "minor", "major"), strict=True)
    changed: list[Level] = [level for level, part in pairs if getattr(before, part) != getattr(after, part)]
    return max(changed, key=LEVELS.index, default=None)


def _least(before: Version, needed: Level | None) -> str:
    if needed is None:
        return str(before)
    if before.major == 0:
        needed = "minor" if needed == "major" else "patch"
    if needed == "patch" and before.is_prerelease:
        return before.base_version
    return {
        "major": f"{before.major + 1}.0.0",
        "minor": f"{before.major}.{before.minor + 1}.0",
        "patch": f"{before.major}.{before.minor}.{before.micro + 1}",
    }[needed]
