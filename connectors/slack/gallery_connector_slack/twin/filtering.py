"""Slack's filters on users: a few attributes under names of their own, single quotes, single blanks.

Source: https://docs.slack.dev/reference/scim-api, "Filter", read 2026-11-23. The reference calls filters on v2 not
applicable, and Slack's own SDK is tested with `userName eq` there; the twin takes the same filters on both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from gallery_sdk.errors import FilterError
from gallery_sdk.scim import And, Comparison, Filter, Not, Or, Present, compile_filter, parse_filter
from gallery_sdk.testing import Refusal

from .records import Record, emails_of

Matches = Callable[[Record], bool]

_ATTRIBUTES: Final = frozenset({"username", "email", "restricted", "ultra_restricted"})
_OPERATORS: Final = frozenset({"eq", "co", "sw", "gt", "ge", "lt", "le"})
_SINGLE_QUOTED: Final = re.compile(r"(?<=\s)'([^'\"]*)'")


def compile_user_filter(text: str) -> tuple[Matches, Filter]:
    """A predicate on accounts, and the filter as it was read.

    Raises:
        Refusal: 400 incomplete_filter or invalid_query.
    """
    text = _SINGLE_QUOTED.sub(r'"\1"', text)
    if "  " in text or not text.strip():
        raise Refusal(400, "incomplete_filter")
    try:
        ast = parse_filter(text)
        _check(ast)
        matches = compile_filter(ast)
    except FilterError as error:
        raise Refusal(400, "incomplete_filter") from error
    return (lambda record: matches(_filterable(record))), ast


def _check(ast: Filter) -> None:
    match ast:
        case And(terms) | Or(terms):
            for term in terms:
                _check(term)
        case Comparison(path, op, _):
            if path.name.lower() not in _ATTRIBUTES or path.sub is not None or op not in _OPERATORS:
                raise Refusal(400, "invalid_query")
        case Present(path):
            if path.name.lower() not in _ATTRIBUTES:
                raise Refusal(400, "invalid_query")
        case Not(_):
            raise Refusal(400, "invalid_query")
        case _:
            raise Refusal(400, "invalid_query")


def _filterable(record: Record) -> Mapping[str, object]:
    return {
        "userName": record["userName"],
        "email": [each["value"] for each in emails_of(record)],
        "restricted": "1" if record["guest"] is not None else "0",
        "ultra_restricted": "0",
    }
