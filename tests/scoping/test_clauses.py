"""Reading one scoping clause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.errors import ConfigError
from gallery_sdk.scoping import OPERATORS, ScopingClause, parse_clause


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("department EQUALS Sales", ScopingClause("department", "EQUALS", "Sales")),
        ("state EQUALS New York", ScopingClause("state", "EQUALS", "New York")),
        ('department NOT EQUALS "Sales "', ScopingClause("department", "NOT EQUALS", "Sales ")),
        ("accountEnabled IS TRUE", ScopingClause("accountEnabled", "IS TRUE")),
        ("jobTitle IS NOT NULL", ScopingClause("jobTitle", "IS NOT NULL")),
        ("jobTitle  is  not   null ", ScopingClause("jobTitle", "IS NOT NULL")),
        ("workerId REGEX MATCH (1[0-9]{6})", ScopingClause("workerId", "REGEX MATCH", "(1[0-9]{6})")),
        (
            r"userPrincipalName NOT REGEX MATCH .*\@x.test",
            ScopingClause("userPrincipalName", "NOT REGEX MATCH", r".*\@x.test"),
        ),
        ("level Greater_Than 3", ScopingClause("level", "Greater_Than", "3")),
        ("level GREATER_THAN_OR_EQUALS 3", ScopingClause("level", "Greater_Than_OR_EQUALS", "3")),
        ("mail ENDS_WITH @example.com", ScopingClause("mail", "ENDS_WITH", "@example.com")),
        ("flags !& 2", ScopingClause("flags", "!&", "2")),
        ("[cost centre] Includes 47", ScopingClause("cost centre", "Includes", "47")),
        ("name.givenName EQUALS Ada", ScopingClause("name.givenName", "EQUALS", "Ada")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_clause_is_attribute_operator_value(text: str, clause: ScopingClause) -> None:
    """Every operator is read, in any case, with everything after it as the value."""
    assert parse_clause(text) == clause


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no attribute"),
        ("department", "has no operator"),
        ("department EQUAL Sales", "Did you mean EQUALS"),
        ("department == Sales", "Use one of EQUALS|Use one of IS TRUE"),
        ("department IS IN Sales", "does not begin with an operator"),
        ("cost centre EQUALS 47", "brackets"),
        ("department EQUALS", "IS NULL"),
        ('department EQUALS ""', "IS NULL"),
        ("accountEnabled IS TRUE yes", "takes no value"),
        ("level Greater_Than -1", "digits"),
        ("level Greater_Than many", "digits"),
        ("workerId REGEX MATCH ([0-9]", "does not compile"),
        ("departmentEQUALS Sales", "does not begin"),
    ],
)
def test_a_clause_that_cannot_be_executed_is_refused(text: str, says: str) -> None:
    """Nothing unknown is skipped: that would widen the scope. The error says where and what to write."""
    with pytest.raises(ConfigError, match=says) as caught:
        parse_clause(text, "apps/x.toml, scope.user[0].clauses[1]")

    assert caught.value.where == "apps/x.toml, scope.user[0].clauses[1]"


_names = st.text("abcXYZ019._:-", min_size=1).filter(str.strip)
_values = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), min_size=1).filter(
    lambda text: text.strip() == text and text.strip('"') != ""
)


@given(
    _names | st.just("cost centre"), st.sampled_from([name for name in OPERATORS if not name.startswith("IS")]), _values
)
def test_writing_a_clause_and_reading_it_gives_the_same_clause(name: str, operator: str, value: str) -> None:
    """The log shows clauses as text that can be pasted back into the file."""
    if "REGEX" in operator or "Greater" in operator:
        value = "12"
    clause = ScopingClause(name, operator, value)

    assert parse_clause(str(clause)) == clause
