"""Results on stdout: one JSON document, or text that a person reads at 80 columns."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final

import click

_GUTTER: Final = "  "
_NARROWEST: Final = 8  # a column is never cut below this


def print_json(document: object) -> None:
    """Print one JSON document: two spaces of indent, field order as given; what stdout cannot write is escaped."""
    import json

    click.echo(json.dumps(document, indent=2, ensure_ascii=not _writes_utf8(), default=str))


def print_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print CSV: UTF-8 whatever a terminal takes, since a letter that is replaced is lost to who reads the file."""
    import csv
    import io

    if not _writes_utf8() and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def _writes_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def heading(text: str) -> str:
    """A heading, bold where the terminal can."""
    return click.style(plain(text), bold=True)


def faint(text: str) -> str:
    """Text that matters less."""
    return click.style(plain(text), dim=True)


def plain(text: object) -> str:
    """Text from outside on one line, without characters that would steer a terminal."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "·" for letter in shown)


def harmless(text: str) -> str:
    """Text from outside, lines kept, without characters that would steer a terminal."""
    return text if text.isprintable() else "\n".join(plain(line) for line in text.split("\n"))


def cells(text: str) -> int:
    """How many columns of a terminal the text takes; wide letters (UAX #11) take two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def fit(text: str, width: int) -> str:
    """The text in so many columns, cut with an ellipsis or filled up with spaces."""
    size = cells(text)
    if size <= width:
        return text + " " * (width - size)
    kept = ""
    used = 0
    for letter in text:
        used += cells(letter)
        if used > width - 1:
            break
        kept += letter
    return kept + "…" + " " * (width - 1 - cells(kept))


def terminal_width() -> int | None:
    """Columns of the terminal that stdout is; None where it is a file or a pipe, and nothing is to be cut."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return max(40, shutil.get_terminal_size((80, 24)).columns)


def print_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Iterable[int] = (),
    rigid: Iterable[int] = (),
    styles: dict[str, str] | None = None,
    indent: str = "",
) -> None:
    """Print aligned columns; on a terminal no line is wider than it is.

    Args:
        headers: Empty texts for a table without a head.
        right: Columns of numbers.
        rigid: Columns that are never cut.
        styles: Colour of a cell by its whole text (`failure` -> red).
    """
    table = [[plain(cell) for cell in row] for row in rows]
    widths = [max([cells(head), *(cells(row[place]) for row in table)]) for place, head in enumerate(headers)]
    limit = terminal_width()
    if limit is not None:
        _narrow(widths, limit - len(indent), frozenset(rigid))
    numbers = frozenset(right)
    if any(headers):
        click.echo(indent + heading(_line(headers, widths, numbers)))
    for row in table:
        click.echo(indent + _line(row, widths, numbers, styles or {}))


def _narrow(widths: list[int], limit: int, rigid: frozenset[int]) -> None:
    """Take width from the widest columns until the line fits."""
    free = [place for place in range(len(widths)) if place not in rigid]
    excess = sum(widths) + len(_GUTTER) * (len(widths) - 1) - limit
    while excess > 0 and free:
        widest = max(free, key=lambda place: widths[place])
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1
        excess -= 1


def _line(
    row: Sequence[str], widths: Sequence[int], right: frozenset[int], styles: dict[str, str] | None = None
) -> str:
    shown = []
    for place, (text, width) in enumerate(zip(row, widths, strict=True)):
        cell = text.rjust(width) if place in right else fit(text, width)
        if place == len(row) - 1:
            cell = cell.rstrip()
        colour = (styles or {}).get(text)
        shown.append(click.style(cell, fg=colour) if colour else cell)
    return _GUTTER.join(shown).rstrip()


def print_fields(fields: Iterable[tuple[str, object]], *, indent: str = "") -> None:
    """Print names and values in two columns; values are wrapped at the terminal's width, empty ones left out."""
    shown = [(name, plain(value)) for name, value in fields if value not in (None, "", (), [])]
    if not shown:
        return
    width = max(cells(name) for name, _ in shown)
    for name, value in shown:
        lead = f"{indent}{fit(name, width)}{_GUTTER}"
        for place, line in enumerate(wrap(value, cells(lead))):
            click.echo(f"{heading(lead) if not place else ' ' * cells(lead)}{line}".rstrip())


def print_text(text: str, *, indent: str = "", lead: str = "", to_stderr: bool = False) -> None:
    """Print a paragraph, wrapped at the terminal's width; nothing for an empty one.

    Args:
        lead: Stands before the first line (a bullet); the others are set below what follows it.
    """
    if not text:
        return
    for place, line in enumerate(wrap(harmless(text), len(indent) + len(lead))):
        click.echo(f"{indent}{' ' * len(lead) if place else lead}{line}".rstrip(), err=to_stderr)


def wrap(text: str, used: int) -> list[str]:
    """Lines that fit beside `used` columns: of the terminal, at most 100; unbroken where stdout is no terminal."""
    width = terminal_width()
    if width is None:
        return [text]
    import textwrap

    room = max(24, min(width, 100) - used)
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]


def counted(number: int, word: str) -> str:
    """`1 person`, `2,000 requests`: the number with its word, in the plural where it is due."""
    plural = {"person": "people", "match": "matches"}.get(word, word + "s")
    return f"{number:,} {word if number == 1 else plural}"
