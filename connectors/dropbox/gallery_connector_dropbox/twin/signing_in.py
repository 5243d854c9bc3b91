"""Dropbox's OAuth: authorization codes with and without PKCE, refresh tokens that stay, access tokens of four hours.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-sdk-python (oauth.py, dropbox_client.py) and
https://dropbox.tech/developers/using-oauth-2-0-with-offline-access.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from gallery_sdk.testing import Clock, TwinRequest, TwinResponse

SCOPES: Final = ("team_info.read", "members.read", "members.write", "members.delete", "groups.read", "groups.write")
TOKEN_SECONDS: Final = 14400
CLIENT: Final = ("twin-app-key", "twin-app-secret")
REFRESH_TOKEN: Final = "twin-refresh-token"  # noqa: S105 - opens this simulator and nothing else


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom an access token belongs to, and until when."""

    scopes: frozenset[str]
    until: float = float("inf")


@dataclass(frozen=True, slots=True)
class _Code:
    redirect_uri: str
    challenge: str | None
    offline: bool
    scopes: tuple[str, ...]


class TokenDesk:
    """Gives tokens.

    Attributes:
        tokens: Access tokens that the application asks of.
        refresh_tokens: Those that are not revoked, with their scopes.
    """

    def __init__(self, tokens: dict[str, object], clock: Clock) -> None:
        self.tokens, self._clock = tokens, clock
        self.refresh_tokens: dict[str, tuple[str, ...]] = {REFRESH_TOKEN: SCOPES}
        self._codes: dict[str, _Code] = {}
        self._number = 0

    def authorize(self, request: TwinRequest) -> TwinResponse:
        """The page in the browser, answered at once by a team admin who agrees."""
        query = request.query
        if query.get("client_id") != CLIENT[0] or query.get("response_type") != "code":
            return TwinResponse(400, b"Invalid client_id or response_type", media_type="text/html")
        self._number += 1
        code = f"code{self._number}"
        scopes = tuple(query["scope"].split()) if query.get("scope") else SCOPES
        offline = query.get("token_access_type") == "offline"
        self._codes[code] = _Code(query.get("redirect_uri", ""), query.get("code_challenge"), offline, scopes)
        back = urlencode({"code": code, "state": query.get("state", "")})
        return TwinResponse(302, None, {"Location": f"{query.get('redirect_uri')}?{back}"})

    def answer(self, request: TwinRequest) -> TwinResponse:
        """The token endpoint."""
        form = dict(parse_qsl(request.body.decode("latin-1")))
        client, secret = _client(request, form)
        if client != CLIENT[0] or secret not in ("", CLIENT[1]):
            return _refused("invalid_client", "Invalid client_id or client_secret")
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._exchange(form, secret)
        if grant == "refresh_token":
            scopes = self.refresh_tokens.get(form.get("refresh_token", ""))
            if scopes is None:
                return _refused("invalid_grant", "refresh token is invalid or revoked")
            return TwinResponse(200, self._issue(scopes))
        return _refused("unsupported_grant_type", "grant type not supported")

    def _exchange(self, form: dict[str, str], secret: str) -> TwinResponse:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or form.get("redirect_uri", "") != code.redirect_uri:
            return _refused("invalid_grant", "code doesn't exist or has expired")
        proved = secret if code.challenge is None else _challenge(form.get("code_verifier", "")) == code.challenge
        if not proved:
            return _refused("invalid_grant", "the client did not prove who it is")
        issued = self._issue(code.scopes)
        if code.offline:
            issued["refresh_token"] = f"refresh{self._number}"
            self.refresh_tokens[issued["refresh_token"]] = code.scopes
        return TwinResponse(200, {**issued, "uid": "", "team_id": "dbtid:1234abcd"})

    def _issue(self, scopes: tuple[str, ...]) -> dict[str, Any]:
        self._number += 1
        token = f"sl.token{self._number}"
        self.tokens[token] = Principal(frozenset(scopes), self._clock() + TOKEN_SECONDS)
        return {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "scope": " ".join(scopes)}


def _client(request: TwinRequest, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, proof = (request.header("authorization") or "").partition(" ")
    if scheme.casefold() == "basic":
        name, _, secret = base64.b64decode(proof).decode().partition(":")
        return name, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _challenge(verifier: str) -> str:
    """RFC 7636 section 4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refused(word: str, description: str) -> TwinResponse:
    return TwinResponse(400, {"error": word, "error_description": description})
