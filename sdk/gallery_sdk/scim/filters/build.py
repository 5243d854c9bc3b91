"""Filters made from values rather than from text: nothing to escape, nothing to parse."""

from __future__ import annotations

from .ast import And, AttributePath, Comparison, Filter, Or, Scalar
from .path import parse_path


def eq(path: AttributePath | str, value: Scalar) -> Comparison:
    """`path eq value`, the one comparison that every SCIM server knows.

    A filtered path such as `emails[type eq "work"].value` keeps its filter: Entra ID sends that form, and
    `print_filter` writes it.

    Raises:
        PathError: `path` is text and not an attribute path.
    """
    return Comparison(path if isinstance(path, AttributePath) else parse_path(path), "eq", value)


def and_(first: Filter, *others: Filter) -> Filter:
    """All of the filters; a single one is returned as it is, and nested conjunctions are joined into one."""
    terms = [inner for term in (first, *others) for inner in (term.terms if isinstance(term, And) else (term,))]
    return terms[0] if len(terms) == 1 else And(tuple(terms))


def or_(first: Filter, *others: Filter) -> Filter:
    """Any of the filters; a single one is returned as it is, and nested disjunctions are joined into one."""
    terms = [inner for term in (first, *others) for inner in (term.terms if isinstance(term, Or) else (term,))]
    return terms[0] if len(terms) == 1 else Or(tuple(terms))
