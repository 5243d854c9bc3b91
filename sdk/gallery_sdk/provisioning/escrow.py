"""Failed objects wait in escrow and failed jobs in quarantine; both come back by themselves, ever more slowly.

Source: Microsoft Entra provisioning, "How provisioning works" (retries) and "Quarantine status":
6, 12 and 24 hours after the first failure, then daily until day 28.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

from ..store import JobRow, ObjectRow

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
_AFTER_FIRST: Final = (0.0, 6 * HOUR, 12 * HOUR, DAY)
GIVE_UP_AFTER: Final = 28 * DAY

# Documented thresholds have a floor of 5,000 failures, which a small tenant never reaches; SMALL_FLOOR serves those.
PROPORTION: Final = 0.40
SMALL_FLOOR: Final = 25
BASE_FAILURES: Final = 40_000
TOTAL_FAILURES: Final = 60_000

QUARANTINE_BASE: Final = 40 * 60.0


def put_in_escrow(row: ObjectRow, now: float, code: str) -> None:
    """Record one more failure of `row` and when it is tried again (None: only when its source changes)."""
    row.attempts += 1
    row.error_code = code
    if row.first_failed is None:
        row.first_failed = now
    since = row.attempts - 1
    offset = _AFTER_FIRST[since] if since < len(_AFTER_FIRST) else (since - 2) * DAY
    row.due = None if offset >= GIVE_UP_AFTER else row.first_failed + offset


def release_from_escrow(row: ObjectRow) -> None:
    """Forget the failures of an object that succeeded."""
    row.attempts, row.first_failed, row.due, row.error_code = 0, None, None, None


def waits(row: ObjectRow, now: float) -> bool:
    """Say whether a failed object whose source did not change is left alone in this cycle."""
    return row.attempts > 0 and (row.due is None or now < row.due)


def quarantine_reason(counts: Mapping[str, int]) -> str | None:
    """Return why so many failures stop the job, or None.

    Args:
        counts: `failure` without throttling, `reference_failure` (those of them that only concern a manager or
            members, which count for the total alone), and `processed`.
    """
    total = counts.get("failure", 0)
    failed, processed = total - counts.get("reference_failure", 0), counts.get("processed", 0)
    if total > TOTAL_FAILURES:
        return "EncounteredTotalEscrowThreshold"
    if failed > BASE_FAILURES:
        return "EncounteredBaseEscrowThreshold"
    if failed >= SMALL_FLOOR and failed > PROPORTION * processed:
        return "EncounteredEscrowProportionThreshold"
    return None


def enter_quarantine(job: JobRow, now: float, reason: str, error: str, jitter: random.Random) -> None:
    """Stop a job as a whole: 40 minutes, doubled with every failed attempt up to a day."""
    if job.status != "quarantine":
        job.quarantine_began, job.quarantine_count = now, 0
    wait = min(DAY, QUARANTINE_BASE * 2.0**job.quarantine_count)
    job.status, job.quarantine_reason, job.quarantine_error = "quarantine", reason, error
    job.quarantine_count += 1
    job.next_attempt = now + wait * jitter.uniform(0.9, 1.1)
    assert job.quarantine_began is not None
    if now - job.quarantine_began > GIVE_UP_AFTER:
        job.status = "disabled"


def leave_quarantine(job: JobRow) -> None:
    """Return a job to its schedule after a cycle that worked."""
    job.status, job.quarantine_count = "active", 0
    job.quarantine_reason = job.quarantine_error = job.quarantine_began = job.next_attempt = None
