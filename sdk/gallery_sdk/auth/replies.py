"""Requests outside of the API, to whoever gives tokens: where they go, how they are written, what a refusal says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import urlencode

import orjson
from yarl import URL

from ..errors import AuthError, TransportError
from ..transport import Request, Response, Transport, redact
from .tokens import find, mend_for

TokenHttp = Callable[[str], Transport]
"""Opens a client for an origin such as `https://login.example.com`; it is closed after one request."""
Body = Literal["form", "json", "query"]


def write_params(
    params: Mapping[str, object], body: Body
) -> tuple[bytes | None, list[tuple[str, str]] | None, str | None]:
    """Content, query and media type of a request that carries the parameters."""
    if body == "json":
        return orjson.dumps(params), None, "application/json"
    pairs = [(name, str(value)) for name, value in params.items()]
    if body == "query" or not pairs:
        return None, pairs or None, None
    return urlencode(pairs).encode(), None, "application/x-www-form-urlencoded"


async def send_to(http: TokenHttp, url: str, request: Request) -> Response:
    """The answer to a request whose path is `url`'s; the client decides what stands behind the origin.

    Raises:
        TransportError: No answer came.
    """
    target = URL(url)
    async with http(str(target.origin())) as transport:
        return await transport.send(replace(request, path=target.raw_path_qs))


def read_reply(response: Response, error_path: str, *, where: str) -> object:
    """The JSON of a reply.

    Raises:
        AuthError: It is a refusal by its status, or not JSON. Of a refusal the error word and a redacted description
            are quoted.
    """
    try:
        document = response.json()
    except TransportError as error:
        if response.status < 300:
            raise AuthError(error.what, where, "Check the token URL") from error
        document = None
    if response.status < 300:
        return document
    found = find(document, error_path)
    word = found if isinstance(found, str) else ""
    detail = find(document, "error_description")
    said = f"{word}: {redact(detail)[:200]}" if word and isinstance(detail, str) else redact(word)
    raise AuthError(
        f"the token request was refused with status {response.status}{f' ({said})' if said else ''}",
        where,
        mend_for(word),
    )
