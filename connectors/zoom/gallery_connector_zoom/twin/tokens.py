"""Zoom's OAuth host: server-to-server tokens, and authorization codes with refresh tokens that work once.

Source: https://developers.zoom.us/docs/internal-apps/s2s-oauth/ and https://developers.zoom.us/docs/integrations/oauth/,
with the error codes of https://github.com/anthropics/knowledge-work-plugins (zoom-plugin, oauth-errors.md), read
2026-11-23. Which body carries a code is inferred.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from gallery_sdk.testing import Clock, TwinRequest, TwinResponse

from .settings import ZoomSettings

_CODE_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom an access token belongs to."""

    scopes: frozenset[str]
    until: float


@dataclass(frozen=True, slots=True)
class _Code:
    redirect_uri: str
    challenge: str | None
    until: float


class TokenRefusedError(Exception):
    """A token request that is refused, with Zoom's number for it."""

    def __init__(self, status: int, error: str, code: int) -> None:
        super().__init__(status, error, code)
        self.status, self.error, self.code = status, error, code


class TokenDesk:
    """Gives and takes back tokens; `tokens` is the table that the application asks."""

    def __init__(self, settings: ZoomSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        # An empty table would let everybody in.
        self.tokens: dict[str, object] = {"": Principal(frozenset(), 0.0)}
        self._codes: dict[str, _Code] = {}
        self._refresh: str | None = None
        self._number = 0

    def authorize(self, request: TwinRequest) -> TwinResponse:
        """The browser's page, answered at once by an admin who agrees."""
        query, settings = request.query, self._settings
        if query.get("client_id") != settings.client_id or query.get("redirect_uri") != settings.redirect_uri:
            code = 4709 if query.get("client_id") == settings.client_id else 4702
            return TwinResponse(400, {"error": "invalid_request", "code": code})
        self._number += 1
        code_text = f"c{self._number}"
        self._codes[code_text] = _Code(
            query["redirect_uri"], query.get("code_challenge"), self._clock() + _CODE_SECONDS
        )
        back = urlencode({"code": code_text, "state": query.get("state", "")})
        return TwinResponse(302, None, {"Location": f"{query['redirect_uri']}?{back}"})

    def answer(self, request: TwinRequest) -> TwinResponse:
        """The token endpoint; parameters may stand in the query or in the form."""
        given = {**request.query, **dict(parse_qsl(request.body.decode("latin-1")))}
        try:
            return TwinResponse(200, self._grant(request, given))
        except TokenRefusedError as refused:
            return TwinResponse(refused.status, {"error": refused.error, "code": refused.code})

    def _grant(self, request: TwinRequest, given: dict[str, str]) -> dict[str, object]:
        self._check_client(request)
        grant = given.get("grant_type")
        if grant is None:
            raise TokenRefusedError(400, "invalid_request", 4706)
        if grant == "account_credentials":
            if given.get("account_id") != self._settings.account_id:
                raise TokenRefusedError(400, "invalid_request", 4706)
            return {**self._issue(), "api_url": "https://api.zoom.us"}
        if grant == "authorization_code":
            self._take_code(given)
            return self._with_refresh()
        if grant == "refresh_token":
            self._take_refresh(given.get("refresh_token", ""))
            return self._with_refresh()
        raise TokenRefusedError(400, "unsupported_grant_type", 4705)

    def _check_client(self, request: TwinRequest) -> None:
        scheme, _, encoded = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            raise TokenRefusedError(400, "invalid_request", 4706)
        try:
            user, _, password = base64.b64decode(encoded).decode().partition(":")
        except ValueError:
            raise TokenRefusedError(401, "invalid_client", 4702) from None
        if user != self._settings.client_id:
            raise TokenRefusedError(401, "invalid_client", 4702)
        if password != self._settings.client_secret:
            raise TokenRefusedError(401, "invalid_client", 4704)

    def _take_code(self, given: dict[str, str]) -> None:
        code = self._codes.pop(given.get("code", ""), None)
        if code is None:
            raise TokenRefusedError(400, "invalid_grant", 4734)
        if code.until < self._clock():
            raise TokenRefusedError(400, "invalid_grant", 4733)
        if given.get("redirect_uri") != code.redirect_uri:
            raise TokenRefusedError(400, "invalid_request", 4709)
        if code.challenge is not None and code.challenge != _challenge(given.get("code_verifier", "")):
            raise TokenRefusedError(400, "invalid_grant", 4734)

    def _take_refresh(self, token: str) -> None:
        if token != self._refresh:
            # One that was used, or that a later sign-in made void.
            raise TokenRefusedError(401, "invalid_grant", 4741)

    def _with_refresh(self) -> dict[str, object]:
        issued = self._issue()
        self._refresh = f"r{self._number}"
        return {**issued, "refresh_token": self._refresh}

    def _issue(self) -> dict[str, object]:
        self._number += 1
        token, settings = f"t{self._number}", self._settings
        self.tokens[token] = Principal(frozenset(settings.scopes), self._clock() + settings.token_seconds)
        return {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": settings.token_seconds,
            "scope": " ".join(settings.scopes),
        }

    def revoke(self) -> None:
        """End every token, as deactivating the app does."""
        for token in self.tokens:
            self.tokens[token] = Principal(frozenset(), 0.0)


def _challenge(verifier: str) -> str:
    """RFC 7636 section 4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
