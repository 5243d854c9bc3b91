"""A twin on a loopback port: in a thread of this process, or in a process of its own.

The server speaks as much HTTP/1.1 as a client of ours sends (RFC 9112: keep-alive, Content-Length, chunked bodies,
Expect), on 127.0.0.1 only. It is the project's own because benchmarks need a target that costs less than the client: an
empty application took 86 microseconds of CPU per request, and 190 under aiohttp.web (16 connections, same machine).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TYPE_CHECKING, Final

import orjson

from ._wire import HttpProtocol

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from ..plugins import AsgiApp

_START_SECONDS: Final = 30.0


class TwinServer:
    """A twin that is being served; leave the `with` block, or call `stop`, to end it.

    Attributes:
        url: `http://127.0.0.1:<port>`, without the twin's base path.
    """

    def __init__(self, port: int, stop: Callable[[], None]) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._stop: Callable[[], None] | None = stop

    def stop(self) -> None:
        """Close the port and all connections; nothing is left running. A second call does nothing."""
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    def stats(self) -> dict[str, object]:
        """What was asked of the twin so far; see `TwinStats`."""
        return self._fetch("/_twin/stats")

    def state(self) -> dict[str, object]:
        """All that the twin holds."""
        return self._fetch("/_twin/state")

    def _fetch(self, path: str) -> dict[str, object]:
        from http.client import HTTPConnection

        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer: dict[str, object] = orjson.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer

    def __enter__(self) -> TwinServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def serve(app: AsgiApp, port: int = 0) -> TwinServer:
    """Serve an ASGI application on 127.0.0.1 from a thread of this process; `port` 0 takes a free one.

    The application runs in that thread's event loop; look at its state between requests only.

    Raises:
        OSError: The port is taken.
    """
    loop = asyncio.new_event_loop()
    started = threading.Event()
    outcome: list[int | OSError] = []
    stopping = asyncio.Event()

    async def main() -> None:
        try:
            server, connections = await _listen(app, port)
        except OSError as error:
            outcome.append(error)
            started.set()
            return
        outcome.append(server.sockets[0].getsockname()[1])
        started.set()
        await stopping.wait()
        await _close(server, connections)

    def run() -> None:
        try:
            loop.run_until_complete(main())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="twin", daemon=True)
    thread.start()
    started.wait(_START_SECONDS)
    found = outcome[0]
    if isinstance(found, OSError):
        thread.join()
        raise found

    def stop() -> None:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()

    return TwinServer(found, stop)


def serve_in_process(factory: Callable[[], AsgiApp], port: int = 0) -> TwinServer:
    """Serve the application that `factory` makes from a process of its own, so that it shares no core with the client.

    `factory` is sent to the other process: a function of a module, or `functools.partial` of one.

    Raises:
        OSError: The port is taken.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_until_told, args=(factory, port, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        found = ours.recv() if ours.poll(_START_SECONDS) else OSError("the twin's process did not start")
    except EOFError:
        found = OSError("the twin's process ended before it served; its error stands above")
    if isinstance(found, OSError):
        process.join(1)
        raise found
    return TwinServer(found, lambda: _stop_process(ours, process))


def _stop_process(pipe: Connection, process: SpawnProcess) -> None:
    pipe.close()  # the other side waits for just that
    process.join(5)
    if process.is_alive():
        process.terminate()
        process.join()
    process.close()


def _serve_until_told(factory: Callable[[], AsgiApp], port: int, pipe: Connection) -> None:
    # A twin that holds 100,000 people is many long-lived objects; looking through them again and again finds nothing.
    gc.set_threshold(100_000, 100, 100)

    async def main() -> None:
        try:
            server, connections = await _listen(factory(), port)
        except OSError as error:
            pipe.send(error)
            return
        pipe.send(server.sockets[0].getsockname()[1])
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_reader(pipe.fileno(), stopping.set)  # readable once the other side is closed
        await stopping.wait()
        await _close(server, connections)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())


async def _listen(app: AsgiApp, port: int) -> tuple[asyncio.Server, set[HttpProtocol]]:
    connections: set[HttpProtocol] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: HttpProtocol(app, connections), "127.0.0.1", port, backlog=1024)
    return server, connections


async def _close(server: asyncio.Server, connections: set[HttpProtocol]) -> None:
    server.close()
    # A connection that was just accepted shows up some turns of the loop later, and one that is aborted is closed in
    # the next turn.
    for _ in range(5):
        answering = [connection.close() for connection in tuple(connections)]
        await asyncio.gather(*(task for task in answering if task is not None), return_exceptions=True)
        await asyncio.sleep(0)
