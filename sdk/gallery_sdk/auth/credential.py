"""The life of a token on one connection: fetched once for all who wait, stored before use, renewed in time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from ..errors import AuthError
from ..manifest.auth import AuthMethod
from .lookups import Lookups
from .static import place
from .store import TokenStore
from .templates import Value
from .tokens import TokenSet


class TokenIssuer(Protocol):
    """Where token sets come from: a token endpoint, a login in steps, the client's own key."""

    @property
    def fingerprint(self) -> str:
        """Of stored sets that are its own."""
        ...

    @property
    def is_self_sufficient(self) -> bool:
        """Whether `issue` works whenever the stored set is lost."""
        ...

    async def issue(self) -> TokenSet:
        """A new set.

        Raises:
            AuthError: Refused, or a person is needed.
        """
        ...

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """The set that follows one with a refresh token.

        Raises:
            AuthError: Refused.
        """
        ...


class TokenCredential:
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
        issuer: TokenIssuer,
        lookups: Lookups,
        values: Mapping[str, Value],
        store: TokenStore,
        app: str,
        wall_clock: Callable[[], float],
    ) -> None:
        self._method, self._issuer, self._lookups, self._values = method, issuer, lookups, values
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
        """What replies and look-ups gave, such as `instance_url`; a token is fetched first when there is none.

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
            tokens = stored
            if stored is None or not self._is_usable(stored, rejected):
                tokens = await self._ask_or_take(stored, rejected)
            assert tokens is not None
            completed = await self._lookups.complete(tokens, before=stored or self._tokens)
            if completed is not tokens:
                self._store.write(self._app, completed)
            return self._adopt(completed)

    async def _ask_or_take(self, stored: TokenSet | None, rejected: TokenSet | None) -> TokenSet:
        """A new set, stored before anything else is done; or the one that somebody else stored meanwhile."""
        try:
            tokens = await self._ask(stored or self._tokens)
        except AuthError:
            # Somebody who does not know our lock may have refreshed with the same token: then theirs is good.
            other = self._stored()
            if other is not None and other != stored and self._is_usable(other, rejected):
                return other
            raise
        self._store.write(self._app, tokens)
        return tokens

    async def _ask(self, previous: TokenSet | None) -> TokenSet:
        kind = self._method.refresh.kind
        if kind == "refresh_token" and previous is not None and previous.refresh_token is not None:
            try:
                return await self._issuer.refresh(previous)
            except AuthError:
                if not self._issuer.is_self_sufficient:
                    raise  # else the client's own grant is left, which needs no refresh token
        if self._method.kind == "oauth2_authorization_code":
            what = "nobody has signed in yet" if previous is None else "the token has ended and cannot be refreshed"
            raise AuthError(what, self._where, "Sign in to the application again")
        return await self._issuer.issue()

    def _stored(self) -> TokenSet | None:
        try:
            tokens = self._store.read(self._app)
        except AuthError:
            if not self._issuer.is_self_sufficient:
                raise
            return None  # a damaged file is no loss where the client gets its tokens by itself
        return tokens if tokens is not None and tokens.issued_for == self._issuer.fingerprint else None

    def _is_usable(self, tokens: TokenSet, rejected: TokenSet | None) -> bool:
        if rejected is not None and tokens.access_token == rejected.access_token:
            return False
        return self._wall_clock() < tokens.fresh_until(self._skew)

    def _adopt(self, tokens: TokenSet) -> TokenSet:
        values = {**self._values, **tokens.kept, **tokens.secrets, "access_token": tokens.access_token}
        headers, params = place(self._method.placements, tokens.access_token.reveal(), values, where=self._where)
        if self._tokens is None or tokens.access_token != self._tokens.access_token:
            self.generation += 1
        self._tokens, self._headers, self._params = tokens, MappingProxyType(headers), tuple(params)
        self._fresh_until = tokens.fresh_until(self._skew)
        return tokens
