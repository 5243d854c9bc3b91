"""Functions of dates. A null date stays null, except where it would decide something: DateDiff refuses it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ..date_formats import date_format
from ..dates import ADD, DIFFERENCE, as_date, from_filetime, to_filetime
from ..registry import Emptiness, ResultType
from ..sites import CallSite, Evaluate, on_values
from ..values import FunctionFailure, as_integer, as_text, one_value
from ._declaring import built_in, optional, required

_INTERVALS: Final = tuple(ADD)
_STYLES: Final = frozenset(
    (
        "none", "allowleadingwhite", "allowtrailingwhite", "allowinnerwhite", "allowwhitespaces",
        "nocurrentdatedefault", "adjusttouniversal", "assumelocal", "assumeuniversal", "roundtripkind",
    )
)  # fmt: skip


def _add(interval: object, count: object, value: object) -> datetime | None:
    at = as_date(value)
    if at is None:
        return None
    try:
        return ADD[_interval(interval)](at, as_integer(count, "value"))
    except OverflowError as error:
        raise FunctionFailure("the sum lies outside years 1 to 9999", "Add less, or guard it by IIF") from error


def _difference(interval: object, first: object, second: object) -> int:
    start, end = as_date(first), as_date(second)
    if start is None or end is None:
        raise FunctionFailure("a date is missing", 'Give it a default: CDate(IIF(IsPresent([x]), [x], "9999-01-01"))')
    return DIFFERENCE[_interval(interval)](start, end)


def _interval(value: object) -> str:
    interval = as_text(value)
    if interval not in ADD:
        raise FunctionFailure("the interval is none", f"Use one of {', '.join(_INTERVALS)}")
    return interval


def _from_number(value: object) -> datetime | None:
    return None if value is None or value == "" else from_filetime(as_integer(value, "value"))


def _to_number(value: object) -> int | None:
    at = as_date(value)
    return None if at is None else to_filetime(at)


def _format(site: CallSite) -> Evaluate:
    # Three arguments are the older form: source, input format, output format.
    older = site.supplied == 3
    first, last = (1, 2) if older else (2, 3)
    if site.supplied < 3:
        raise site.refuse(0, "FormatDateTime has no output format", f"Write {site.spec.signature}")
    for index in (first, last):
        constant = site.constant_text(index)
        if constant is not None:
            try:
                date_format(constant)
            except FunctionFailure as error:
                raise site.refuse(index, error.what, error.mend) from error
    styles = None if older else site.constant_text(1)
    if styles and any(style.strip().casefold() not in _STYLES for style in styles.split(",")):
        raise site.refuse(1, "these are not dateTimeStyles of .NET", "Leave the argument out")

    def write(source: object, *others: object) -> str | None:
        source = one_value(source)
        if source is None or source == "":
            return None
        output = as_text(others[last - 1])
        input_format = others[first - 1]
        # A value that is a date already has no text that an input format could be for.
        if input_format is None or isinstance(source, datetime):
            at = as_date(source)
        else:
            at = date_format(as_text(input_format)).read(as_text(source))
        return None if at is None else date_format(output).write(at)

    return on_values(write)(site)


_DATE: Final = ResultType.DATETIME

FUNCTIONS: Final = (
    built_in(
        "CDate", (required("expression"),), _DATE, on_values(as_date),
        "The date in UTC that a text means; without an offset it is UTC.", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "DateAdd", (required("interval", choices=_INTERVALS), required("value"), required("dateTime")), _DATE,
        on_values(_add), "The date so many intervals later: yyyy, m, d, ww, h, n (minutes) or s.",
    ),
    built_in(
        "DateDiff", (required("interval", choices=_INTERVALS), required("date1"), required("date2")),
        ResultType.INTEGER, on_values(_difference),
        "The intervals from the first date to the second; negative when the second is earlier.",
        emptiness=Emptiness.NEVER,
    ),
    built_in(
        "DateFromNum", (required("value"),), _DATE, on_values(_from_number),
        "The date of an Active Directory number: 100 ns since 1601-01-01 UTC.", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "NumFromDate", (required("value"),), ResultType.INTEGER, on_values(_to_number),
        "The Active Directory number of a date: 100 ns since 1601-01-01 UTC.", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "FormatDateTime",
        (required("source"), optional("dateTimeStyles"), optional("inputFormat"), optional("outputFormat")),
        ResultType.STRING, _format,
        "A date written in another .NET format, in UTC. With three arguments: source, inputFormat, outputFormat.",
    ),
    built_in(
        "Now", (), _DATE, lambda site: lambda _attributes, context: context.now,
        "The time at which the run started, in UTC.", emptiness=Emptiness.NEVER, pure=False,
    ),
)  # fmt: skip
