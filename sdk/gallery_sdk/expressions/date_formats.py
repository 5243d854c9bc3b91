"""Custom date and time formats of .NET, in the invariant culture.

Source: learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings (and the standard
ones of one letter). Python's strptime has no unpadded `M`, no fractions beyond microseconds and follows a locale.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from .values import FunctionFailure

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_STANDARD: Final = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "U": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "M": "MMMM dd",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "y": "yyyy MMMM",
    "Y": "yyyy MMMM",
}
_TOKEN: Final = re.compile(
    r"(?P<run>(?P<letter>[dfFghHKmMstyz])(?P=letter)*)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|\\(?P<escaped>.)|(?P<other>.)",
    re.DOTALL,
)
_LONGEST: Final = {"d": 4, "g": 2, "h": 2, "H": 2, "K": 1, "m": 2, "M": 4, "s": 2, "t": 2, "z": 3, "f": 7, "F": 7}

_PRINTERS: Final[dict[str, Callable[[datetime], str]]] = {
    "d": lambda at: str(at.day),
    "dd": lambda at: f"{at.day:02d}",
    "ddd": lambda at: DAYS[at.weekday()][:3],
    "dddd": lambda at: DAYS[at.weekday()],
    "g": lambda at: "A.D.",
    "gg": lambda at: "A.D.",
    "h": lambda at: str(at.hour % 12 or 12),
    "hh": lambda at: f"{at.hour % 12 or 12:02d}",
    "H": lambda at: str(at.hour),
    "HH": lambda at: f"{at.hour:02d}",
    "K": lambda at: "Z",
    "m": lambda at: str(at.minute),
    "mm": lambda at: f"{at.minute:02d}",
    "M": lambda at: str(at.month),
    "MM": lambda at: f"{at.month:02d}",
    "MMM": lambda at: MONTHS[at.month - 1][:3],
    "MMMM": lambda at: MONTHS[at.month - 1],
    "s": lambda at: str(at.second),
    "ss": lambda at: f"{at.second:02d}",
    "t": lambda at: "A" if at.hour < 12 else "P",
    "tt": lambda at: "AM" if at.hour < 12 else "PM",
    "y": lambda at: str(at.year % 100),
    "yy": lambda at: f"{at.year % 100:02d}",
    "z": lambda at: "+0",
    "zz": lambda at: "+00",
    "zzz": lambda at: "+00:00",
}
_ALL_MONTHS: Final = "|".join(MONTHS)
_READERS: Final = {
    "d": r"([0-9]{1,2})", "dd": r"([0-9]{2})",
    "ddd": f"({'|'.join(day[:3] for day in DAYS)})", "dddd": f"({'|'.join(DAYS)})",
    "g": r"(A\.?D\.?)", "gg": r"(A\.?D\.?)",
    "h": r"([0-9]{1,2})", "hh": r"([0-9]{2})", "H": r"([0-9]{1,2})", "HH": r"([0-9]{2})",
    "K": r"(Z|[+-][0-9]{2}:[0-9]{2})?",
    "m": r"([0-9]{1,2})", "mm": r"([0-9]{2})",
    "M": r"([0-9]{1,2})", "MM": r"([0-9]{2})",
    "MMM": f"({'|'.join(month[:3] for month in MONTHS)})", "MMMM": f"({_ALL_MONTHS})",
    "s": r"([0-9]{1,2})", "ss": r"([0-9]{2})",
    "t": r"([AP])", "tt": r"([AP]M)",
    "y": r"([0-9]{1,2})", "yy": r"([0-9]{2})", "yyy": r"([0-9]{3,4})",
    # Workday leaves the offset out of dates without one; strictly read that would fail the object.
    "z": r"(Z|[+-][0-9]{1,2})?", "zz": r"(Z|[+-][0-9]{2})?", "zzz": r"(Z|[+-][0-9]{2}:?[0-9]{2})?",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A compiled format.

    Attributes:
        text: The format as it was written.
        tokens: Its runs (`yyyy`) with True, literals with False.
    """

    text: str
    tokens: tuple[tuple[str, bool], ...]
    _pattern: re.Pattern[str]
    _fields: tuple[str, ...]

    def write(self, at: datetime) -> str:
        """Return a UTC datetime in this format."""
        out = ""
        for token, is_field in self.tokens:
            if not is_field:
                out += token
            elif token[0] == "F":
                fraction = f"{at.microsecond:06d}0"[: len(token)].rstrip("0")
                out = out + fraction if fraction else out.removesuffix(".")
            elif token[0] == "f":
                out += f"{at.microsecond:06d}0"[: len(token)]
            elif token[0] == "y" and len(token) > 2:
                out += str(at.year).zfill(len(token))
            else:
                out += _PRINTERS[token](at)
        return out

    def read(self, text: str) -> datetime:
        """Return the date in UTC that a text in this format means; without an offset it is UTC already.

        Parts that the format leaves out are those of midnight, 1 January of year 1. White space around is ignored.

        Raises:
            FunctionFailure: The text is not in this format, or there is no such date.
        """
        found = self._pattern.fullmatch(text.strip())
        if found is None:
            raise self._mismatch()
        parts: dict[str, str] = {}
        for token, part in zip(self._fields, found.groups(), strict=True):
            if part is not None:
                parts[token] = part
        try:
            return build_date(
                _year(parts["y"]) if "y" in parts else 1,
                month_number(parts.get("M", "1")),
                int(parts.get("d", "1")),
                int(parts.get("H", "0")) if "h" not in parts else _hour(int(parts["h"])),
                int(parts.get("m", "0")),
                int(parts.get("s", "0")),
                parts.get("f", parts.get("F", "")),
                parts.get("t") if "h" in parts else None,  # "HH" says it already
                parts.get("z", parts.get("K")),
            )
        except ValueError as error:
            raise self._mismatch() from error

    def _mismatch(self) -> FunctionFailure:
        return FunctionFailure(
            f'the text is not a date in the format "{self.text}"', "Correct the input format, or the source"
        )


@lru_cache(maxsize=512)
def date_format(text: str) -> DateFormat:
    """Return the compiled format.

    Raises:
        FunctionFailure: The text is not a format.
    """
    format_text = _STANDARD.get(text, text) if len(text) == 1 else text
    if not format_text or (len(text) == 1 and text.isalpha() and text not in _STANDARD):
        raise FunctionFailure(f'"{text}" is not a date format', 'Write a .NET date format, for example "yyyy-MM-dd"')
    tokens: list[tuple[str, bool]] = []
    pattern = ""
    for found in _TOKEN.finditer(format_text):
        run, letter = found["run"], found["letter"]
        if run is None:
            literal = next(
                one for one in (found["single"], found["double"], found["escaped"], found["other"]) if one is not None
            )
            if found["other"] == "%":
                continue  # makes a single letter a custom format
            tokens.append((literal, False))
            pattern += re.escape(literal)
            continue
        if letter in "fF" and len(run) > 7:
            raise FunctionFailure(f'"{text}" is not a date format', "A fraction has at most 7 digits")
        run = run if letter == "y" else run[: _LONGEST[letter]]
        tokens.append((run, True))
        if letter == "F" and pattern.endswith("\\."):  # the point goes with a fraction that is zero
            pattern = f"{pattern[:-2]}(?:\\.{_reader(run)})?"
        else:
            pattern += _reader(run)
    fields = tuple("day name" if run[:3] == "ddd" else run[0] for run, is_field in tokens if is_field)
    return DateFormat(text, tuple(tokens), re.compile(pattern, re.IGNORECASE), fields)


def _reader(run: str) -> str:
    if run[0] == "f":
        return f"([0-9]{{{len(run)}}})"
    if run[0] == "F":
        return f"([0-9]{{0,{len(run)}}})"
    return _READERS[run] if run[0] != "y" or len(run) < 4 else f"([0-9]{{{len(run)}}})"


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _hour(hour: int) -> int:
    if not 1 <= hour <= 12:
        raise ValueError("hour of a clock with 12 hours")
    return hour


def month_number(text: str) -> int:
    """Return 1 to 12 for a number, a name or the first three letters of one; 0 for anything else."""
    if text.isdigit():
        return int(text)
    folded = text.casefold()
    names = [month.casefold() for month in MONTHS]
    return next((at for at, name in enumerate(names, 1) if folded in (name, name[:3])), 0)


def build_date(
    year: int,
    month: int,
    day: int,
    hour: int,
    minute: int,
    second: int,
    fraction: str = "",
    half: str | None = None,
    offset: str | None = None,
) -> datetime:
    """Return a datetime in UTC from the parts that a text holds.

    Args:
        fraction: Digits of the second after the point; the seventh and later are lost.
        half: A, P, AM or PM; the hour is 1 to 12 then.
        offset: `Z`, `-07:00`, `-0700` or `-7`; None is UTC.

    Raises:
        ValueError: There is no such date.
        FunctionFailure: It lies outside years 1 to 9999 in UTC.
    """
    if half is not None:
        hour = _hour(hour) % 12 + (12 if half[:1].upper() == "P" else 0)
    microsecond = int(fraction[:6].ljust(6, "0")) if fraction else 0
    at = datetime(year, month, day, hour, minute, second, microsecond, UTC)
    if offset is None or offset.upper() in ("Z", "UTC", "GMT"):
        return at
    digits = offset[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or "0")
    if hours > 14 or minutes > 59:
        raise ValueError("offset from UTC")
    shift = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    try:
        return at.replace(tzinfo=timezone(shift)).astimezone(UTC)
    except OverflowError as error:
        raise FunctionFailure(
            "the date is before year 1 or after year 9999 in UTC", "Give dates that mean never apart, by Switch"
        ) from error
