"""Dates read and written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery_sdk.expressions import FunctionFailure
from gallery_sdk.expressions.date_formats import date_format
from gallery_sdk.expressions.dates import ADD, as_date, from_filetime, to_filetime
from gallery_sdk.expressions.values import date_text

# A busy machine is no failure.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOON = datetime(2021, 6, 9, 12, 5, 3, 120_000, tzinfo=UTC)
dates = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(
    lambda at: at.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-06-09", datetime(2021, 6, 9, tzinfo=UTC)),
        ("2021/6/9 1:02", datetime(2021, 6, 9, 1, 2, tzinfo=UTC)),
        ("2021-06-09T12:05:03.1234567Z", datetime(2021, 6, 9, 12, 5, 3, 123456, tzinfo=UTC)),
        ("2021-06-09T12:05:03+0530", datetime(2021, 6, 9, 6, 35, 3, tzinfo=UTC)),
        ("6/9/2021 12:05:03 AM", datetime(2021, 6, 9, 0, 5, 3, tzinfo=UTC)),
        ("Wed, 09 Jun 2021 12:05:03 GMT", datetime(2021, 6, 9, 12, 5, 3, tzinfo=UTC)),
        ("June 9, 2021", datetime(2021, 6, 9, tzinfo=UTC)),
        ("9-Jun-2021", datetime(2021, 6, 9, tzinfo=UTC)),
    ],
)
def test_the_usual_shapes_of_dates_are_read(text: str, expected: datetime) -> None:
    """Without an offset a text is UTC."""
    assert as_date(text) == expected


@pytest.mark.parametrize(
    "text",
    ["2021-13-01", "13/1/2021", "2021-06-09T25:00", "2021-06-09T13:00 PM", "9 Foo 2021", "2021-06-09+15:00", "12"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """A wrong date is never read as another one."""
    with pytest.raises(FunctionFailure):
        as_date(text)


@pytest.mark.parametrize(
    ("format_text", "expected"),
    [
        ("d", "06/09/2021"),
        ("%d", "9"),
        ("yyyy-MM-ddTHH:mm:ss.fffZ", "2021-06-09T12:05:03.120Z"),
        ("ss.FFF", "03.12"),
        ("o", "2021-06-09T12:05:03.1200000Z"),
        ("ddd, d MMM yy h:m:s t", "Wed, 9 Jun 21 12:5:3 P"),
        ("dddd MMMM", "Wednesday June"),
        ("'at' H \\h zzz", "at 12 h +00:00"),
        ("yyyyy g", "02021 A.D."),
        ("R", "Wed, 09 Jun 2021 12:05:03 GMT"),
    ],
)
def test_dates_are_written_as_dotnet_writes_them(format_text: str, expected: str) -> None:
    """Source: learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings."""
    assert date_format(format_text).write(NOON) == expected


@UNHURRIED
@given(
    dates,
    st.sampled_from(["o", "yyyy-MM-dd HH:mm:ss.ffffff", "M/d/yyyy h:m:s.FFFFFF tt zzz", "dd-MMM-yyyyTHHmmss.ffffff"]),
)
def test_reading_undoes_writing(at: datetime, format_text: str) -> None:
    """A format that holds all parts loses none."""
    compiled = date_format(format_text)

    assert compiled.read(compiled.write(at)) == at


@UNHURRIED
@given(dates)
def test_the_canonical_text_of_a_date_is_read_again(at: datetime) -> None:
    """CDate undoes CStr, to the second."""
    assert as_date(date_text(at)) == at.replace(microsecond=0)


@UNHURRIED
@given(dates.filter(lambda at: at.year > 1601))
def test_directory_numbers_are_exact(at: datetime) -> None:
    """DateFromNum undoes NumFromDate."""
    assert from_filetime(to_filetime(at)) == at


@UNHURRIED
@given(
    dates.filter(lambda at: 10 < at.year < 9000),
    st.sampled_from(sorted(set(ADD) - {"m", "yyyy"})),
    st.integers(-999, 999),
)
def test_adding_and_taking_away_gives_the_date_back(at: datetime, interval: str, count: int) -> None:
    """Intervals of fixed length are exact."""
    assert ADD[interval](ADD[interval](at, count), -count) == at


@UNHURRIED
@given(st.text("dfFghHKmMstyz'\"\\%-/:. ", max_size=12), st.text("0123456789-/:.+ APMZé", max_size=12))
def test_any_format_reads_or_refuses_any_text(format_text: str, text: str) -> None:
    """Nothing but FunctionFailure comes out."""
    try:
        date_format(format_text).read(text)
    except FunctionFailure as error:
        assert error.mend


@pytest.mark.parametrize(
    ("format_text", "text", "expected"),
    [
        ("M/d/yy", "3/4/49", datetime(2049, 3, 4, tzinfo=UTC)),
        ("M/d/yy", "3/4/50", datetime(1950, 3, 4, tzinfo=UTC)),
        ("d.M.y", "4.3.1", datetime(2001, 3, 4, tzinfo=UTC)),
        ("yyyy-MM-ddzzz", " 2021-06-30 ", datetime(2021, 6, 30, tzinfo=UTC)),
        ("d MMM yyyy h:mm tt", "4 MAR 2025 12:05 am", datetime(2025, 3, 4, 0, 5, tzinfo=UTC)),
        ("H:m:s.FFF", "1:2:3", datetime(1, 1, 1, 1, 2, 3, tzinfo=UTC)),
        ("H:m:s.FFF", "1:2:3.5", datetime(1, 1, 1, 1, 2, 3, 500_000, tzinfo=UTC)),
        ("d MMMM yyyy HH:mm tt", "4 march 2025 13:05 PM", datetime(2025, 3, 4, 13, 5, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_dotnet_reads_them(format_text: str, text: str, expected: datetime) -> None:
    """Names in any case, two digits of the year around 2049, a missing offset is UTC."""
    assert date_format(format_text).read(text) == expected
