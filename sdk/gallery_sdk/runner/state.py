"""What is known of a job without opening its connection: status, log, restart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..store import (
    PROCESS_ENDED,
    RUNNING,
    STOPPED,
    CycleRow,
    JobRow,
    JobStore,
    LogQuery,
    LogRecord,
    is_locked,
    job_lock,
    open_database,
)

if TYPE_CHECKING:
    from ..apps import Workspace

WATERMARK = "watermark"  # restart word: read everything anew and compare with what the target holds


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a job stands.

    Attributes:
        job: Status, quarantine, last run (seconds since 1970).
        counts: Per kind: linked, enabled, skipped, failed, escrow, pending.
        cycles: The latest, newest first. One whose process is gone is stopped, though nobody has closed it yet.
    """

    name: str
    job: JobRow
    counts: Mapping[str, Mapping[str, int]]
    cycles: tuple[CycleRow, ...]


@contextmanager
def opened_store(workspace: Workspace, name: str) -> Iterator[JobStore]:
    """Open the state of one job and close it afterwards."""
    engine = open_database(workspace.state_path)
    try:
        yield JobStore(engine, name)
    finally:
        engine.dispose()


def job_status(workspace: Workspace, name: str) -> JobStatus:
    """Return where a job stands; a job that never ran has no cycles."""
    with opened_store(workspace, name) as store:
        cycles = tuple(closed(workspace, name, one) for one in store.cycles())
        return JobStatus(name, store.read_job(), store.counts(), cycles)


def closed(workspace: Workspace, name: str, cycle: CycleRow) -> CycleRow:
    """Return the cycle as it is in truth: one that is recorded as running has ended when nobody holds the lock."""
    if cycle.state != RUNNING or is_locked(workspace.lock_folder, name):
        return cycle
    return replace(cycle, state=STOPPED, error=PROCESS_ENDED)


def read_log(workspace: Workspace, name: str, query: LogQuery) -> list[LogRecord]:
    """Return the matching log lines, the newest last."""
    with opened_store(workspace, name) as store:
        return store.log(query)


def restart_job(workspace: Workspace, name: str, *, links: bool = False, escrow: bool = True) -> None:
    """Have the next cycle read everything anew and repair what drifted; nothing is sent now.

    Args:
        links: Forget which account belongs to whom; accounts are matched again.
        escrow: Retry failed objects at once.

    Raises:
        StoreError: A cycle of the job is running.
    """
    with job_lock(workspace.lock_folder, name), opened_store(workspace, name) as store:
        store.reset(links=links, escrow=escrow)
        job = store.read_job()
        job.restart_scope = WATERMARK
        job.status, job.quarantine_count = "active", 0
        job.quarantine_reason = job.quarantine_error = job.quarantine_began = job.next_attempt = None
        job.revision += 1
        store.save_job(job)
