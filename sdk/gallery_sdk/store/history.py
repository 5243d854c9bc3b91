"""Where a job stands, its cycles and its provisioning log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, update

from .records import ON_DEMAND, RUNNING, STOPPED, CycleRow, JobRow, LogRecord
from .rows import cycle_row, job_row, json_bytes, log_record, log_values
from .tables import CYCLE, JOB, LOG
from .tables_of_job import TablesOfJob

PROCESS_ENDED: Final = "the process ended before the cycle did; the next cycle goes on from there"


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


class History(TablesOfJob):
    """Job, cycles, log."""

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
        if kind != ON_DEMAND:  # which is no turn of the schedule
            row.last_run = at
        with self.engine.begin() as connection:
            self._upsert(connection, JOB, ("name",), [asdict(row)])
            # A cycle that a crash left open is closed by the next one: its objects are resolved, not lost.
            connection.execute(
                update(CYCLE)
                .where(CYCLE.c.job == self.job, CYCLE.c.state == RUNNING)
                .values(state=STOPPED, ended=at, error=PROCESS_ENDED)
            )
            connection.execute(
                CYCLE.insert(),
                {
                    "job": self.job,
                    "number": row.cycle_number,
                    "kind": kind,
                    "state": RUNNING,
                    "began": at,
                    "requests": 0,
                },
            )
        return row.cycle_number

    def end_cycle(self, cycle: CycleRow, job: JobRow, log: Iterable[LogRecord] = ()) -> None:
        """Close a cycle and store where the job stands, with the log's lines about it, in one transaction."""
        lines = [log_values(self.job, record) for record in log]
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
            if lines:
                connection.execute(LOG.insert(), lines)

    def cycles(self, limit: int = 20) -> list[CycleRow]:
        """Return the latest cycles, newest first."""
        query = select(CYCLE).where(CYCLE.c.job == self.job).order_by(CYCLE.c.number.desc()).limit(limit)
        with self.engine.connect() as connection:
            return [cycle_row(row) for row in connection.execute(query)]

    def latest_turn(self) -> CycleRow | None:
        """Return the latest cycle over everybody, which is what the schedule counts from; None before the first."""
        query = select(CYCLE).where(CYCLE.c.job == self.job, CYCLE.c.kind != ON_DEMAND)
        with self.engine.connect() as connection:
            row = connection.execute(query.order_by(CYCLE.c.number.desc()).limit(1)).first()
        return cycle_row(row) if row else None

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
