"""HTTP/1.1 for one loopback connection, from bytes to ASGI and back (RFC 9112)."""

from __future__ import annotations

import asyncio
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from ..plugins import AsgiApp

_REASONS: Final = {status.value: status.phrase.encode() for status in HTTPStatus}
_LARGEST_HEAD: Final = 65_536


class HttpProtocol(asyncio.Protocol):
    """One connection. Requests that come while one is being answered wait their turn, so answers keep their order."""

    def __init__(self, app: AsgiApp, connections: set[HttpProtocol]) -> None:
        self._app, self._connections = app, connections
        self._buffer = bytearray()
        self._waiting: deque[tuple[dict[str, Any], bytes]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._continued = False
        self._client: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._client = transport.get_extra_info("peername")
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)

    def close(self) -> asyncio.Task[None] | None:
        """Hang up and stop answering; returns what is still to end."""
        self._hang_up()
        if self._task is not None:
            self._task.cancel()
        return self._task

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            while (request := self._next_request()) is not None:
                self._waiting.append(request)
        except ValueError:
            self._refuse()
            return
        if self._task is None and self._waiting:
            self._task = asyncio.get_running_loop().create_task(self._answer_all())

    def _next_request(self) -> tuple[dict[str, Any], bytes] | None:
        """The next complete request in the buffer, taken out of it; None until one is complete."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _LARGEST_HEAD:
                raise ValueError("the head of the request is too long")
            return None
        lines = bytes(self._buffer[:end]).split(b"\r\n")
        method, target, version = lines[0].split(b" ")
        headers = []
        length, chunked, expects = 0, False, False
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip()
            headers.append((name, value))
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                chunked = value.lower() == b"chunked"
            elif name == b"expect":
                expects = value.lower() == b"100-continue"
        start = end + 4
        if chunked:
            unchunked = _unchunk(self._buffer, start)
            if unchunked is None:
                self._wait_for_body(expects)
                return None
            body, after = unchunked
        else:
            after = start + length
            if len(self._buffer) < after:
                self._wait_for_body(expects)
                return None
            body = bytes(self._buffer[start:after])
        del self._buffer[:after]
        self._continued = False
        raw_path, _, query = target.partition(b"?")
        path = raw_path.decode("latin-1")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version[5:].decode("latin-1"),
            "method": method.decode("latin-1"),
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": headers,
            "client": self._client,
            "server": ("127.0.0.1", 0),
        }
        return scope, body

    def _wait_for_body(self, expects: bool) -> None:
        if expects and not self._continued and self._transport is not None:
            self._continued = True
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _refuse(self) -> None:
        if self._transport is not None:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self._transport.close()

    async def _answer_all(self) -> None:
        try:
            while self._waiting and self._transport is not None:
                scope, body = self._waiting.popleft()
                await self._answer(scope, body)
        except ConnectionError:
            self._hang_up()
        except Exception:
            # A twin that breaks must be seen on the client's side as a broken server, and on ours as a traceback.
            self._write(500, [(b"content-length", b"0")], b"")
            self._close_after_writing()
            raise
        finally:
            self._task = None

    async def _answer(self, scope: dict[str, Any], body: bytes) -> None:
        status, headers = 500, []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], message["headers"]
            else:
                self._write(status, headers, message.get("body", b""))

        await self._app(scope, receive, send)
        if (b"connection", b"close") in scope["headers"]:
            self._close_after_writing()

    def _write(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        if self._transport is None:
            return
        lines = b"".join([b"%b: %b\r\n" % pair for pair in headers])
        self._transport.write(b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, _REASONS.get(status, b"Unknown"), lines, body))

    def _close_after_writing(self) -> None:
        """Send what is still to be sent, and hang up."""
        if self._transport is not None:
            self._transport.close()


def _unchunk(buffer: bytearray, start: int) -> tuple[bytes, int] | None:
    """A chunked body and where it ends (RFC 9112 section 7.1, trailers not accepted); None while incomplete."""
    body = bytearray()
    while (end := buffer.find(b"\r\n", start)) >= 0:
        size = int(bytes(buffer[start:end]).split(b";")[0], 16)
        after = end + 2 + size
        if len(buffer) < after + 2:
            return None
        if size == 0:
            return bytes(body), after + 2
        body += buffer[end + 2 : after]
        start = after + 2
    return None
