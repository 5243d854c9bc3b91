"""What became of an action: its row's state, the counts, and its log line."""

from __future__ import annotations

from collections import Counter

from ..errors import GalleryError, OutcomeUnknownError
from ..store import FAILED, INTENT, LINKED, LogRecord, ObjectRow
from ..targets import Failure, TargetFailure
from .actions import CREATE, LOG_ACTION, UPDATE, Action
from .context import JobContext
from .escrow import put_in_escrow, release_from_escrow
from .mapping import REDACTED


class Outcomes:
    """Outcomes of the actions of one cycle.

    Args:
        counts: Added to; see `CycleSummary`.
    """

    def __init__(self, job: JobContext, cycle: int, counts: Counter[str]) -> None:
        self._job, self._cycle, self._counts = job, cycle, counts

    def failed(self, action: Action, row: ObjectRow, error: GalleryError) -> LogRecord:
        """Have the object wait in escrow, or leave it alone where the target will never allow it."""
        failure = error.failure if isinstance(error, TargetFailure) else None
        code = str(getattr(error, "code", None) or type(error).__name__.removesuffix("Error"))
        self._counts["processed"] += 1
        status = "failure"
        if failure is Failure.SKIP:
            # The target will never allow it (an owner, a bot): nothing to retry until the source changes.
            status = "skipped"
            self._counts["skipped"] += 1
            release_from_escrow(row)
        else:
            put_in_escrow(row, self._job.clock(), code)
            self._counts["throttled" if failure is Failure.RATE_LIMITED else "failure"] += 1
            if failure is not Failure.RATE_LIMITED and self._only_refers(action):
                self._counts["reference_failure"] += 1
        if isinstance(error, OutcomeUnknownError) and action.operation == CREATE:
            row.state = INTENT
        elif row.target_id is None:
            row.state, row.shadow = FAILED, {}
        else:
            row.state = LINKED
        if action.fingerprint:
            row.fingerprint = bytes.fromhex(action.fingerprint)
        row.name = action.name or row.name
        return self.record(action, row, action.operation, status, code=code, reason=f"{error.what}. {error.mend}.")

    def record(
        self,
        action: Action,
        row: ObjectRow,
        outcome: str,
        status: str,
        *,
        code: str | None = None,
        reason: str | None = None,
    ) -> LogRecord:
        """The log line: what changed, redacted where the mapping says so, and the steps that led to it."""
        redacted = self._job.kinds[action.kind].mapping.redacted
        before, after = action.before, action.after
        changes = [
            (path, REDACTED, REDACTED) if path in redacted else (path, before.get(path), after.get(path))
            for path in action.changed
        ]
        if action.members_add or action.members_remove:
            changes.append(("members", f"-{len(action.members_remove)}", f"+{len(action.members_add)}"))
        matched = f"found by {action.matched}" if action.matched else ("linked" if before else "no account found")
        steps = [
            ("import", "read from the source"),
            ("scope", action.cause),
            ("match", matched),
            ("action", outcome if status != "failure" else f"{outcome} failed"),
        ]
        return LogRecord(
            self._cycle, self._job.clock(), action.kind, action.source_id, LOG_ACTION.get(outcome, outcome), status,
            target_id=row.target_id, name=row.name, code=code, reason=reason, steps=steps, changes=changes,
        )  # fmt: skip

    def _only_refers(self, action: Action) -> bool:
        """Whether the action writes nothing but references: a manager, or members."""
        references = self._job.kinds[action.kind].mapping.references
        return action.operation == UPDATE and set(action.changed) <= references.keys()
