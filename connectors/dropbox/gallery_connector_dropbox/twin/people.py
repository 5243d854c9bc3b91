"""Members and groups of the twin, and how they are shown.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team_common.stone, team.stone); values that
examples there have are kept where the twin has nothing of its own to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Member:
    """One member, removed ones included.

    Attributes:
        status: invited, active, suspended or removed; `before` is what it was when it was removed.
        wiped: What the last suspension or removal said of `wipe_data`; None before.
        removal: The arguments of the removal.
    """

    team_member_id: str
    account_id: str
    email: str
    given_name: str
    surname: str
    external_id: str | None = None
    persistent_id: str | None = None
    is_directory_restricted: bool = False
    status: str = "active"
    before: str = "active"
    role_ids: list[str] = field(default_factory=list)
    invited_on: str = ""
    removed_at: float = 0.0
    wiped: bool | None = None
    removal: Mapping[str, Any] = field(default_factory=dict)

    def profile(self, groups: list[str], *, recoverable: bool = False) -> dict[str, Any]:
        """The struct TeamMemberProfile; what is empty is left out."""
        status: dict[str, object] = {".tag": self.status}
        if self.status == "removed":
            status |= {"is_recoverable": recoverable, "is_disconnected": False}
        optional = {
            "external_id": self.external_id,
            "persistent_id": self.persistent_id,
            "is_directory_restricted": self.is_directory_restricted or None,
        }
        return {
            "team_member_id": self.team_member_id,
            "account_id": self.account_id,
            **{name: value for name, value in optional.items() if value is not None},
            "email": self.email,
            "email_verified": self.status != "invited",
            "secondary_emails": [],
            "status": status,
            "name": {
                "given_name": self.given_name,
                "surname": self.surname,
                "familiar_name": self.given_name,
                "display_name": f"{self.given_name} {self.surname}".strip(),
                "abbreviated_name": f"{self.given_name[:1]}{self.surname[:1]}",
            },
            "membership_type": {".tag": "full"},
            "invited_on": self.invited_on,
            "groups": groups,
            "member_folder_id": "20",
            "root_folder_id": "30",
        }


@dataclass(slots=True)
class Group:
    """One group; `members` by id, with their access."""

    group_id: str
    group_name: str
    group_external_id: str | None = None
    management: str = "company_managed"
    created: int = 0
    members: dict[str, str] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """The struct GroupSummary. Groups that Dropbox manages show no count."""
        shown: dict[str, Any] = {"group_name": self.group_name, "group_id": self.group_id,
                                 "group_management_type": {".tag": self.management}}  # fmt: skip
        if self.group_external_id is not None:
            shown["group_external_id"] = self.group_external_id
        if self.management != "system_managed":
            shown["member_count"] = len(self.members)
        return shown
