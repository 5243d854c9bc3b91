"""Notes about columns that a file lacks: one line for a person, fields for a program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import click

from .output import plain
from .plan_text import short_path

if TYPE_CHECKING:
    from ..runner import ColumnNote

_MOST_NAMED: Final = 6


def note_text(note: ColumnNote) -> str:
    """What the file lacks in one sentence, near misses spelt out first."""
    likely = [
        f"{one.name!r} for {_some([short_path(path) for path in one.read_by])} (did you mean {one.near!r}?)"
        for one in note.missing
        if one.near is not None
    ]
    others = [one.name for one in note.missing if one.near is None]
    if not likely:
        return f"{note.file} has no {_columns(others)}, which mappings read: no value comes from there"
    text = f"{note.file} has no column {', '.join(likely)}"
    if others:
        text += f"; nor {_some(others)}"
    text += ": no value comes from there"
    meant = {one.near for one in note.missing}
    return text if meant.issuperset(note.unread) else f"{text}. Nothing reads its {_columns(note.unread)}"


def note_json(note: ColumnNote) -> dict[str, object]:
    """The fields of a note."""
    return {
        "file": note.file,
        "missing": [
            {"column": one.name, "read_by": list(one.read_by), "did_you_mean": one.near} for one in note.missing
        ],
        "unread": list(note.unread),
        "sentence": note_text(note),
    }


def print_notes(notes: Iterable[ColumnNote]) -> None:
    """Print each note on stderr, marked as such."""
    for note in notes:
        click.echo(f"{click.style('Note:', fg='yellow', bold=True)} {plain(note_text(note))}.", err=True)


def _columns(names: Sequence[str]) -> str:
    return f"column{'' if len(names) == 1 else 's'} {_some(names)}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
