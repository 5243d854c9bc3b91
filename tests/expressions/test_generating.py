"""Values that are made up: chance and time are passed in."""

from __future__ import annotations

import string
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import ExpressionEvaluationError
from gallery_sdk.expressions import EvaluationContext, compile_expression

# A busy machine is no failure.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2025, 7, 30, 12, tzinfo=UTC)


def _kind(letter: str) -> str:
    if letter.isdigit():
        return "digit"
    return "upper" if letter.isupper() else "lower" if letter.islower() else "special"


@UNHURRIED
@given(st.tuples(*[st.integers(0, 8)] * 4), st.integers(1, 40), st.integers())
def test_a_random_string_keeps_its_minimums(minimums: tuple[int, ...], length: int, seed: int) -> None:
    """Length and the four minimums hold, the rest comes from the classes asked for, and none is avoided."""
    length = max(length, sum(minimums))
    numbers = ", ".join(str(one) for one in (length, *minimums))
    compiled = compile_expression(f'RandomString({numbers}, "?,0Oo")')

    text = compiled({}, EvaluationContext(NOW, random=Random(seed)))

    assert isinstance(text, str) and len(text) == length
    counts = Counter(_kind(letter) for letter in text)
    for kind, minimum in zip(("digit", "special", "upper", "lower"), minimums, strict=True):
        assert counts[kind] >= minimum
        assert minimum or not any(minimums) or not counts[kind]
    assert not set(text) & set("?,0Oo")


def test_documented_random_strings() -> None:
    """The examples of the reference."""
    context = EvaluationContext(NOW)

    first = compile_expression("RandomString(6,3,0,0,3)")({}, context)
    assert isinstance(first, str)
    assert Counter(_kind(letter) for letter in first) == {"digit": 3, "lower": 3}
    third = compile_expression("RandomString(3, 3, 0, 0, 0, )")({}, context)
    assert isinstance(third, str) and len(third) == 3 and set(third) <= set(string.digits)


def test_a_unique_suffix_before_the_default_domain() -> None:
    """Source: inbound-provisioning-api-faqs."""
    text = (
        'Join("", Replace([userName], , "(?<Suffix>@(.)*)", "Suffix", "", , ), '
        'RandomString(3, 3, 0, 0, 0, ), "@", DefaultDomain())'
    )

    name = compile_expression(text)({"userName": "bjensen@example.com"}, EvaluationContext(NOW, "contoso.example"))

    assert isinstance(name, str)
    assert name.startswith("bjensen") and name.endswith("@contoso.example")
    assert name.removeprefix("bjensen").removesuffix("@contoso.example").isdigit()


def test_a_tenant_without_default_domain_fails_the_object() -> None:
    """An address that ends in @ would be worse."""
    with pytest.raises(ExpressionEvaluationError, match="no default domain"):
        compile_expression("DefaultDomain()")({}, EvaluationContext(NOW))


def test_a_guid_is_one_and_calls_differ() -> None:
    """Lower case, version 4; two calls in one expression give two."""
    text = compile_expression('Join(" ", Guid(), Guid())')({}, EvaluationContext(NOW).for_object())

    assert isinstance(text, str)
    first, second = text.split()
    assert first != second
    assert UUID(first).version == 4 and first == str(UUID(first))


def test_an_object_keeps_its_values_and_shares_none() -> None:
    """Planned, sent and sent again are the same; the next object, or another mapping, gets others."""
    run = EvaluationContext(NOW)
    one, other = run.for_object(), run.for_object()
    guid, again = compile_expression("Guid()"), compile_expression("Guid()")

    assert guid({}, one) == guid({}, one)
    assert len({guid({}, one), guid({}, other), again({}, one), guid({}, run), guid({}, run)}) == 5


def test_now_is_the_time_of_the_run() -> None:
    """It is injected, in UTC whatever the zone."""
    here = datetime(2025, 7, 30, 14, tzinfo=timezone(timedelta(hours=2)))

    assert compile_expression("Now()")({}, EvaluationContext(here)) == NOW
    assert compile_expression("CStr(Now())")({}, EvaluationContext(here)) == "7/30/2025 12:00:00 PM"
