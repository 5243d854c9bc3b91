"""A target on loopback that does as it is told, a wire without a network, and time that a test moves."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from multidict import CIMultiDict

from gallery_sdk.transport import RetryPolicy, Transport, WireError, WireResponse


class VirtualClock:
    """Time in which sleepers wake in order, at once: the clock jumps to the next one when nothing else can run."""

    def __init__(self, start: float = 1000.0) -> None:
        self.time = start
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._numbers), future))
        await future

    async def run(self, *work: Awaitable[Any]) -> list[Any]:
        """Run to the end, moving time whenever everything waits for it; results in order, exceptions included."""
        tasks = [asyncio.ensure_future(item) for item in work]
        while not all(task.done() for task in tasks):
            for _ in range(12):
                await asyncio.sleep(0)
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if self._sleepers and not all(task.done() for task in tasks):
                moment, _, future = heapq.heappop(self._sleepers)
                self.time = max(self.time, moment)
                future.set_result(None)
        return [task.exception() or task.result() for task in tasks]


class JumpingClock:
    """Time for one sleeper: sleeping is over at once and moves the clock."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@dataclass
class Sent:
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    at: float


Answer = WireResponse | WireError | Callable[[Sent], WireResponse]


def answer(status: int = 200, content: bytes = b"{}", **headers: str) -> WireResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WireResponse(status, CIMultiDict(named), content)


@dataclass
class FakeWire:
    """Gives the prepared answers in order, the last one for ever."""

    answers: list[Answer] = field(default_factory=lambda: [answer()])
    clock: Callable[[], float] = lambda: 0.0
    hold: Callable[[Sent], Awaitable[None]] | None = None
    sent: list[Sent] = field(default_factory=list)

    async def exchange(self, method: str, url: Any, headers: Any, content: bytes | None) -> WireResponse:
        sent = Sent(method, str(url), dict(headers), content, self.clock())
        self.sent.append(sent)
        if self.hold is not None:
            await self.hold(sent)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, WireError):
            raise given
        return given(sent) if callable(given) else given

    async def aclose(self) -> None:
        pass


class Target:
    """An HTTP server on loopback; `script` answers each request, `seen` remembers them."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, Mapping[str, str], bytes]] = []
        self.script: Callable[[web.Request], Awaitable[web.StreamResponse]] = self._fine
        self.base_url = ""

    async def _fine(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"path": request.path_qs})

    def answer(self, answers: Iterable[Any]) -> None:
        """Answer with these in order, the last one for ever: a response factory, or "reset"."""
        queue = list(answers)

        async def script(request: web.Request) -> web.StreamResponse:
            given = queue.pop(0) if len(queue) > 1 else queue[0]
            if given == "reset":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            response: web.StreamResponse = given()
            return response

        self.script = script

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        return await self.script(request)


async def serve(target: Target, ssl_context: ssl.SSLContext | None = None) -> web.AppRunner:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", target.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl_context)
    await site.start()
    scheme = "http" if ssl_context is None else "https"
    target.base_url = f"{scheme}://localhost:{runner.addresses[0][1]}"
    return runner


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    runner = await serve(target)
    yield target
    await runner.cleanup()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def jumping() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def connect(jumping: JumpingClock) -> AsyncIterator[Callable[..., Transport]]:
    """Opens transports whose waits take no time; closes them after the test."""
    opened: list[Transport] = []

    def open_transport(base_url: str, **options: Any) -> Transport:
        options = {"clock": jumping.now, "sleep": jumping.sleep, "random": lambda: 1.0} | options
        options.setdefault("retries", RetryPolicy(tries=4))
        opened.append(Transport(base_url, **options))
        return opened[-1]

    yield open_transport
    for transport in opened:
        await transport.aclose()


@pytest.fixture
def fake_wire() -> type[FakeWire]:
    return FakeWire


@pytest.fixture
def make_answer() -> Callable[..., WireResponse]:
    return answer


@pytest.fixture
async def serve_tls() -> AsyncIterator[Callable[..., Awaitable[Target]]]:
    """Serves a new target over TLS with the given server context."""
    runners: list[web.AppRunner] = []

    async def start(context: ssl.SSLContext) -> Target:
        target = Target()
        runners.append(await serve(target, context))
        return target

    yield start
    for runner in runners:
        await runner.cleanup()
