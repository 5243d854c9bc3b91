"""How a cycle ended, and what that makes of its job: back to its schedule, put off, or in quarantine."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from ..errors import CycleError, SourceError
from ..provisioning import PutOffError, enter_quarantine, leave_quarantine
from ..store import CycleRow, JobRow, LogRecord
from .state import WATERMARK

if TYPE_CHECKING:
    from ..errors import GalleryError

FAILED: Final = "failed"  # also what a cycle is until it has ended otherwise
PUT_OFF: Final = "put_off"
JOB: Final = "job"  # the kind of a log line about a cycle as a whole
_WITHOUT_A_TIME: Final = 900.0  # seconds; of a target that refuses as too fast and does not say for how long


def note_success(job: JobRow, *, configuration: str, relinked: bool, now: float) -> None:
    """Return a job to its schedule after a cycle that worked."""
    leave_quarantine(job)
    job.configuration = configuration
    job.restart_scope = WATERMARK if relinked else ""
    job.last_success = now


def note_problem(record: CycleRow, job: JobRow, problem: GalleryError, now: float) -> list[LogRecord]:
    """Enter into record and job why a cycle ended early, and return the line of the log that says so.

    A source that cannot be read is tried again at the next turn; everything else but throttling is quarantine.
    """
    record.error = str(problem)
    if isinstance(problem, PutOffError):
        record.state = PUT_OFF
        job.next_attempt = now + (problem.retry_after_seconds or _WITHOUT_A_TIME)
    elif not isinstance(problem, SourceError):
        enter_quarantine(job, now, _code(problem), str(problem), random.SystemRandom())
        if job.status == "disabled":
            record.error += (
                " No cycle has worked for 28 days, so the schedule leaves the job alone:"
                f" mend the cause, then `gallery restart {job.name}`."
            )
    return [problem_line(record, job.name, problem, now)]


def problem_line(record: CycleRow, name: str, problem: GalleryError, now: float) -> LogRecord:
    """Return the line of the log about a cycle that ended early."""
    return LogRecord(
        record.number,
        now,
        JOB,
        name,
        "other",
        "skipped" if isinstance(problem, PutOffError) else "failure",
        name=name,
        code=_code(problem),
        reason=f"{problem.where}: {problem.what}. {problem.mend}.",
        steps=[("cycle", "put off" if isinstance(problem, PutOffError) else "stopped")],
    )


def _code(problem: GalleryError) -> str:
    if isinstance(problem, CycleError):
        return problem.reason
    return "SourceUnreadable" if isinstance(problem, SourceError) else "Unknown"
