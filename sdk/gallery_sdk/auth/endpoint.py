"""The token endpoint: one request in the vendor's own form, and its reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ..errors import AuthError, OutcomeUnknownError
from ..manifest.auth import AuthMethod, TokenRequest
from ..transport import Request
from .assertions import AssertionSigner
from .client_proof import ClientProof
from .replies import TokenHttp, read_reply, send_to, write_params
from .templates import Value, fill, fill_table, fill_url
from .tokens import TokenSet, fingerprint_of, parse_token_reply

_GRANTS: Final = {
    "oauth2_client_credentials": "client_credentials",
    "oauth2_jwt_bearer": "urn:ietf:params:oauth:grant-type:jwt-bearer",
}
_PAUSES_SECONDS: Final = (0.5, 2.0)


class TokenEndpoint:
    """Asks for tokens as the manifest's `[auth.method.token]` table says.

    Attributes:
        fingerprint: Changes with whatever makes stored tokens those of another client, account or purpose.
        is_self_sufficient: Whether a set can be had without a person and without the one before.
    """

    def __init__(
        self,
        method: AuthMethod,
        values: Mapping[str, Value],
        *,
        scope: str,
        http: TokenHttp,
        wall_clock: Callable[[], float],
        also_for: Sequence[str] = (),
    ) -> None:
        """`scope` is the text to ask for; "" asks for none. `also_for` goes into the fingerprint.

        Raises:
            AuthError: A template lacks a value.
        """
        self._where = f"auth method {method.id!r}"
        if method.token is None:
            raise AuthError(f"kind {method.kind!r} has no token endpoint", self._where, "Use another method")
        self._token: TokenRequest = method.token
        self._kind, self._refresh = method.kind, method.refresh
        self._values, self._scope, self._http, self._wall_clock = values, scope, http, wall_clock
        self.url = fill_url(self._token.url, values, where=self._where)
        self._proof = ClientProof(
            method, self._token, values, token_url=self.url, where=self._where, wall_clock=wall_clock
        )
        self._signer: AssertionSigner | None = None
        if method.assertion is not None:
            # The app's own token (app_installation) is for no token endpoint in particular.
            audience = self.url if method.kind == "oauth2_jwt_bearer" else ""
            self._signer = AssertionSigner(
                method.assertion, values, where=self._where, wall_clock=wall_clock, audience=audience
            )
        self.is_self_sufficient = method.kind != "oauth2_authorization_code" and not (
            method.kind == "oauth2_refresh_only" and method.refresh.rotation == "single_use"
        )
        self.fingerprint = self._fingerprint(method.id, also_for)

    @property
    def client_id(self) -> str:
        """The client's id, "" for a client that has none."""
        return self._proof.client_id

    async def issue(self) -> TokenSet:
        """A new set by the client's own grant, without a person."""
        if self._kind == "oauth2_refresh_only":
            return await self._refresh_with(fill(self._token.refresh_token, self._values, where=self._where), None)
        params = {} if self._kind == "app_installation" else {"scope": self._scope}
        if grant := self._token.grant or _GRANTS.get(self._kind):
            params["grant_type"] = grant
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
        return await self._refresh_with(tokens.refresh_token.reveal(), tokens)

    async def _refresh_with(self, refresh_token: str, previous: TokenSet | None) -> TokenSet:
        url = self.url if self._refresh.url is None else fill_url(self._refresh.url, self._values, where=self._where)
        params = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        params |= fill_table(self._refresh.params, self._values, where=self._where)
        may_repeat = self._refresh.rotation != "single_use"
        return await self._ask(url, params, may_repeat=may_repeat, previous=previous, is_refresh=True)

    async def _ask(
        self,
        url: str,
        params: Mapping[str, str],
        *,
        may_repeat: bool,
        previous: TokenSet | None = None,
        is_refresh: bool = False,
    ) -> TokenSet:
        # An assertion is taken once: a request that carries one is not sent again as it was, but made anew.
        is_made_anew = may_repeat and (self._proof.is_single_use or (not is_refresh and self._is_signed_for_one_use()))
        pauses = iter(_PAUSES_SECONDS if is_made_anew else ())
        while True:
            now = self._wall_clock()
            request = self._build(url, dict(params), is_refresh=is_refresh, may_repeat=may_repeat and not is_made_anew)
            try:
                response = await send_to(self._http, url, request)
                break
            except OutcomeUnknownError as error:
                pause = next(pauses, None)
                if pause is None:
                    raise AuthError(
                        "the token endpoint's reply was lost",
                        self._where,
                        "Run again; sign in again if it is then refused",
                    ) from error
                await asyncio.sleep(pause)
        document = read_reply(response, self._token.response.error, where=self._where)
        tokens = parse_token_reply(document, self._token.response, now=now, where=self._where, previous=previous)
        return replace(tokens, issued_for=self.fingerprint)

    def _build(self, url: str, standard: dict[str, str], *, is_refresh: bool, may_repeat: bool) -> Request:
        token = self._token
        params = {name: value for name, value in standard.items() if value}
        vendor = fill_table(token.params, self._values, where=self._where)
        if is_refresh:  # a vendor's word for its own grant is not its word for refreshing
            vendor = {name: text for name, text in vendor.items() if name not in ("grant_type", *self._refresh.params)}
        params |= vendor
        headers = {"Accept": "application/json"} | fill_table(token.headers, self._values, where=self._where)
        self._proof.put_on(url, params, headers)
        if not is_refresh and self._signer is not None:
            assertion = self._signer.sign().reveal()
            if self._kind == "app_installation":
                headers["Authorization"] = f"Bearer {assertion}"
            else:
                params["assertion"] = assertion
        for name in token.drop_params:
            params.pop(name, None)
        content, query, media_type = write_params(params, "query" if token.method == "GET" else token.body)
        if media_type is not None:
            headers["Content-Type"] = media_type
        return Request(
            token.method,
            "",
            params=query,
            content=content,
            headers=headers,
            idempotent=may_repeat,
            label="token",
            template="/token",
        )

    def _is_signed_for_one_use(self) -> bool:
        return self._signer is not None and self._signer.is_single_use

    def _fingerprint(self, method_id: str, also_for: Sequence[str]) -> str:
        is_bound_to_scope = self._kind in _GRANTS  # a code's scopes were consented to, once for all
        marks = [method_id, self.url, self.client_id, self._scope if is_bound_to_scope else ""]
        if self._signer is not None:
            marks += [self._signer.issuer, self._signer.subject]
        if self._kind == "oauth2_refresh_only":  # another one in its place begins another chain
            marks.append(fill(self._token.refresh_token, self._values, where=self._where))
        return fingerprint_of([*marks, *also_for])
