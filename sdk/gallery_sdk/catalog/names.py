"""Names of connectors: which look alike, and which distribution a slug belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from typing import Final

DIST_PREFIX: Final = "gallery-connector-"
"""Reserved for connectors; the rest of the name is the slug."""

_SHORTEST: Final = 4  # below this every name is one letter from another
# Letters that a person reads as one another.
_READ_AS: Final = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("-", ""))


def normal_dist(name: str) -> str:
    """A distribution's name in the form in which two spellings of one name are equal (PEP 503)."""
    text = name.lower()
    for letter in "_.":
        text = text.replace(letter, "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text


def look_alike(one: str, other: str) -> bool:
    """Whether a person could take one slug for the other: read alike, or one slip of the finger apart.

    Slugs of fewer than four letters are only ever read alike, since one slip leads from nearly each to another.
    """
    if one == other:
        return False
    if _as_read(one) == _as_read(other):
        return True
    return min(len(one), len(other)) >= _SHORTEST and edit_distance(one, other) <= 1


def look_alikes(slugs: Iterable[str], distinct: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Every pair that looks alike and is not known to be two different connectors; sorted."""
    known = {frozenset(pair) for pair in distinct}
    for one, other in combinations(sorted(set(slugs)), 2):
        # Cheap first: among 1,000 slugs there are half a million pairs.
        if abs(len(one) - len(other)) <= 2 and look_alike(one, other) and frozenset((one, other)) not in known:
            yield one, other


def nearest_slug(slug: str, known: Collection[str]) -> str | None:
    """The slug that was probably meant."""
    near = sorted((edit_distance(slug, one), one) for one in known if look_alike(slug, one))
    if near:
        return near[0][1]
    from difflib import get_close_matches

    return next(iter(get_close_matches(slug, known, n=1, cutoff=0.6)), None)


def edit_distance(one: str, other: str) -> int:
    """Letters to add, drop, replace or swap with the neighbour until one is the other (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, opposite in enumerate(other, start=1):
            cost = min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (letter != opposite))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == opposite:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]


def _as_read(slug: str) -> str:
    for written, read in _READ_AS:
        slug = slug.replace(written, read)
    return slug
