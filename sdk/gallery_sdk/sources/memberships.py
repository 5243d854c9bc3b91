"""A file of memberships, in any order, made ready to be asked group by group."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

from gallery_sdk.errors import SourceError

from .formats import Part, Record
from .normalising import as_key
from .objects import SourceProblem

_GROUP_NAMES: Final = frozenset({"group", "groupid", "group_id", "group id"})
_MEMBER_NAMES: Final = frozenset(
    {"user", "userid", "user_id", "user id", "member", "memberid", "member_id", "member id"}
)


def membership_columns(columns: tuple[str, ...], label: str) -> tuple[str, str]:
    """Which column names the group and which the member: by their names, else the first and the second of two.

    Raises:
        SourceError: It cannot be told.
    """
    groups = [name for name in columns if name.lower() in _GROUP_NAMES]
    members = [name for name in columns if name.lower() in _MEMBER_NAMES]
    if len(groups) == len(members) == 1:
        return groups[0], members[0]
    if len(columns) == 2 and not (groups or members):
        return columns[0], columns[1]
    raise SourceError(
        f"which columns hold group and member cannot be told from {', '.join(columns)}",
        label,
        "Name them groupId and userId",
    )


class Memberships:
    """Members by group, in a temporary SQLite database.

    SQLite keeps a small one in its cache (32 MB) and moves a large one to a temporary file, so that millions of
    memberships cost disk and not memory. A dict of lists would take some 100 MB for each million.

    Attributes:
        problems: Rows that could not be read. Their groups have unknown members (None), so that nobody is
            removed from a group because a row is broken.
    """

    def __init__(self, part: Part, member_key: str) -> None:
        self._part, self._member_key = part, member_key
        self._numbers: dict[str, int] = {}
        self._unknown: set[str] = set()
        self._all_unknown = False
        self._asked: set[str] = set()
        self.problems: list[SourceProblem] = []
        # An empty name is a private database on disk that SQLite removes; see sqlite.org/inmemorydb.html.
        self._database = sqlite3.connect("", check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32768"):
            self._database.execute(f"PRAGMA {pragma}")

    def load(self, records: Iterable[Record | SourceProblem]) -> int:
        """Take all rows in; returns how many there were.

        Raises:
            SourceError: No room on the temporary disk.
        """
        try:
            self._database.execute("CREATE TABLE membership (group_number INTEGER, member TEXT)")
            taken = self._database.executemany("INSERT INTO membership VALUES (?, ?)", self._pairs(records)).rowcount
            self._database.execute("CREATE INDEX by_group ON membership (group_number, member)")
        except sqlite3.Error as error:
            raise SourceError(
                f"cannot be sorted by group: {error}",
                self._part.file.label,
                "Make room in the temporary folder (TMPDIR)",
            ) from error
        return max(taken, 0) + len(self.problems)

    def of(self, group: str) -> tuple[str, ...] | None:
        """The members of a group, each once; None if they are not known for certain."""
        self._asked.add(group)
        if self._all_unknown or group in self._unknown:
            return None
        rows = self._database.execute(
            "SELECT DISTINCT member FROM membership WHERE group_number = ?", (self._numbers.get(group, -1),)
        )
        return tuple(member for (member,) in rows)

    def strangers(self) -> Iterator[SourceProblem]:
        """Groups that nobody asked about: memberships of a group that the groups file does not have."""
        for group in self._numbers:
            if group not in self._asked:
                yield SourceProblem(
                    self._part.file.label,
                    "has memberships of a group that the groups file does not have",
                    "Export both files together",
                    group,
                )

    def close(self) -> None:
        """Give the temporary file back."""
        self._database.close()

    def _pairs(self, records: Iterable[Record | SourceProblem]) -> Iterator[tuple[int, str]]:
        group_key, member_key, numbers = self._part.key, self._member_key, self._numbers
        for item in records:
            if isinstance(item, SourceProblem):
                self._set_aside(item)
                continue
            number, attributes = item
            group, member = as_key(attributes.get(group_key)), as_key(attributes.get(member_key))
            if group is None or member is None:
                missing = group_key if group is None else member_key
                where = f"{self._part.file.label}, row {number}"
                self._set_aside(SourceProblem(where, f"has no '{missing}'", "Fill it in or remove the row", group))
                continue
            yield numbers.setdefault(group, len(numbers)), member

    def _set_aside(self, problem: SourceProblem) -> None:
        self.problems.append(problem)
        if problem.id is None:
            self._all_unknown = True
        else:
            self._unknown.add(problem.id)
