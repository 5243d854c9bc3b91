"""Many requests in flight: the bare way, a few workers that share one iterator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

CONCURRENCY: Final = 32
"""Requests in flight in every run, `transport.concurrency` of `connector.toml` included."""


async def each(items: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do the work on all items, `CONCURRENCY` at a time."""
    shared = iter(items)

    async def worker() -> None:
        for item in shared:
            await work(item)

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
