"""The HTTP client of one connection: everything that a connector sends to its target goes through here."""

from __future__ import annotations

import asyncio
import random as random_module
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import orjson
from multidict import CIMultiDict
from yarl import URL

from ..errors import HostNotAllowedError, TransportError
from .budget import Clock, LongPauseError, ObjectOrder, RateBudget, Sleep
from .credentials import Credential, NoCredential
from .hosts import AllowedHosts, UrlBuilder, parse_base_url
from .limits import Limit
from .messages import EventSink, Request, RequestEvent, Response, describe, path_template
from .outcomes import Outcomes
from .retries import RetryPolicy
from .waiting import STANDARD_THROTTLES, Throttle
from .wire import LostError, NotSentError, TlsFailedError, TlsSettings, Wire, WireError, WireResponse

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS: Final = 5


class Transport:
    """Sends requests with the connection's credential, inside its rate budget and its allowed hosts.

    Answers of any status come back as `Response`; what is raised is what got no usable answer. Requests may be sent
    concurrently from one event loop. Redirects are followed to the same origin only, so that credentials never reach
    another host.

    Attributes:
        base_url: As given, without a trailing slash.
        requests_sent: Requests put on the wire so far, re-sent ones included; token requests are not among them.
    """

    def __init__(
        self,
        base_url: str,
        *,
        allowed_hosts: Iterable[str] | None = None,
        credential: Credential | None = None,
        limits: Sequence[Limit] = (),
        throttles: Sequence[Throttle] = STANDARD_THROTTLES,
        timeout_seconds: float = 30.0,
        user_agent: str = "gallery-sdk",
        default_headers: Mapping[str, str] | None = None,
        tls: TlsSettings | None = None,
        events: EventSink | None = None,
        retries: RetryPolicy | None = None,
        max_response_bytes: int = 64 * 1024 * 1024,
        max_connections: int = 100,
        wire: Wire | None = None,
        clock: Clock = time.monotonic,
        wall_clock: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        """Nothing is opened yet.

        Args:
            base_url: https, or http on loopback.
            allowed_hosts: Names or globs of all hosts that may be talked to; None for the base URL's host alone.
            throttles: Answers that mean "too fast", the first that fits is taken.
            default_headers: On every request; a Content-Type among them is used for JSON bodies.
            events: Told of every attempt, in the middle of sending: it must be quick and must not raise.
            wire: Takes the place of the network; `timeout_seconds`, `tls` and the two maxima are then its own affair.
            clock: Seconds that only grow; `wall_clock` is seconds since the epoch.
            random: Evenly drawn from 0 to 1, for jitter.

        Raises:
            TransportError: The base URL cannot be used.
            HostNotAllowedError: Its host is not among the allowed ones.
        """
        base = parse_base_url(base_url)
        allowed = AllowedHosts([base.raw_host or ""] if allowed_hosts is None else allowed_hosts)
        allowed.check(base, "base URL")
        self._urls = UrlBuilder(base, allowed)
        self.base_url = str(base).rstrip("/")
        self._credential = credential or NoCredential()
        retries = retries or RetryPolicy()
        self._budget = RateBudget(limits, clock=clock, sleep=sleep, longest_pause_seconds=retries.max_wait_seconds)
        self._order = ObjectOrder()
        self._outcomes = Outcomes(retries, throttles, base_url=self.base_url, wall_clock=wall_clock, random=random)
        self._events, self._clock, self._sleep = events, clock, sleep
        if wire is None:
            from .wire_aiohttp import AiohttpWire

            wire = AiohttpWire(
                timeout_seconds=timeout_seconds,
                tls=tls,
                max_response_bytes=max_response_bytes,
                max_connections=max_connections,
            )
        self._wire = wire
        self._plain = CIMultiDict({"User-Agent": user_agent, "Accept": "application/json"})
        self._plain.update(default_headers or {})
        self._content_type = self._plain.popone("Content-Type", "application/json")
        self._proof: Mapping[str, str] | None = None
        self._headers_without_body: CIMultiDict[str] = CIMultiDict()
        self._headers_with_body: CIMultiDict[str] = CIMultiDict()
        self.requests_sent = 0

    async def send(self, request: Request) -> Response:
        """The target's answer, after as many sendings as the retry policy allows and the request permits.

        Raises:
            AuthError: No token can be had.
            HostNotAllowedError: The request or a redirect leads outside the allowed hosts.
            TlsError: The target's certificate was refused.
            OutcomeUnknownError: A write may have been executed, and its answer is lost.
            ThrottledError: The target asks for a longer wait than one request may take.
            TransportError: Anything else that left the request without an answer.
        """
        key = request.key
        if key is None or request.is_read:
            return await self._send(request, 0.0)
        asked_at = self._clock()
        await self._order.enter(key)
        try:
            return await self._send(request, self._clock() - asked_at)
        finally:
            self._order.leave(key)

    async def aclose(self) -> None:
        """Close pooled connections and stop waiting requests."""
        await self._budget.aclose()
        await self._wire.aclose()

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _send(self, request: Request, waited: float) -> Response:
        method, content, clock = request.method, request.content, self._clock
        url = self._urls.build(request)
        if request.json is not None:
            content = orjson.dumps(request.json)
        waited_in_all, attempt, redirects, renewed = 0.0, 0, 0, False
        while True:
            attempt += 1
            buckets = self._budget.buckets_for(method, self._urls.relative_path(url))
            if buckets:
                asked_at = clock()
                try:
                    await self._budget.take(buckets, request.weight)
                except LongPauseError as pause:
                    raise self._outcomes.put_off(request, pause.seconds) from None
                waited += clock() - asked_at
            try:
                answer, elapsed, generation = await self._exchange(request, url, content)
            finally:
                if buckets:
                    self._budget.give_back(buckets)
            if self._events is not None:
                self._tell(request, url, answer, attempt, elapsed, len(content or b""), waited)
            wait = 0.0
            if isinstance(answer, WireError):
                wait = self._outcomes.after_failure(request, answer, attempt, waited_in_all)
            elif answer.status < 300:
                return self._response(request, answer, elapsed)
            elif answer.status in _REDIRECTS and "location" in answer.headers:
                redirects += 1
                url = self._redirected(request, url, answer, redirects)
                attempt -= 1
            elif answer.status == 401 and not renewed:
                renewed = True
                if not await self._credential.renew(generation):
                    return self._response(request, answer, elapsed)
                attempt -= 1
            else:
                verdict = self._outcomes.after_answer(request, answer, attempt, waited_in_all)
                if verdict.throttled_for is not None:
                    # The pause is the budget's: the next turn of the loop waits in `take`, as do all others.
                    self._budget.throttle(buckets, verdict.throttled_for)
                    waited_in_all += verdict.throttled_for
                if verdict.error is not None:
                    raise verdict.error
                if verdict.wait is None and verdict.throttled_for is None:
                    return self._response(request, answer, elapsed, verdict.asked)
                wait = verdict.wait or 0.0
            waited_in_all += wait
            waited = wait
            if wait:
                await self._sleep(wait)

    async def _exchange(
        self, request: Request, url: URL, content: bytes | None
    ) -> tuple[WireResponse | WireError, float, int]:
        """One sending: the answer or why there is none, its seconds, and the generation of the proof it carried."""
        # The proof is put on last: a token may end while the request waits for its turn.
        headers = self._fast_headers(request, content is not None)
        if headers is None:
            headers, url = await self._slow_headers(request, content is not None, url)
        generation = self._credential.generation
        self.requests_sent += 1
        started = self._clock()
        try:
            answer: WireResponse | WireError = await self._wire.exchange(request.method, url, headers, content)
        except WireError as error:
            answer = error
        return answer, self._clock() - started, generation

    def _fast_headers(self, request: Request, has_body: bool) -> CIMultiDict[str] | None:
        """Prebuilt headers; None when the credential must be asked."""
        proof = self._credential.headers_now()
        if proof is None:
            return None
        if proof is not self._proof:
            self._headers_without_body = self._plain.copy()
            self._headers_without_body.update(proof)
            self._headers_with_body = self._headers_without_body.copy()
            self._headers_with_body["Content-Type"] = self._content_type
            self._proof = proof
        headers = self._headers_with_body if has_body else self._headers_without_body
        if request.headers:
            headers = headers.copy()
            headers.update(request.headers)
        return headers

    async def _slow_headers(self, request: Request, has_body: bool, url: URL) -> tuple[CIMultiDict[str], URL]:
        proof: dict[str, str] = {}
        params: list[tuple[str, str]] = []
        await self._credential.apply(proof, params)
        headers = self._plain.copy()
        if has_body:
            headers["Content-Type"] = self._content_type
        headers.update(proof)
        headers.update(request.headers or {})
        return headers, self._urls.with_params(url, params) if params else url

    def _response(self, request: Request, answer: WireResponse, elapsed: float, asked: float | None = None) -> Response:
        return Response(answer.status, answer.headers, answer.content, elapsed, asked, request, self.base_url)

    def _redirected(self, request: Request, url: URL, answer: WireResponse, redirects: int) -> URL:
        """The address to go on at; only ever of the same origin.

        RFC 9110 section 15.4: 307 and 308 repeat any request as it was; 301, 302 and 303 would turn a write into a GET.
        """
        where = describe(request, self.base_url)
        try:
            target = url.join(URL(answer.headers["location"]))
        except ValueError as error:
            raise TransportError("the redirect's address is not a URL", where, "Check the base URL") from error
        if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
            raise HostNotAllowedError(
                f"redirected to host {target.host!r}; credentials do not follow to another host",
                where,
                "If that host is the application's, set it as the base URL",
            )
        if redirects > _MAX_REDIRECTS:
            raise TransportError(f"redirected more than {_MAX_REDIRECTS} times", where, "Check the base URL")
        if answer.status not in (307, 308) and not request.is_read:
            raise TransportError(
                f"answered with a redirect ({answer.status}), which does not carry a write",
                where,
                "Check the base URL; it may name an old address or a sign-in page",
            )
        return target.with_fragment(None)

    def _tell(
        self,
        request: Request,
        url: URL,
        answer: WireResponse | WireError,
        attempt: int,
        elapsed: float,
        sent: int,
        waited: float,
    ) -> None:
        failed = isinstance(answer, WireError)
        assert self._events is not None
        self._events(
            RequestEvent(
                method=request.method,
                host=url.host or "",
                path=path_template(request),
                label=request.label,
                status=None if isinstance(answer, WireError) else answer.status,
                attempt=attempt,
                seconds=elapsed,
                bytes_sent=sent,
                bytes_received=0 if isinstance(answer, WireError) else len(answer.content),
                waited_seconds=waited,
                failure=_failure_word(answer) if failed else "",
            )
        )


def _failure_word(answer: object) -> str:
    words = {NotSentError: "not-sent", TlsFailedError: "tls", LostError: "lost"}
    return next((word for kind, word in words.items() if isinstance(answer, kind)), "unusable")
