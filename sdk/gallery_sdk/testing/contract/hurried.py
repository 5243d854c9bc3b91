"""Time that goes by as fast as it is waited for."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = 1_767_225_600.0  # 2026-01-01T00:00:00Z


@dataclass(slots=True)
class HurriedTime:
    """Clock and sleep of one connection: sleeping takes no time and moves the clock.

    Attributes:
        slept: Every pause that was asked for, in seconds, in order.
    """

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """Seconds that only grow."""
        return self.now

    def wall(self) -> float:
        """Seconds since 1970."""
        return EPOCH + self.now

    async def sleep(self, seconds: float) -> None:
        """Let everybody else go on, and be later."""
        self.slept.append(seconds)
        self.now += max(0.0, seconds)
        await asyncio.sleep(0)


def run_hurried(coroutine: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, on a loop whose timers are due as soon as there is nothing else to do.

    For work that waits for no socket: whoever sleeps, in whatever library, does not hold it up.
    """
    with asyncio.Runner(loop_factory=_HurriedLoop) as runner:
        return runner.run(coroutine)


class _HurriedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.skipped = 0.0
        super().__init__(_HurriedSelector(self))

    def time(self) -> float:
        """The seconds that were skipped, and no others: what is computed takes no time, so every run is the same."""
        return self.skipped


class _HurriedSelector(selectors.DefaultSelector):
    def __init__(self, loop: _HurriedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; a wait for the next timer is skipped, one for other threads is not."""
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self._loop.skipped += timeout
        return ready
