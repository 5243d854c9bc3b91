"""What scoping filters decide."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.errors import ExpressionEvaluationError
from gallery_sdk.scoping import ScopingFilter, compile_scope, parse_clause
from gallery_sdk.scoping.compiling import is_quick


def _filter(*clauses: str, name: str = "filter") -> ScopingFilter:
    return ScopingFilter(tuple(parse_clause(clause) for clause in clauses), name)


def _in_scope(clause: str, value: object) -> bool:
    return compile_scope([_filter(clause)])({"x": value}).in_scope


@pytest.mark.parametrize(
    ("clause", "value", "holds"),
    [
        ("x EQUALS Sales", "Sales", True),
        ("x EQUALS Sales", "sales", False),
        ("x EQUALS 7", 7, True),
        ("x EQUALS 7", "007", False),
        ("x EQUALS True", True, True),
        ("x NOT EQUALS Sales", "sales", True),
        ("x NOT EQUALS Sales", "Sales", False),
        ("x IS TRUE", True, True),
        ("x IS TRUE", "true", True),
        ("x IS TRUE", "False", False),
        ("x IS FALSE", "FALSE", True),
        ("x IS FALSE", False, True),
        ("x IS FALSE", "no", False),
        ("x IS NULL", "here", False),
        ("x IS NULL", False, False),
        ("x IS NOT NULL", 0, True),
        (r"x REGEX MATCH .*\@domain.com", "ada@domain.com", True),
        ("x REGEX MATCH ([1-9][0-9])", "42", True),
        ("x REGEX MATCH ([1-9][0-9])", "7", False),
        ("x REGEX MATCH (1[0-9]{6})", "91234567", True),  # unanchored, as .NET's IsMatch
        ("x REGEX MATCH ^(?<n>1[0-9]{6})$", "91234567", False),
        ("x NOT REGEX MATCH ^a", "bc", True),
        ("x NOT REGEX MATCH ^a", "abc", False),
        ("x Greater_Than 9", "10", True),
        ("x Greater_Than 10", 10, False),
        ("x Greater_Than_OR_EQUALS 10", "0010", True),
        ("x Greater_Than 1", "ten", False),
        ("x Greater_Than 1", "-5", False),
        ("x Includes ale", "Sales", True),
        ("x Includes ALE", "Sales", False),
        ("x ENDS_WITH @x.test", "a@x.test", True),
        ("x & 2", 6, True),
        ("x & 2", "512", False),
        ("x !& 2", 512, True),
        ("x & Sales,Ops", "Ops", True),
        ("x !& Sales,Ops", "HR", True),
        ("x EQUALS Ops", ["Sales", "Ops"], True),
        ("x NOT EQUALS Ops", ["Sales", "Ops"], False),
        ("x NOT EQUALS Ops", ["Sales"], True),
    ],
)
def test_an_operator_decides_a_value(clause: str, value: object, holds: bool) -> None:
    """Operators compare case-sensitively; regexes search; numbers are read from digits."""
    assert _in_scope(clause, value) is holds


@pytest.mark.parametrize("absent", [None, "", []], ids=["null", "empty", "no-values"])
@pytest.mark.parametrize(
    "clause",
    [
        "x EQUALS a",
        "x NOT EQUALS a",
        "x IS TRUE",
        "x IS FALSE",
        "x IS NOT NULL",
        "x REGEX MATCH .*",
        "x NOT REGEX MATCH a",
        "x Greater_Than 0",
        "x Greater_Than_OR_EQUALS 0",
        "x Includes a",
        "x ENDS_WITH a",
        "x & 1",
        "x !& 1",
    ],
)
def test_absent_data_never_widens_the_scope(clause: str, absent: object) -> None:
    """Every operator but IS NULL is false of an absent attribute, negated ones included."""
    assert not _in_scope(clause, absent)
    assert _in_scope("x IS NULL", absent)


def test_not_equals_may_be_told_to_hold_for_absent_values() -> None:
    """The option changes NOT EQUALS and nothing else."""
    scope = compile_scope([_filter("x NOT EQUALS a")], null_not_equals=True)
    regex_scope = compile_scope([_filter("x NOT REGEX MATCH a")], null_not_equals=True)

    assert scope({}).in_scope
    assert not scope({"x": "a"}).in_scope
    assert not regex_scope({}).in_scope


def test_full_patterns_want_the_whole_value() -> None:
    """With `full`, [0-9]{2} is two digits and not two digits somewhere."""
    scope = compile_scope([_filter("x REGEX MATCH [0-9]{2}")], regex_match="full")

    assert scope({"x": "42"}).in_scope
    assert not scope({"x": "421"}).in_scope


def test_no_filter_takes_everyone() -> None:
    """An app without scoping filters provisions its whole source."""
    assert compile_scope([])({}).in_scope


def test_the_verdict_names_the_filter_and_clause_that_decided() -> None:
    """In: the filter that holds. Out: for every filter the first clause that does not."""
    scope = compile_scope(
        [
            _filter("department EQUALS Sales", "accountEnabled IS TRUE", name="sales"),
            _filter("department EQUALS Ops", name="operations"),
        ]
    )

    inside = scope({"department": "Ops"})
    outside = scope({"department": "Sales", "accountEnabled": "False"})

    assert (inside.in_scope, inside.filter, inside.clause) == (True, "operations", None)
    assert (outside.in_scope, outside.filter) == (False, "sales, operations")
    assert outside.clause == "accountEnabled IS TRUE; department EQUALS Ops"


@pytest.mark.parametrize(
    ("clause", "value", "says"),
    [("x Greater_Than 3", "many", "not an integer"), ("x IS FALSE", "nein", "neither true nor false")],
)
def test_a_value_that_cannot_be_compared_is_noted_without_being_shown(clause: str, value: str, says: str) -> None:
    """A typing slip in the source is told apart from a decision, and personal data stays out."""
    verdict = compile_scope([_filter(clause)])({"x": value})

    assert not verdict.in_scope
    assert verdict.note is not None
    assert says in verdict.note
    assert value not in verdict.note


def test_a_runaway_pattern_fails_one_object_and_leaves_its_scope_undecided() -> None:
    """Out of scope would deprovision, in scope would provision; neither is known."""
    scope = compile_scope([_filter(r"x REGEX MATCH ^(\w|\w\w)+(?<!!)\d$|^(?:(?:a+)+)+b$")])

    with pytest.raises(ExpressionEvaluationError, match="longer than"):
        scope({"x": "a" * 60 + "!"})


@pytest.mark.parametrize("pattern", ["^1[0-9]{6}$", r".*\@domain\.com", "(?i)^(?:a|b)-[0-9]+$", "(?<n>x)y"])
def test_usual_patterns_run_without_a_clock(pattern: str) -> None:
    """It would take most of the time of a decision."""
    assert is_quick(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a?){30}", r"(a)\1", "(?R)", "a*a*b", "(a|aa){40}", "a{1,}b*", "(?=a)b"]
)
def test_a_pattern_that_could_run_away_is_watched(pattern: str) -> None:
    """Also where it only might."""
    assert not is_quick(pattern)


_clause = st.sampled_from(
    ["a EQUALS 1", "a NOT EQUALS 1", "b IS TRUE", "b IS NULL", "c Greater_Than 2", "c REGEX MATCH [13]", "a Includes 1"]
)
_person = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1", "2", "3", "true", "", None, 3, True]))


@given(
    filters=st.lists(st.lists(_clause, min_size=1, max_size=4), min_size=1, max_size=3),
    person=_person,
    seed=st.integers(),
)
def test_scope_is_independent_of_the_order_of_clauses_and_filters(
    filters: list[list[str]], person: dict[str, object], seed: int
) -> None:
    """AND and OR commute, whatever is absent or unreadable."""
    shuffle = random.Random(seed)
    other = [shuffle.sample(clauses, len(clauses)) for clauses in shuffle.sample(filters, len(filters))]

    first = compile_scope([_filter(*clauses) for clauses in filters])(person)
    second = compile_scope([_filter(*clauses) for clauses in other])(person)

    assert first.in_scope == second.in_scope


@given(clauses=st.lists(_clause, min_size=1, max_size=4), extra=_clause, person=_person)
def test_another_clause_never_widens_and_another_filter_never_narrows(
    clauses: list[str], extra: str, person: dict[str, object]
) -> None:
    """What a team adds to a filter can only shrink it; what it adds beside it can only grow the scope."""
    alone = compile_scope([_filter(*clauses)])(person).in_scope

    assert not (compile_scope([_filter(*clauses, extra)])(person).in_scope and not alone)
    assert compile_scope([_filter(*clauses), _filter(extra)])(person).in_scope or not alone


def test_an_attribute_is_meant_in_the_source_s_spelling() -> None:
    """As in mappings; a name that several columns could mean stays as it is written, and so absent."""
    scope = compile_scope([_filter("Department EQUALS Sales")], known=["id", "department"])
    doubtful = compile_scope([_filter("DEPT EQUALS Sales")], known=["dept", "Dept"])

    assert scope({"department": "Sales"}).in_scope
    assert not scope({"department": "Writing"}).in_scope
    assert not doubtful({"dept": "Sales", "Dept": "Sales"}).in_scope
