"""Links: every known source object, its account, what the account was last known to hold, and its escrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, delete, func, select, update

from .records import LINKED, SKIPPED, LogRecord, ObjectRow
from .rows import log_values, object_row, object_values
from .tables import LOG, OBJECT, TARGET_OBJECT
from .tables_of_job import TablesOfJob, chunks

# Built once: making a statement costs more than running it.
_OURS: Final = (OBJECT.c.job == bindparam("job"), OBJECT.c.kind == bindparam("kind"))
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_BY_SOURCE: Final = select(OBJECT).where(*_OURS, OBJECT.c.source_id.in_(_IDS))
_BY_TARGET: Final = select(OBJECT).where(*_OURS, OBJECT.c.target_id.in_(_IDS))
_TARGET_IDS: Final = select(OBJECT.c.source_id, OBJECT.c.target_id).where(
    *_OURS, OBJECT.c.source_id.in_(_IDS), OBJECT.c.state == LINKED, OBJECT.c.in_scope, OBJECT.c.enabled
)


class Objects(TablesOfJob):
    """Known source objects."""

    def by_source_ids(self, kind: str, source_ids: Sequence[str]) -> dict[str, ObjectRow]:
        """Return the known rows of these source ids."""
        return {row.source_id: row for row in self._lookup(_BY_SOURCE, kind, source_ids)}

    def by_target_ids(self, kind: str, target_ids: Sequence[str]) -> dict[str, ObjectRow]:
        """Return the rows linked to these target ids, by target id."""
        return {row.target_id: row for row in self._lookup(_BY_TARGET, kind, target_ids) if row.target_id}

    def target_ids(self, kind: str, source_ids: Sequence[str]) -> dict[str, str]:
        """Return source id -> target id of those that are linked, in scope and enabled."""
        found: dict[str, str] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(source_ids):
                rows = connection.execute(_TARGET_IDS, {"job": self.job, "kind": kind, "ids": chunk})
                found.update((source_id, target_id) for source_id, target_id in rows)
        return found

    def save(self, rows: Iterable[ObjectRow], log: Iterable[LogRecord] = ()) -> None:
        """Store rows and log lines in one transaction: what happened and that it is known, or neither."""
        values = [object_values(self.job, row) for row in rows]
        lines = [log_values(self.job, record) for record in log]
        with self.engine.begin() as connection:
            if values:
                self._upsert(connection, OBJECT, ("job", "kind", "source_id"), values)
            if lines:
                connection.execute(LOG.insert(), lines)

    def forget(self, kind: str, source_ids: Sequence[str]) -> None:
        """Drop rows whose objects are gone on both sides."""
        with self.engine.begin() as connection:
            for chunk in chunks(source_ids):
                connection.execute(
                    delete(OBJECT).where(OBJECT.c.job == self.job, OBJECT.c.kind == kind, OBJECT.c.source_id.in_(chunk))
                )

    def unlink_vanished(self, kind: str) -> int:
        """Cut the links to accounts that the complete listing of this cycle lacks; return how many there were.

        They were deleted in the app. Their objects are matched once more, and who refers to them waits until then.
        """
        listed = select(TARGET_OBJECT.c.target_id).where(
            TARGET_OBJECT.c.job == self.job, TARGET_OBJECT.c.kind == kind,
            TARGET_OBJECT.c.target_id == OBJECT.c.target_id,
        )  # fmt: skip
        cut = update(OBJECT).where(self._of(kind), OBJECT.c.state == LINKED, ~listed.exists())
        with self.engine.begin() as connection:
            return connection.execute(
                cut.values(state=SKIPPED, target_id=None, shadow=None, members=None, fingerprint=None)
            ).rowcount

    def row_ids(self, kind: str) -> Iterator[tuple[int, str]]:
        """Yield (row id, source id) of every known object, in row order, without holding them."""
        yield from self._stream(select(OBJECT.c.id, OBJECT.c.source_id).where(self._of(kind)).order_by(OBJECT.c.id))

    def highest_row_id(self) -> int:
        """Return the highest row id of any job, 0 when there is none."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.max(OBJECT.c.id))).scalar() or 0)

    def pending(self, kind: str, after: int, limit: int) -> list[ObjectRow]:
        """Return a page of linked objects with a reference that waits, in row order, from behind row id `after`."""
        query = select(OBJECT).where(
            self._of(kind), OBJECT.c.pending.is_not(None), OBJECT.c.state == LINKED, OBJECT.c.id > after
        )
        with self.engine.connect() as connection:
            return [object_row(row) for row in connection.execute(query.order_by(OBJECT.c.id).limit(limit))]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return per kind: linked, enabled, skipped, intent, failed, escrow, pending."""
        totals: dict[str, dict[str, int]] = {}
        with self.engine.connect() as connection:
            query = (
                select(OBJECT.c.kind, OBJECT.c.state, OBJECT.c.enabled, func.count())
                .where(OBJECT.c.job == self.job)
                .group_by(OBJECT.c.kind, OBJECT.c.state, OBJECT.c.enabled)
            )
            for kind, state, enabled, count in connection.execute(query):
                of_kind = totals.setdefault(kind, {})
                of_kind[state] = of_kind.get(state, 0) + count
                if state == LINKED and enabled:
                    of_kind["enabled"] = of_kind.get("enabled", 0) + count
            for name, condition in (("escrow", OBJECT.c.attempts > 0), ("pending", OBJECT.c.pending.is_not(None))):
                waiting = select(OBJECT.c.kind, func.count()).where(OBJECT.c.job == self.job, condition)
                for kind, count in connection.execute(waiting.group_by(OBJECT.c.kind)):
                    totals.setdefault(kind, {})[name] = count
        return totals

    def count_managed(self, kind: str) -> int:
        """Return how many objects are linked and in scope: what a threshold in percent is taken of."""
        query = select(func.count()).where(self._of(kind), OBJECT.c.state == LINKED, OBJECT.c.in_scope)
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def count_linked(self, kind: str) -> int:
        """Return how many source objects are linked."""
        query = select(func.count()).where(self._of(kind), OBJECT.c.state == LINKED)
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def count_settled(self, kind: str) -> int:
        """Return how many source objects need no look-up while they do not change: linked, or left out."""
        query = select(func.count()).where(self._of(kind), OBJECT.c.state.in_((LINKED, SKIPPED)))
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def _lookup(self, statement: Select[Any], kind: str, ids: Sequence[str]) -> Iterator[ObjectRow]:
        with self.engine.connect() as connection:
            for chunk in chunks(ids):
                for row in connection.execute(statement, {"job": self.job, "kind": kind, "ids": chunk}):
                    yield object_row(row)
