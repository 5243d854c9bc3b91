"""The environment as it would be after an installation, and whether everything in it would fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .environment import Contents, Resolved
from .problems import InstallError
from .requirements import SDK, closure, unmet

if TYPE_CHECKING:
    from .installing import Checked


@dataclass(frozen=True, slots=True)
class After:
    """The environment as it would be."""

    versions: Mapping[str, str]
    requires: Mapping[str, tuple[str, ...]]
    markers: Mapping[str, str]


def overlay(before: Contents, checked: Sequence[Checked], packages: Sequence[Resolved]) -> After:
    """What would be there, with what it needs."""
    versions = {name: one.version for name, one in before.dists.items()}
    requires = {name: one.requires for name, one in before.dists.items()}
    for item in checked:
        versions[item.wanted.dist], requires[item.wanted.dist] = item.facts.version, item.facts.requires
    for package in packages:
        versions[package.dist], requires[package.dist] = package.version, package.requires
    return After(versions, requires, before.markers)


def check_fit(before: Contents, after: After) -> None:
    """Refuse what would leave a requirement unmet that is met now."""
    now = unmet(
        {name: one.version for name, one in before.dists.items()},
        {name: one.requires for name, one in before.dists.items()},
        before.markers,
    )
    broken = sorted(unmet(after.versions, after.requires, after.markers) - now)
    if broken:
        raise InstallError(
            "; ".join(map(str, broken[:3])),
            "requirements",
            "Nothing was installed. Mend what conflicts, or tell its publisher",
        )


def needed_here(checked: Sequence[Checked], packages: Sequence[Resolved], before: Contents) -> list[Resolved]:
    """Those packages of a lock that the connectors need in this environment: markers may ask for others elsewhere, and
    a lock is a file that anybody can edit.

    Raises:
        InstallError: The SDK is among them, which no connector brings along.
    """
    if any(one.dist == SDK for one in packages):
        raise InstallError(
            f"it pins {SDK}, which no connector brings along",
            "gallery.lock",
            "Find out who put it there; `git log gallery.lock` may tell",
        )
    after = overlay(before, checked, packages)
    needed = closure([one.wanted.dist for one in checked], after.requires, after.markers)
    return [one for one in packages if one.dist in needed]
