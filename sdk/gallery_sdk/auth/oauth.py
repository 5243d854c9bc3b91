"""The life of a token on one connection: fetched once for all who wait, stored before use, renewed in time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..errors import AuthError
from ..manifest.auth import AuthMethod
from .endpoint import TokenEndpoint
from .static import place
from .store import TokenStore
from .templates import Value
from .tokens import TokenSet


class OAuthCredential:
    """Puts an access token on requests.

    However many requests find the token ended, one token request is sent. It runs to its end even when whoever asked
    is cancelled, since the reply may hold a refresh token that cannot be had twice. Across processes the store's lock
    is held while refreshing, and what another process stored meanwhile is used instead. A stored set is never deleted:
    a refusal may mean that somebody else was faster.

    Attributes:
        generation: Grows with each new access token.
    """

    def __init__(
        self,
        method: AuthMethod,
        *,
        endpoint: TokenEndpoint,
        values: Mapping[str, Value],
        store: TokenStore,
        app: str,
        wall_clock: Callable[[], float],
    ) -> None:
        self._method, self._endpoint, self._values = method, endpoint, values
        self._store, self._app, self._wall_clock = store, app, wall_clock
        self._where = f"auth method {method.id!r} of app {app!r}"
        self._skew = float(method.refresh.skew_s)
        self._tokens: TokenSet | None = None
        self._headers: Mapping[str, str] = {}
        self._params: tuple[tuple[str, str], ...] = ()
        self._fresh_until = -math.inf
        self._fetching: asyncio.Task[TokenSet] | None = None
        self.generation = 0

    def headers_now(self) -> Mapping[str, str] | None:
        """Headers with the token in hand; None when it must be fetched first, or goes into the query."""
        return self._headers if self._wall_clock() < self._fresh_until and not self._params else None

    async def apply(self, headers: dict[str, str], params: list[tuple[str, str]]) -> None:
        """Put a fresh token on the request.

        Raises:
            AuthError: No token can be had.
        """
        await self._fresh()
        headers.update(self._headers)
        params.extend(self._params)

    async def renew(self, rejected_generation: int) -> bool:
        """Replace a token that the target refused before its time.

        Raises:
            AuthError: No other token can be had.
        """
        if self.generation != rejected_generation:
            return True
        if self._method.refresh.on_401 == "fail" or self._method.refresh.kind == "none":
            return False
        await self._fetch(rejected=self._tokens)
        return self.generation != rejected_generation

    async def fetch_kept(self) -> Mapping[str, str]:
        """Fields kept from the token reply, such as `instance_url`; a token is fetched first when there is none.

        Raises:
            AuthError: No token can be had.
        """
        return MappingProxyType(dict((await self._fresh()).kept))

    async def _fresh(self) -> TokenSet:
        if self._tokens is not None and self._wall_clock() < self._fresh_until:
            return self._tokens
        return await self._fetch(rejected=None)

    async def _fetch(self, *, rejected: TokenSet | None) -> TokenSet:
        if self._fetching is None:
            self._fetching = asyncio.ensure_future(self._replace(rejected))
            self._fetching.add_done_callback(self._fetched)
        return await asyncio.shield(self._fetching)

    def _fetched(self, task: asyncio.Task[TokenSet]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # taken note of, also when everybody who waited is gone

    async def _replace(self, rejected: TokenSet | None) -> TokenSet:
        """Adopt what is stored when that is good, else ask for a new set; called by one at a time."""
        async with self._store.lock(self._app):
            stored = self._stored()
            if stored is not None and self._is_usable(stored, rejected):
                return self._adopt(stored)
            try:
                tokens = await self._ask(stored or self._tokens)
            except AuthError:
                # Somebody who does not know our lock may have refreshed with the same token: then theirs is good.
                other = self._stored()
                if other is not None and other != stored and self._is_usable(other, rejected):
                    return self._adopt(other)
                raise
            self._store.write(self._app, tokens)
            return self._adopt(tokens)

    async def _ask(self, previous: TokenSet | None) -> TokenSet:
        kind = self._method.refresh.kind
        if kind == "refresh_token" and previous is not None and previous.refresh_token is not None:
            return await self._endpoint.refresh(previous)
        if self._method.kind == "oauth2_client_credentials":
            return await self._endpoint.issue()
        what = "nobody has signed in yet" if previous is None else "the token has ended and cannot be refreshed"
        raise AuthError(what, self._where, "Sign in to the application again")

    def _stored(self) -> TokenSet | None:
        try:
            tokens = self._store.read(self._app)
        except AuthError:
            if self._method.kind != "oauth2_client_credentials":
                raise
            return None  # a damaged file is no loss where the client gets its tokens by itself
        return tokens if tokens is not None and tokens.issued_for == self._endpoint.fingerprint else None

    def _is_usable(self, tokens: TokenSet, rejected: TokenSet | None) -> bool:
        if rejected is not None and tokens.access_token == rejected.access_token:
            return False
        return self._wall_clock() < tokens.fresh_until(self._skew)

    def _adopt(self, tokens: TokenSet) -> TokenSet:
        values = {**self._values, **tokens.kept, "access_token": tokens.access_token}
        headers, params = place(self._method.placements, tokens.access_token.reveal(), values, where=self._where)
        if self._tokens is None or tokens.access_token != self._tokens.access_token:
            self.generation += 1
        self._tokens, self._headers, self._params = tokens, MappingProxyType(headers), tuple(params)
        self._fresh_until = tokens.fresh_until(self._skew)
        return tokens
