"""A target that asks for a long wait puts off the job as a whole: sending on would wait for every request anew.

What was done stays done; whoever was not reached is decided on in the next cycle, and nobody is in escrow for it.
"""

from __future__ import annotations

from typing import Final, TypeGuard

from ..errors import CycleError, GalleryError
from ..targets import Failure, TargetFailure
from ..transport import RetryPolicy

THROTTLED: Final = "TooManyRequests"
LONG_WAIT_SECONDS: Final = RetryPolicy().max_wait_seconds  # a shorter one is waited for by the transport
_HOUR: Final = 3600.0


class PutOffError(CycleError):
    """A cycle that ended early because the target asks to wait; no failure, and no reason for quarantine.

    Attributes:
        retry_after_seconds: What the target asked for; None when it did not say.
    """

    def __init__(self, what: str, where: str, mend: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(what, where, mend, THROTTLED)
        self.args = (what, where, mend, retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


def asks_for_long(error: GalleryError | None) -> TypeGuard[TargetFailure]:
    """Say whether the target wants to be left alone for longer than a cycle should wait."""
    return is_throttling(error) and (error.retry_after_seconds or 0.0) > LONG_WAIT_SECONDS


def is_throttling(error: GalleryError | None) -> TypeGuard[TargetFailure]:
    """Say whether the target refused as too fast, after all that the transport may wait and repeat."""
    return isinstance(error, TargetFailure) and error.failure is Failure.RATE_LIMITED


def put_off(error: TargetFailure, job: str) -> PutOffError:
    """Return the end of a cycle that `error`, which is throttling, leads to."""
    asked = error.retry_after_seconds
    wait = "" if asked is None else f" and asks to wait {_in_words(asked)}"
    when = "at its next turn" if asked is None else "when that time is over"
    return PutOffError(
        f"the target refuses requests as too fast{wait}; what was done is kept, the rest waits",
        error.where,
        f"Nothing needs to be done: the schedule goes on {when}; without one, run `gallery run {job} --once` then",
        asked,
    )


def _in_words(seconds: float) -> str:
    if seconds >= 2 * _HOUR:
        return f"{seconds / _HOUR:.0f} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"
