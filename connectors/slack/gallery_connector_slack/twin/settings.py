"""What kind of Slack the twin plays: plan, token, people who are there already, limits, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gallery_sdk.testing import Clock, Fault, RateLimit

RATE_LIMITS: Final[tuple[RateLimit, ...]] = (
    RateLimit(600, 60, burst=180, methods=("POST", "PUT", "PATCH", "DELETE")),
    RateLimit(1000, 60, burst=1000, methods=("GET",)),
    RateLimit(300, 60, burst=300, methods=("GET",), path=r"/v[12]/Users/[^/]+"),
    RateLimit(300, 60, burst=300, methods=("GET",), path=r"/v[12]/Groups/[^/]+"),
    RateLimit(180, 60, burst=20, methods=("POST",), path=r"/v[12]/Users"),
    RateLimit(180, 60, burst=20, methods=("PUT",), path=r"/v[12]/Users/[^/]+"),
    RateLimit(180, 60, burst=20, methods=("PATCH",), path=r"/v[12]/Users/[^/]+"),
    RateLimit(180, 60, burst=20, methods=("DELETE",), path=r"/v[12]/Users/[^/]+"),
    RateLimit(180, 60, burst=20, methods=("POST",), path=r"/v[12]/Groups"),
    RateLimit(180, 60, burst=80, methods=("PUT", "PATCH"), path=r"/v[12]/Groups/[^/]+"),
    RateLimit(180, 60, burst=20, methods=("DELETE",), path=r"/v[12]/Groups/[^/]+"),
)
"""The published limits, of all SCIM apps of an organisation together.

Source: https://docs.slack.dev/reference/scim-api/rate-limits, read 2026-11-23.
"""

Role = Literal["member", "owner", "primary_owner", "bot", "forgotten"]
"""`forgotten` is an account whose data was erased on request; SCIM cannot change it."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a token belongs to.

    Attributes:
        rank: Of the person who installed the app; an admin's token cannot change owners.
        scope: Whether it was installed on the organisation or on one workspace.
    """

    rank: Literal["owner", "admin"] = "owner"
    scope: Literal["org", "workspace"] = "org"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """One Slack.

    Attributes:
        plan: SCIM exists on `business+` and `enterprise`; guests on `enterprise` only.
        tokens: Bearer token to principal.
        domain: First label of the workspace's address.
        profile_sync: Whether profile syncing is on and members may not change their display names. Without it, changes
            of a display name are refused.
        profile_fields_left: How many custom profile fields may still be made, of 50.
        spoiled: User names whose creates lose all optional values, as if one of them were not valid.
        channels: Names of channels, which share a namespace with user names.
        users: Accounts that are there from the start, as v2 resources; `role` (see `Role`) and `id` are obeyed.
        groups: Groups likewise; `linked: true` for one that is connected to channels, `system: true` for one that
            Slack itself made.
        group_limit: Members that a group may have.
        limits: Rate limits in seconds of `clock`; empty for none.
        lag_seconds: How long reads go on showing what was there before a write, in seconds of `clock`.
        write_seconds: How long a write takes, in real seconds; another to the same object meanwhile is refused.
    """

    plan: Literal["free", "pro", "business+", "enterprise"] = "enterprise"
    tokens: Mapping[str, Principal] = field(default_factory=lambda: {"xoxp-twin": Principal()})
    domain: str = "acme"
    profile_sync: bool = False
    profile_fields_left: int = 50
    spoiled: Sequence[str] = ()
    channels: Sequence[str] = ("general", "random")
    users: Sequence[Mapping[str, object]] = ()
    groups: Sequence[Mapping[str, object]] = ()
    group_limit: int = 15_000
    limits: Sequence[RateLimit] = RATE_LIMITS
    clock: Clock | None = None
    lag_seconds: float = 0.0
    write_seconds: float = 0.0
    faults: Sequence[Fault] = ()
    seed: int = 1
