"""Rate limits as a server enforces them: token buckets by method and path, answered with 429 and Retry-After."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .clocks import Clock, scale_of


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in so many seconds; every limit that matches a request counts it.

    Attributes:
        requests: Allowed per `per_seconds`, in the twin's own time.
        burst: How many may come at once after a pause; None for `requests`.
        methods: Upper case; empty for all.
        path: A regular expression that the path below the base must match as a whole; None for all.
    """

    requests: int
    per_seconds: float = 60.0
    burst: int | None = None
    methods: tuple[str, ...] = ()
    path: str | None = None


@dataclass(slots=True)
class _Bucket:
    limit: RateLimit
    pattern: re.Pattern[str] | None
    tokens: float
    updated: float
    rate: float = field(init=False)
    size: float = field(init=False)

    def __post_init__(self) -> None:
        self.rate = self.limit.requests / self.limit.per_seconds
        self.size = float(self.limit.burst or self.limit.requests)

    def matches(self, method: str, path: str) -> bool:
        if self.limit.methods and method not in self.limit.methods:
            return False
        return self.pattern is None or self.pattern.fullmatch(path) is not None

    def fill(self, now: float) -> None:
        self.tokens = min(self.size, self.tokens + (now - self.updated) * self.rate)
        self.updated = now


class RateLimiter:
    """The buckets of one twin. A refused request takes nothing from any bucket."""

    def __init__(self, limits: Sequence[RateLimit], clock: Clock) -> None:
        self._clock = clock
        self._buckets = [
            _Bucket(
                limit, None if limit.path is None else re.compile(limit.path), limit.burst or limit.requests, clock()
            )
            for limit in limits
        ]

    def wait_for(self, method: str, path: str) -> float | None:
        """Count a request; seconds of the clock until it would be allowed when it is too early, else None."""
        now = self._clock()
        matching = [bucket for bucket in self._buckets if bucket.matches(method, path)]
        wait = 0.0
        for bucket in matching:
            bucket.fill(now)
            if bucket.tokens < 1 - 1e-9:
                wait = max(wait, (1 - bucket.tokens) / bucket.rate)
        if wait:
            return wait
        for bucket in matching:
            bucket.tokens -= 1
        return None

    def remaining(self, method: str, path: str) -> int | None:
        """How many more such requests would be allowed at once; None where no limit matches. Nothing is counted."""
        now = self._clock()
        matching = [bucket for bucket in self._buckets if bucket.matches(method, path)]
        for bucket in matching:
            bucket.fill(now)
        return int(min(bucket.tokens for bucket in matching)) if matching else None

    def retry_after(self, wait: float) -> int:
        """A wait on the clock as whole real seconds for `Retry-After` (RFC 9110 section 10.2.3), at least 1."""
        return max(1, math.ceil(wait / scale_of(self._clock)))
