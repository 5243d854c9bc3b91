"""What kind of Snowflake account the twin plays: its integration, who owns what, which list API, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gallery_sdk.testing import Clock, Fault

TOKEN_SECONDS: Final = 183 * 86_400.0
"""Six months, https://docs.snowflake.com/user-guide/scim-authentication."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token opens.

    Attributes:
        kind: `scim` is an access token of the integration, for the short address alone and for six months; `other` is
            a programmatic access token or one of External OAuth.
        issued: When, in seconds of the clock.
    """

    kind: Literal["scim", "other"] = "scim"
    issued: float = 0.0


@dataclass(frozen=True, slots=True)
class SnowflakeSettings:
    """One Snowflake account.

    Attributes:
        client: `SCIM_CLIENT` of the integration: decides the extension's URN and the answer to a group's PATCH.
        run_as_role: Owner of what the integration makes.
        integration: `SCIM_ENDPOINT_ID`; `only_integration` whether the address may leave it out for tokens of kind
            `other`.
        lists: `legacy` answers unfiltered lists with a made-up object and bad filters with nothing.
        monitors_users, monitors_roles: Whether the role was granted MONITOR, so that it sees what others own.
        separate_names: The account parameter MAP_SCIM_USERNAME_TO_ENTERPRISE_ATTR.
        blocked: A network policy keeps the caller out.
        most_in_flight: Requests together, for each endpoint.
        users: Who is there from the start, as SCIM resources; `id` and `owner` in them are obeyed.
        groups: Roles likewise, with `members`.
    """

    client: Literal["GENERIC", "AZURE", "OKTA"] = "GENERIC"
    run_as_role: str = "GENERIC_SCIM_PROVISIONER"
    integration: str = "0b8d6c2e-5d1f-4f1c-9a57-2f1b3c4d5e6f"
    only_integration: bool = True
    lists: Literal["legacy", "bundle_2026_03"] = "bundle_2026_03"
    monitors_users: bool = False
    monitors_roles: bool = False
    separate_names: bool = False
    blocked: bool = False
    most_in_flight: int = 500
    tokens: Mapping[str, Grant] = field(default_factory=lambda: {"ver:1-hint:twin-ETMsDgAAA==": Grant()})
    users: Sequence[Mapping[str, object]] = ()
    groups: Sequence[Mapping[str, object]] = ()
    clock: Clock | None = None
    write_seconds: float = 0.0
    faults: Sequence[Fault] = ()
    seed: int = 1
