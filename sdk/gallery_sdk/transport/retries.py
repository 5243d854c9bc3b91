"""When a request is sent again, and after how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import TransportError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds on sending again: exponential back-off with full jitter, so that clients do not return in step.

    Attributes:
        tries: Sendings in all, the first included.
        base_seconds: Upper bound of the first back-off; doubled each time up to `cap_seconds`.
        max_wait_seconds: The longest single wait that is accepted from a target; a longer one is raised as
            `ThrottledError`, so that the job can be put off as a whole.
        max_total_wait_seconds: Of all waits of one request together.
        repeat_statuses: Answers that a repeatable request is sent again for. 501 and 505 are final (RFC 9110).
    """

    tries: int = 5
    base_seconds: float = 0.5
    cap_seconds: float = 30.0
    max_wait_seconds: float = 120.0
    max_total_wait_seconds: float = 300.0
    repeat_statuses: frozenset[int] = frozenset({408, 500, 502, 503, 504, 520, 521, 522, 523, 524})

    def backoff_seconds(self, attempt: int, random: Callable[[], float]) -> float:
        """The wait after the given attempt (1-based), drawn evenly from zero to the exponential bound."""
        return random() * min(self.cap_seconds, self.base_seconds * 2.0 ** (attempt - 1))


class ThrottledError(TransportError):
    """The target refuses requests as too fast for longer than one request may wait; nothing was changed.

    Attributes:
        retry_after_seconds: What the target asked for last; None when it did not say.
        status: Of the last answer.
    """

    def __init__(
        self, what: str, where: str, mend: str, retry_after_seconds: float | None = None, status: int = 429
    ) -> None:
        super().__init__(what, where, mend)
        self.args = (what, where, mend, retry_after_seconds, status)
        self.retry_after_seconds, self.status = retry_after_seconds, status
