"""Clocks for twins: real, hurried, or moved by hand. A clock is a callable that gives seconds and never goes back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until it is moved, so that a test of a minute takes no time.

    >>> clock = ManualClock()
    >>> clock.advance(60)
    >>> clock()
    60.0
    """

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move forward."""
        self.now += seconds


@dataclass(slots=True)
class ScaledClock:
    """A clock on which `scale` seconds go by in each real one: a limit per minute holds, and fills in a second."""

    scale: float = 1.0
    _start: float = field(default_factory=time.monotonic, repr=False)

    def __call__(self) -> float:
        return (time.monotonic() - self._start) * self.scale


def scale_of(clock: Clock) -> float:
    """How many of the clock's seconds go by in a real one; 1 for clocks that do not say."""
    return clock.scale if isinstance(clock, ScaledClock) else 1.0
