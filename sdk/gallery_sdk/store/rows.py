"""Between rows of the database and the records of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Row

from .records import CycleRow, JobRow, LogRecord, ObjectRow


def json_bytes(value: object) -> bytes | None:
    """Return `value` as JSON, or None for nothing to keep."""
    return orjson.dumps(value) if value else None


def object_values(job: str, row: ObjectRow) -> dict[str, object]:
    """Return the columns of `row` for an upsert on (job, kind, source_id)."""
    members = row.members
    return {
        "job": job,
        "kind": row.kind,
        "source_id": row.source_id,
        "target_id": row.target_id,
        "state": row.state,
        "in_scope": row.in_scope,
        "enabled": row.enabled,
        "name": row.name,
        "fingerprint": row.fingerprint,
        "shadow": orjson.dumps(row.shadow) if row.shadow else None,
        "members": None if members is None else orjson.dumps(members),
        "pending": orjson.dumps(row.pending) if row.pending else None,
        "attempts": row.attempts,
        "first_failed": row.first_failed,
        "due": row.due,
        "error_code": row.error_code,
    }


def object_row(row: Row[Any]) -> ObjectRow:
    """Return a stored row as the engine sees it."""
    return ObjectRow(
        kind=row.kind,
        source_id=row.source_id,
        row_id=row.id,
        target_id=row.target_id,
        state=row.state,
        in_scope=row.in_scope,
        enabled=row.enabled,
        name=row.name,
        fingerprint=row.fingerprint,
        shadow=orjson.loads(row.shadow) if row.shadow else {},
        members=orjson.loads(row.members) if row.members is not None else None,
        pending=orjson.loads(row.pending) if row.pending else None,
        attempts=row.attempts,
        first_failed=row.first_failed,
        due=row.due,
        error_code=row.error_code,
    )


def log_values(job: str, record: LogRecord) -> dict[str, object]:
    """Return the columns of a log record."""
    return {
        "job": job,
        "cycle": record.cycle,
        "at": record.at,
        "kind": record.kind,
        "source_id": record.source_id,
        "target_id": record.target_id,
        "name": record.name,
        "action": record.action,
        "status": record.status,
        "code": record.code,
        "reason": record.reason,
        "details": orjson.dumps({"steps": record.steps, "changes": record.changes})
        if record.steps or record.changes
        else None,
        "milliseconds": record.milliseconds,
    }


def log_record(row: Row[Any]) -> LogRecord:
    """Return a stored log line."""
    details = orjson.loads(row.details) if row.details else {}
    return LogRecord(
        cycle=row.cycle,
        at=row.at,
        kind=row.kind,
        source_id=row.source_id,
        action=row.action,
        status=row.status,
        target_id=row.target_id,
        name=row.name,
        code=row.code,
        reason=row.reason,
        steps=[(step, outcome) for step, outcome in details.get("steps", ())],
        changes=[(path, old, new) for path, old, new in details.get("changes", ())],
        milliseconds=row.milliseconds,
        record_id=row.id,
    )


def job_row(row: Row[Any]) -> JobRow:
    """Return a stored job."""
    return JobRow(**row._mapping)


def cycle_row(row: Row[Any]) -> CycleRow:
    """Return a stored cycle."""
    counts: Mapping[str, int] = orjson.loads(row.counts) if row.counts else {}
    return CycleRow(
        number=row.number,
        kind=row.kind,
        state=row.state,
        began=row.began,
        ended=row.ended,
        counts=counts,
        requests=row.requests,
        error=row.error,
    )
