"""The rate budget of a connection: every request takes from all the limits that match it, in the order of arrival."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from .buckets import Bucket, LearnedBucket
from .limits import Limit

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
_NONE: Final[tuple[Bucket, ...]] = ()


class LongPauseError(Exception):
    """The target asks to be left alone for longer than a request may wait; it was not sent.

    Attributes:
        seconds: How long, from now.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class _Waiting:
    number: int
    weight: int
    future: asyncio.Future[None]


@dataclass(slots=True)
class _Lane:
    """Requests that take from the same buckets, first come first served."""

    buckets: tuple[Bucket, ...]
    queue: deque[_Waiting] = field(default_factory=deque)


class RateBudget:
    """Token buckets of declared limits, and one learned from refusals where nothing was declared.

    A request waits for the slowest of its buckets and takes from all in one step. Requests that share all their
    buckets go first in, first out; a request that waits for one bucket does not hold up those that need another.
    """

    def __init__(
        self, limits: Sequence[Limit], *, clock: Clock, sleep: Sleep, longest_pause_seconds: float = math.inf
    ) -> None:
        """A pause that is longer than `longest_pause_seconds` is not waited for: see `take`."""
        self._longest_pause = longest_pause_seconds
        self._clock, self._sleep = clock, sleep
        now = clock()
        self._limits = [(limit, _bucket_for(limit, now)) for limit in limits]
        self._learned: LearnedBucket | None = None
        self._lanes: dict[tuple[Bucket, ...], _Lane] = {}
        self._numbers = itertools.count()
        self._timer: asyncio.Task[None] | None = None
        self._timer_at = math.inf
        self._counted_since, self._counted = now, 0  # what was sent without a limit, and since when

    def buckets_for(self, method: str, path: str) -> tuple[Bucket, ...]:
        """The buckets that count this request; empty, at next to no cost, when nothing limits it."""
        if self._limits:
            found = tuple(bucket for limit, bucket in self._limits if limit.matches(method, path))
            if found:
                return found
        if self._learned is None:
            self._counted += 1
            return _NONE
        return (self._learned,)

    async def take(self, buckets: tuple[Bucket, ...], weight: int = 1) -> None:
        """Return when the request may go; each `take` is undone by one `give_back` when its answer is in.

        Raises:
            LongPauseError: The target asked for a pause too long to be waited for; there is nothing to give back.
        """
        now = self._clock()
        self._refuse_long(buckets, now)
        if not self._lanes and all(bucket.is_ready(now, weight) for bucket in buckets):
            for bucket in buckets:
                bucket.take(now, weight)
            return
        waiting = _Waiting(next(self._numbers), weight, asyncio.get_running_loop().create_future())
        self._lanes.setdefault(buckets, _Lane(buckets)).queue.append(waiting)
        self._release()
        try:
            await waiting.future
        except asyncio.CancelledError:
            is_decided = waiting.future.done() and not waiting.future.cancelled()
            if is_decided and waiting.future.exception() is None:
                self.give_back(buckets)  # let go and cancelled in the same turn of the loop
            else:
                self._release()
            raise

    def give_back(self, buckets: tuple[Bucket, ...]) -> None:
        """The request is answered: its place among those in flight is free."""
        is_awaited = bool(self._lanes)
        for bucket in buckets:
            bucket.give_back(is_awaited=is_awaited)
        if is_awaited:
            self._release()

    def throttle(self, buckets: tuple[Bucket, ...], wait_seconds: float) -> None:
        """The target refused a request: everything that shares a limit with it pauses, then goes on more slowly.

        Where the pause is too long to be waited for, all who wait for that limit are told at once.
        """
        now = self._clock()
        if not buckets:
            if self._learned is None:
                self._learned = self._learn(now)
            buckets = (self._learned,)
        for bucket in buckets:
            bucket.throttle(now, wait_seconds)
        if self._lanes:
            for lane in self._lanes.values():
                left = max(bucket.pause_left(now) for bucket in lane.buckets)
                if left > self._longest_pause:
                    for waiting in lane.queue:
                        if not waiting.future.done():
                            waiting.future.set_exception(LongPauseError(left))
            self._release()

    async def aclose(self) -> None:
        """Stop the timer; whoever still waits is cancelled."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for lane in self._lanes.values():
            for waiting in lane.queue:
                waiting.future.cancel()
        self._lanes.clear()

    def _refuse_long(self, buckets: tuple[Bucket, ...], now: float) -> None:
        for bucket in buckets:
            if (left := bucket.pause_left(now)) > self._longest_pause:
                raise LongPauseError(left)

    def _learn(self, now: float) -> LearnedBucket:
        """A bucket at the rate that was sent up to the first refusal, for a target that states none."""
        return LearnedBucket(self._counted / max(now - self._counted_since, 1.0), now=now)

    def _release(self) -> None:
        """Let go every head of a lane whose buckets all allow it, oldest first, and set the timer for the next."""
        now = self._clock()
        while True:
            for lane in self._heads():
                head = lane.queue[0]
                if all(bucket.is_ready(now, head.weight) for bucket in lane.buckets):
                    lane.queue.popleft()
                    for bucket in lane.buckets:
                        bucket.take(now, head.weight)
                    head.future.set_result(None)
                    break
            else:
                break
        self._set_timer(now)

    def _heads(self) -> list[_Lane]:
        for lane in list(self._lanes.values()):
            while lane.queue and lane.queue[0].future.done():
                lane.queue.popleft()  # cancelled while waiting
            if not lane.queue:
                del self._lanes[lane.buckets]
        return sorted(self._lanes.values(), key=lambda lane: lane.queue[0].number)

    def _set_timer(self, now: float) -> None:
        moments = (max(b.ready_at(now, lane.queue[0].weight) for b in lane.buckets) for lane in self._lanes.values())
        earliest = min(moments, default=math.inf)
        if self._timer is not None and self._timer_at <= earliest and not self._timer.done():
            return  # wakes early enough, and looks again then
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_at = earliest
        if earliest < math.inf:
            self._timer = asyncio.ensure_future(self._wake(max(0.0, earliest - now)))

    async def _wake(self, delay: float) -> None:
        await self._sleep(delay)
        self._timer, self._timer_at = None, math.inf
        self._release()


def _bucket_for(limit: Limit, now: float) -> Bucket:
    interval = 0.0 if limit.requests is None else limit.per_seconds / limit.requests
    return Bucket(interval=interval, burst=float(limit.burst or 1), concurrency=limit.concurrency, now=now)


class ObjectOrder:
    """One write in flight per object: writes of one key wait for each other in the order of arrival."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    async def enter(self, key: str) -> None:
        """Return when no other write of this key is in flight; each `enter` is undone by one `leave`."""
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque()
            return
        future = asyncio.get_running_loop().create_future()
        queue.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.leave(key)
            raise

    def leave(self, key: str) -> None:
        """The write is answered: the next one of this key may go."""
        queue = self._queues[key]
        while queue:
            future = queue.popleft()
            if not future.done():
                future.set_result(None)
                return
        del self._queues[key]
