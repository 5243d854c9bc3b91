"""A set of tokens, and how it is read from a reply of the token endpoint."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..errors import AuthError
from ..manifest.auth import ExpiresKind, TokenResponse
from .secrets import Secret


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What one token request gave.

    Attributes:
        issued_at: Seconds since the epoch, when it was asked for.
        expires_at: Seconds since the epoch; None when it does not expire.
        kept: Fields that the manifest wants kept, by name.
        secrets: What else a login saved and the proof is made of, by name.
        issued_for: Fingerprint of method, client and endpoint; a stored set of another fingerprint is not used.
    """

    access_token: Secret
    issued_at: float
    refresh_token: Secret | None = None
    expires_at: float | None = None
    scope: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    issued_for: str = ""
    secrets: Mapping[str, Secret] = field(default_factory=dict)

    def fresh_until(self, skew_seconds: float) -> float:
        """When it should be replaced: `skew_seconds` before its end, but not in the first half of its life."""
        if self.expires_at is None:
            return math.inf
        return self.expires_at - min(skew_seconds, max(0.0, self.expires_at - self.issued_at) / 2)

    def to_document(self) -> dict[str, object]:
        """With the secrets in clear, for a token store alone."""
        return {
            "access_token": self.access_token.reveal(),
            "refresh_token": self.refresh_token.reveal() if self.refresh_token else None,
            "issued_at": self.issued_at,
            "expires_at": self.expires_at,
            "scope": self.scope,
            "kept": dict(self.kept),
            "issued_for": self.issued_for,
            "secrets": {name: value.reveal() for name, value in self.secrets.items()},
        }

    @classmethod
    def from_document(cls, document: object, *, where: str) -> TokenSet:
        """Undo `to_document`.

        Raises:
            AuthError: It is not such a document; nothing of it is quoted.
        """
        problem = AuthError("the stored token set cannot be read", where, "Sign in again; the file is then replaced")
        if not isinstance(document, dict):
            raise problem
        access, refresh, issued = (document.get(name) for name in ("access_token", "refresh_token", "issued_at"))
        expires, kept, secrets = document.get("expires_at"), document.get("kept", {}), document.get("secrets", {})
        if not (isinstance(access, str) and access and isinstance(refresh, str | None) and isinstance(kept, dict)):
            raise problem
        if not isinstance(secrets, dict) or not all(isinstance(value, str) for value in secrets.values()):
            raise problem
        if not isinstance(issued, int | float) or not isinstance(expires, int | float | None):
            raise problem
        return cls(
            Secret(access),
            issued,
            Secret(refresh) if refresh else None,
            expires,
            str(document.get("scope", "")),
            kept,
            str(document.get("issued_for", "")),
            {name: Secret(value) for name, value in secrets.items()},
        )


def parse_token_reply(
    document: object, response: TokenResponse, *, now: float, where: str, previous: TokenSet | None = None
) -> TokenSet:
    """The token set of a reply of status 200.

    Args:
        now: Seconds since the epoch, when the request was sent.
        previous: The set that is being refreshed. Its refresh token stays when the reply brings none (RFC 6749
            section 6), and so do kept fields.

    Raises:
        AuthError: The reply is a refusal in spite of its status, or lacks a token. Quotes the error word alone.
    """
    if not isinstance(document, Mapping):
        raise AuthError("the token endpoint's reply is not an object", where, "Check the token URL")
    refusal = refusal_in(document, response)
    if refusal is not None:
        raise AuthError(f"the token request was refused: {refusal}", where, mend_for(refusal))
    access = find(document, response.access_token)
    if not isinstance(access, str) or not access:
        raise AuthError(
            f"the reply has no text at {response.access_token!r}", where, "Correct token.response in the connector"
        )
    refresh = find(document, response.refresh_token)
    kept = dict(previous.kept) if previous else {}
    for path in response.keep:
        value = find(document, path)
        if isinstance(value, str | int):
            kept[path.rpartition(".")[2]] = str(value)
    scope = find(document, response.scope)
    return TokenSet(
        Secret(access),
        now,
        Secret(refresh) if isinstance(refresh, str) and refresh else previous.refresh_token if previous else None,
        expiry(
            find(document, response.expires_in),
            response.expires_kind,
            default_lifetime_seconds=response.default_lifetime_seconds,
            now=now,
            where=where,
        ),
        scope if isinstance(scope, str) else "",
        kept,
        previous.issued_for if previous else "",
    )


def refusal_in(document: Mapping[str, object], response: TokenResponse) -> str | None:
    """The error word of a refusal, None when the reply is none (Slack answers refusals with status 200)."""
    error = find(document, response.error)
    word = error if isinstance(error, str) and error else None
    if response.ok is not None and find(document, response.ok) is not True:
        return word or "no reason given"
    return word


def mend_for(word: str) -> str:
    """The next step for an error word of RFC 6749 section 5.2, or of a vendor."""
    return {
        "invalid_client": "Check the client id and the secret that its reference names",
        "invalid_grant": "Sign in again; the code or refresh token is used up, revoked or of another client",
        "unauthorized_client": "Allow this grant for the client in the application's console",
        "unsupported_grant_type": "Check the grant in the connector's token table",
        "invalid_scope": "Allow the scopes for the client, or switch off the features that need them",
        "access_denied": "Ask an administrator of the application to approve",
    }.get(word, "Check the connection's settings in the application's console")


def fingerprint_of(marks: Sequence[str]) -> str:
    """What tells the stored sets of one client, account and purpose from others: 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(marks).encode()).hexdigest()[:32]


def find(document: object, path: str) -> object:
    """The value at a dotted path, in which numbers count list entries from 0; None when there is none."""
    for name in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def expiry(
    value: object, kind: ExpiresKind, *, default_lifetime_seconds: int | None, now: float, where: str
) -> float | None:
    """When what a reply tells of an end is, in seconds since the epoch; None for never.

    Raises:
        AuthError: The value is not of the kind.
    """
    if value is None or value == "":
        return None if default_lifetime_seconds is None else now + default_lifetime_seconds
    try:
        if kind == "at_iso":
            moment = datetime.fromisoformat(str(value))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        if kind == "in_hms":
            hours, minutes, seconds_left = (float(part) for part in str(value).split(":"))
            return now + hours * 3600 + minutes * 60 + seconds_left
        number = float(str(value))
    except ValueError as error:
        raise AuthError(
            f"the expiry is not of kind {kind!r}", where, "Correct expires_kind in the connector"
        ) from error
    seconds = number / 1000 if kind.endswith("_ms") else number
    return now + seconds if kind.startswith("in_") else seconds
