"""Columns that mappings read, held against those that the source's files have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import SourceError
from ..expressions import compile_expression, known_name
from ..sources import near_column

if TYPE_CHECKING:
    from ..apps import AppConfig
    from ..expressions import FunctionRegistry
    from ..manifest import AttributeMapping
    from ..sources import Source

_MOST_NAMED: Final = 12
_OF_FILES: Final = ("csv", "jsonl")
_MEMBERS: Final = "members"
_READ_BY_THE_ENGINE: Final = ("accountEnabled", "active", _MEMBERS, "appRoleAssignments")


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """A column that something reads and its file does not have.

    Attributes:
        name: As it is read.
        read_by: Targets of the mappings that read it, in their order; "scope" and "source.references" likewise.
        near: A column of the file that nothing reads and that was probably meant; None if none looks like it.
    """

    name: str
    read_by: tuple[str, ...]
    near: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """What one file of a source lacks, which is no error: there is no value to send for it.

    Attributes:
        file: As the app names it.
        missing: Those with a near miss first. One without is only there if nothing else fills its mapping.
        unread: Columns of the file that nothing reads, if one of them is a near miss; else empty.
    """

    file: str
    missing: tuple[MissingColumn, ...]
    unread: tuple[str, ...] = ()

    @property
    def is_likely_mistake(self) -> bool:
        """Whether a column looks misspelt, in the file or in a mapping."""
        return bool(self.unread)


def refuse_missing_columns(
    app: AppConfig, mappings: Mapping[str, Sequence[AttributeMapping]], source: Source, functions: FunctionRegistry
) -> None:
    """Refuse a CSV file without the columns that people are matched by: nobody in it could be found or created.

    Likewise one without a column that the scope asks for: everybody would leave the scope, or come into it, at once.
    A column that any other mapping reads may be missing; `find_column_notes` tells. JSON Lines have no fixed columns,
    and are judged object by object.

    Raises:
        SourceError: Names the mapping, the column and the file.
    """
    if app.source.kind != "csv":
        return
    for kind, file in _files(app):
        _refuse_unknown_scope(app, kind, source.attributes(kind), file)
    for kind, file in _files(app):
        matching = [one for one in mappings[kind] if one.enabled and one.match is not None]
        if not matching:
            continue
        columns = source.attributes(kind)
        missing = {one.target: names for one in matching if (names := _lacking(one, columns, functions))}
        if len(missing) == len(matching):
            target, names = next(iter(missing.items()))
            near = next((one for name in names if (one := near_column(name, columns))), None)
            there = f"Did you mean {near!r}? Its columns are" if near else "Its columns are"
            raise SourceError(
                f"has no column {' and '.join(map(repr, names))}, which {target!r}, the matching attribute, comes from",
                file,
                f"Export it, or map {target} in {app.where} from a column that is there. "
                f"{there} {_some(columns, _MOST_NAMED)}",
            )


def find_column_notes(
    app: AppConfig, mappings: Mapping[str, Sequence[AttributeMapping]], source: Source, functions: FunctionRegistry
) -> tuple[ColumnNote, ...]:
    """Say of each file which columns are read and not there, so that a misspelt one is not dropped silently.

    Names are compared as the engine reads them, without regard to case where that is clear. Of JSON Lines, whose
    objects need not have all attributes, only near misses among those of the first lines are told.
    """
    return tuple(note for kind, file in _files(app) if (note := _note(app, kind, file, mappings, source, functions)))


def _note(
    app: AppConfig,
    kind: str,
    file: str,
    mappings: Mapping[str, Sequence[AttributeMapping]],
    source: Source,
    functions: FunctionRegistry,
) -> ColumnNote | None:
    columns = source.attributes(kind)
    if not columns:  # an empty file that is believed
        return None
    readers: dict[str, list[str]] = {}
    unfilled: set[str] = set()  # names whose mapping gets no value at all
    for one in mappings[kind]:
        if one.enabled and not (
            kind == "group" and one.target == _MEMBERS
        ):  # they have a file, or a column, of their own
            for name in sorted(_inputs(one, functions)):
                readers.setdefault(name, []).append(one.target)
            if one.default is None:
                unfilled.update(_lacking(one, columns, functions))
    for name, reader in _other_readers(app, kind):
        readers.setdefault(name, []).append(reader)
    read = {known_name(name, columns) for name in (*readers, *_READ_BY_THE_ENGINE, *source.reference_attributes)}
    unread = [one for one in columns if one not in read and one not in _keys(app, kind)]
    missing = [
        MissingColumn(name, tuple(by), near_column(name, unread))
        for name, by in readers.items()
        if known_name(name, columns) is None
    ]
    likely = [one for one in missing if one.near is not None]
    certain = [one for one in missing if one.near is None and one.name in unfilled and app.source.kind == "csv"]
    if not likely and not certain:
        return None
    return ColumnNote(file, (*likely, *certain), tuple(unread) if likely else ())


def _files(app: AppConfig) -> Iterator[tuple[str, str]]:
    """Kinds that are provisioned from a file, with the file."""
    if app.source.kind in _OF_FILES:
        if app.source.users is not None:
            yield "user", app.source.users
        if app.source.groups is not None and app.groups.enabled:
            yield "group", app.source.groups


def _keys(app: AppConfig, kind: str) -> tuple[str, ...]:
    """Names of columns that may be the key."""
    wanted = (app.source.key,) if kind == "user" else (app.source.group_key, app.source.key)
    return tuple(one for one in (*wanted, "id", "objectId") if one is not None)


def _other_readers(app: AppConfig, kind: str) -> Iterator[tuple[str, str]]:
    for one in app.scope.filters(kind):
        for clause in one.clauses:
            yield clause.attribute, "scope"
    if kind == "user":
        for name in app.source.references.values():
            yield name, "source.references"


def _refuse_unknown_scope(app: AppConfig, kind: str, columns: Sequence[str], file: str) -> None:
    for place, one in enumerate(app.scope.filters(kind)):
        for clause in one.clauses:
            if known_name(clause.attribute, columns) is None:
                near = near_column(clause.attribute, columns)
                hint = f"did you mean {near!r}" if near else f"it has {_some(columns, _MOST_NAMED)}"
                raise SourceError(
                    f"has no column {clause.attribute!r}, which the scope asks for",
                    file,
                    f"Correct scope.{kind}[{place}] of {app.where}, or export the column; {hint}",
                )


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _inputs(mapping: AttributeMapping, functions: FunctionRegistry) -> frozenset[str]:
    """The columns that the mapping reads."""
    if mapping.source is not None:
        return frozenset({mapping.source})
    if mapping.expression is not None:
        return compile_expression(mapping.expression, functions=functions).inputs
    return frozenset()


def _lacking(mapping: AttributeMapping, columns: Sequence[str], functions: FunctionRegistry) -> list[str]:
    """The columns that the mapping reads, if none of them is there."""
    names = _inputs(mapping, functions)
    return sorted(names) if names and all(known_name(one, columns) is None for one in names) else []
