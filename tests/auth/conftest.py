"""An authorization server on loopback that is as strict as RFC 6749 and RFC 7636 allow, and a browser."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from gallery_sdk.manifest.auth import AuthMethod

CLIENT_ID, CLIENT_SECRET = "client-17", "s3cret/with+odd=signs"


class AuthorizationServer:
    """Issues tokens, and remembers every token request with how it was authenticated.

    Attributes:
        requests: Parameters of the token requests, as they came in form, JSON or query.
        client_auth: Accepted: "basic", "post" or "none".
        reshape: Turns the standard reply into a vendor's.
        delay: Seconds before a token reply.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        self.client_auth = "basic"
        self.grants = {"client_credentials", "authorization_code", "refresh_token"}
        self.lifetime = 3600
        self.rotates = True
        self.delay = 0.0
        self.failures: list[web.Response] = []
        self.reshape: Callable[[dict[str, Any]], Any] = lambda reply: reply
        self.url = ""
        self.live_tokens: set[str] = set()
        self.redirect_error: dict[str, str] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._refresh_tokens: set[str] = set()
        self._numbers = itertools.count(1)

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        is_right = (
            query.get("response_type") == "code"
            and query.get("client_id") == CLIENT_ID
            and query.get("redirect_uri", "").startswith("http://127.0.0.1:")
            and query.get("code_challenge_method") == "S256"
            and len(query.get("code_challenge", "")) == 43
        )
        if not is_right:
            return web.Response(status=400, text="invalid_request")
        answer = self.redirect_error
        if not answer:
            code = f"code-{next(self._numbers)}"
            self._codes[code] = query
            answer = {"code": code}
        location = URL(query["redirect_uri"]).with_query({**answer, "state": query.get("state", "")})
        return web.Response(status=302, headers={"Location": str(location)})

    async def token(self, request: web.Request) -> web.StreamResponse:
        if request.content_type == "application/json":
            params = dict(await request.json())
        else:
            params = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
        self.requests.append(params)
        self.headers.append(dict(request.headers))
        self.paths.append(request.path)
        await asyncio.sleep(self.delay)
        if self.failures:
            return self.failures.pop(0)
        if not self._is_client(request, params):
            return web.json_response({"error": "invalid_client", "error_description": f"not {params}"}, status=401)
        refusal = self._refusal(params)
        if refusal is not None:
            return web.json_response({"error": refusal}, status=400)
        return web.json_response(self.reshape(self._issue(params)))

    def _is_client(self, request: web.Request, params: Mapping[str, str]) -> bool:
        if self.client_auth == "none":
            return params.get("client_id") == CLIENT_ID and "client_secret" not in params
        if self.client_auth == "post":
            return (params.get("client_id"), params.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        header = request.headers.get("Authorization", "")
        given = base64.b64decode(header.removeprefix("Basic ")).decode() if header.startswith("Basic ") else ""
        return given == f"{CLIENT_ID}:{CLIENT_SECRET}" and "client_secret" not in params

    def _refusal(self, params: Mapping[str, str]) -> str | None:
        grant = params.get("grant_type", "")
        if grant not in self.grants:
            return "unsupported_grant_type"
        if grant == "authorization_code":
            asked = self._codes.pop(params.get("code", ""), None)  # a code works once
            digest = hashlib.sha256(params.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if asked is None or asked["redirect_uri"] != params.get("redirect_uri"):
                return "invalid_grant"
            return None if asked["code_challenge"] == challenge else "invalid_grant"
        if grant == "refresh_token":
            given = params.get("refresh_token", "")
            if given not in self._refresh_tokens:
                return "invalid_grant"
            if self.rotates:
                self._refresh_tokens.discard(given)
        return None

    def _issue(self, params: Mapping[str, str]) -> dict[str, Any]:
        number = next(self._numbers)
        reply: dict[str, Any] = {
            "access_token": f"access-{number}",
            "token_type": "Bearer",
            "expires_in": self.lifetime,
        }
        self.live_tokens = {reply["access_token"]}  # the one before is worthless from now on
        if params["grant_type"] == "authorization_code" or (params["grant_type"] == "refresh_token" and self.rotates):
            reply["refresh_token"] = f"refresh-{number}"
            self._refresh_tokens.add(reply["refresh_token"])
        return reply

    async def api(self, request: web.Request) -> web.StreamResponse:
        """A resource that only the newest access token opens."""
        token = unquote_plus(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        return web.json_response({"path": request.path}, status=200 if token in self.live_tokens else 401)


@pytest.fixture
async def server() -> AsyncIterator[AuthorizationServer]:
    server = AuthorizationServer()
    app = web.Application()
    app.router.add_get("/authorize", server.authorize)
    for path in ("/token", "/elsewhere/token"):
        app.router.add_route("*", path, server.token)
    app.router.add_route("*", "/api/{tail:.*}", server.api)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


class Time:
    """Wall-clock time that a test moves."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def declare(server: AuthorizationServer) -> Callable[..., AuthMethod]:
    """A method of the given kind against the server; keyword arguments go into its token table."""

    def build(
        kind: str = "oauth2_client_credentials", *, method: Mapping[str, Any] | None = None, **token: Any
    ) -> AuthMethod:
        inputs = [{"id": "client_id"}, {"id": "client_secret", "type": "secret"}]
        document: dict[str, Any] = {
            "id": "oauth",
            "kind": kind,
            "input": inputs,
            "token": {"url": f"{server.url}/token", **token},
        }
        if kind == "oauth2_authorization_code":
            document["authorize"] = {"url": f"{server.url}/authorize"}
        extra = dict(method or {})
        document["input"] = [*inputs, *extra.pop("input", [])]
        document["authorize"] = {**document.get("authorize", {}), **extra.pop("authorize", {})} or None
        return AuthMethod.model_validate({**document, **extra})

    return build


class Browser:
    """Follows an authorization address as a person's browser would; `pages` are what it showed in the end."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.pages: list[tuple[int, str]] = []
        self.final_url = ""
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, url: str) -> None:
        self.opened.append(url)
        self._tasks.append(asyncio.ensure_future(self.visit(url)))

    async def visit(self, url: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            self.final_url = str(response.url)
            self.pages.append((response.status, await response.text()))

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    browser = Browser()
    yield browser
    await browser.close()
