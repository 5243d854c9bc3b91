"""The table: what was promised, what was measured, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final, Literal

_HEADS: Final = ("", "figure", "ours", "peer", "result", "aim", "")


@dataclass(frozen=True, slots=True)
class Aim:
    """A promise about a result; `None` as an aim is a row for information."""

    word: Literal["at least", "at most", "below"]
    bound: float

    def is_met_by(self, value: float) -> bool:
        """Whether a result keeps the promise."""
        if self.word == "at least":
            return value >= self.bound
        return value < self.bound if self.word == "below" else value <= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        figure: Name that `--only` takes.
        what: What is compared, peer named.
        value: The result, in `unit`: "x" for a ratio.
        ours, peer: What the result came from, as text; "" where there is nothing to tell.
    """

    figure: str
    what: str
    value: float
    unit: str = "x"
    aim: Aim | None = None
    ours: str = ""
    peer: str = ""

    @property
    def verdict(self) -> str:
        """met, missed, or nothing for a row without an aim."""
        if self.aim is None:
            return ""
        return "met" if self.aim.is_met_by(self.value) else "missed"

    def cells(self) -> tuple[str, ...]:
        """The texts of the table's columns."""
        aim = f"{self.aim.word} {_number(self.aim.bound, self.unit)}" if self.aim else ""
        return (self.figure, self.what, self.ours, self.peer, _number(self.value, self.unit), aim, self.verdict)

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {**asdict(self), "verdict": self.verdict or None}


def table(rows: Iterable[Row]) -> str:
    """All rows as aligned text."""
    lines = [_HEADS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADS))]
    left = {0, 1, 5, 6}
    texts = [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([texts[0], "  ".join("-" * width for width in widths), *texts[1:]])


def _number(value: float, unit: str) -> str:
    digits = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
    text = f"{value:,.{digits}f}"
    if "." in text and unit != "x":
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}"
