"""Dates as CDate reads them, their arithmetic, and the 100 ns ticks of Active Directory."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

from .date_formats import build_date, month_number
from .values import FunctionFailure, as_utc, one_value

_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NEVER: Final = 9223372036854775807  # accountExpires: never

_TIME: Final = r"""(?:(?:\s*T\s*|\s+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})
    (?:[.](?P<fraction>[0-9]{1,9}))?)?(?:\s*(?P<half>[AP]M))?)?
    \s*(?P<offset>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{1,2})?"""
_YEAR_FIRST: Final = r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})"
_MONTH_FIRST: Final = r"(?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})[-/.](?P<year>[0-9]{4})"
_DAY_NAMED: Final = r"(?:[A-Z]{3,9},?\s+)?(?P<day>[0-9]{1,2})[-\s]+(?P<month>[A-Z]{3,9})[-,\s]+(?P<year>[0-9]{4})"
_MONTH_NAMED: Final = r"(?:[A-Z]{3,9},\s+)?(?P<month>[A-Z]{3,9})\s+(?P<day>[0-9]{1,2}),?\s+(?P<year>[0-9]{4})"


def as_date(value: object) -> datetime | None:
    """Return a date in UTC, from a date or a text; null of null and of the empty text.

    Without an offset a text is UTC. Read are ISO 8601 with `T` or a blank, `M/d/yyyy h:mm:ss tt`, RFC 1123, and
    dates with an English month.

    Raises:
        FunctionFailure: The value is not such a date.
    """
    value = one_value(value)
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return as_utc(value)
    if isinstance(value, str):
        return parse_date(value)
    raise FunctionFailure("the value is not a date", "Give a date, for example 2026-03-16")


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(shape + _TIME, re.VERBOSE | re.IGNORECASE)
        for shape in (_YEAR_FIRST, _MONTH_FIRST, _DAY_NAMED, _MONTH_NAMED)
    )


def parse_date(text: str) -> datetime:
    """Return the date in UTC of a text; see `as_date`."""
    text = text.strip()
    for shape in _shapes():
        found = shape.fullmatch(text)
        if found is None:
            continue
        try:
            return build_date(
                int(found["year"]),
                month_number(found["month"]),
                int(found["day"]),
                int(found["hour"] or 0),
                int(found["minute"] or 0),
                int(found["second"] or 0),
                found["fraction"] or "",
                found["half"],
                found["offset"],
            )
        except ValueError:
            break
    raise FunctionFailure(
        "the text is not a date", "Read other shapes by FormatDateTime with an input format, or guard it by IIF"
    )


def to_filetime(at: datetime) -> int:
    """Return the 100 ns ticks since 1601-01-01 UTC."""
    return (at - _EPOCH) // _MICROSECOND * 10


def from_filetime(ticks: int) -> datetime:
    """Return the date of 100 ns ticks since 1601-01-01 UTC.

    Raises:
        FunctionFailure: The date lies outside years 1 to 9999; 9223372036854775807 means never.
    """
    try:
        return _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError as error:
        what = "9223372036854775807 means never, which is no date" if ticks == _NEVER else "the number is no date"
        raise FunctionFailure(what, "Give it a case of its own, by Switch") from error


def add_months(at: datetime, months: int) -> datetime:
    """Return the same day so many months later; the last day of a month that is too short."""
    total = at.year * 12 + at.month - 1 + months
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def _add(unit: timedelta) -> Callable[[datetime, int], datetime]:
    return lambda at, count: at + unit * count


def _elapsed(unit: timedelta) -> Callable[[datetime, datetime], int]:
    def whole_units(start: datetime, end: datetime) -> int:
        return (end - start) // unit if end >= start else -((start - end) // unit)

    return whole_units


def _weeks(start: datetime, end: datetime) -> int:
    # Ordinals, because the Sunday before 0001-01-01 is no date.
    first = start.toordinal() - start.isoweekday() % 7
    last = end.toordinal() - end.isoweekday() % 7
    return (last - first) // 7


ADD: Final[Mapping[str, Callable[[datetime, int], datetime]]] = {
    "yyyy": lambda at, count: add_months(at, count * 12),
    "m": add_months,
    "d": _add(timedelta(days=1)),
    "ww": _add(timedelta(weeks=1)),
    "h": _add(timedelta(hours=1)),
    "n": _add(timedelta(minutes=1)),
    "s": _add(timedelta(seconds=1)),
}
"""Interval to how it is added."""

# "ww" counts the Sundays between, "m" and "yyyy" compare calendar fields; the documented -493 weeks of
# 8/25/2021 to 2012-03-16 (-492.8) proves it. The others are elapsed time, cut off toward zero.
DIFFERENCE: Final[Mapping[str, Callable[[datetime, datetime], int]]] = {
    "yyyy": lambda start, end: end.year - start.year,
    "m": lambda start, end: (end.year - start.year) * 12 + end.month - start.month,
    "d": _elapsed(timedelta(days=1)),
    "ww": _weeks,
    "h": _elapsed(timedelta(hours=1)),
    "n": _elapsed(timedelta(minutes=1)),
    "s": _elapsed(timedelta(seconds=1)),
}
"""Interval to how it is counted from the first date to the second."""
