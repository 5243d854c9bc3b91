"""Scoping filters compiled to one closure that says in or out, and which clause said so.

Clauses of a filter are joined by AND, filters by OR. A clause on an absent attribute (None, "" or an empty
list) does not hold, except IS NULL: leaving data out must never widen the scope.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import regex  # type: ignore[import-untyped, unused-ignore]  # ships no types

from gallery_sdk.errors import ExpressionEvaluationError
from gallery_sdk.expressions import known_name

from .clauses import ScopingClause

REGEX_TIMEOUT_SECONDS: Final = 0.25
_BACKWARD: Final = re.compile(r"\\[1-9gk]")
_HARMLESS: Final = re.compile(r"\\.|\(\?(?::|i\)|<[A-Za-z]\w*>)")  # escaped characters, plain heads of groups
_REPEATED_GROUP: Final = re.compile(r"\)[*+?{]")
_VARIABLE: Final = re.compile(r"[*+?]|\{\d*,")
_NOTHING: Final[tuple[object, ...]] = (None, "", [], ())


@dataclass(frozen=True, slots=True)
class ScopingFilter:
    """Clauses that must all hold. A filter without clauses holds for everyone."""

    clauses: tuple[ScopingClause, ...]
    name: str = "filter"

    @property
    def attributes(self) -> frozenset[str]:
        """The source attributes that the filter reads."""
        return frozenset(clause.attribute for clause in self.clauses)


@dataclass(frozen=True, slots=True)
class ScopeVerdict:
    """Whether an object is in scope, and what decided it.

    Attributes:
        in_scope: True if all clauses of one filter hold, or there is no filter.
        filter: In scope: the filter that holds. Out of scope: the names of all filters.
        clause: In scope: None. Out of scope: for each filter the first clause that does not hold.
        note: A value that could not be compared (its attribute is named, the value is not).
    """

    in_scope: bool
    filter: str | None = None
    clause: str | None = None
    note: str | None = None


ScopePredicate = Callable[[Mapping[str, object]], ScopeVerdict]
_Test = Callable[[object], bool]  # of one value that is present
_Holds = Callable[[Mapping[str, object]], bool]

EVERYONE: Final = ScopeVerdict(in_scope=True)


def compile_scope(
    filters: Sequence[ScopingFilter],
    *,
    regex_match: Literal["search", "full"] = "search",
    null_not_equals: bool = False,
    known: Collection[str] = (),
) -> ScopePredicate:
    """Compile filters to a function of an object's attributes.

    Args:
        filters: Joined by OR; none at all means everyone is in scope.
        regex_match: "search" finds a pattern anywhere in the value, as .NET's IsMatch does; "full" wants the
            whole value.
        null_not_equals: True lets NOT EQUALS hold for an absent attribute.
        known: The source's attributes: a name that differs from one of them in case only means that one, as it does
            in mappings.

    Returns:
        A function that may raise `ExpressionEvaluationError` for an object on which a pattern takes longer
        than `REGEX_TIMEOUT_SECONDS`: its scope is unknown, so it must be neither provisioned nor deprovisioned.
    """
    if not filters:
        return lambda attributes: EVERYONE
    filters = [replace(one, clauses=tuple(_as_spelled(clause, known) for clause in one.clauses)) for one in filters]
    compiled = [
        (
            ScopeVerdict(in_scope=True, filter=one.name),
            [_compile_clause(clause, regex_match, null_not_equals) for clause in one.clauses],
        )
        for one in filters
    ]
    names = ", ".join(one.name for one in filters)
    outside: dict[tuple[int, ...], ScopeVerdict] = {}  # few different ways to fail, many objects

    def decide(attributes: Mapping[str, object]) -> ScopeVerdict:
        failed: list[int] = []
        for verdict, clauses in compiled:
            for position, holds in enumerate(clauses):
                if not holds(attributes):
                    failed.append(position)
                    break
            else:
                return verdict
        key = tuple(failed)
        verdict = outside.get(key) or outside.setdefault(
            key,
            ScopeVerdict(
                in_scope=False,
                filter=names,
                clause="; ".join(str(one.clauses[position]) for one, position in zip(filters, key, strict=True)),
            ),
        )
        note = _unreadable(attributes, filters, key)
        return ScopeVerdict(False, verdict.filter, verdict.clause, note) if note else verdict

    return decide


def _as_spelled(clause: ScopingClause, known: Collection[str]) -> ScopingClause:
    return replace(clause, attribute=known_name(clause.attribute, known) or clause.attribute)


def _compile_clause(clause: ScopingClause, regex_match: str, null_not_equals: bool) -> _Holds:
    name, operator = clause.attribute, clause.operator
    if operator == "IS NULL":
        return lambda attributes: attributes.get(name) in _NOTHING
    if operator == "IS NOT NULL":
        return lambda attributes: attributes.get(name) not in _NOTHING
    test, negated = _compile_test(clause, regex_match)
    of_null = null_not_equals and operator == "NOT EQUALS"

    def holds(attributes: Mapping[str, object]) -> bool:
        value = attributes.get(name)
        if not value and value in _NOTHING:  # 0 and False are values
            return of_null
        # A multi-valued attribute satisfies a positive operator with any value, a negated one with all.
        if type(value) is list or type(value) is tuple:
            return any(map(test, value)) is not negated
        return test(value) is not negated

    return holds


def _compile_test(clause: ScopingClause, regex_match: str) -> tuple[_Test, bool]:
    """The test of one present value, and whether the operator is its negation."""
    operand = clause.value or ""
    match clause.operator:
        case "EQUALS" | "NOT EQUALS":
            return (lambda value: as_text(value) == operand), clause.operator == "NOT EQUALS"
        case "REGEX MATCH" | "NOT REGEX MATCH":
            return _pattern_test(clause, operand, regex_match), clause.operator == "NOT REGEX MATCH"
        case "IS TRUE" | "IS FALSE":
            wanted = clause.operator == "IS TRUE"
            return (lambda value: as_boolean(value) is wanted), False
        case "Greater_Than":
            limit = int(operand)
            return (lambda value: (number := as_integer(value)) is not None and number > limit), False
        case "Greater_Than_OR_EQUALS":
            limit = int(operand)
            return (lambda value: (number := as_integer(value)) is not None and number >= limit), False
        case "Includes":
            return (lambda value: operand in as_text(value)), False
        case "ENDS_WITH":
            return (lambda value: as_text(value).endswith(operand)), False
        case _:
            return _bits_test(operand), clause.operator == "!&"


def _pattern_test(clause: ScopingClause, pattern: str, regex_match: str) -> _Test:
    compiled = regex.compile(pattern)
    match = compiled.fullmatch if regex_match == "full" else compiled.search
    if is_quick(pattern):
        return lambda value: match(as_text(value)) is not None

    def test(value: object) -> bool:
        try:
            return match(as_text(value), timeout=REGEX_TIMEOUT_SECONDS) is not None
        except TimeoutError as error:
            raise ExpressionEvaluationError(
                f"the pattern needs longer than {REGEX_TIMEOUT_SECONDS} s on the value of '{clause.attribute}'",
                f"scoping clause '{clause}'",
                "Write it without nested repetition, for example (a+)+ as a+",
            ) from error

    return test


def is_quick(pattern: str) -> bool:
    """Whether a pattern certainly needs little time on any value, so that it runs without a clock.

    Watching the clock takes eight times as long as most matches. Quick is: no group is repeated, at most one part is of
    variable length, nothing refers back. Such a pattern tries each place of the value at most once for each end.
    """
    if _BACKWARD.search(pattern):
        return False
    plain = _HARMLESS.sub("", pattern)
    return "(?" not in plain and not _REPEATED_GROUP.search(plain) and len(_VARIABLE.findall(plain)) <= 1


def _bits_test(operand: str) -> _Test:
    """`&`: integers share a bit (Active Directory flags); text occurs in the operand."""
    flags = as_integer(operand)

    def test(value: object) -> bool:
        if flags is not None and (number := as_integer(value)) is not None:
            return number & flags != 0
        return as_text(value) in operand

    return test


def as_text(value: object) -> str:
    """The text that a value is compared as; booleans as True and False, as Entra writes them."""
    return value if type(value) is str else str(value)


def as_boolean(value: object) -> bool | None:
    """True or False, also from text in any case; None if it is neither."""
    if value is True or value is False:
        return value
    return {"true": True, "false": False}.get(as_text(value).strip().lower())


def as_integer(value: object) -> int | None:
    """An integer from 0 up, also from text of digits; None if it is not one."""
    if type(value) is int:
        return value if value >= 0 else None
    text = as_text(value).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _unreadable(
    attributes: Mapping[str, object], filters: Sequence[ScopingFilter], failed: tuple[int, ...]
) -> str | None:
    """Say which value the deciding clauses could not read, so that a typing slip is not taken for a decision."""
    for one, position in zip(filters, failed, strict=True):
        clause = one.clauses[position]
        value = attributes.get(clause.attribute)
        if value in _NOTHING:
            continue
        values = value if isinstance(value, list | tuple) else [value]
        if clause.operator.startswith("Greater_Than") and any(as_integer(each) is None for each in values):
            return f"'{clause.attribute}' is not an integer from 0 up"
        if clause.operator in ("IS TRUE", "IS FALSE") and any(as_boolean(each) is None for each in values):
            return f"'{clause.attribute}' is neither true nor false"
    return None
