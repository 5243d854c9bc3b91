"""CSV as RFC 4180 has it, read strictly: a row is whole and in its columns, or it is reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from gallery_sdk.errors import SourceError

from .config import SourceConfig
from .files import SourceFile
from .formats import Part, Record, cut_off
from .normalising import MEMBERS, ROLES, read_roles, shape_members, split_values
from .objects import SourceProblem

# The default of 131,072 characters is less than a group of 4,000 members in one cell. The bound stays, since a
# quotation mark that is never closed would otherwise take the rest of the file into memory.
_CELL_CHARACTERS: Final = 8 * 1024 * 1024
_MORE_THAN_FITS: Final = "field larger than field limit"
MARKS: Final = {",": ",", ";": ";", "\t": "tab", "|": "|"}
"""What exports put between cells, and how `source.delimiter` says it; the usual one first."""
_LONGEST_HEADER: Final = 64 * 1024


class CsvFormat:
    """Reads CSV; everything is text, so that leading zeros survive."""

    name = "csv"
    row = "row"

    def __init__(self, config: SourceConfig) -> None:
        self._delimiter = config.delimiter
        self._roles = read_roles(config.separator)
        self._split = split_values(config.separator)
        self._multi_valued = config.multi_valued

    def columns(self, file: SourceFile) -> tuple[str, ...]:
        """The header.

        Raises:
            SourceError: There is none, or its cells are separated by another mark than the delimiter.
        """
        try:
            with file.read(whole=False) as stream, self._rows(stream, file.label, lambda: 1) as rows:
                header = tuple(_header(rows, file.label))
        except SourceError as error:
            if isinstance(error.__cause__, csv.Error):  # a mark behind a quoted cell that is not the delimiter
                self._refuse_other_mark(file)
            raise
        if len(header) == 1:
            self._refuse_other_mark(file)
        return header

    def _refuse_other_mark(self, file: SourceFile) -> None:
        """Say which mark separates the cells of the first row, if it is not the delimiter."""
        with file.read(whole=False) as stream:
            mark = mark_between_cells(stream.readline(_LONGEST_HEADER).decode("utf-8", "replace"))
        if mark not in (None, self._delimiter):
            raise SourceError(
                f"the cells of its first row are separated by {_spoken(mark)}, not by {_spoken(self._delimiter)}",
                file.label,
                f'Set source.delimiter = "{MARKS[mark]}" in the app\'s file',
            )

    def records(self, stream: io.BufferedReader[Any], part: Part) -> Generator[Record | SourceProblem]:
        """Rows after the header, numbered as a spreadsheet does: the header is row 1, blank rows count."""
        number = short_number = 1
        short: list[str] | None = None  # too few cells: a broken row, or the end of a cut-off file
        with self._rows(stream, part.file.label, lambda: number + 1) as rows:
            header = _header(rows, part.file.label)
            width = len(header)
            shapes = self._shapes(header, part)
            for number, row in enumerate(rows, 2):
                if short is not None and row:
                    yield _wrong_width(part, header, short_number, short)
                    short = None
                if len(row) != width:
                    if len(row) < width:
                        if row:
                            short, short_number = row, number
                        continue
                    if any(cell and not cell.isspace() for cell in row[width:]):
                        yield _wrong_width(part, header, number, row)
                        continue
                attributes: dict[str, object] = {
                    name: cell for name, cell in zip(header, row, strict=False) if cell and not cell.isspace()
                }
                if shapes:
                    try:
                        _shape(attributes, shapes)
                    except ValueError as error:
                        yield _unshaped(part, header, number, row, error)
                        continue
                yield number, attributes
        if short is not None:
            raise cut_off(part.file.label, self.row, short_number)

    def _shapes(self, header: list[str], part: Part) -> list[tuple[str, Callable[[str], object]]]:
        """The columns whose cells are more than one text."""
        shapes: dict[str, Callable[[str], object]] = dict.fromkeys(self._multi_valued, self._split)
        shapes[ROLES] = self._roles
        if part.has_members:
            shapes[MEMBERS] = lambda cell: shape_members(self._split(cell))
        return [(name, shape) for name, shape in shapes.items() if name in header]

    @contextmanager
    def _rows(
        self, stream: io.BufferedReader[Any], label: str, number: Callable[[], int]
    ) -> Iterator[Iterator[list[str]]]:
        """The cells of each row, whatever their number; `number` tells which row an error is in."""
        if csv.field_size_limit() < _CELL_CHARACTERS:
            csv.field_size_limit(_CELL_CHARACTERS)
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        try:
            yield csv.reader(text, delimiter=self._delimiter, strict=True)
        except csv.Error as error:
            raise _unreadable(label, number(), str(error)) from error
        finally:
            text.detach()  # else the wrapper closes the stream, which is not its own


def _header(rows: Iterator[list[str]], label: str) -> list[str]:
    header = [name.strip() for name in next(rows, [])]
    while header and not header[-1]:  # spreadsheets leave empty columns at the right
        header.pop()
    if not header:
        raise SourceError("has no header in its first row", label, "Write the names of the columns there")
    if "" in header:
        raise SourceError(f"column {header.index('') + 1} has no name", f"{label}, row 1", "Name it or remove it")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise SourceError(f"two columns are named '{twice[0]}'", f"{label}, row 1", "Rename or remove one of them")
    return header


def mark_between_cells(line: str) -> str | None:
    """The mark that separates the cells of a first row, of those that exports use; None if it has one cell alone."""
    for mark in MARKS:
        try:
            if len(next(csv.reader([line], delimiter=mark, strict=True), [])) > 1:
                return mark
        except csv.Error:
            continue
    return None


def _spoken(mark: str) -> str:
    return "tabs" if mark == "\t" else f"'{mark}'"


def _shape(attributes: dict[str, object], shapes: list[tuple[str, Callable[[str], object]]]) -> None:
    for name, shape in shapes:
        cell = attributes.get(name)
        if isinstance(cell, str):
            value = shape(cell)
            if value or name == MEMBERS:
                attributes[name] = value
            else:
                del attributes[name]


def _key_of(part: Part, header: list[str], row: list[str]) -> str | None:
    position = header.index(part.key)
    return row[position].strip() or None if position < len(row) else None


def _wrong_width(part: Part, header: list[str], number: int, row: list[str]) -> SourceProblem:
    return SourceProblem(
        f"{part.file.label}, row {number}",
        f"has {len(row)} cells, and the header has {len(header)} columns",
        'Quote a cell that holds the delimiter: "Smith, Ada"',
        _key_of(part, header, row),
    )


def _unshaped(part: Part, header: list[str], number: int, row: list[str], error: ValueError) -> SourceProblem:
    what = "text that begins like a JSON array and is none" if type(error) is not ValueError else str(error)
    return SourceProblem(
        f"{part.file.label}, row {number}",
        f"a cell with several values holds {what}",
        "Separate plain values, or write a JSON array",
        _key_of(part, header, row),
    )


def _unreadable(label: str, number: int, reason: str) -> SourceError:
    where = f"{label}, row {number}"
    if reason == "unexpected end of data":
        return SourceError("a quotation mark is opened in this row and never closed", where, "Close or double it")
    if reason.startswith(_MORE_THAN_FITS):
        return SourceError(
            f"a cell has more than {_CELL_CHARACTERS:,} characters, as if a quotation mark were never closed",
            where,
            "Close the quotation mark, or split the cell",
        )
    return SourceError(
        f"is not CSV: {reason}", where, 'Double a quotation mark inside a quoted cell: "the ""big"" one"'
    )
