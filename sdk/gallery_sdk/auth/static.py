"""Credentials that do not change: bearer tokens, HTTP Basic, API keys."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ..errors import AuthError
from ..manifest.auth import Apply
from ..transport import SECRETS
from .templates import Value, fill


class StaticCredential:
    """Fixed headers and query parameters; nothing to renew."""

    generation = 0

    def __init__(self, headers: Mapping[str, str], params: Sequence[tuple[str, str]] = ()) -> None:
        self._headers = MappingProxyType(dict(headers))
        self._params = tuple(params)

    def headers_now(self) -> Mapping[str, str] | None:
        """The headers at once, unless a key goes into the query."""
        return None if self._params else self._headers

    async def apply(self, headers: dict[str, str], params: list[tuple[str, str]]) -> None:
        """Put all placements on the request."""
        headers.update(self._headers)
        params.extend(self._params)

    async def renew(self, rejected_generation: int) -> bool:
        """Only a person can give another one."""
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(headers={sorted(self._headers)}, params={[name for name, _ in self._params]})"


def basic_header(user: str, password: str, *, where: str) -> str:
    """The value of an Authorization header for HTTP Basic (RFC 7617, UTF-8).

    Raises:
        AuthError: The user holds a colon, which the scheme cannot carry.
    """
    if ":" in user:
        raise AuthError("the user name holds a colon, which HTTP Basic cannot carry", where, "Use another user")
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    SECRETS.add(encoded)
    return f"Basic {encoded}"


def place(
    placements: Sequence[Apply], token: str | None, values: Mapping[str, Value], *, where: str
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Headers and query parameters for a proof.

    Args:
        token: What a placement without a template of its own carries.

    Raises:
        AuthError: A template lacks a value, or a value cannot stand in a header.
    """
    headers: dict[str, str] = {}
    params: list[tuple[str, str]] = []
    for item in placements:
        value = (token or "") if item.value is None else fill(item.value, values, where=where)
        if not value.isprintable() or not value.isascii():
            raise AuthError(
                "the credential holds characters that a header cannot carry", where, "Copy it again without line breaks"
            )
        text = f"{item.scheme} {value}" if item.scheme else value
        if item.query is not None:
            params.append((item.query, text))
        else:
            headers[item.header or "Authorization"] = text
    return headers, params
