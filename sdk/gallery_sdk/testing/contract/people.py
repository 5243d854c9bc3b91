"""Invented people and groups, as a source of the contract suite holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256
from typing import Final

from ...errors import SourceError
from ...sources import SourceObject, SourcePage, SourceProblem

DOMAIN: Final = "example.com"  # reserved for examples by RFC 2606
PREFIX: Final = "gallery-contract"
"""Begins the name of everything that the suite makes, so that it is known again in a real tenant."""

_NAMES: Final = (
    ("Ada", "Lovelace"), ("Grace", "Hopper"), ("Edsger", "Dijkstra"), ("Barbara", "Liskov"), ("Alan", "Turing"),
    ("Katherine", "Johnson"), ("Niklaus", "Wirth"), ("Hedy", "Lamarr"),
)  # fmt: skip
_TITLES: Final = ("Analyst", "Engineer", "Manager")

COLUMNS: Final = (
    "objectId", "userPrincipalName", "mail", "mailNickname", "givenName", "surname", "displayName", "jobTitle",
    "department", "companyName", "employeeId", "telephoneNumber", "mobile", "city", "country", "preferredLanguage",
    "accountEnabled", "manager",
)  # fmt: skip


def person(number: int, *, prefix: str = PREFIX, domain: str = DOMAIN, **more: object) -> dict[str, object]:
    """Attributes of the invented person of that number (from 1), the same ones every time.

    Telephone numbers are of a range reserved for fiction (47 CFR 52.15, central office code 555).
    """
    given, family = _NAMES[(number - 1) % len(_NAMES)]
    nick = f"{prefix}-{given.lower()}" + (f"-{number}" if number > len(_NAMES) else "")
    return {
        "objectId": f"person-{number}",
        "userPrincipalName": f"{nick}@{domain}",
        "mail": f"{nick}@{domain}",
        "mailNickname": nick,
        "givenName": given,
        "surname": family,
        "displayName": f"{given} {family}",
        "jobTitle": _TITLES[number % len(_TITLES)],
        "department": "Engineering",
        "companyName": "Example",
        "employeeId": f"{1000 + number}",
        "telephoneNumber": f"+1206555{100 + number:04d}",
        "mobile": f"+1206555{150 + number:04d}",
        "city": "Seattle",
        "country": "US",
        "preferredLanguage": "en-US",
        "accountEnabled": "True",
        **more,
    }


class MemorySource:
    """A source that a check edits between cycles.

    Attributes:
        people: By source id, attributes. `groups`: by source id, display name and source ids of the members.
        breaks_after: After so many objects a read fails, as that of a file does which was cut short.
        problems: Rows of people that could not be read.
    """

    name = "invented people"
    supports_delta = False
    reference_attributes: tuple[str, ...] = ()

    def __init__(self, people: Mapping[str, dict[str, object]]) -> None:
        self.people = dict(people)
        self.groups: dict[str, tuple[str, list[str]]] = {}
        self.breaks_after: int | None = None
        self.problems: list[SourceProblem] = []
        self._columns = tuple(dict.fromkeys(name for one in people.values() for name in one)) or COLUMNS

    def snapshot(self) -> str:
        """A fingerprint of all that is there."""
        return sha256(repr((self.people, self.groups)).encode()).hexdigest()

    def reference_key(self, attribute: str) -> str | None:
        """References hold source ids."""
        return None

    def count(self, kind: str) -> int | None:
        """How many there are."""
        return len(self.people if kind == "user" else self.groups)

    def attributes(self, kind: str) -> tuple[str, ...]:
        """Names of all attributes."""
        return tuple(dict.fromkeys((*self._columns, *COLUMNS))) if kind == "user" else ("objectId", "displayName")

    async def pages(self, kind: str, *, size: int = 200) -> AsyncIterator[SourcePage]:
        """All of one kind.

        Raises:
            SourceError: After `breaks_after` objects.
        """
        found = list(self._objects(kind))[: self.breaks_after]
        problems = self.problems if kind == "user" else []
        for start in range(0, max(1, len(found)), size):
            yield SourcePage(found[start : start + size], [] if start else problems)
        if self.breaks_after is not None:
            raise SourceError("the file ends in the middle of a row", self.name, "Export it again")

    async def get(self, kind: str, key: str) -> SourceObject | None:
        """By id or by a name."""
        for one in self._objects(kind):
            if key in (one.id, one.attributes.get("userPrincipalName"), one.attributes.get("displayName")):
                return one
        return None

    async def changes(self, kind: str, watermark: str | None) -> AsyncIterator[SourcePage]:
        """No changes are kept.

        Raises:
            SourceError: Always.
        """
        raise SourceError("no changes are kept", self.name, "Read all again")
        yield  # makes this an iterator, as the interface wants it

    def _objects(self, kind: str) -> Iterator[SourceObject]:
        if kind == "user":
            for source_id, attributes in self.people.items():
                yield SourceObject("user", source_id, dict(attributes))
        else:
            for source_id, (name, members) in self.groups.items():
                yield SourceObject("group", source_id, {"objectId": source_id, "displayName": name}, tuple(members))
