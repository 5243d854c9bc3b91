"""An authorization server on loopback that is as strict as RFC 6749 and RFC 7636 allow, and a browser."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from yarl import URL

from gallery_sdk.auth import MemoryTokenStore, Secret, TokenCredential, build_credential
from gallery_sdk.manifest.auth import AuthMethod
from gallery_sdk.transport import SECRETS, SecretRegistry

CLIENT_ID, CLIENT_SECRET = "client-17", "s3cret/with+odd=signs"
ISSUED_BY_HAND = "refresh-by-hand-0815"
PASSWORD = "wachtwoord-0815"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class KeyPair:
    """A private key as an administrator has it, and its public half as a server has it."""

    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def encrypted(self, password: str) -> str:
        hidden = BestAvailableEncryption(password.encode())
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden).decode()

    @property
    def public_der(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def public(self) -> Key:
        pem = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return RSAKey.import_key(pem) if isinstance(self.private, rsa.RSAPrivateKey) else ECKey.import_key(pem)


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test masks what another one registered; keys make many long texts of it."""
    for name, value in vars(SecretRegistry()).items():
        monkeypatch.setattr(SECRETS, name, value)


@pytest.fixture(scope="session")
def rsa_pair() -> KeyPair:
    return KeyPair(rsa.generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def ec_pair() -> KeyPair:
    return KeyPair(ec.generate_private_key(ec.SECP256R1()))


@dataclass
class AssertionCheck:
    """Takes an assertion as RFC 7523 section 3 wants it, and each `jti` once.

    Attributes:
        claims: What must be in it, exactly; `scope` and the like among them.
        headers, seen: Of every assertion that was taken.
        longest_s: The longest life, from `iat`, that is accepted.
    """

    now: Callable[[], float]
    key: Key | None = None
    alg: str = "RS256"
    claims: dict[str, object] = field(default_factory=dict)
    longest_s: float = 600
    headers: list[dict[str, Any]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)

    def takes(self, text: str) -> bool:
        assert self.key is not None
        try:
            token = jwt.decode(text, self.key, algorithms=[self.alg])
        except (JoseError, ValueError):
            return False
        told = dict(token.claims)
        issued, ends, number = told.pop("iat"), told.pop("exp"), told.pop("jti", None)
        if told != self.claims or not issued <= self.now() < ends or ends - issued > self.longest_s:
            return False
        if number is not None and number in (one.get("jti") for one in self.seen):
            return False
        self.headers.append(dict(token.header))
        self.seen.append(dict(token.claims))
        return True


class AuthorizationServer:
    """Issues tokens, and remembers every token request with how it was authenticated.

    Attributes:
        requests: Parameters of the token requests, as they came in form, JSON or query.
        client_auth: Accepted: "basic", "post", "none", "scheme:ID", "private_key_jwt" or "client_secret_jwt".
        client_assertions, assertions: What the client signs to prove itself, and what it signs as its grant.
        reshape: Turns the standard reply into a vendor's.
        delay: Seconds before a token reply.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.client_assertions, self.assertions = AssertionCheck(now), AssertionCheck(now)
        self.session_logins = 0
        self.sites = [{"id": "cloud-1", "url": "one"}, {"id": "cloud-2", "url": "two", "is_default": True}]
        self.site_reads = 0
        self.expires: dict[str, float] = {}
        self.requests: list[dict[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        self.client_auth = "basic"
        self.grants = {"client_credentials", "authorization_code", "refresh_token", JWT_BEARER}
        self.lifetime = 3600
        self.rotates = True
        self.delay = 0.0
        self.failures: list[web.Response] = []
        self.reshape: Callable[[dict[str, Any]], Any] = lambda reply: reply
        self.url = ""
        self.live_tokens: set[str] = set()
        self.redirect_error: dict[str, str] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._refresh_tokens = {ISSUED_BY_HAND}
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
        if self.client_auth == "anonymous":
            return not {"client_id", "client_secret"} & set(params) and "Authorization" not in request.headers
        if self.client_auth.endswith("_jwt"):
            is_typed = params.get("client_assertion_type") == CLIENT_ASSERTION and "client_secret" not in params
            return is_typed and self.client_assertions.takes(params.get("client_assertion", ""))
        header = request.headers.get("Authorization", "")
        word = self.client_auth.partition(":")[2] or "Basic"
        given = base64.b64decode(header.partition(" ")[2]).decode() if header.startswith(f"{word} ") else ""
        return given == f"{CLIENT_ID}:{CLIENT_SECRET}" and "client_secret" not in params

    def _refusal(self, params: Mapping[str, str]) -> str | None:
        grant = params.get("grant_type", "")
        if grant not in self.grants:
            return "unsupported_grant_type"
        if grant == JWT_BEARER and not self.assertions.takes(params.get("assertion", "")):
            return "invalid_grant"
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
        self._is_now_the_one(reply["access_token"])
        if params["grant_type"] == "authorization_code" or (params["grant_type"] == "refresh_token" and self.rotates):
            reply["refresh_token"] = f"refresh-{number}"
            self._refresh_tokens.add(reply["refresh_token"])
        return reply

    def _is_now_the_one(self, token: str) -> None:
        self.live_tokens = {token}  # the one before is worthless from now on
        self.expires = {token: self.now() + self.lifetime}

    async def installation(self, request: web.Request) -> web.StreamResponse:
        """An app's own token, in a header, for one of an installation; the reply tells a date."""
        self.headers.append(dict(request.headers))
        self.requests.append({"body": (await request.read()).decode()})
        await asyncio.sleep(self.delay)
        header = request.headers.get("Authorization", "")
        if not header.startswith("Bearer ") or not self.assertions.takes(header.removeprefix("Bearer ")):
            return web.json_response({"message": "A JSON web token could not be decoded"}, status=401)
        token = f"installation-{next(self._numbers)}"
        self._is_now_the_one(token)
        ends = datetime.fromtimestamp(self.now() + self.lifetime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"token": token, "expires_at": ends}, status=201)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """The first step of a login: user and password in JSON for a ticket in a header."""
        self.requests.append(await request.json())
        await asyncio.sleep(self.delay)
        if self.failures:
            return self.failures.pop(0)
        if self.requests[-1] != {"credentials": {"name": "ada", "password": PASSWORD}, "remember": True}:
            return web.json_response({"error": f"not {self.requests[-1]}"}, status=401)
        self.session_logins += 1
        return web.json_response({"site": {"id": 17, "hosts": [self.url]}}, headers={"X-Ticket": "ticket-0815"})

    async def session(self, request: web.Request) -> web.StreamResponse:
        """The second: the ticket for a session, whose life is told as hours, minutes and seconds."""
        params = {name: str(value) for name, value in (await request.post()).items()}
        if request.headers.get("X-Ticket") != "ticket-0815" or params != {"site": "17"}:
            return web.Response(status=403)
        token = f"session-{next(self._numbers)}"
        self._is_now_the_one(token)
        lasts = f"{self.lifetime // 3600}:{self.lifetime // 60 % 60:02}:{self.lifetime % 60:02}"
        return web.json_response({"session": {"id": token, "lasts": lasts, "csrf": "csrf-geheim-1"}})

    async def resources(self, request: web.Request) -> web.StreamResponse:
        """What a token's owner may see: several sites."""
        self.site_reads += 1
        if not self._is_let_in(request):
            return web.Response(status=401)
        return web.json_response({"user": "ada", "accounts": self.sites} if "nested" in request.query else self.sites)

    async def api(self, request: web.Request) -> web.StreamResponse:
        """A resource that only the newest access token opens, as long as it lives."""
        return web.json_response({"path": request.path}, status=200 if self._is_let_in(request) else 401)

    def _is_let_in(self, request: web.Request) -> bool:
        token = unquote_plus(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        return token in self.live_tokens and self.now() < self.expires[token]


def routes_of(server: AuthorizationServer) -> web.Application:
    """The server's addresses."""
    app = web.Application()
    app.router.add_get("/authorize", server.authorize)
    for path in ("/token", "/elsewhere/token"):
        app.router.add_route("*", path, server.token)
    app.router.add_post("/app/installations/{number}/access_tokens", server.installation)
    app.router.add_post("/login", server.login)
    app.router.add_post("/sites/17/session", server.session)
    app.router.add_get("/resources", server.resources)
    app.router.add_route("*", "/api/{tail:.*}", server.api)
    return app


@pytest.fixture
async def server(time: Time) -> AsyncIterator[AuthorizationServer]:
    server = AuthorizationServer(time.now)
    app = routes_of(server)
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
        if kind in ("jwt_self_signed", "session_exchange"):
            del document["token"]
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


@dataclass
class Kind:
    """One kind that renews its token, set up against the server.

    Attributes:
        given: What `build_credential` gets besides the method.
        secrets: Texts that must not be seen anywhere.
    """

    method: AuthMethod
    given: dict[str, Any]
    secrets: list[str]

    def credential(self, time: Any, **options: Any) -> TokenCredential:
        options = {"token_store": MemoryTokenStore(), "wall_clock": time.now, **self.given, **options}
        credential = build_credential(self.method, **options)
        assert isinstance(credential, TokenCredential)
        return credential


RENEWING = (
    "oauth2_client_credentials",
    "oauth2_client_credentials, private_key_jwt",
    "oauth2_client_credentials, client_secret_jwt",
    "oauth2_refresh_only",
    "oauth2_jwt_bearer",
    "app_installation",
    "session_exchange",
)
"""Kinds that fetch tokens by themselves."""
SESSION_STEPS = [
    {
        "url": "{host}/login",
        "params": {"credentials": {"name": "{user}", "password": "{password}"}, "remember": True},
        "save": {"ticket": "header:X-Ticket", "site": "site.id", "home": "site.hosts.0"},
    },
    {
        "url": "{host}/sites/{site}/session",
        "headers": {"X-Ticket": "{ticket}"},
        "body": "form",
        "params": {"site": "{site}"},
        "save": {"token": "session.id", "lasts": "session.lasts", "csrf": "session.csrf"},
    },
]


@pytest.fixture(params=RENEWING)
def renewing(
    request: pytest.FixtureRequest, server: AuthorizationServer, declare: Callable[..., AuthMethod], rsa_pair: KeyPair
) -> Kind:
    """Each kind in turn."""
    kind, _, client_auth = request.param.partition(", ")
    inputs: dict[str, str] = {"client_id": CLIENT_ID}
    secrets = {"client_secret": CLIENT_SECRET, "key": rsa_pair.pem}
    assertion = {"iss": "{client_id}", "key_input": "key"}
    token: dict[str, Any] = {}
    method: dict[str, Any] = {"input": [{"id": "key", "type": "secret"}]}
    server.assertions.key = rsa_pair.public
    server.assertions.claims = {"iss": CLIENT_ID, "aud": f"{server.url}/token"}
    server.client_assertions.claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": f"{server.url}/token"}
    if client_auth:
        server.client_auth = token["client_auth"] = client_auth
        is_shared = client_auth == "client_secret_jwt"
        server.client_assertions.alg = "HS256" if is_shared else "RS256"
        server.client_assertions.key = OctKey.import_key(CLIENT_SECRET) if is_shared else rsa_pair.public
        if not is_shared:
            token["client_assertion"] = {"key_input": "key"}
    if kind == "oauth2_refresh_only":
        secrets["refresh_token"] = ISSUED_BY_HAND
        method["input"] += [{"id": "refresh_token", "type": "secret"}]
    if kind == "oauth2_jwt_bearer":
        server.client_auth = "anonymous"
        method["assertion"] = assertion
    if kind == "app_installation":
        token = {
            "url": f"{server.url}/app/installations/9/access_tokens",
            "response": {"access_token": "token", "expires_in": "expires_at", "expires_kind": "at_iso"},
        }
        method["assertion"] = {**assertion, "backdate_s": 60}
        del server.assertions.claims["aud"]
    if kind == "session_exchange":
        inputs |= {"host": server.url, "user": "ada"}
        secrets["password"] = PASSWORD
        method["input"] += [{"id": "host", "type": "url"}, {"id": "user"}, {"id": "password", "type": "secret"}]
        method["session"] = {
            "step": SESSION_STEPS,
            "keep": ["home"],
            "expires": "lasts",
            "expires_kind": "in_hms",
        }
    given = {"inputs": inputs, "secrets": {name: Secret(value) for name, value in secrets.items()}}
    key_lines = rsa_pair.pem.splitlines()[1:3]
    hidden = [CLIENT_SECRET, ISSUED_BY_HAND, PASSWORD, *key_lines, "ticket-0815", "csrf-geheim-1"]
    return Kind(declare(kind, method=method, **token), given, hidden)
