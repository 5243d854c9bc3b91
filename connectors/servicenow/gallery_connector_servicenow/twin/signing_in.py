"""Who may ask: accounts with passwords, OAuth tokens of `/oauth_token.do`, API keys.

Sources, read on 2026-11-23: r_RESTOAuthExample.md, client-credentials-grant-workflow.md and
resource-owner-password-credential-workflow.md of https://github.com/ServiceNow/ServiceNowDocs; the header of API keys
from https://github.com/ansible-collections/servicenow.itsm. Bodies of refusals are inferred.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import orjson

from gallery_sdk.testing import TwinRequest, TwinResponse

_JWT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_FORM: Final = "application/x-www-form-urlencoded"
ACCESS_SECONDS: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes:
        user_id: The row of `sys_user`.
        roles: Of `admin`, `user_admin`, `scim_admin`; empty for a user without rights.
        web_service_only: Not interactive, so the password grant is refused.
    """

    user_name: str
    password: str
    user_id: str
    roles: frozenset[str] = frozenset({"admin"})
    web_service_only: bool = False

    @property
    def writes(self) -> bool:
        """Whether it may write users and groups."""
        return not self.roles.isdisjoint({"admin", "user_admin", "scim_admin"})

    @property
    def sees_inactive(self) -> bool:
        """Whether inactive users are shown to it."""
        return not self.roles.isdisjoint({"admin", "scim_admin"})


@dataclass(slots=True)
class Credentials:
    """Who may sign in, and with what.

    Attributes:
        accounts: By user name.
        clients: Client id to client secret.
        application_user: On whose behalf client credentials act.
        api_keys: Key to user name.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    clients: dict[str, str] = field(default_factory=dict)
    application_user: str = ""
    api_keys: dict[str, str] = field(default_factory=lambda: {"twin-api-key": "integration.gallery"})
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    _refresh: dict[str, str] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)

    def who(self, request: TwinRequest, now: float, *, is_usable: Callable[[Account], bool]) -> Account | None:
        """The account that a request proves; None without a proof that holds."""
        account = self.accounts.get(self._name(request, now))
        return account if account is not None and is_usable(account) else None

    def _name(self, request: TwinRequest, now: float) -> str:
        if (key := request.header("x-sn-apikey")) is not None:
            return self.api_keys.get(key, "")
        scheme, _, proof = (request.header("authorization") or "").partition(" ")
        if scheme.casefold() == "bearer":
            name, ends = self._tokens.get(proof, ("", 0.0))
            return name if now < ends else ""
        if scheme.casefold() != "basic":
            return ""
        name, _, password = base64.b64decode(proof).decode().partition(":")
        account = self.accounts.get(name)
        return name if account is not None and account.password == password else ""

    def token(self, request: TwinRequest, now: float, *, is_usable: Callable[[Account], bool]) -> TwinResponse:
        """Answer `POST /oauth_token.do`. Who asks again gets the same token with what is left of its life."""
        if not (request.header("content-type") or "").startswith(_FORM):
            return _refused("server_error")
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if self.clients.get(form.get("client_id", "")) != form.get("client_secret"):
            return _refused("invalid_client")
        name = self._granted(form)
        account = self.accounts.get(name)
        if account is None or not is_usable(account):
            return _refused("access_denied")
        if form.get("grant_type") == "password" and account.web_service_only:
            return _refused("access_denied")
        access = next((one for one, (whose, ends) in self._tokens.items() if whose == name and now < ends), None)
        if access is None:
            access = uuid4().hex
            self._tokens[access] = (name, now + ACCESS_SECONDS)
        left = int(self._tokens[access][1] - now) - 1
        reply: dict[str, object] = {"scope": "useraccount", "token_type": "Bearer", "expires_in": left}
        if form.get("grant_type") in ("password", "authorization_code", "refresh_token"):
            reply["refresh_token"] = self._refresh_token(name)
        return TwinResponse(200, {**reply, "access_token": access})

    def authorize(self, request: TwinRequest) -> TwinResponse:
        """Answer `GET /oauth_auth.do` as if the integration user had agreed at once."""
        redirect = request.query.get("redirect_uri", "")
        is_known = request.query.get("client_id") in self.clients
        if not is_known or urlsplit(redirect).hostname not in ("127.0.0.1", "localhost"):
            return _refused("invalid_client")
        code = uuid4().hex
        self._codes[code] = self.application_user
        back = {"code": code, "state": request.query.get("state", "")}
        return TwinResponse(302, None, {"Location": f"{redirect}?{urlencode(back)}"})

    def _granted(self, form: dict[str, str]) -> str:
        """The user name that a grant proves; "" where it proves none."""
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            return self.application_user
        if grant == "refresh_token":
            return self._refresh.get(form.get("refresh_token", ""), "")
        if grant == "authorization_code":
            return self._codes.pop(form.get("code", ""), "")
        if grant == "password":
            account = self.accounts.get(form.get("username", ""))
            return account.user_name if account is not None and account.password == form.get("password") else ""
        return _subject(form.get("assertion", ""), self.clients) if grant == _JWT else ""

    def _refresh_token(self, name: str) -> str:
        known = next((one for one, whose in self._refresh.items() if whose == name), None)
        made = known or uuid4().hex
        self._refresh[made] = name
        return made


def _subject(assertion: str, clients: dict[str, str]) -> str:
    """The subject of an assertion. Claims are looked at; the signature is left to whoever made the key."""
    parts = assertion.split(".")
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        return ""
    return str(claims.get("sub", "")) if claims.get("iss") in clients else ""


def _refused(word: str) -> TwinResponse:
    return TwinResponse(401, {"error_description": "access_denied", "error": word})
