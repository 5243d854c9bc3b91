"""What `FileSource` asks of a file format."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from io import BufferedReader
from typing import Any, Protocol

from gallery_sdk.errors import SourceError

from .files import SourceFile
from .objects import SourceProblem

Record = tuple[int, dict[str, object]]
"""A row's number as its readers count, and its attributes."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file, and what its rows are.

    Attributes:
        file: Where they come from.
        key: The attribute whose text tells them apart; in a file of memberships, the group's.
        columns: Known attributes, in order.
        has_members: Whether the attribute `members` holds the members of a group.
    """

    file: SourceFile
    key: str
    columns: tuple[str, ...]
    has_members: bool = False


class Format(Protocol):
    """Rows from a stream of clean UTF-8."""

    name: str
    row: str
    """What a row is called in messages: "row" or "line"."""

    def columns(self, file: SourceFile) -> tuple[str, ...]:
        """The attributes that can be expected, from a look at the beginning. Raises `SourceError`."""
        ...

    def records(self, stream: BufferedReader[Any], part: Part) -> Generator[Record | SourceProblem]:
        """All rows in order, normalised; a row that cannot be read as a problem.

        Raises:
            SourceError: The file is cut off or cannot be read as a whole.
        """
        ...


def cut_off(label: str, row: str, number: int) -> SourceError:
    """The error for a file whose last row is incomplete: what came after it is unknown."""
    return SourceError(
        "the last row is incomplete, so the file is cut off",
        f"{label}, {row} {number}",
        "Export it again and let the export rename the file when it is complete; nothing was deprovisioned",
    )
