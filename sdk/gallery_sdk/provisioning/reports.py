"""What a cycle tells while it runs and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ..store import LogRecord


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """Where long work stands.

    Attributes:
        phase: users, users to create (those who waited for their manager), groups, references, deprovisioning, listing.
        done: Objects of this phase that were looked at.
        total: A hint, or None when nobody knows.
        counts: So far in the whole cycle; see `CycleSummary.counts`.
    """

    phase: str
    done: int
    total: int | None
    counts: Mapping[str, int]


Progress: TypeAlias = Callable[[ProgressEvent], None]


def no_progress(_event: ProgressEvent) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class CycleSummary:
    """What one cycle did.

    Attributes:
        counts: create, update, link, enable, disable, delete, release, skipped, failure, throttled, unchanged,
            waiting (escrow), processed, members_added, members_removed.
        requests: Requests sent, look-ups included.
        warnings: Rows of the source that could not be used, thresholds that were near, deviations of the target.
    """

    number: int
    kind: str
    state: str
    seconds: float
    counts: Mapping[str, int]
    requests: int
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Objects that failed or were throttled and wait in escrow."""
        return self.counts.get("failure", 0) + self.counts.get("throttled", 0)


@dataclass(frozen=True, slots=True)
class OnDemandReport:
    """The four steps of provisioning one object: import, scope, match, action."""

    kind: str
    source_id: str
    name: str
    result: str  # success | skipped | failure
    records: tuple[LogRecord, ...]
    attributes: Mapping[str, object] = field(default_factory=dict)
    requests: int = 0
