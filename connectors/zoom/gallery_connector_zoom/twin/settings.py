"""What kind of Zoom account the twin plays: its app, who is there already, licences, limits, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gallery_sdk.testing import Clock, Fault, RateLimit

RATE_LIMITS: Final[Mapping[str, RateLimit]] = {
    "Medium": RateLimit(60, 1.0, methods=("GET",), path=r"/scim2/(Users|Groups)"),
    "Light": RateLimit(80, 1.0, path=r"/scim2/(?!(Users|Groups)$).*|/v2/.*"),
    "Light writes": RateLimit(80, 1.0, methods=("POST",), path=r"/scim2/(Users|Groups)"),
}
"""Requests a second of accounts from Business on, all apps of an account together, by Zoom's label.

Source: https://developers.zoom.us/docs/api/rate-limits/; which operation has which label: the SCIM2 reference and
https://developers.qodex.ai/zoom-public/zoom-scim2-api, read 2026-11-23. Creates are inferred to be light.
"""

State = Literal["member", "pending", "foreign"]
"""`pending` was invited and has not joined; `foreign` is known to Zoom and belongs to another account."""


@dataclass(frozen=True, slots=True)
class ZoomSettings:
    """One Zoom account.

    Attributes:
        account_id, client_id, client_secret: Of the app that may ask for tokens.
        scopes: That the app was given.
        token_seconds: How long an access token lives, in seconds of `clock`.
        redirect_uri: The one that the app allows, compared as a whole.
        single_sign_on: Whether it is on; without it writes are refused.
        licences: How many Licensed users there may be; None for any number.
        basic_limit: How many Basic users there may be.
        users: People who are there from the start, as SCIM2 resources; `id`, `state` (see `State`) and `role` (Member,
            Admin, Owner) in them are obeyed.
        groups: Groups likewise, with `members` as SCIM has them.
        limits: By label; empty for none.
        daily: A daily allowance instead, by label; it is refused with a date to come back.
    """

    account_id: str = "A1"
    client_id: str = "twin-client"
    client_secret: str = "twin-secret"  # noqa: S105 - opens the twin alone
    scopes: tuple[str, ...] = ("scim2:admin",)
    token_seconds: int = 3600
    redirect_uri: str = "http://127.0.0.1:8917/callback"
    single_sign_on: bool = True
    licences: int | None = None
    basic_limit: int = 9_999
    users: Sequence[Mapping[str, object]] = ()
    groups: Sequence[Mapping[str, object]] = ()
    limits: Mapping[str, RateLimit] = field(default_factory=lambda: RATE_LIMITS)
    daily: Mapping[str, RateLimit] = field(default_factory=dict)
    clock: Clock | None = None
    write_seconds: float = 0.0
    faults: Sequence[Fault] = ()
    seed: int = 1
