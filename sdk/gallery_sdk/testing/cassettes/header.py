"""The head of a cassette: where its answers came from, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from .errors import CassetteError

Origin = Literal["twin", "vendor", "documentation"]
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
_LINE: Final = re.compile(r"# (\w+): (.*)")


@dataclass(frozen=True, slots=True)
class CassetteHeader:
    """Comments at the top of the file, one `# name: value` per line.

    Attributes:
        origin: `recorded_from: twin` or `vendor`; `composed_from: documentation` for one that was written by hand.
        day: When it was recorded, or the documentation read.
        behaviour: Name of the check that was acted.
    """

    origin: Origin
    day: date
    connector: str
    behaviour: str

    def to_text(self) -> str:
        """The comment lines."""
        origin = "composed_from" if self.origin == "documentation" else "recorded_from"
        when = "read_on" if self.origin == "documentation" else "recorded_on"
        return (
            f"# {origin}: {self.origin}\n# {when}: {self.day.isoformat()}\n"
            f"# connector: {self.connector}\n# behaviour: {self.behaviour}\n"
        )


def parse_header(text: str, where: str) -> CassetteHeader:
    """Read the head of a cassette's text.

    Raises:
        CassetteError: A line is missing, or says something unknown.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        matched = _LINE.fullmatch(line)
        if matched is None:
            break
        found[matched[1]] = matched[2]
    origin = found.get("recorded_from") or found.get("composed_from") or ""
    by_hand = "composed_from" in found
    if origin not in ORIGINS or by_hand != (origin == "documentation"):
        raise CassetteError(
            "the first line does not say where the answers came from",
            where,
            "Write `# recorded_from: twin`, `# recorded_from: vendor` or `# composed_from: documentation`",
        )
    try:
        day = date.fromisoformat(found.get("read_on" if by_hand else "recorded_on", ""))
    except ValueError as error:
        raise CassetteError("no day is given", where, "Write `# recorded_on: 2026-01-31`") from error
    if not found.get("connector") or not found.get("behaviour"):
        raise CassetteError("connector or behaviour is not named", where, "Write `# connector: ` and `# behaviour: `")
    return CassetteHeader(origin, day, found["connector"], found["behaviour"])


def without_day(text: str) -> str:
    """A cassette's text without its day, to see whether anything else changed."""
    return re.sub(r"(?m)^# (?:recorded|read)_on: .*\n", "", text, count=1)
