"""The state of one job: links, escrow, watermark, log. Synchronous; the engine calls it on one writer thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .records import INTENT, LINKED, SKIPPED, CycleRow, JobRow, LogRecord, ObjectRow
from .rows import cycle_row, job_row, json_bytes, log_record, log_values, object_row, object_values
from .tables import CYCLE, DEFERRED, JOB, LOG, MEMBERSHIP_RESET, METADATA, OBJECT, REFERENCE_KEY, STAGED, TARGET_OBJECT

LOOKUP_CHUNK = 500  # ids per IN list; far below every driver's bound on parameters


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which log lines are wanted; every field that is given must hold. Newest last.

    Attributes:
        about: Part of a source id, target id or name (case-insensitive).
        since: Seconds since 1970.
    """

    about: str | None = None
    status: str | None = None
    action: str | None = None
    kind: str | None = None
    cycle: int | None = None
    since: float | None = None
    limit: int = 100


class JobStore:
    """Everything remembered of one job. Methods commit before they return."""

    def __init__(self, engine: Engine, job: str) -> None:
        self.engine, self.job = engine, job
        self._insert = sqlite_insert if engine.dialect.name == "sqlite" else postgresql_insert
        self._upserts: dict[str, Any] = {}

    # -- job and cycles ------------------------------------------------------------------------------

    def read_job(self) -> JobRow:
        """Return the job's row; a job never run has the defaults."""
        with self.engine.connect() as connection:
            row = connection.execute(select(JOB).where(JOB.c.name == self.job)).first()
        return job_row(row) if row else JobRow(name=self.job)

    def save_job(self, row: JobRow) -> None:
        """Store the job's row."""
        with self.engine.begin() as connection:
            self._upsert(connection, JOB, ("name",), [asdict(row)])

    def begin_cycle(self, kind: str, at: float) -> int:
        """Open a cycle and return its number (1-based, rising)."""
        row = self.read_job()
        row.cycle_number += 1
        row.last_run = at
        with self.engine.begin() as connection:
            self._upsert(connection, JOB, ("name",), [asdict(row)])
            # A cycle that a crash left open is closed by the next one: its objects are resolved, not lost.
            connection.execute(
                update(CYCLE)
                .where(CYCLE.c.job == self.job, CYCLE.c.state == "running")
                .values(state="failed", ended=at, error="the process ended before the cycle did")
            )
            connection.execute(
                CYCLE.insert(),
                {
                    "job": self.job,
                    "number": row.cycle_number,
                    "kind": kind,
                    "state": "running",
                    "began": at,
                    "requests": 0,
                },
            )
        return row.cycle_number

    def end_cycle(self, cycle: CycleRow, job: JobRow) -> None:
        """Close a cycle and store where the job stands, in one transaction."""
        with self.engine.begin() as connection:
            connection.execute(
                update(CYCLE)
                .where(CYCLE.c.job == self.job, CYCLE.c.number == cycle.number)
                .values(
                    state=cycle.state,
                    ended=cycle.ended,
                    counts=json_bytes(dict(cycle.counts)),
                    requests=cycle.requests,
                    error=cycle.error,
                )
            )
            self._upsert(connection, JOB, ("name",), [asdict(job)])

    def cycles(self, limit: int = 20) -> list[CycleRow]:
        """Return the latest cycles, newest first."""
        query = select(CYCLE).where(CYCLE.c.job == self.job).order_by(CYCLE.c.number.desc()).limit(limit)
        with self.engine.connect() as connection:
            return [cycle_row(row) for row in connection.execute(query)]

    # -- objects -------------------------------------------------------------------------------------

    def by_source_ids(self, kind: str, source_ids: Sequence[str]) -> dict[str, ObjectRow]:
        """Return the known rows of these source ids."""
        return {row.source_id: row for row in self._lookup(kind, OBJECT.c.source_id, source_ids)}

    def by_target_ids(self, kind: str, target_ids: Sequence[str]) -> dict[str, ObjectRow]:
        """Return the rows linked to these target ids, by target id."""
        return {row.target_id: row for row in self._lookup(kind, OBJECT.c.target_id, target_ids) if row.target_id}

    def target_ids(self, kind: str, source_ids: Sequence[str]) -> dict[str, str]:
        """Return source id -> target id of those that are linked, in scope and enabled."""
        found: dict[str, str] = {}
        with self.engine.connect() as connection:
            for chunk in _chunks(source_ids):
                query = select(OBJECT.c.source_id, OBJECT.c.target_id).where(
                    OBJECT.c.job == self.job,
                    OBJECT.c.kind == kind,
                    OBJECT.c.source_id.in_(chunk),
                    OBJECT.c.state == LINKED,
                    OBJECT.c.in_scope,
                    OBJECT.c.enabled,
                )
                found.update((source_id, target_id) for source_id, target_id in connection.execute(query))
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
            for chunk in _chunks(source_ids):
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

    def pending(self, kind: str) -> Iterator[ObjectRow]:
        """Yield linked objects with a reference that waits for another object."""
        query = select(OBJECT).where(self._of(kind), OBJECT.c.pending.is_not(None), OBJECT.c.state == LINKED)
        for row in self._stream(query.order_by(OBJECT.c.id)):
            yield object_row(row)

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

    def has_intents(self) -> bool:
        """Say whether a create was begun whose outcome nobody knows."""
        query = select(OBJECT.c.id).where(OBJECT.c.job == self.job, OBJECT.c.state == INTENT).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(query).first() is not None

    # -- staged deprovisioning -----------------------------------------------------------------------

    def stage(self, actions: Sequence[tuple[str, str, bytes]]) -> None:
        """Keep (kind, source id, action) until all of the cycle's are counted."""
        with self.engine.begin() as connection:
            self._upsert(
                connection,
                STAGED,
                ("job", "kind", "source_id"),
                [{"job": self.job, "kind": kind, "source_id": one, "action": action} for kind, one, action in actions],
            )

    def count_staged(self) -> dict[str, int]:
        """Return per kind how many disables and deletes wait."""
        query = select(STAGED.c.kind, func.count()).where(STAGED.c.job == self.job).group_by(STAGED.c.kind)
        with self.engine.connect() as connection:
            return {row.kind: int(row[1]) for row in connection.execute(query)}

    def staged(self) -> Iterator[bytes]:
        """Yield the staged actions in the order they were staged."""
        for row in self._stream(select(STAGED.c.action).where(STAGED.c.job == self.job).order_by(STAGED.c.id)):
            yield row.action

    # -- deferred creates ----------------------------------------------------------------------------

    def defer(self, kind: str, entries: Sequence[tuple[str, str, bytes]]) -> None:
        """Keep (kind referred to, source id referred to, action) until what it refers to is linked."""
        values = [
            {"job": self.job, "kind": kind, "referred_kind": referred, "waits_for": one, "action": action}
            for referred, one, action in entries
        ]
        with self.engine.begin() as connection:
            connection.execute(DEFERRED.insert(), values)

    def take_deferred(self, kind: str, limit: int, *, ready: bool) -> list[bytes]:
        """Remove and return up to `limit` deferred actions.

        Args:
            ready: Only those whose referred object is linked, in scope and enabled; otherwise any.
        """
        query = select(DEFERRED.c.id, DEFERRED.c.action).where(DEFERRED.c.job == self.job, DEFERRED.c.kind == kind)
        if ready:
            query = query.join(
                OBJECT,
                and_(
                    OBJECT.c.job == DEFERRED.c.job,
                    OBJECT.c.kind == DEFERRED.c.referred_kind,
                    OBJECT.c.source_id == DEFERRED.c.waits_for,
                    OBJECT.c.state == LINKED,
                    OBJECT.c.in_scope,
                    OBJECT.c.enabled,
                ),
            )
        with self.engine.begin() as connection:
            taken = connection.execute(query.order_by(DEFERRED.c.id).limit(limit)).all()
            if taken:
                connection.execute(delete(DEFERRED).where(DEFERRED.c.id.in_([row.id for row in taken])))
        return [row.action for row in taken]

    def clear_cycle(self) -> None:
        """Forget what an earlier cycle staged and deferred; every cycle decides anew."""
        with self.engine.begin() as connection:
            for table in (STAGED, DEFERRED):
                connection.execute(delete(table).where(table.c.job == self.job))

    # -- references ----------------------------------------------------------------------------------

    def save_reference_keys(self, attribute: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Remember which source id an attribute's value names."""
        with self.engine.begin() as connection:
            self._upsert(
                connection,
                REFERENCE_KEY,
                ("job", "attribute", "value"),
                [{"job": self.job, "attribute": attribute, "value": value, "source_id": one} for value, one in pairs],
            )

    def reference_ids(self, attribute: str, values: Sequence[str]) -> dict[str, str]:
        """Return value -> source id for a reference that is written by another attribute than the key."""
        found: dict[str, str] = {}
        with self.engine.connect() as connection:
            for chunk in _chunks(values):
                query = select(REFERENCE_KEY.c.value, REFERENCE_KEY.c.source_id).where(
                    REFERENCE_KEY.c.job == self.job,
                    REFERENCE_KEY.c.attribute == attribute,
                    REFERENCE_KEY.c.value.in_(chunk),
                )
                found.update((value, source_id) for value, source_id in connection.execute(query))
        return found

    def reset_memberships(self, source_ids: Sequence[str]) -> None:
        """Mark users whose memberships must be sent anew (account new or enabled again)."""
        with self.engine.begin() as connection:
            self._upsert(
                connection,
                MEMBERSHIP_RESET,
                ("job", "source_id"),
                [{"job": self.job, "source_id": one} for one in source_ids],
            )

    def membership_resets(self) -> set[str]:
        """Return the users marked by `reset_memberships`."""
        query = select(MEMBERSHIP_RESET.c.source_id).where(MEMBERSHIP_RESET.c.job == self.job)
        with self.engine.connect() as connection:
            return {row.source_id for row in connection.execute(query)}

    def clear_membership_resets(self) -> None:
        """Forget the marks once every group was seen."""
        with self.engine.begin() as connection:
            connection.execute(delete(MEMBERSHIP_RESET).where(MEMBERSHIP_RESET.c.job == self.job))

    # -- log and restart -----------------------------------------------------------------------------

    def log(self, query: LogQuery) -> list[LogRecord]:
        """Return the newest matching log lines, oldest of them first."""
        wanted: list[ColumnElement[bool]] = [LOG.c.job == self.job]
        if query.about:
            text = query.about.lower()
            wanted.append(
                func.lower(LOG.c.source_id).contains(text, autoescape=True)
                | func.lower(LOG.c.target_id).contains(text, autoescape=True)
                | func.lower(LOG.c.name).contains(text, autoescape=True)
            )
        for column, value in (
            (LOG.c.status, query.status),
            (LOG.c.action, query.action),
            (LOG.c.kind, query.kind),
            (LOG.c.cycle, query.cycle),
        ):
            if value is not None:
                wanted.append(column == value)
        if query.since is not None:
            wanted.append(LOG.c.at >= query.since)
        statement = select(LOG).where(and_(*wanted)).order_by(LOG.c.id.desc()).limit(query.limit)
        with self.engine.connect() as connection:
            return [log_record(row) for row in connection.execute(statement)][::-1]

    def reset(self, *, links: bool = False, escrow: bool = False) -> None:
        """Prepare a restart: read all anew; with `links` forget every link, with `escrow` retry at once."""
        with self.engine.begin() as connection:
            mine = OBJECT.c.job == self.job
            if links:
                connection.execute(delete(OBJECT).where(mine))
            else:
                connection.execute(update(OBJECT).where(mine).values(fingerprint=None, members=None))
            if escrow:
                connection.execute(
                    update(OBJECT).where(mine).values(attempts=0, first_failed=None, due=None, error_code=None)
                )
            for table in (STAGED, DEFERRED, MEMBERSHIP_RESET, REFERENCE_KEY):
                connection.execute(delete(table).where(table.c.job == self.job))

    # -- shared --------------------------------------------------------------------------------------

    def _of(self, kind: str) -> ColumnElement[bool]:
        return and_(OBJECT.c.job == self.job, OBJECT.c.kind == kind)

    def _lookup(self, kind: str, column: ColumnElement[Any], ids: Sequence[str]) -> Iterator[ObjectRow]:
        with self.engine.connect() as connection:
            for chunk in _chunks(ids):
                for row in connection.execute(select(OBJECT).where(self._of(kind), column.in_(chunk))):
                    yield object_row(row)

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


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), LOOKUP_CHUNK):
        yield ids[start : start + LOOKUP_CHUNK]


def drop_job(engine: Engine, job: str) -> None:
    """Forget a job altogether."""
    with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            column = table.c.get("job", table.c.get("name") if table is JOB else None)
            if column is not None:
                connection.execute(delete(table).where(column == job))


def decode(blob: bytes) -> Any:
    """Return a stored JSON value."""
    return orjson.loads(blob)
