"""Wires of the contract suite: straight into a twin of this process, and one that watches another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote

import orjson
from multidict import CIMultiDict

from ...transport import LostError, WireResponse
from ..application import ConnectionLost

if TYPE_CHECKING:
    from yarl import URL

    from ...plugins import AsgiApp
    from ...transport import Wire


@dataclass(slots=True)
class Exchange:
    """One request as it went over the wire, and what came back.

    Attributes:
        path: Below the connection's base URL, decoded.
        json: The body of the request, None where there was none or it is no JSON.
        answer: None while the answer is awaited, and where the connection was lost.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    content: bytes
    json: Any
    answer: WireResponse | None = None

    @property
    def is_write(self) -> bool:
        """Whether it may change something. In some APIs every request is a POST; then its name tells."""
        if self.method == "POST":
            return _ASKS.match(self.path.rstrip("/").rpartition("/")[2]) is None
        return self.method not in ("GET", "HEAD")

    @property
    def is_list(self) -> bool:
        """Whether it asks for a collection, not for one object."""
        return self.method == "GET" and self.path.count("/") == 1


_ASKS: Final = re.compile(r"\.?(?:search|query|list|get|check|continue|token)(?![a-z])", re.IGNORECASE)

Misbehaviour: TypeAlias = Callable[[Exchange], WireResponse | None]
Tampering: TypeAlias = Callable[[Exchange, Any], Any]


class AsgiWire:
    """Exchanges with an ASGI application of this process; no socket is opened."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def exchange(self, method: str, url: URL, headers: CIMultiDict[str], content: bytes | None) -> WireResponse:
        """Send one request and read its answer; see `Wire.exchange`."""
        sent = {**headers, "Host": url.raw_authority}
        scope: Any = {
            "type": "http",
            "method": method,
            "scheme": url.scheme,
            "path": unquote(url.raw_path),
            "raw_path": url.raw_path.encode(),
            "query_string": url.raw_query_string.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
        }
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": content or b""}

        async def send(message: Any) -> None:
            messages.append(message)

        try:
            await self._app(scope, receive, send)
        except ConnectionLost as error:
            raise LostError("the twin hung up") from error
        answered = CIMultiDict((name.decode(), value.decode("latin-1")) for name, value in messages[0]["headers"])
        return WireResponse(messages[0]["status"], answered, b"".join(one.get("body", b"") for one in messages[1:]))

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass
class WatchedWire:
    """Keeps every exchange of another wire, and lets a check stand in for the target.

    Attributes:
        base_path: Path of the connection's base URL, taken off the paths of exchanges.
        misbehave: May answer in the target's place; None lets the request through.
        tamper: Gets a JSON answer and gives what the client is to see in its place.
    """

    inner: Wire
    base_path: str = ""
    seen: list[Exchange] = field(default_factory=list)
    misbehave: Misbehaviour | None = None
    tamper: Tampering | None = None

    async def exchange(self, method: str, url: URL, headers: CIMultiDict[str], content: bytes | None) -> WireResponse:
        """See `Wire.exchange`."""
        path = unquote(url.raw_path)
        path = path[len(self.base_path) :] if path.startswith(self.base_path) else path
        query = dict(parse_qsl(url.raw_query_string, keep_blank_values=True))
        one = Exchange(method, path, query, headers.copy(), content or b"", _json(content))
        self.seen.append(one)
        answer = None if self.misbehave is None else self.misbehave(one)
        if answer is None:
            answer = await self.inner.exchange(method, url, headers, content)
            if self.tamper is not None and (body := _json(answer.content)) is not None:
                answer = WireResponse(answer.status, answer.headers, orjson.dumps(self.tamper(one, body)))
        one.answer = answer
        return answer

    async def aclose(self) -> None:
        """Close the other wire."""
        await self.inner.aclose()


def answer(status: int, body: object = None, **headers: str) -> WireResponse:
    """An answer that a check makes up; `body` is what JSON is made of."""
    told = CIMultiDict({"Content-Type": "application/scim+json", **headers})
    return WireResponse(status, told, b"" if body is None else orjson.dumps(body))


def _json(content: bytes | None) -> Any:
    try:
        return orjson.loads(content) if content else None
    except orjson.JSONDecodeError:
        return None
