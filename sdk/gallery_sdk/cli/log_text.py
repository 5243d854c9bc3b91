"""Lines of the provisioning log for people, as JSON and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from .mapping_text import shown_value
from .output import faint, wrap
from .plan_text import print_changes, short_path
from .times import utc_text

if TYPE_CHECKING:
    from ..store import LogRecord

STATUS_COLOURS: Final = {"failure": "red", "success": "green", "skipped": "yellow", "warning": "yellow"}
CSV_COLUMNS: Final = (
    "at",
    "cycle",
    "action",
    "status",
    "kind",
    "source_id",
    "target_id",
    "name",
    "code",
    "reason",
    "changed",
    "milliseconds",
)


def changed_text(record: LogRecord) -> str:
    """What a reader wants to know first: why it failed or was skipped, else which attributes changed."""
    if record.status != "success":
        return record.reason or record.code or ""
    paths = [short_path(path) for path, _, _ in record.changes]
    return ", ".join(paths) if paths else (dict(record.steps).get("match") or "")


def print_record_changes(record: LogRecord, *, indent: str = "") -> None:
    """Print each attribute that changed, old and new value."""
    rows = [
        (path, "" if old in (None, "", []) else shown_value(old), shown_value(new))
        for path, old, new in record.changes
        if path != "members"
    ]
    print_changes(rows, {}, indent=indent + "  ")
    for path, removed, added in record.changes:
        if path == "members":
            click.echo(f"  {indent}members  {added} {removed}")


def print_record_steps(record: LogRecord, *, indent: str = "") -> None:
    """Print the steps faintly on one line."""
    steps = [f"{step}: {outcome}" for step, outcome in record.steps if outcome]
    for line in wrap(" · ".join(steps), len(indent)) if steps else ():
        click.echo(indent + faint(line))


def record_json(record: LogRecord) -> dict[str, object]:
    """The fields of one line."""
    return {
        "at": utc_text(record.at),
        "cycle": record.cycle,
        "action": record.action,
        "status": record.status,
        "kind": record.kind,
        "source_id": record.source_id,
        "target_id": record.target_id,
        "name": record.name,
        "code": record.code,
        "reason": record.reason,
        "steps": [{"step": step, "outcome": outcome} for step, outcome in record.steps],
        "changes": [{"attribute": path, "before": old, "after": new} for path, old, new in record.changes],
        "milliseconds": record.milliseconds,
    }


def record_row(record: LogRecord) -> tuple[object, ...]:
    """The cells of one line of CSV."""
    return (
        utc_text(record.at),
        record.cycle,
        record.action,
        record.status,
        record.kind,
        record.source_id,
        record.target_id,
        record.name,
        record.code,
        record.reason,
        " ".join(path for path, _, _ in record.changes),
        record.milliseconds,
    )
