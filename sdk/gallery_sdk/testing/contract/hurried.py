"""Time that goes by as fast as it is waited for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

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
