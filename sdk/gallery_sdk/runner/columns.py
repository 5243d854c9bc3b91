"""Columns that mappings read, held against those that the source's files have."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ..errors import SourceError
from ..expressions import compile_expression, known_name

if TYPE_CHECKING:
    from ..apps import AppConfig
    from ..expressions import FunctionRegistry
    from ..manifest import AttributeMapping
    from ..sources import Source

_MOST_NAMED: Final = 12


def refuse_missing_columns(
    app: AppConfig, mappings: Mapping[str, Sequence[AttributeMapping]], source: Source, functions: FunctionRegistry
) -> None:
    """Refuse a CSV file without the columns that people are matched by: nobody in it could be found or created.

    Likewise one without a column that the scope asks for: everybody would leave the scope, or come into it, at once.
    A column that any other mapping reads may be missing; there is then no value to send. JSON Lines have no fixed
    columns, and are judged object by object.

    Raises:
        SourceError: Names the mapping, the column and the file.
    """
    if app.source.kind != "csv":
        return
    for kind, file in (("user", app.source.users), ("group", app.source.groups if app.groups.enabled else None)):
        if file is not None:
            _refuse_unknown_scope(app, kind, source.attributes(kind), str(file))
    for kind, file in (("user", app.source.users), ("group", app.source.groups if app.groups.enabled else None)):
        matching = [one for one in mappings[kind] if one.enabled and one.match is not None]
        if file is None or not matching:
            continue
        columns = source.attributes(kind)
        known = {one.casefold() for one in columns}
        missing = {one.target: lacking for one in matching if (lacking := _lacking(one, known, functions))}
        if len(missing) == len(matching):
            target, names = next(iter(missing.items()))
            there = ", ".join(columns[:_MOST_NAMED])
            raise SourceError(
                f"has no column {' and '.join(map(repr, names))}, which {target!r}, the matching attribute, comes from",
                str(file),
                f"Export it, or map {target} in {app.where} from a column that is there: {there}",
            )


def _refuse_unknown_scope(app: AppConfig, kind: str, columns: Sequence[str], file: str) -> None:
    for place, one in enumerate(app.scope.filters(kind)):
        for clause in one.clauses:
            if known_name(clause.attribute, columns) is None:
                near = difflib.get_close_matches(clause.attribute, columns, n=1)
                hint = f"did you mean {near[0]!r}" if near else f"it has {', '.join(columns[:_MOST_NAMED])}"
                raise SourceError(
                    f"has no column {clause.attribute!r}, which the scope asks for",
                    file,
                    f"Correct scope.{kind}[{place}] of {app.where}, or export the column; {hint}",
                )


def _lacking(mapping: AttributeMapping, known: Collection[str], functions: FunctionRegistry) -> list[str]:
    """The columns that the mapping reads, if none of them is there."""
    if mapping.source is not None:
        names = {mapping.source}
    elif mapping.expression is not None:
        names = set(compile_expression(mapping.expression, functions=functions).inputs)
    else:
        return []
    return sorted(names) if names and not any(one.casefold() in known for one in names) else []
