"""Filters: grammar, precedence, errors, leniency, printing."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import FilterError
from gallery_sdk.scim import (
    And,
    AttributePath,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
    ValuePath,
    and_,
    eq,
    or_,
    parse_filter,
    print_filter,
    quote,
    urns,
)

_A, _B, _C = (Present(AttributePath(name)) for name in "abc")
_NAMES = st.from_regex(r"\A\$?[A-Za-z][A-Za-z0-9_-]{0,6}\Z")
_VALUES = st.one_of(
    st.text(max_size=8), st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)
_ATTRIBUTES = st.builds(
    AttributePath,
    _NAMES,
    st.none() | _NAMES,
    st.none() | st.sampled_from([urns.USER, urns.ENTERPRISE_USER, "urn:a.b:c"]),
)
_OPS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
_SIMPLE = st.one_of(st.builds(Comparison, _ATTRIBUTES, _OPS, _VALUES), st.builds(Present, _ATTRIBUTES))


def _joined(of: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(of, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, of))


_INNER = st.recursive(_SIMPLE, _joined, max_leaves=4)
_FILTERED = st.builds(
    lambda path, inner, sub, op, value: Comparison(AttributePath(path.name, sub, path.urn, inner), op, value),
    _ATTRIBUTES, _INNER, _NAMES, _OPS, _VALUES,
)  # fmt: skip
_FILTERS = st.recursive(st.one_of(_SIMPLE, st.builds(ValuePath, _ATTRIBUTES, _INNER), _FILTERED), _joined, max_leaves=8)


@given(ast=_FILTERS)
@settings(max_examples=120, deadline=None)
def test_reading_a_printed_filter_gives_the_filter(ast: Filter) -> None:
    """Printing puts parentheses and escapes where meaning needs them, for every AST."""
    assert parse_filter(print_filter(ast)) == ast


@given(
    text=st.one_of(st.text(max_size=30), st.text(string.ascii_lowercase + ' ."()[]eqprandornot1\\-', max_size=60)),
    lenient=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_filter_or_a_filter_error(text: str, lenient: bool) -> None:
    """No text whatever raises anything else, and what is accepted can be printed and read again."""
    try:
        ast = parse_filter(text, lenient=lenient)
    except FilterError:
        return

    assert parse_filter(print_filter(ast)) == ast


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a pr or b pr and c pr", Or((_A, And((_B, _C))))),
        ("a pr and b pr or c pr", Or((And((_A, _B)), _C))),
        ("(a pr or b pr) and c pr", And((Or((_A, _B)), _C))),
        ("not (a pr) and b pr", And((Not(_A), _B))),
        ("NOT(a pr) OR b PR", Or((Not(_A), _B))),
        ("a pr and b pr and c pr", And((_A, _B, _C))),
        ("not eq 1", Comparison(AttributePath("not"), "eq", 1)),
        ("x[a pr and not (b pr)]", ValuePath(AttributePath("x"), And((_A, Not(_B))))),
    ],
)
def test_not_binds_before_and_and_and_before_or(text: str, expected: Filter) -> None:
    """RFC 7644 section 3.4.2.2: grouping, then not, then and, then or; words may also be names."""
    assert parse_filter(text) == expected


@pytest.mark.parametrize(
    ("literal", "value"),
    [('"a"', "a"), ('""', ""), (r'"a\"b\\c"', 'a"b\\c'), (r'"\u00e9"', "é"), ("true", True), ("false", False),
     ("null", None), ("12", 12), ("-1.5", -1.5), ("2e3", 2000.0)],
)  # fmt: skip
def test_values_are_read_as_json(literal: str, value: object) -> None:
    """A comparison value follows the rules of JSON, types included."""
    ast = parse_filter(f"a eq {literal}")

    assert isinstance(ast, Comparison)
    assert ast.value == value
    assert type(ast.value) is type(value)


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ('userName bad "john"', 10, "an operator is wanted"),
        ("userName eq bjensen", 13, "a value is wanted"),
        ("(a pr", 6, '")" is wanted'),
        ('emails[type eq "work"', 22, '"]" is wanted'),
        ("a pr and ", 10, "an attribute is wanted"),
        ("a pr b pr", 5, "the filter should end here"),
        ("a[b[c pr]]", 4, "value path"),
        ("a eq 1e999", 11, "out of range"),
        ("a eq True", 6, "a value is wanted"),
    ],
)
def test_an_error_points_at_the_character(text: str, column: int, what: str) -> None:
    """The message shows the filter, a caret under the offending character, and how to mend it."""
    with pytest.raises(FilterError) as caught:
        parse_filter(text)

    shown, caret = caught.value.where.split("\n")
    assert what in caught.value.what
    assert caret == " " * (column - 1) + f"^ character {column}"
    assert shown == text
    assert caught.value.mend


def test_a_long_filter_is_shown_in_part() -> None:
    """The caret stays under its character when only a stretch of the text is shown."""
    text = " and ".join(["userName pr"] * 30) + " and !"

    with pytest.raises(FilterError) as caught:
        parse_filter(text)

    shown, caret = caught.value.where.split("\n")
    assert len(shown) < 90
    assert shown[caret.index("^")] == "!"


def test_nesting_without_end_is_refused() -> None:
    """A hostile filter costs an error, not the interpreter's stack."""
    for text in ("(" * 5000 + "a pr" + ")" * 5000, "not " * 5000 + "a pr", "not (" * 5000):
        with pytest.raises(FilterError, match="nests more than"):
            parse_filter(text, lenient=True)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("active eq True", "active eq true"),
        ("not userName pr", "not (userName pr)"),
        ('members[value eq"1"]', 'members[value eq "1"]'),
        (' userName  eq\t"a" ', 'userName eq "a"'),
        ('emails[type eq "work"] pr', 'emails[type eq "work"]'),
        ('a eq "x\ny"', r'a eq "x\ny"'),
        (r'a eq "\x"', 'a eq "x"'),
        ("x eq NULL", "x eq null"),
    ],
)
def test_lenient_reading_forgives_what_strict_reading_refuses(text: str, same_as: str) -> None:
    """Each habit has the one meaning that it can have, and only when asked for."""
    with pytest.raises(FilterError):
        parse_filter(text)

    assert parse_filter(text, lenient=True) == parse_filter(same_as)


def test_a_filtered_path_compares_as_entra_sends_it() -> None:
    """`emails[type eq "work"].value eq "x"` is outside the grammar and is how Entra ID matches people."""
    text = 'emails[type eq "work"].value eq "a@x.test"'

    assert parse_filter(text) == eq('emails[type eq "work"].value', "a@x.test")
    assert print_filter(eq('emails[type eq "work"].value', "a@x.test")) == text


@given(value=st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_a_quoted_value_stays_a_value(value: str) -> None:
    """No value, however it is built, can add syntax to a filter; and what is printed can be encoded."""
    text = f"userName eq {quote(value)}"

    text.encode()
    assert parse_filter(text) == Comparison(AttributePath("userName"), "eq", value)


def test_builders_join_flat() -> None:
    """A conjunction of conjunctions prints without needless parentheses; one term alone stays as it is."""
    assert and_(_A) is _A
    assert print_filter(and_(and_(_A, _B), or_(_A, _C))) == "a pr and b pr and (a pr or c pr)"
    assert or_(or_(_A, _B), _C) == Or((_A, _B, _C))
