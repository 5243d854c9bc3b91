"""What the engine remembers: links, watermarks, escrow, log. SQLite embedded, PostgreSQL to scale."""

from __future__ import annotations

from .database import SCHEMA_VERSION, open_database, scratch_copy
from .history import LogQuery
from .listing import TargetListing, match_key
from .locking import job_lock
from .records import FAILED, INTENT, LINKED, SKIPPED, CycleRow, JobRow, LogRecord, ObjectRow
from .store import JobStore

__all__ = [
    "FAILED",
    "INTENT",
    "LINKED",
    "SCHEMA_VERSION",
    "SKIPPED",
    "CycleRow",
    "JobRow",
    "JobStore",
    "LogQuery",
    "LogRecord",
    "ObjectRow",
    "TargetListing",
    "job_lock",
    "match_key",
    "open_database",
    "scratch_copy",
]
