"""Whether the distributions of an environment still fit together after a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from .names import normal_dist

SDK = "gallery-sdk"


@dataclass(frozen=True, slots=True, order=True)
class Unmet:
    """A requirement that is not met. `found` is the version that is there, "" for none."""

    dist: str
    requirement: str
    found: str

    def __str__(self) -> str:
        there = f"{self.found} would be there" if self.found else "it would not be there"
        return f"{self.dist} needs {self.requirement}, and {there}"


def unmet(
    versions: Mapping[str, str], requires: Mapping[str, Iterable[str]], markers: Mapping[str, str]
) -> frozenset[Unmet]:
    """Every requirement that is not met.

    Args:
        versions: Version by distribution name in normal form.
        requires: Requirements (PEP 508) by distribution name.
        markers: The environment's values for markers.
    """
    problems = set()
    for dist, lines in requires.items():
        for requirement in _applying(lines, markers):
            found = versions.get(normal_dist(requirement.name), "")
            try:
                met = bool(found) and requirement.specifier.contains(found, prereleases=True)
            except InvalidVersion:
                met = False
            if not met:
                problems.add(Unmet(dist, f"{requirement.name}{requirement.specifier}", found))
    return frozenset(problems)


def closure(dists: Iterable[str], requires: Mapping[str, Iterable[str]], markers: Mapping[str, str]) -> frozenset[str]:
    """The distributions, and whatever they need, extras that they ask for included, and so on."""
    waiting, reached = [(dist, "") for dist in dists], set[tuple[str, str]]()
    while waiting:
        dist, extra = one = waiting.pop()
        if one not in reached:
            reached.add(one)
            for needed in _applying(requires.get(dist, ()), markers, extra):
                waiting += [(normal_dist(needed.name), name) for name in ("", *needed.extras)]
    return frozenset(dist for dist, _ in reached)


def _applying(lines: Iterable[str], markers: Mapping[str, str], extra: str = "") -> list[Requirement]:
    """The requirements that apply in this environment for one extra, or for none; what is not readable is left out."""
    found = []
    for line in lines:
        try:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({**markers, "extra": extra}):
                found.append(requirement)
        except (InvalidRequirement, UndefinedEnvironmentName):
            continue
    return found
