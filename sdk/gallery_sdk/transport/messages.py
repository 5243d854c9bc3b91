"""What goes through a connection: a request, its answer, and the event that tells of one attempt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ..errors import TransportError
from .redaction import redact

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_EXCERPT_CHARACTERS = 500


@dataclass(slots=True)
class Request:
    """One request to the target.

    Attributes:
        method: Upper case.
        path: Relative to the connection's base URL (`/Users/7`), or an absolute URL such as a next-page link.
            Identifiers inside must be percent-encoded by the caller.
        params: Query pairs in order, unencoded.
        json: Sent as the JSON body; `content` is sent as it is. At most one of the two.
        headers: On top of the connection's own.
        idempotent: May it be sent again when its answer was lost? None asks RFC 9110 section 9.2.2: GET, HEAD,
            OPTIONS, PUT and DELETE may.
        key: Names the object written; two writes of one key are never in flight together.
        label: What it does, for limits' reasons and events, e.g. "create user".
        weight: How many requests of the rate budget it costs.
        template: The path with its identifiers replaced, for events: `/Users/{id}`. Without one, an event shows the
            first segment only, since identifiers can be names or addresses of people.
    """

    method: str
    path: str
    params: Sequence[tuple[str, str]] | None = None
    json: object | None = None
    content: bytes | None = None
    headers: Mapping[str, str] | None = None
    idempotent: bool | None = None
    key: str | None = None
    label: str = ""
    weight: int = 1
    template: str | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether sending it twice is the same as sending it once."""
        return self.method in _IDEMPOTENT if self.idempotent is None else self.idempotent

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing (a safe method, RFC 9110 section 9.2.1)."""
        return self.method in _READS


@dataclass(slots=True)
class Response:
    """The target's answer, body read and decompressed.

    Attributes:
        status: As answered; 4xx and 5xx are answers too and are not raised.
        headers: Names in any case.
        elapsed_seconds: From sending to the last byte, without waiting for the budget.
        retry_after_seconds: What the target asked to wait, None when it did not or when status is below 400.
        request: What was asked; with `base_url` it gives the request line.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    elapsed_seconds: float = 0.0
    retry_after_seconds: float | None = None
    request: Request | None = None
    base_url: str = ""

    @property
    def request_line(self) -> str:
        """Method and address for messages, without query and identifiers."""
        return "response" if self.request is None else describe(self.request, self.base_url)

    @property
    def media_type(self) -> str:
        """Lower case, without parameters; "" when none was declared."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The start of the body for messages, secrets masked, at most 500 characters."""
        return redact(self.content[: _EXCERPT_CHARACTERS * 4].decode("utf-8", "replace"))[:_EXCERPT_CHARACTERS]

    def json(self) -> object:
        """Read the body as JSON, whatever its declared media type.

        Raises:
            TransportError: Nothing, a page of HTML or anything else that is not JSON; the answer is not the API's.
        """
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError as error:
            raise self._not_json() from error

    def _not_json(self) -> TransportError:
        start = self.content[:256].lstrip().lower()
        if not self.content:
            what = f"status {self.status} came without a body where JSON was expected"
            mend = "Check that the address is the API's and that the version is supported"
        elif self.media_type == "text/html" or start.startswith((b"<!doctype html", b"<html")):
            what = f"status {self.status} came with a page of HTML where JSON was expected"
            mend = "Check the base URL; a sign-in page, a proxy or a maintenance page answers in place of the API"
        else:
            what = f"status {self.status} came with {self.media_type or 'an undeclared type'}, which is not JSON"
            mend = "Check that the address is the API's"
        return TransportError(what, self.request_line, mend)


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One attempt, told without secrets and without names of people.

    Attributes:
        path: A template without query, e.g. `/Users/{id}`.
        status: None when no answer came.
        attempt: 1 for the first sending.
        seconds: Of this attempt.
        waited_seconds: Before it, for the rate budget, the order of writes to one object, and back-off.
        failure: Why no answer came, in a word: "not-sent", "lost", "tls"; "" otherwise.
    """

    method: str
    host: str
    path: str
    label: str
    status: int | None
    attempt: int
    seconds: float
    bytes_sent: int
    bytes_received: int
    waited_seconds: float
    failure: str = ""


EventSink = Callable[[RequestEvent], None]


def path_template(request: Request) -> str:
    """The path without query and identifiers: the request's own template, or its first segment alone."""
    if request.template is not None:
        return request.template
    path = request.path.partition("?")[0]
    if "://" in path:
        path = path.partition("://")[2].partition("/")[2]
    first, slash, _ = path.strip("/").partition("/")
    return f"/{first}/…" if slash else f"/{first}"


def describe(request: Request, base_url: str) -> str:
    """Method and address for messages, without query, identifiers and credentials."""
    scheme, is_absolute, rest = request.path.partition("?")[0].partition("://")
    if is_absolute:
        base_url = f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"
    return f"{request.method} {base_url}{path_template(request)}"
