"""What the stores of one job share: the engine, the job's name, and an upsert for both dialects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .tables import OBJECT

LOOKUP_CHUNK: Final = 500  # ids per IN list; far below every driver's bound on parameters


class TablesOfJob:
    """One job's rows in every table. Methods of the stores commit before they return."""

    def __init__(self, engine: Engine, job: str) -> None:
        self.engine, self.job = engine, job
        self._insert = sqlite_insert if engine.dialect.name == "sqlite" else postgresql_insert
        self._upserts: dict[str, Any] = {}

    def _of(self, kind: str) -> ColumnElement[bool]:
        return and_(OBJECT.c.job == self.job, OBJECT.c.kind == kind)

    def _stream(self, query: Any) -> Iterator[Any]:
        with self.engine.connect() as connection:
            yield from connection.execution_options(yield_per=1000).execute(query)

    def _upsert(
        self, connection: Connection, table: Table, keys: Sequence[str], values: Sequence[Mapping[str, object]]
    ) -> None:
        statement = self._upserts.get(table.name)
        if statement is None:
            insert = self._insert(table)
            columns = {name: insert.excluded[name] for name in values[0] if name not in keys}
            statement = (
                insert.on_conflict_do_update(index_elements=list(keys), set_=columns)
                if columns
                else insert.on_conflict_do_nothing(index_elements=list(keys))
            )
            self._upserts[table.name] = statement
        connection.execute(statement, list(values))


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), LOOKUP_CHUNK):
        yield ids[start : start + LOOKUP_CHUNK]
