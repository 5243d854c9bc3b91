"""What a source yields: objects, and rows that could not become one, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class SourceObject(NamedTuple):  # made once for each row: a frozen dataclass takes twice as long
    """One person or group.

    Attributes:
        kind: "user" or "group".
        id: The immutable key within the source, as text.
        attributes: Flat. An absent attribute has no entry: there is never None, "" or blanks alone. Nested
            data is named with dots ("name.givenName").
        members: Source ids of a group's members; empty if it has none; None if the source does not say, in
            which case memberships are left alone.
    """

    kind: str
    id: str
    attributes: dict[str, object]
    members: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """A row that could not become an object; the others go on.

    Attributes:
        where: File and row. Never a value: rows hold personal data.
        what: What is wrong with it.
        mend: The next step.
        id: The key of the object that the row stands for. That object exists in the source, so it must not be
            deprovisioned. None if the key could not be read: then the absence of any object proves nothing.
    """

    where: str
    what: str
    mend: str
    id: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.mend}."


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page of a read.

    Attributes:
        objects: In the source's order.
        problems: Rows among them that could not be read.
        deleted: Keys that left the source; only in pages of changes.
        watermark: Where the next read of changes begins; only in the last page of changes.
    """

    objects: list[SourceObject]
    problems: list[SourceProblem] = field(default_factory=list)
    deleted: Sequence[str] = ()
    watermark: str | None = None
