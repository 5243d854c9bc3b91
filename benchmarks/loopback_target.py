"""A SCIM-shaped target that costs almost nothing: an asyncio protocol in a process of its own.

It answers POST with 201 and the resource as sent plus an id (RFC 7644 section 3.3), GET of a collection with an empty
list, any other GET with 404, PATCH, PUT and DELETE with 204. It keeps nothing but counters, so that what is measured
is the client.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final
from urllib.request import urlopen

_EMPTY: Final = (
    b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"itemsPerPage":0,'
    b'"startIndex":1,"Resources":[]}'
)
_ABSENT: Final = b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}'
_COLLECTIONS: Final = frozenset({b"/Users", b"/Groups"})


@dataclass(frozen=True, slots=True)
class Counted:
    """What reached the target so far; `received` is bytes of requests with their heads, `bodies` without."""

    requests: int
    writes: int
    created: int
    received: int
    bodies: int

    def since(self, earlier: Counted) -> Counted:
        """What was counted after `earlier`."""
        return Counted(
            self.requests - earlier.requests,
            self.writes - earlier.writes,
            self.created - earlier.created,
            self.received - earlier.received,
            self.bodies - earlier.bodies,
        )


class _Target(asyncio.Protocol):
    requests = writes = created = received = bodies = 0

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            mark = head.lower().find(b"content-length:")
            length = int(head[mark + 15 :].split(b"\r\n", 1)[0]) if mark >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        cls = type(self)
        method, path, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
        if path == b"/_counted":
            counted = Counted(cls.requests, cls.writes, cls.created, cls.received, cls.bodies)
            self._send(b"200 OK", json.dumps({name: getattr(counted, name) for name in Counted.__slots__}).encode())
            return
        cls.requests += 1
        cls.received += len(head) + 4 + len(body)
        cls.bodies += len(body)
        if method == b"GET":
            known = path.split(b"?", 1)[0] in _COLLECTIONS
            self._send(*((b"200 OK", _EMPTY) if known else (b"404 Not Found", _ABSENT)))
            return
        cls.writes += 1
        if method == b"POST":
            cls.created += 1
            kind = b"Group" if path.startswith(b"/Groups") else b"User"
            added = b'{"id":"t%d","meta":{"resourceType":"%b"},' % (cls.created, kind)
            self._send(b"201 Created", added + body.lstrip()[1:])
        else:
            self._send(b"204 No Content", b"")

    def _send(self, status: bytes, body: bytes) -> None:
        assert self._transport is not None
        kind = b"Content-Type: application/scim+json\r\n" if body else b""
        self._transport.write(b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, kind, len(body), body))


def _serve(ready: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Target, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())


@contextlib.contextmanager
def loopback_target() -> Iterator[str]:
    """Run the target in its own process and yield its base URL."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def read_counted(url: str) -> Counted:
    """Ask the target what reached it; this request is not counted."""
    with urlopen(f"{url}/_counted") as answer:
        return Counted(**json.load(answer))
