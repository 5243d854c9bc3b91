"""The token endpoint: one request in the vendor's own form, and its reply."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlencode

import orjson
from yarl import URL

from ..errors import AuthError, OutcomeUnknownError, TransportError
from ..manifest.auth import AuthMethod, TokenRequest
from ..transport import Request, Response, Transport, redact
from .secrets import Secret
from .templates import Value, fill, fill_url
from .tokens import TokenSet, find, mend_for, parse_token_reply

TokenHttp = Callable[[str], Transport]
"""Opens a client for an origin such as `https://login.example.com`; it is closed after one request."""


class TokenEndpoint:
    """Asks for tokens as the manifest's `[auth.method.token]` table says."""

    def __init__(
        self,
        method: AuthMethod,
        values: Mapping[str, Value],
        *,
        scope: str,
        http: TokenHttp,
        wall_clock: Callable[[], float],
    ) -> None:
        """`scope` is the text to ask for; "" asks for none."""
        if method.token is None:
            raise AuthError(f"kind {method.kind!r} asks for no tokens", f"auth method {method.id!r}", "Use another")
        self._where = f"auth method {method.id!r}"
        self._token: TokenRequest = method.token
        self._refresh = method.refresh
        self._values, self._scope, self._http, self._wall_clock = values, scope, http, wall_clock
        self._default_grant = "client_credentials" if method.kind == "oauth2_client_credentials" else None
        self.url = fill_url(self._token.url, values, where=self._where)
        self.client_id = fill(self._token.client_id, values, where=self._where)
        is_bound_to_scope = self._default_grant is not None  # a code's scopes were consented to, once for all
        marks = (method.id, self.url, self.client_id, scope if is_bound_to_scope else "")
        self.fingerprint = hashlib.sha256("\0".join(marks).encode()).hexdigest()[:32]

    async def issue(self) -> TokenSet:
        """A new set by the client's own grant (RFC 6749 section 4.4, or the vendor's word for it)."""
        params = {"grant_type": self._token.grant or self._default_grant or "", "scope": self._scope}
        return await self._ask(self.url, params, may_repeat=True)

    async def exchange_code(self, code: str, *, redirect_uri: str, verifier: str | None) -> TokenSet:
        """The set that an authorization code stands for (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""
        params = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if verifier is not None:
            params["code_verifier"] = verifier
        return await self._ask(self.url, params, may_repeat=False)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """The set that follows (RFC 6749 section 6)."""
        if tokens.refresh_token is None:
            raise AuthError("the token has ended and came without a refresh token", self._where, "Sign in again")
        url = self.url if self._refresh.url is None else fill_url(self._refresh.url, self._values, where=self._where)
        params = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.reveal()}
        params |= self._fill(self._refresh.params)
        may_repeat = self._refresh.rotation != "single_use"
        return await self._ask(url, params, may_repeat=may_repeat, previous=tokens, is_refresh=True)

    async def _ask(
        self,
        url: str,
        params: dict[str, str],
        *,
        may_repeat: bool,
        previous: TokenSet | None = None,
        is_refresh: bool = False,
    ) -> TokenSet:
        now = self._wall_clock()
        request = self._build(url, params, may_repeat=may_repeat, is_refresh=is_refresh)
        async with self._http(str(URL(url).origin())) as transport:
            try:
                response = await transport.send(request)
            except OutcomeUnknownError as error:
                raise AuthError(
                    "the token endpoint's reply was lost", self._where, "Run again; sign in again if it is then refused"
                ) from error
        document = self._read(response)
        tokens = parse_token_reply(document, self._token.response, now=now, where=self._where, previous=previous)
        return replace(tokens, issued_for=self.fingerprint)

    def _build(self, url: str, standard: dict[str, str], *, may_repeat: bool, is_refresh: bool) -> Request:
        token = self._token
        params = {name: value for name, value in standard.items() if value}
        vendor = self._fill(token.params)
        if is_refresh:
            vendor.pop("grant_type", None)  # a vendor's word for its own grant is not its word for refreshing
        params |= vendor
        headers = {"Accept": "application/json"} | self._fill(token.headers)
        self._authenticate(url, params, headers)
        for name in token.drop_params:
            params.pop(name, None)
        if token.body == "json":
            headers["Content-Type"] = "application/json"
            content, query = orjson.dumps(params), None
        elif token.body == "query" or token.method == "GET":
            content, query = None, list(params.items())
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content, query = urlencode(params).encode(), None
        return Request(
            token.method,
            url,
            params=query,
            content=content,
            headers=headers,
            idempotent=may_repeat,
            label="token",
            template="/token",
        )

    def _authenticate(self, url: str, params: dict[str, str], headers: dict[str, str]) -> None:
        """Client authentication (RFC 6749 section 2.3.1)."""
        token = self._token
        if token.client_auth == "none":
            params.setdefault("client_id", self.client_id)
            return
        secret = fill(token.client_secret, self._values, where=self._where)
        if token.client_auth == "post":
            params.setdefault("client_id", self.client_id)
            params.setdefault("client_secret", secret)
            return
        from authlib.oauth2.auth import encode_client_secret_basic  # type: ignore[import-untyped]  # ships no types

        try:
            client = SimpleNamespace(client_id=self.client_id, client_secret=secret)
            encode_client_secret_basic(client, token.method, url, headers, "")
        except UnicodeEncodeError:
            raise AuthError(
                "client id or secret hold characters that HTTP Basic cannot carry", self._where, "Copy them again"
            ) from None
        Secret(headers["Authorization"].removeprefix("Basic "))  # registers the encoded form for masking

    def _fill(self, table: Mapping[str, str]) -> dict[str, str]:
        return {name: fill(text, self._values, where=self._where) for name, text in table.items()}

    def _read(self, response: Response) -> object:
        try:
            document = response.json()
        except TransportError as error:
            if response.status < 300:
                raise AuthError(error.what, self._where, "Check the token URL") from error
            document = None
        if response.status < 300:
            return document
        reply = cast("Mapping[str, object]", document) if isinstance(document, Mapping) else {}
        found = find(reply, self._token.response.error)
        word = found if isinstance(found, str) else ""
        detail = find(reply, "error_description")
        said = f"{word}: {redact(detail)[:200]}" if word and isinstance(detail, str) else redact(word)
        raise AuthError(
            f"the token request was refused with status {response.status}{f' ({said})' if said else ''}",
            self._where,
            mend_for(word),
        )
