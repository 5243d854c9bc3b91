"""What a manifest declares, in a reader's words: commands, comparisons and the site say it alike. Loads no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .behaviour import LimitDeclaration
    from .mapping import AttributeMapping

SIGN_INS: Final[Mapping[str, str]] = {
    "bearer_token": "Bearer token",
    "api_key": "API key",
    "basic": "HTTP Basic",
    "oauth2_client_credentials": "OAuth 2.0 client credentials",
    "oauth2_authorization_code": "OAuth 2.0 sign-in",
    "oauth2_refresh_only": "OAuth 2.0 refresh token",
    "oauth2_jwt_bearer": "OAuth 2.0 JWT bearer",
    "app_installation": "App installation",
    "jwt_self_signed": "Self-signed JWT",
    "session_exchange": "Session",
    "none": "No sign-in",
}
"""Kinds of authentication."""

PROTOCOL_NAMES: Final[Mapping[str, str]] = {"scim2": "SCIM 2.0", "scim1": "SCIM 1.1", "rest": "REST API"}
"""Kinds of transport."""

_WHEN: Final[Mapping[str, str]] = {"always": "always", "create": "on creation", "when_empty": "while empty"}
_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def when_text(mapping: AttributeMapping, *, matching: bool = True) -> str:
    """When a mapping applies: `always`, `on creation`, `while empty`, or `off`.

    Args:
        matching: Add its part in finding existing accounts: `always, matching 1`.
    """
    words = _WHEN[mapping.when] if mapping.enabled else "off"
    return f"{words}, matching {mapping.match}" if matching and mapping.match is not None else words


def sign_in_text(kind: str) -> str:
    """A way to sign in: `OAuth 2.0 sign-in`; a kind that only a later SDK knows stays as it is."""
    return SIGN_INS.get(kind, kind)


def protocol_text(kind: str) -> str:
    """How the engine speaks to the app: `SCIM 2.0`; a kind that only a later SDK knows stays as it is."""
    return PROTOCOL_NAMES.get(kind, kind)


def without_urn(path: str) -> str:
    """A path with `…` in place of an extension's URN."""
    head, colon, name = path.rpartition(":")
    return f"…:{name}" if colon and head.startswith("urn:") else path


def limited_text(limit: LimitDeclaration) -> str:
    """Which requests a limit counts: `all requests`, or methods and a path."""
    return "all requests" if limit.match == "*" else limit.match


def limit_text(limit: LimitDeclaration) -> str:
    """How many of them there may be: `600 requests in a minute, bursts of 180, 4 at the same time`."""
    parts = []
    if limit.requests:
        parts.append(f"{limit.requests:,} request{'s' * (limit.requests > 1)} in {_seconds(limit.per_seconds)}")
    if limit.burst:
        parts.append(f"bursts of {limit.burst:,}")
    if limit.concurrency:
        parts.append(f"{limit.concurrency:,} at the same time")
    return ", ".join(parts)


def _seconds(seconds: float) -> str:
    for unit, size in _UNITS:
        if seconds == size:
            return f"{'an' if unit == 'hour' else 'a'} {unit}"
        if seconds > size > 1 and seconds % size == 0:
            return f"{seconds / size:g} {unit}s"
    return f"{seconds:g} s"
