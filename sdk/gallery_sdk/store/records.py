"""The rows of the store as the engine sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

INTENT: Final = "intent"  # a create was announced and its outcome is not known
LINKED: Final = "linked"  # source and target object are connected
SKIPPED: Final = "skipped"  # known, out of scope or not provisionable, never linked
FAILED: Final = "failed"  # never linked, and the last attempt failed

RUNNING: Final = "running"  # of a cycle: it began, and nobody has told how it ended
STOPPED: Final = "stopped"  # of a cycle: by a person or with its process, before its end
ON_DEMAND: Final = "on_demand"  # the kind of a run for one object alone


@dataclass(slots=True)
class ObjectRow:
    """One known source object: link, shadow (flat target values as last known), escrow.

    Attributes:
        row_id: 0 for a row that is not stored yet.
        members: Groups only: source ids known to be members in the target; None when unknown.
        pending: Reference path to the source id it waits for; for groups the key is `members`.
        due: When escrow tries again, seconds since 1970.
    """

    kind: str
    source_id: str
    row_id: int = 0
    target_id: str | None = None
    state: str = SKIPPED
    in_scope: bool = False
    enabled: bool = False
    name: str | None = None
    fingerprint: bytes | None = None
    shadow: dict[str, object] = field(default_factory=dict)
    members: list[str] | None = None
    pending: dict[str, str] | None = None
    attempts: int = 0
    first_failed: float | None = None
    due: float | None = None
    error_code: str | None = None


@dataclass(slots=True)
class LogRecord:
    """One line of the provisioning log: what happened to one object, when and why.

    Attributes:
        kind: user, group, or job for a line about a cycle as a whole.
        action: create, update, disable, enable, delete, stagedDelete or other.
        status: success, failure, skipped or warning.
        code: The error code of a failure or the reason code of a skip.
        steps: (step, outcome) in order: import, scope, match, map, action.
        changes: (target path, old, new) with redacted values already masked.
    """

    cycle: int
    at: float
    kind: str
    source_id: str
    action: str
    status: str
    target_id: str | None = None
    name: str | None = None
    code: str | None = None
    reason: str | None = None
    steps: list[tuple[str, str]] = field(default_factory=list)
    changes: list[tuple[str, object, object]] = field(default_factory=list)
    milliseconds: int | None = None
    record_id: int = 0


@dataclass(slots=True)
class CycleRow:
    """One run of a job.

    Attributes:
        kind: initial, incremental, plan or on_demand.
        state: running, succeeded, entry_errors, failed, stopped before its end, or put_off by a target that asks to
            wait.
    """

    number: int
    kind: str
    state: str
    began: float
    ended: float | None
    counts: Mapping[str, int]
    requests: int
    error: str | None


@dataclass(slots=True)
class JobRow:
    """Where a job stands between cycles.

    Attributes:
        restart_scope: Comma-separated words the next cycle obeys: watermark, escrow, links, quarantine.
        configuration: Fingerprint of mappings, scope and connector of the last completed cycle.
        last_run: When the latest cycle over everybody began, seconds since 1970; one object on demand is none.
        next_attempt: Not before then, seconds since 1970: in quarantine, or because the target asked to wait.
    """

    name: str
    status: str = "active"
    revision: int = 0
    cycle_number: int = 0
    configuration: str | None = None
    watermark: bytes | None = None
    restart_scope: str = ""
    quarantine_reason: str | None = None
    quarantine_error: str | None = None
    quarantine_began: float | None = None
    quarantine_count: int = 0
    next_attempt: float | None = None
    last_run: float | None = None
    last_success: float | None = None
