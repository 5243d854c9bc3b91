"""The loop-back end of a redirect: a one-request web server on this machine (RFC 8252 section 7.3)."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Mapping
from types import TracebackType
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from ..errors import AuthError

_PAGE: Final = (
    "<!doctype html><html lang='en'><meta charset='utf-8'><title>Gallery</title>"
    "<body style='font-family:sans-serif;margin:4em'><p>{text}</p></body></html>"
)
_MAX_LINE: Final = 16_384
_READ_SECONDS: Final = 10.0


class RedirectListener:
    """Waits for the browser to come back with an answer to one authorization request.

    It listens on 127.0.0.1 alone, takes the first answer that carries the right `state` and no other after it. A
    request with another state is refused and changes nothing: any page in the browser could send one.
    """

    def __init__(self, *, state: str, path: str, port: int | None = None) -> None:
        """`port` None takes a free one."""
        self._state, self._path, self._port = state, path, port
        self._server: asyncio.Server | None = None
        self._answer: asyncio.Future[dict[str, str]] | None = None

    async def __aenter__(self) -> RedirectListener:
        self._answer = asyncio.get_running_loop().create_future()
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port or 0, limit=_MAX_LINE)
        except OSError as error:
            raise AuthError(
                f"port {self._port} of this machine cannot be listened on", "sign-in", "End the program that holds it"
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def redirect_uri(self) -> str:
        """The address to register and to send along."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._path}"

    async def answer(self) -> Mapping[str, str]:
        """The redirect's query, once it came."""
        assert self._answer is not None
        return await asyncio.shield(self._answer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_READ_SECONDS):
                line = (await reader.readline()).decode("latin-1")
                while (await reader.readline()).strip():
                    pass  # headers are of no interest, but a browser wants them read
            status, text = self._judge(line)
            body = _PAGE.format(text=text).encode()
            head = (
                f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
                "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    def _judge(self, line: str) -> tuple[str, str]:
        method, _, rest = line.partition(" ")
        target = urlsplit(rest.partition(" ")[0])
        if target.path != self._path:
            return "404 Not Found", "Nothing is here."
        if method != "GET":
            return "405 Method Not Allowed", "Only a redirect is expected here."
        query = dict(parse_qsl(target.query))
        if not is_same_state(query, self._state):
            return "400 Bad Request", "This answer belongs to another sign-in. Nothing was done."
        assert self._answer is not None
        if self._answer.done():
            return "410 Gone", "This sign-in is already answered."
        self._answer.set_result(query)
        return "200 OK", "Thank you. You can close this window and go back to the terminal."


def is_same_state(query: Mapping[str, str], state: str) -> bool:
    """Whether the answer belongs to our request (RFC 6749 section 10.12), compared in constant time."""
    return hmac.compare_digest(query.get("state", "").encode(), state.encode())


def parse_pasted(text: str, state: str) -> dict[str, str]:
    """The query of a redirect that a person copied from the browser's address bar.

    Raises:
        AuthError: It is of another sign-in.
    """
    query = dict(parse_qsl(urlsplit(text.strip()).query))
    if not is_same_state(query, state):
        raise AuthError("the pasted address belongs to another sign-in", "sign-in", "Open the printed address again")
    return query
