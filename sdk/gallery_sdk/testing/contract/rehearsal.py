"""A run over ten thousand people, rehearsed: the connector's own requests, sent inside its declared limits.

What one person costs is seen on the twin: the look-up, the create, the change, the deactivation, the membership, as the
connector makes them. The same requests are then sent ten thousand times through a transport with the declared limits,
by more workers than any limit lets through at once, to a wire that answers after a while and does nothing but count.
Time is that of a hurried loop, so hours go by in seconds and every rehearsal is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from multidict import CIMultiDict

from ...transport import Request, Transport, WireResponse

if TYPE_CHECKING:
    from yarl import URL

    from ...transport import Limit
    from .wires import Exchange

PEOPLE: Final = 10_000
_LEAST_WORKERS: Final = 32
_ANSWER_SECONDS: Final = (0.05, 0.2, 0.35)  # in turn; as long as the interactive APIs of the catalog take
_TOLERANCE_SECONDS: Final = 1e-6


@dataclass(slots=True)
class Meter:
    """Counts requests against one declared limit; it knows nothing of the budget that keeps to it.

    Read as the generic cell rate algorithm (ITU-T I.371, annex A): at no time have more than `burst` requests gone
    beyond one every `per_seconds / requests`. A limit without a burst allows one at a time.

    Attributes:
        early: By how many seconds the earliest request of all came too early; 0 where none did.
        most: The most that were in flight together.
    """

    limit: Limit
    early: float = 0.0
    most: int = 0
    _in_flight: int = 0
    _due: float = 0.0

    def enter(self, now: float) -> None:
        """Count a request that is sent."""
        limit = self.limit
        self._in_flight += 1
        self.most = max(self.most, self._in_flight)
        if limit.requests is not None:
            interval = limit.per_seconds / limit.requests
            self.early = max(self.early, self._due - ((limit.burst or 1) - 1) * interval - now)
            self._due = max(self._due, now) + interval

    def leave(self) -> None:
        """Count its answer."""
        self._in_flight -= 1

    @property
    def excess(self) -> str:
        """How the limit was exceeded; empty where it was kept."""
        limit = self.limit
        name = f"{','.join(limit.methods or ('*',))} {limit.path_glob or ''}".strip()
        if self.early > _TOLERANCE_SECONDS:
            return f"{name}: {limit.requests} in {limit.per_seconds:g} s are allowed, one came {self.early:.2f} s early"
        if limit.concurrency is not None and self.most > limit.concurrency:
            return f"{name}: {limit.concurrency} at once are allowed, {self.most} were in flight"
        return ""


class MeteredWire:
    """Answers every request with an empty success after some time, and counts it."""

    def __init__(self, meters: Sequence[Meter], base_path: str) -> None:
        self._meters, self._base_path = meters, base_path
        self._matching: dict[tuple[str, str], list[Meter]] = {}
        self.requests = 0

    async def exchange(self, method: str, url: URL, headers: CIMultiDict[str], content: bytes | None) -> WireResponse:
        """See `Wire.exchange`."""
        meters = self._matching.get((method, url.raw_path))
        if meters is None:
            path = unquote(url.raw_path).removeprefix(self._base_path)
            meters = [one for one in self._meters if one.limit.matches(method, path)]
            self._matching[method, url.raw_path] = meters
        self.requests += 1
        now = asyncio.get_running_loop().time()
        for one in meters:
            one.enter(now)
        await asyncio.sleep(_ANSWER_SECONDS[self.requests % len(_ANSWER_SECONDS)])
        for one in meters:
            one.leave()
        return WireResponse(200, CIMultiDict(), b"")

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was counted: requests, seconds that they took, and how limits were exceeded."""

    requests: int
    seconds: float
    excesses: tuple[str, ...]


async def rehearse(
    base_url: str,
    base_path: str,
    everybody: Sequence[Exchange],
    some: Sequence[Exchange],
    declared: Sequence[Limit],
    *,
    kept: Sequence[Limit] | None = None,
) -> Rehearsed:
    """Send what each of ten thousand people costs; run it on a hurried loop.

    Args:
        base_path: Path of the base URL.
        everybody: Requests for each person, in their order; `some` come on top for every tenth.
        declared: The limits to measure by.
        kept: Those that the transport is given, the declared ones unless a test shows what happens without them.
    """
    loop = asyncio.get_running_loop()
    meters = [Meter(one) for one in declared]
    wire = MeteredWire(meters, base_path)
    people = iter(range(PEOPLE))
    always, sometimes = [[_again(one) for one in part] for part in (everybody, some)]
    transport = Transport(
        base_url, limits=declared if kept is None else kept, wire=wire, clock=loop.time, sleep=asyncio.sleep
    )
    began = loop.time()

    async def work() -> None:
        for number in people:
            for request in (*always, *(sometimes if number % 10 == 0 else ())):
                await transport.send(request)

    async with transport:
        await asyncio.gather(*(work() for _ in range(_workers(declared))))
    excesses = tuple(one.excess for one in meters if one.excess)
    return Rehearsed(wire.requests, loop.time() - began, excesses)


def _workers(limits: Iterable[Limit]) -> int:
    """Twice as many as may be in flight together: what holds them back is the budget alone."""
    return max([_LEAST_WORKERS, *(2 * one.concurrency for one in limits if one.concurrency is not None)])


def _again(one: Exchange) -> Request:
    return Request(one.method, quote(one.path), params=list(one.query.items()) or None, content=one.content or None)
