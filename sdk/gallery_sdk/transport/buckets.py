"""One rate limit at work: a token bucket that slows down when the target says "too fast"."""

from __future__ import annotations

import math
from typing import Final

_CUT: Final = 0.5  # multiplicative decrease on each refusal
_FLOOR: Final = 0.05  # a bucket never slows below a twentieth of its stated rate
_RECOVERY_SECONDS: Final = 60.0  # additive increase: one stated rate regained per minute
_SETTLE_SECONDS: Final = 1.0  # refusals this close together are one event: they were in flight at once
_TOLERANCE: Final = 1e-9

_LEAST_LEARNED: Final = 0.1  # requests per second
_FIRST_LEARNED: Final = 10.0  # at least: a refusal early on says little of the rate, and the next ones halve it again
_LEAST_WINDOW: Final = 10  # answers
_STEP: Final = 1.0  # requests per second


class Bucket:
    """A token bucket whose rate is cut at a refusal and grows back (additive increase, multiplicative decrease).

    Concurrency is counted here too, since a request takes from both in one step. Not thread-safe; one event loop.

    Attributes:
        share: The current rate as a share of the stated one; 1.0 when nothing was refused lately.
    """

    __slots__ = ("_at", "_burst", "_concurrency", "_cut_at", "_in_flight", "_interval", "_used", "share")

    def __init__(self, *, interval: float, burst: float, concurrency: int | None, now: float) -> None:
        """`interval` is seconds per request at the stated rate, 0 for no rate."""
        self._interval, self._burst, self._concurrency = interval, burst, concurrency
        self.share = 1.0
        self._used = 0.0  # of the burst, as of the time `_at`, which lies ahead during a pause
        self._at = now
        self._cut_at = -math.inf
        self._in_flight = 0

    def ready_at(self, now: float, weight: int) -> float:
        """The earliest time at which a request of this weight may go; infinite while all slots are taken."""
        if self._concurrency is not None and self._in_flight >= self._concurrency:
            return math.inf
        self._refill(now)
        # A request heavier than the whole burst goes when the bucket is full; otherwise it would never go.
        missing = self._used + min(weight, self._burst) - self._burst
        return self._at + max(0.0, missing) * self._interval / self.share

    def is_ready(self, now: float, weight: int) -> bool:
        """Whether a request of this weight may go now."""
        return self.ready_at(now, weight) <= now + _TOLERANCE

    def pause_left(self, now: float) -> float:
        """Seconds until the pause ends that the target asked for; 0 outside of one."""
        return max(0.0, self._at - now)

    def take(self, now: float, weight: int) -> None:
        """Count a request that goes now."""
        self._refill(now)
        if self._interval:
            self._used += weight
        self._in_flight += 1

    def give_back(self, *, is_awaited: bool) -> None:
        """One request less in flight; `is_awaited` says whether others wait for their turn."""
        self._in_flight -= 1

    def throttle(self, now: float, wait_seconds: float) -> None:
        """The target refused a request as too fast: pause for what it asks, then go on at half the rate."""
        self._refill(now)
        is_same_event = now < self._at or now - self._cut_at < _SETTLE_SECONDS
        self._at = max(self._at, now + wait_seconds)
        if is_same_event:
            return
        self._cut_at = now
        self._slow_down()
        if self._interval:
            # The burst is spent: after the pause requests come evenly, not all at once into the same wall.
            self._used = max(self._used, self._burst - 1)

    def _slow_down(self) -> None:
        self.share = max(_FLOOR, self.share * _CUT)

    def _recovered(self, elapsed: float) -> float:
        """The share after so many seconds more without a refusal."""
        return min(1.0, self.share + elapsed / _RECOVERY_SECONDS)

    def _refill(self, now: float) -> None:
        elapsed = now - self._at
        if elapsed <= 0:
            return
        before = self.share
        self.share = self._recovered(elapsed)
        if self._interval:
            # The share grows linearly, so its mean over the time passed is exact below the ceiling.
            self._used = max(0.0, self._used - elapsed * (before + self.share) / 2 / self._interval)
        self._at = now


class LearnedBucket(Bucket):
    """The bucket of a target that states no limit and refused all the same.

    Each refusal halves the rate. Each window of answers without one adds a request per second: a window is as many
    answers as the rate lets through in a second, and at least ten, so that a slow rate is not tried upwards after every
    request; below four a second the step is a quarter of the rate. Only answers count behind which others wait: a rate
    that nobody exhausts proves nothing (the reasoning of RFC 7661 section 4.3 for congestion windows).
    """

    __slots__ = ("_answers",)

    def __init__(self, rate: float, *, now: float) -> None:
        """`rate` is in requests per second, as sent up to the first refusal."""
        rate = max(rate, _FIRST_LEARNED)
        super().__init__(interval=1.0 / rate, burst=max(1.0, rate / 10), concurrency=None, now=now)
        self._answers = 0

    @property
    def rate(self) -> float:
        """Requests per second at present."""
        return self.share / self._interval

    def give_back(self, *, is_awaited: bool) -> None:
        """Count the answer towards the window, and speed up when that is full."""
        super().give_back(is_awaited=is_awaited)
        if not is_awaited:
            return
        self._answers += 1
        if self._answers >= max(_LEAST_WINDOW, self.rate):
            self._answers = 0
            self.share += min(_STEP, self.rate / 4) * self._interval

    def throttle(self, now: float, wait_seconds: float) -> None:
        """As for any bucket; the window begins anew."""
        super().throttle(now, wait_seconds)
        self._answers = 0

    def _slow_down(self) -> None:
        self.share = max(_LEAST_LEARNED * self._interval, self.share * _CUT)

    def _recovered(self, elapsed: float) -> float:
        """The same: time alone proves nothing."""
        return self.share
