"""Talking to a twin in process, in plain HTTP and without our own client: for tests of what goes over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson

if TYPE_CHECKING:
    from ..plugins import AsgiApp


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` is decoded JSON, bytes where it is none, None where there was nothing."""

    status: int
    headers: dict[str, str]
    body: Any

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


class TwinClient:
    """Sends requests to an ASGI application.

    >>> client = TwinClient(ScimServer(), base_path="/scim/v2")  # doctest: +SKIP
    >>> await client.post("/Users", {"schemas": [...], "userName": "ada"})  # doctest: +SKIP

    Args:
        token: Sent as bearer token; "" for none.
    """

    def __init__(self, app: AsgiApp, *, base_path: str = "", token: str = "") -> None:
        self._app, self._base_path, self._token = app, base_path, token

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; `body` is bytes, or what JSON is made of, or None."""
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        sent = {"host": "twin.test", "content-type": "application/json", **(headers or {})}
        if self._token:
            sent.setdefault("authorization", f"Bearer {self._token}")
        scope = {
            "type": "http",
            "method": method,
            "scheme": "https",
            "path": f"{self._base_path}{path}",
            "query_string": urlencode(query or {}, quote_via=quote).encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
        }
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": content}

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        start, raw = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        received = {name.decode(): value.decode() for name, value in start["headers"]}
        is_json = "json" in received.get("content-type", "")
        return Answer(start["status"], received, orjson.loads(raw) if is_json and raw else raw or None)

    async def get(self, path: str, **query: str | int) -> Answer:
        """GET."""
        return await self.request("GET", path, query=query)

    async def post(self, path: str, body: object) -> Answer:
        """POST."""
        return await self.request("POST", path, body)

    async def put(self, path: str, body: object) -> Answer:
        """PUT."""
        return await self.request("PUT", path, body)

    async def patch(self, path: str, body: object) -> Answer:
        """PATCH."""
        return await self.request("PATCH", path, body)

    async def delete(self, path: str) -> Answer:
        """DELETE."""
        return await self.request("DELETE", path)
