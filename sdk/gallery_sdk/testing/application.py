"""What every twin is: an ASGI application that checks the token, keeps to its limits, fails on request and counts."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote

import orjson

from .clocks import Clock, ScaledClock
from .faults import Fault, FaultPlan
from .limits import RateLimit, RateLimiter

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body><h1>Be right back</h1></body></html>"
)


class ConnectionLost(ConnectionResetError):
    """The twin hangs up without an answer; a server closes the connection, a client in process sees this error."""


@dataclass(slots=True)
class TwinRequest:
    """One request.

    Attributes:
        path: Below the twin's base path, decoded, beginning with `/`.
        query: The last value of each parameter.
        raw_headers: As ASGI gives them, names in lower case; `header` reads one.
        principal: Whom the token belongs to, as the twin's tokens say; None where no token is needed.
    """

    method: str
    path: str
    query: dict[str, str]
    raw_headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    base_url: str = ""
    principal: object = None

    def header(self, name: str) -> str | None:
        """The value of a header, its name in lower case; None if it was not sent."""
        wanted = name.encode()
        for key, value in self.raw_headers:
            if key == wanted:
                return value.decode("latin-1")
        return None


@dataclass(slots=True)
class TwinResponse:
    """One answer; `body` is what JSON is made of, or bytes, or None for no body."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str | None = None


class Refusal(Exception):
    """A request that the twin answers with an error.

    Attributes:
        word: The error's text or code in the app's own words.
        scim_type: RFC 7644 table 9, where it has one.
    """

    def __init__(
        self, status: int, word: str, scim_type: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, word)
        self.status, self.word, self.scim_type, self.headers = status, word, scim_type, dict(headers or {})


@dataclass(slots=True)
class TwinStats:
    """What was asked of the twin: by method and route (`POST /Users`, `GET /Users?filter`), and by status."""

    requests: int = 0
    by_route: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    bytes_received: int = 0
    bytes_sent: int = 0

    def to_json(self) -> dict[str, object]:
        """The counters as JSON is made of."""
        return {
            "requests": self.requests,
            "by_route": dict(self.by_route),
            "by_status": {str(status): count for status, count in self.by_status.items()},
            "bytes_received": self.bytes_received,
            "bytes_sent": self.bytes_sent,
        }

    def writes(self) -> int:
        """Requests that were no reads."""
        return sum(count for route, count in self.by_route.items() if not route.startswith(("GET ", "HEAD ")))


class TwinApplication(ABC):
    """The base of twins. A subclass answers `handle`, and says how it spells errors in `refuse`.

    Every request is counted. Then come, in this order: resets, authentication, limits, other faults, one write per
    object. `GET /_twin/stats` and `GET /_twin/state` answer callers on the same machine, and nobody else.

    Args:
        base_path: What stands before every path, such as `/scim/v2`; no slash at the end.
        tokens: Bearer token to principal; empty lets everybody in.
        limits: Rate limits; `clock` is their time.
        faults: What is to go wrong, drawn with `seed`.
        write_seconds: How long a write takes, in real seconds; with `write_lock` a second write to the same object
            meanwhile is refused with 429.
        media_type: Of answers.
    """

    def __init__(
        self,
        *,
        base_path: str = "",
        tokens: Mapping[str, object] | None = None,
        limits: Sequence[RateLimit] = (),
        clock: Clock | None = None,
        faults: Sequence[Fault] = (),
        seed: int = 1,
        write_seconds: float = 0.0,
        write_lock: bool = False,
        media_type: str = "application/scim+json",
    ) -> None:
        self.base_path = base_path.rstrip("/")
        self.tokens = dict(tokens or {})
        self.clock = clock or ScaledClock()
        self.limiter = RateLimiter(limits, self.clock)
        self.faults = FaultPlan(faults, seed=seed)
        self.stats = TwinStats()
        self._write_seconds, self._write_lock = write_seconds, write_lock
        self._being_written: set[str] = set()
        self._media_type = media_type.encode()

    # -- for subclasses ------------------------------------------------------------------------------------

    @abstractmethod
    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer a request that is let in. Runs to its end without a pause, so that each request is atomic."""

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """Spell an error in the app's way."""
        return TwinResponse(refusal.status, {"detail": refusal.word}, refusal.headers)

    def state(self) -> dict[str, object]:
        """All that the twin holds, as JSON is made of; for tests."""
        return {}

    def is_open(self, request: TwinRequest) -> bool:
        """Whether the path is served without a token."""
        return False

    def unauthorized(self, request: TwinRequest) -> Refusal:
        """The refusal of a missing or unknown token."""
        return Refusal(401, "Authorization failure", headers={"WWW-Authenticate": 'Bearer realm="twin"'})

    def throttled(self, request: TwinRequest, retry_after: int) -> Refusal:
        """The refusal of a request that comes too early."""
        return Refusal(429, "Too many requests", headers={"Retry-After": str(retry_after)})

    def locked(self, request: TwinRequest) -> Refusal:
        """The refusal of a write to an object that another write is changing."""
        return self.throttled(request, 1)

    def route_of(self, request: TwinRequest) -> str:
        """The path with ids blotted out, for counting: `/Users/*`; a filtered list counts as `/Users?filter`."""
        first, _, rest = request.path[1:].partition("/")
        if rest and not rest.startswith("."):
            return f"/{first}/*"
        return f"{request.path}?filter" if "filter" in request.query else request.path

    # -- ASGI ----------------------------------------------------------------------------------------------

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        message = await receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        response = await self.respond(scope, body)
        content = response.body
        content = content if isinstance(content, bytes) else b"" if content is None else orjson.dumps(content)
        self.stats.bytes_sent += len(content)
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.headers.items()]
        if content:
            media_type = self._media_type if response.media_type is None else response.media_type.encode()
            headers.append((b"content-type", media_type))
        headers.append((b"content-length", b"%d" % len(content)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    async def respond(self, scope: Message, body: bytes) -> TwinResponse:
        """Answer one request given as an ASGI scope and its whole body.

        Raises:
            ConnectionLost: A fault wants no answer.
        """
        path: str = scope["path"]
        if path.startswith("/_twin/"):
            return self._control(scope, path)
        request = self._request(scope, path, body)
        stats = self.stats
        stats.requests += 1
        stats.bytes_received += len(body)
        stats.by_route[f"{request.method} {self.route_of(request)}"] += 1
        try:
            response = await self._checked(request, inside=f"{path}/".startswith(f"{self.base_path}/"))
        except Refusal as refusal:
            response = self.refuse(request, refusal)
        stats.by_status[response.status] += 1
        return response

    async def _checked(self, request: TwinRequest, *, inside: bool) -> TwinResponse:
        fault = self.faults.strike(request.method, request.path)
        if fault is not None and fault.kind == "reset":
            raise ConnectionLost
        if not inside:
            raise Refusal(404, "There is nothing here")
        if not self.is_open(request):
            self._authenticate(request)
        wait = self.limiter.wait_for(request.method, request.path)
        if wait is not None:
            raise self.throttled(request, self.limiter.retry_after(wait))
        if fault is not None:
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "html":
                return TwinResponse(fault.status, _HTML, dict(fault.headers), "text/html; charset=utf-8")
            elif fault.kind == "status":
                raise Refusal(fault.status, fault.word or "Injected failure", headers=fault.headers)
        if fault is not None and fault.kind == "lost_response":
            with contextlib.suppress(Refusal):
                await self._handled(request)
            raise ConnectionLost
        return await self._handled(request)

    async def _handled(self, request: TwinRequest) -> TwinResponse:
        if self._write_seconds and request.method not in ("GET", "HEAD"):
            return await self._slow_write(request)
        return self.handle(request)

    async def _slow_write(self, request: TwinRequest) -> TwinResponse:
        path = request.path
        is_object = self.route_of(request).endswith("/*")
        if self._write_lock and is_object and path in self._being_written:
            raise self.locked(request)
        self._being_written.add(path)
        try:
            await asyncio.sleep(self._write_seconds)
            return self.handle(request)
        finally:
            self._being_written.discard(path)

    def _request(self, scope: Message, path: str, body: bytes) -> TwinRequest:
        raw_query: bytes = scope["query_string"]
        query = dict(parse_qsl(raw_query.decode("latin-1"), keep_blank_values=True)) if raw_query else {}
        below = path[len(self.base_path) :] if path.startswith(self.base_path) else path
        request = TwinRequest(scope["method"], below or "/", query, scope["headers"], body)
        request.base_url = f"{scope.get('scheme', 'http')}://{request.header('host') or 'twin'}{self.base_path}"
        return request

    def _authenticate(self, request: TwinRequest) -> None:
        if not self.tokens:
            return
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or token not in self.tokens:
            raise self.unauthorized(request)
        request.principal = self.tokens[token]

    def _control(self, scope: Message, path: str) -> TwinResponse:
        client = scope.get("client")
        answers = {"/_twin/stats": self.stats.to_json, "/_twin/state": self.state}
        answer = answers.get(unquote(path))
        if answer is None or client is None or client[0] not in _LOOPBACK:
            return TwinResponse(404, {"detail": "There is nothing here"}, media_type="application/json")
        return TwinResponse(200, answer(), media_type="application/json")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
