"""What a filter is once parsed: frozen nodes, and their printing in the grammar of RFC 7644 section 3.4.2.2."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
"""A comparison value: any JSON value but an array or an object."""


@dataclass(frozen=True, slots=True)
class AttributePath:
    """Where a value sits in a resource: `urn:name[filter].sub`, each part but the name optional.

    Names keep the spelling that they were given; every lookup ignores letter case (RFC 7643 section 2.1).
    `str(path)` prints the text that `parse_path` reads back to an equal path.
    """

    name: str
    sub: str | None = None
    urn: str | None = None
    filter: Filter | None = None

    def __str__(self) -> str:
        text = self.name if self.urn is None else f"{self.urn}:{self.name}"
        if self.filter is not None:
            text = f"{text}[{print_filter(self.filter)}]"
        return text if self.sub is None else f"{text}.{self.sub}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path op value`; `op` is one of eq, ne, co, sw, ew, gt, ge, lt, le, in lower case."""

    path: AttributePath
    op: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Present:
    """`path pr`: the attribute has a value that is not empty."""

    path: AttributePath


@dataclass(frozen=True, slots=True)
class ValuePath:
    """`path[filter]`: one element of the attribute satisfies the whole inner filter."""

    path: AttributePath
    filter: Filter


@dataclass(frozen=True, slots=True)
class Not:
    """`not (term)`."""

    term: Filter


@dataclass(frozen=True, slots=True)
class And:
    """Two or more terms that all must hold, in the order written."""

    terms: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more terms of which one must hold, in the order written."""

    terms: tuple[Filter, ...]


Filter: TypeAlias = Comparison | Present | ValuePath | Not | And | Or


def quote(value: Scalar) -> str:
    """Write a value as the JSON literal that a filter carries, whatever characters it holds.

    Letters outside ASCII stay as they are; a lone surrogate, which no URL can carry, is escaped.

    Raises:
        ValueError: The value is an infinite or not-a-number float, which JSON cannot say.
    """
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    try:
        value.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


def print_filter(ast: Filter) -> str:
    """Write a filter with as few parentheses as its meaning allows; `parse_filter` reads it back to an equal AST."""
    match ast:
        case Comparison(path, op, value):
            return f"{path} {op} {quote(value)}"
        case Present(path):
            return f"{path} pr"
        case ValuePath(path, inner):
            return f"{path}[{print_filter(inner)}]"
        case Not(term):
            return f"not ({print_filter(term)})"
        case And(terms):
            return " and ".join(f"({print_filter(t)})" if isinstance(t, And | Or) else print_filter(t) for t in terms)
        case Or(terms):
            return " or ".join(f"({print_filter(t)})" if isinstance(t, Or) else print_filter(t) for t in terms)
