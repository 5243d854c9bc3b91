"""Columns that mappings read, held against those that the source's files have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..manifest import AttributeMapping
    from ..runner import Job

_MOST_NAMED = 12


def refuse_missing_columns(job: Job) -> None:
    """Refuse a CSV file without the columns that people are matched by: nobody in it could be found or created.

    A column that any other mapping reads may be missing; there is then no value to send. JSON Lines have no fixed
    columns, and are judged object by object.

    Raises:
        SourceError: Names the mapping, the column and the file.
    """
    from ..apps import effective_mappings
    from ..errors import SourceError

    if job.app.source.kind != "csv":
        return
    effective = effective_mappings(job.manifest, job.app)
    for kind in job.context.kinds:
        columns = job.context.source.attributes(kind)
        known = {one.casefold() for one in columns}
        matching = [one for one in effective[kind] if one.enabled and one.match is not None]
        missing = {one.target: lacking for one in matching if (lacking := _lacking(one, known))}
        if matching and len(missing) == len(matching):
            target, names = next(iter(missing.items()))
            file = job.app.source.users if kind == "user" else job.app.source.groups
            there = ", ".join(columns[:_MOST_NAMED])
            raise SourceError(
                f"has no column {' and '.join(map(repr, names))}, which {target!r}, the matching attribute, comes from",
                str(file),
                f"Export it, or map {target} in {job.app.where} from a column that is there: {there}",
            )


def _lacking(mapping: AttributeMapping, known: Iterable[str]) -> list[str]:
    """The columns that the mapping reads, if none of them is there."""
    from ..expressions import FunctionRegistry, compile_expression
    from ..plugins import host_manager

    if mapping.source is not None:
        names = {mapping.source}
    elif mapping.expression is not None:
        functions = FunctionRegistry()
        host_manager().add_functions(functions)
        names = set(compile_expression(mapping.expression, functions=functions).inputs)
    else:
        return []
    return sorted(names) if names and not any(one.casefold() in known for one in names) else []
