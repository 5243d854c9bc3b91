"""What a stretch of work in this process took: time on the wall, and CPU of all its threads (user and system)."""

from __future__ import annotations

import json
import resource
import sys
import time
from types import TracebackType


class Usage:
    """Measures what happens inside its `with`.

    Attributes:
        wall_seconds, cpu_seconds: Known once the block has ended.
    """

    def __init__(self) -> None:
        self.wall_seconds = self.cpu_seconds = 0.0

    def __enter__(self) -> Usage:
        self._cpu, self._wall = _cpu_seconds(resource.RUSAGE_SELF), time.perf_counter()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.wall_seconds = time.perf_counter() - self._wall
        self.cpu_seconds = _cpu_seconds(resource.RUSAGE_SELF) - self._cpu


def peak_bytes() -> int:
    """The most memory that this process ever held, resident."""
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): kilobytes on Linux, bytes on macOS
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def tell(**figures: float) -> None:
    """Hand the figures of a child to the process that started it: one line of JSON, the last of its output."""
    print(json.dumps(figures), flush=True)


def children_cpu_seconds() -> float:
    """CPU of all child processes that have ended so far."""
    return _cpu_seconds(resource.RUSAGE_CHILDREN)


def _cpu_seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime
