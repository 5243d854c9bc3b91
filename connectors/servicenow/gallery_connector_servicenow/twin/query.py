"""Encoded queries as an instance reads them: a term that is not understood is dropped, unless it is told otherwise.

Source, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html; the operators
IN, ISEMPTY and the comparisons by size are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from .instance import Row, columns_of

Test: TypeAlias = Callable[[Row], bool]

_TERM: Final = re.compile(
    r"(?P<column>[a-z][a-z0-9_]*)"
    r"(?P<operator>!=|>=|<=|=|>|<|STARTSWITH|ENDSWITH|NOT IN|IN|LIKE|ISNOTEMPTY|ISEMPTY)(?P<value>.*)",
    re.DOTALL,
)


@dataclass(slots=True)
class Query:
    """An encoded query, read.

    Attributes:
        alternatives: Each holds tests of which one must pass; all of them must.
        order: Columns to sort by, each with whether it descends.
        is_whole: Every term was understood.
    """

    alternatives: list[list[Test]] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    is_whole: bool = True

    def run(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that pass, sorted."""
        found = [row for row in rows if all(any(test(row) for test in tests) for tests in self.alternatives)]
        for column, descends in reversed(self.order):
            found.sort(key=lambda row: row[column], reverse=descends)
        return found


def parse(table: str, text: str, *, case_sensitive: bool, evaluate: Callable[[str], str]) -> Query:
    """Read a query on a table.

    Args:
        evaluate: Runs the script of a value that begins with `javascript:`.
    """
    query, known = Query(), frozenset(columns_of(table))
    for part in text.split("^") if text else ():
        if part.startswith("ORDERBY"):
            descends = part.startswith("ORDERBYDESC")
            column = part[11:] if descends else part[7:]
            if column in known:
                query.order.append((column, descends))
            continue
        joins = part.startswith("OR")
        term = _TERM.fullmatch(part[2:] if joins else part)
        if term is None or term["column"] not in known:
            query.is_whole = False
            continue
        value = term["value"]
        if value.startswith("javascript:"):
            value = evaluate(value.removeprefix("javascript:"))
        test = _test(term["column"], term["operator"], value, case_sensitive)
        if joins and query.alternatives:
            query.alternatives[-1].append(test)
        else:
            query.alternatives.append([test])
    return query


def _test(column: str, operator: str, value: str, case_sensitive: bool) -> Test:
    def fold(text: str) -> str:
        return text if case_sensitive else text.casefold()

    wanted = fold(value)
    several = frozenset(wanted.split(","))
    tests: dict[str, Test] = {
        "=": lambda row: fold(row[column]) == wanted,
        "!=": lambda row: fold(row[column]) != wanted,
        ">": lambda row: fold(row[column]) > wanted,
        ">=": lambda row: fold(row[column]) >= wanted,
        "<": lambda row: fold(row[column]) < wanted,
        "<=": lambda row: fold(row[column]) <= wanted,
        "LIKE": lambda row: wanted in fold(row[column]),
        "STARTSWITH": lambda row: fold(row[column]).startswith(wanted),
        "ENDSWITH": lambda row: fold(row[column]).endswith(wanted),
        "IN": lambda row: fold(row[column]) in several,
        "NOT IN": lambda row: fold(row[column]) not in several,
        "ISEMPTY": lambda row: not row[column],
        "ISNOTEMPTY": lambda row: bool(row[column]),
    }
    return tests[operator]
