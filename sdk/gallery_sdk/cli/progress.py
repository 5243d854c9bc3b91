"""Progress of long work on stderr: bars on a terminal, one line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from ..provisioning import Progress, ProgressEvent

_LINE_EVERY_SECONDS: Final = 5.0
_REDRAW_EVERY_SECONDS: Final = 0.1
_CANNOT_REDRAW: Final = ("dumb", "unknown")  # terminals on which a bar would not be seen at all


@contextmanager
def shown_progress(label: str = "") -> Iterator[Progress]:
    """Yield what the runner tells its progress to; nothing is left of the bars when the work is done.

    Args:
        label: The app, where several run side by side.
    """
    if sys.stderr.isatty() and os.environ.get("TERM") not in _CANNOT_REDRAW:
        with _bars(label) as tell:
            yield tell
    else:
        lines = ProgressLines(label)
        yield lines
        lines.finish()


class ProgressLines:
    """Prints an event when a phase begins or ends, and otherwise at most every five seconds."""

    def __init__(self, label: str = "") -> None:
        """`label` stands before every line."""
        self._label = f"{label}: " if label else ""
        self._last: ProgressEvent | None = None
        self._printed: tuple[str, int] | None = None
        self._at = 0.0

    def __call__(self, event: ProgressEvent) -> None:
        """Take note, and print when it is time."""
        if self._last is not None and self._last.phase != event.phase:
            self.finish()
        self._last = event
        if time.monotonic() - self._at >= _LINE_EVERY_SECONDS:
            self._print(event)

    def finish(self) -> None:
        """Print where the phase ended, unless that is known already."""
        if self._last is not None and self._printed != (self._last.phase, self._last.done):
            self._print(self._last)

    def _print(self, event: ProgressEvent) -> None:
        self._at, self._printed = time.monotonic(), (event.phase, event.done)
        total = f" of {event.total:,}" if event.total is not None and event.total >= event.done else ""
        counts = counts_text(event.counts)
        click.echo(f"{self._label}{event.phase} {event.done:,}{total}{'  ' + counts if counts else ''}", err=True)


@contextmanager
def _bars(label: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.table import Column

    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")  # what is left of the line, so that bars keep their shape
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}", style="dim", table_column=rest),
        console=Console(stderr=True, highlight=False),
        transient=True,
        expand=True,
    )
    tasks: dict[str, int] = {}
    drawn = {"": 0.0}

    def tell(event: ProgressEvent) -> None:
        now = time.monotonic()
        if event.phase not in tasks:
            name = f"{label} {event.phase}" if label else event.phase
            tasks[event.phase] = bars.add_task(f"{name:<14}", total=event.total, counts="")
        elif event.done != event.total and now - drawn.get(event.phase, 0.0) < _REDRAW_EVERY_SECONDS:
            return
        drawn[event.phase] = now
        total = max(event.total, event.done) if event.total is not None else None
        bars.update(
            tasks[event.phase],  # type: ignore[arg-type]  # TaskID is a NewType of int
            completed=event.done, total=total, counts=counts_text(event.counts),
        )  # fmt: skip

    with bars:
        yield tell


_WORDS: Final[Mapping[str, str]] = {
    "create": "created",
    "update": "updated",
    "link": "linked",
    "enable": "enabled",
    "disable": "disabled",
    "delete": "deleted",
    "release": "released",
    "skipped": "skipped",
    "failure": "failed",
    "throttled": "throttled",
    "waiting": "waiting",
    "unreadable": "unreadable",
    "unchanged": "unchanged",
}


def counts_text(counts: Mapping[str, int]) -> str:
    """`created 12 · updated 3 · failed 1`, in an order that never changes; what is nought is left out."""
    parts = [f"{word} {counts[name]:,}" for name, word in _WORDS.items() if counts.get(name)]
    added, removed = counts.get("members_added", 0), counts.get("members_removed", 0)
    if added or removed:
        parts.append(f"members +{added:,} -{removed:,}")
    return " · ".join(parts)
