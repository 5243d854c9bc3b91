"""The token endpoint and the SOAP login of the twin; who may sign in is seeded.

Sources, read on 2026-11-23: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flows.htm and the
login code and recorded replies of https://github.com/simple-salesforce/simple-salesforce.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

import orjson

from gallery_sdk.testing import TwinRequest, TwinResponse

_JWT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCES: Final = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
_SHARED_HOSTS: Final = frozenset({"login.salesforce.com", "test.salesforce.com"})
_FAULT: Final = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope \
xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body>\
<soapenv:Fault><faultcode>INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, security \
token; or user locked out.</faultstring><detail><sf:LoginFault><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>\
<sf:exceptionMessage>Invalid username, password, security token; or user locked out.</sf:exceptionMessage>\
</sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"""
_SESSION: Final = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope \
xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><soapenv:Body>\
<loginResponse><result><serverUrl>{server}</serverUrl><sessionId>{session}</sessionId><userInfo>\
<sessionSecondsValid>7200</sessionSecondsValid></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>"""


@dataclass(slots=True)
class Credentials:
    """Who may sign in.

    Attributes:
        clients: Consumer key to consumer secret.
        approved: User names for which JWT bearer was approved before.
        passwords: User name to password followed by security token.
        refresh_tokens: Issued and not revoked.
        codes: Issued and not exchanged, each with redirect URI and PKCE challenge.
    """

    clients: dict[str, str] = field(default_factory=lambda: {"twin-client": "twin-client-secret"})
    approved: set[str] = field(default_factory=lambda: {"integration@twin.example"})
    passwords: dict[str, str] = field(
        default_factory=lambda: {"integration@twin.example": "twin-password" + "twin-mark"}
    )
    refresh_tokens: set[str] = field(default_factory=lambda: {"twin-refresh-token"})
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)


def authorize(request: TwinRequest, credentials: Credentials) -> TwinResponse:
    """Answer `GET /services/oauth2/authorize` as if the integration user had agreed at once."""
    query = request.query
    if query.get("client_id") not in credentials.clients:
        return _refused("invalid_client_id", "client identifier invalid")
    redirect, code = query.get("redirect_uri", ""), uuid4().hex
    credentials.codes[code] = (redirect, query.get("code_challenge", ""))
    back = urlencode({"code": code, "state": query.get("state", "")})
    return TwinResponse(302, None, {"Location": f"{redirect}?{back}"})


def token(
    request: TwinRequest, credentials: Credentials, *, issue: Callable[[], str], wall_clock: Callable[[], float]
) -> TwinResponse:
    """Answer `POST /services/oauth2/token`; a refusal is status 400 with `error` and `error_description`."""
    form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    grant = form.get("grant_type", "")
    client, secret = _client(request, form)
    if grant != _JWT and client not in credentials.clients:
        return _refused("invalid_client_id", "client identifier invalid")
    problem = _problem(grant, form, client, secret, request, credentials, wall_clock)
    if problem is not None:
        return _refused(*problem)
    origin = request.base_url
    reply: dict[str, Any] = {
        "access_token": issue(),
        "instance_url": origin,
        "id": f"{origin}/id/00D000000000001AAA/005000000000000AAA",
        "token_type": "Bearer",
        "scope": "api refresh_token",
        "issued_at": str(int(wall_clock() * 1000)),
        "signature": "c2lnbmF0dXJl",
    }
    if grant == "authorization_code":
        reply["refresh_token"] = uuid4().hex
        credentials.refresh_tokens.add(reply["refresh_token"])
    return TwinResponse(200, reply)


def soap_login(request: TwinRequest, credentials: Credentials, *, issue: Callable[[], str]) -> TwinResponse:
    """Answer the partner API's `login()`, with a fault for a wrong password."""
    text = request.body.decode()
    name, password = (re.search(rf"<(?:\w+:)?{tag}>([^<]*)<", text) for tag in ("username", "password"))
    if name is None or password is None or credentials.passwords.get(name[1]) != password[1]:
        return TwinResponse(500, _FAULT.encode(), media_type="text/xml; charset=utf-8")
    body = _SESSION.format(server=f"{request.base_url}{request.path}/00D000000000001", session=issue())
    return TwinResponse(200, body.encode(), media_type="text/xml; charset=utf-8")


def _problem(
    grant: str,
    form: dict[str, str],
    client: str,
    secret: str,
    request: TwinRequest,
    credentials: Credentials,
    wall_clock: Callable[[], float],
) -> tuple[str, str] | None:
    """Why the grant is refused; None when it is not."""
    if grant == _JWT:
        return _jwt_problem(form.get("assertion", ""), request, credentials, wall_clock())
    if credentials.clients[client] != secret:
        return "invalid_client", "invalid client credentials"
    if grant == "client_credentials":
        is_shared = (request.header("host") or "").partition(":")[0] in _SHARED_HOSTS
        return ("invalid_grant", "request not supported on this domain") if is_shared else None
    if grant == "refresh_token":
        known = form.get("refresh_token") in credentials.refresh_tokens
        return None if known else ("invalid_grant", "expired access/refresh token")
    if grant == "authorization_code":
        redirect, challenge = credentials.codes.pop(form.get("code", ""), ("", ""))
        if not redirect or redirect != form.get("redirect_uri"):
            return "invalid_grant", "invalid authorization code"
        proved = not challenge or challenge == _challenge(form.get("code_verifier", ""))
        return None if proved else ("invalid_grant", "invalid code verifier")
    if grant == "password":
        fits = credentials.passwords.get(form.get("username", "")) == form.get("password")
        return None if fits else ("invalid_grant", "authentication failure")
    return "unsupported_grant_type", "grant type not supported"


def _jwt_problem(assertion: str, request: TwinRequest, credentials: Credentials, now: float) -> tuple[str, str] | None:
    """Claims are checked; the signature is left to whoever made the key."""
    parts = assertion.split(".")
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        return "invalid_grant", "invalid assertion"
    if claims.get("iss") not in credentials.clients:
        return "invalid_client_id", "client identifier invalid"
    if claims.get("aud") not in {*_AUDIENCES, request.base_url}:
        return "invalid_grant", "audience is invalid"
    if not now < float(claims.get("exp", 0)) <= now + 180:
        return "invalid_grant", "expired authorization code"
    if claims.get("sub") not in credentials.approved:
        return "invalid_grant", "user hasn't approved this consumer"
    return None


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
