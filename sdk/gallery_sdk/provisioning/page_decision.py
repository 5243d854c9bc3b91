"""What one page of source objects leads to, and the outcomes that need no request."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import GalleryError
from ..store import FAILED, INTENT, LINKED, SKIPPED, LogRecord, ObjectRow
from .actions import Action
from .escrow import put_in_escrow, release_from_escrow


@dataclass(slots=True)
class PageDecision:
    """What one page leads to.

    Attributes:
        cycle: Number of the cycle, for the log.
        now: Seconds since 1970.
        actions: To be carried out now.
        staged: Disables and deletes, held back until the whole cycle's are counted.
        rows: Rows to store although nothing is sent (skipped objects, failures before any request).
        known: Rows of the page as they were stored, by source id; actions change them.
        log: Lines for objects on which the decision itself was the outcome.
        unchanged: Objects that need nothing.
        waiting: Objects whose escrow is not due yet.
    """

    cycle: int
    now: float
    known: dict[str, ObjectRow]
    actions: list[Action] = field(default_factory=list)
    staged: list[Action] = field(default_factory=list)
    rows: list[ObjectRow] = field(default_factory=list)
    log: list[LogRecord] = field(default_factory=list)
    unchanged: int = 0
    waiting: int = 0
    failures: int = 0

    def settle(self, row: ObjectRow, fingerprint: bytes) -> None:
        """Note that the account already is as the source says."""
        row.fingerprint = fingerprint
        release_from_escrow(row)
        self.rows.append(row)
        self.unchanged += 1

    def skip(self, row: ObjectRow, fingerprint: bytes, code: str, reason: str) -> None:
        """Leave an object alone until its source changes, and say why."""
        if row.state != LINKED:
            row.state = SKIPPED
        row.fingerprint = fingerprint
        release_from_escrow(row)
        self.rows.append(row)
        self._note(row, "skipped", code, reason, ("scope", reason))

    def fail(self, row: ObjectRow, code: str, error: GalleryError, fingerprint: bytes | None) -> None:
        """Put an object into escrow before anything was sent for it."""
        if row.state not in (LINKED, INTENT):
            row.state = FAILED
        row.fingerprint = fingerprint
        put_in_escrow(row, self.now, code)
        self.rows.append(row)
        self.failures += 1
        self._note(row, "failure", code, f"{error.what}. {error.mend}.", ("action", error.what))

    def _note(self, row: ObjectRow, status: str, code: str, reason: str, step: tuple[str, str]) -> None:
        self.log.append(
            LogRecord(
                self.cycle,
                self.now,
                row.kind,
                row.source_id,
                "other",
                status,
                target_id=row.target_id,
                name=row.name,
                code=code,
                reason=reason,
                steps=[("import", "read from the source"), step],
            )
        )
