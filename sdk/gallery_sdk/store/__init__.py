"""What the engine remembers: links, watermarks, escrow, log. SQLite embedded, PostgreSQL to scale."""

from __future__ import annotations

from .database import SCHEMA_VERSION, open_database, refuse_damage, scratch_copy
from .history import PROCESS_ENDED, LogQuery
from .listing import TargetListing, match_key
from .locking import is_locked, job_lock
from .records import (
    FAILED,
    INTENT,
    LINKED,
    ON_DEMAND,
    RUNNING,
    SKIPPED,
    STOPPED,
    CycleRow,
    JobRow,
    LogRecord,
    ObjectRow,
)
from .store import JobStore

__all__ = [
    "FAILED",
    "INTENT",
    "LINKED",
    "ON_DEMAND",
    "PROCESS_ENDED",
    "RUNNING",
    "SCHEMA_VERSION",
    "SKIPPED",
    "STOPPED",
    "CycleRow",
    "JobRow",
    "JobStore",
    "LogQuery",
    "LogRecord",
    "ObjectRow",
    "TargetListing",
    "is_locked",
    "job_lock",
    "match_key",
    "open_database",
    "refuse_damage",
    "scratch_copy",
]
