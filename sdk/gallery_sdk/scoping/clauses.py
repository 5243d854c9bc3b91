"""One clause of a scoping filter, read from text: attribute, operator, value.

    department EQUALS Sales
    [cost centre] NOT EQUALS "4711 "
    workerId REGEX MATCH ^1[0-9]{6}$
    jobTitle IS NOT NULL

The operators are those of Microsoft Entra's scoping filters, so that a filter moves here by copying it.
Source: learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final

import regex  # type: ignore[import-untyped, unused-ignore]  # ships no types

from gallery_sdk.errors import ConfigError

UNARY: Final = ("IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL")
BINARY: Final = (
    "EQUALS",
    "NOT EQUALS",
    "REGEX MATCH",
    "NOT REGEX MATCH",
    "Greater_Than",
    "Greater_Than_OR_EQUALS",
    "Includes",
    "ENDS_WITH",
    "&",
    "!&",
)
OPERATORS: Final = UNARY + BINARY
NUMERIC: Final = frozenset({"Greater_Than", "Greater_Than_OR_EQUALS"})
PATTERN: Final = frozenset({"REGEX MATCH", "NOT REGEX MATCH"})

_ATTRIBUTE: Final = re.compile(r"\s*(?:\[\s*(?P<bracketed>[^\]]*?)\s*\]|(?P<plain>[^\s\[\]]+))\s*")
# Longest first, so that "Greater_Than_OR_EQUALS" is not read as "Greater_Than" with the value "_OR_EQUALS".
_OPERATOR: Final = re.compile(
    "(?P<operator>"
    + "|".join(
        r"\s+".join(map(re.escape, name.split(" "))) for name in sorted(OPERATORS, key=lambda name: (-len(name), name))
    )
    + r")(?=\s|$)",
    re.IGNORECASE,
)
_CANONICAL: Final = {name.lower(): name for name in OPERATORS}


@dataclass(frozen=True, slots=True)
class ScopingClause:
    """One condition on one source attribute; `value` is None for the operators that take none."""

    attribute: str
    operator: str
    value: str | None = None

    def __str__(self) -> str:
        """The clause as it is written in an app's file and shown in the provisioning log."""
        plain = _ATTRIBUTE.fullmatch(self.attribute)
        attribute = self.attribute if plain and plain["plain"] else f"[{self.attribute}]"
        if self.value is None:
            return f"{attribute} {self.operator}"
        quoted = self.value != self.value.strip() or (len(self.value) > 1 and self.value[0] == self.value[-1] == '"')
        return f"{attribute} {self.operator} " + (f'"{self.value}"' if quoted else self.value)


def parse_clause(text: str, where: str = "scoping filter") -> ScopingClause:
    """Read one clause.

    An attribute name with blanks stands in brackets. Operators are accepted in any case and kept in
    their canonical one. Everything after the operator is the value, blanks at its ends removed; one pair
    of double quotes around it is removed too and keeps the blanks inside.

    Args:
        text: `attribute OPERATOR value`, or `attribute OPERATOR` for the IS operators.
        where: File and dotted path, for the error.

    Raises:
        ConfigError: No attribute, an operator outside `OPERATORS`, a value missing or not wanted,
            a number that is none, or a pattern that does not compile.
    """
    head = _ATTRIBUTE.match(text)
    if head is None or not (attribute := head["bracketed"] or head["plain"]):
        raise ConfigError(f"'{text}' names no attribute", where, "Write it as `department EQUALS Sales`")
    rest = text[head.end() :]
    found = _OPERATOR.match(rest)
    if found is None:
        raise _unknown_operator(text, rest, where)
    operator = _CANONICAL[" ".join(found["operator"].lower().split())]
    value = rest[found.end() :].strip()
    if operator in UNARY:
        if value:
            raise ConfigError(f"'{operator}' takes no value, and '{value}' follows it", where, f"End at {operator}")
        return ScopingClause(attribute, operator)
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if not value:
        raise ConfigError(
            f"'{operator}' has no value to compare with", where, "Add the value, or test for absence with IS NULL"
        )
    clause = ScopingClause(attribute, operator, value)
    _check_value(clause, where)
    return clause


def _unknown_operator(text: str, rest: str, where: str) -> ConfigError:
    if not rest.strip():
        return ConfigError(f"'{text}' has no operator", where, f"Use one of {', '.join(OPERATORS)}")
    words = rest.upper().split()
    guesses = {name.upper(): name for name in OPERATORS}
    near: list[str] = []
    for length in (3, 2, 1):
        near = near or difflib.get_close_matches(" ".join(words[:length]), guesses, n=1, cutoff=0.75)
    mend = f"Did you mean {guesses[near[0]]}" if near else f"Use one of {', '.join(OPERATORS)}"
    blanks = "; an attribute name with blanks stands in [brackets]"
    return ConfigError(f"'{rest.strip()}' does not begin with an operator", where, mend + blanks)


def _check_value(clause: ScopingClause, where: str) -> None:
    value = clause.value or ""
    if clause.operator in NUMERIC and not (value.isascii() and value.isdigit()):
        raise ConfigError(
            f"'{clause.operator}' compares integers from 0 up, and '{value}' is not one", where, "Write digits only"
        )
    if clause.operator in PATTERN:
        try:
            regex.compile(value)
        except regex.error as error:
            raise ConfigError(
                f"the pattern '{value}' does not compile: {error.msg}", where, "Correct it; in TOML write it in '…'"
            ) from error
