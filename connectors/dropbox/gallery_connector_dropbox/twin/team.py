"""What one team holds: its members and its seats.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone). What it leaves open, such as
whether removed members are found by a look-up, is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gallery_sdk.testing import Clock

from ..quirks import ADDRESS, NOT_IN_NAMES
from .people import Group, Member
from .refusals import Malformed, RouteError

ROLES: Final = {
    "pid_dbtmr:2345": "Team admin",
    "pid_dbtmr:3456": "User management admin",
    "pid_dbtmr:4567": "Support admin",
    "pid_dbtmr:5678": "Billing admin",
}
"""The ids are those of the specification's examples."""
TEAM_ADMIN: Final = "pid_dbtmr:2345"
WINDOW_SECONDS: Final = 7 * 86400.0
_BEGINNING: Final = datetime(2015, 5, 12, 15, 50, 38, tzinfo=UTC)


class Team:
    """Members, groups and licences of one team.

    Attributes:
        members: By id, in the order of being added, removed ones included.
        elsewhere: Addresses of members of other teams.
        joins_at_once: New members are active, as those of a verified domain that are added silently.
        mailed: Addresses that a welcome mail was sent to.
        persistent_ids, restricted_directory: Whether the team has these switched on.
    """

    def __init__(self, clock: Clock, *, licences: int, joins_at_once: bool = False) -> None:
        self.members: dict[str, Member] = {}
        self.groups: dict[str, Group] = {}
        self.licences, self.joins_at_once = licences, joins_at_once
        self.elsewhere: set[str] = set()
        self.mailed: list[str] = []
        self.persistent_ids = self.restricted_directory = False
        self._clock = clock
        self._numbers = 0

    # -- looking -------------------------------------------------------------------------------------------

    def numbers(self) -> dict[str, int]:
        """Licences: those of invited members are spoken for, though not used yet."""
        states = [one.status for one in self.members.values()]
        return {
            "num_licensed_users": self.licences,
            "num_provisioned_users": states.count("invited") + states.count("active"),
            "num_used_licenses": states.count("active") + states.count("suspended"),
        }

    def find(self, selector: Any) -> Member | None:
        """Whom a selector names; members who are there before those who were removed."""
        tag = selector.get(".tag") if isinstance(selector, Mapping) else None
        if tag not in ("team_member_id", "external_id", "email") or not isinstance(selector.get(tag), str):
            raise Malformed("user: is no UserSelectorArg")
        value = selector[tag]
        check_person({tag: value})
        if tag == "team_member_id":
            return self.members.get(value)
        if tag == "email":
            value = value.casefold()
        found = [one for one in self.members.values()
                 if (one.email.casefold() if tag == "email" else one.external_id) == value]  # fmt: skip
        return min(found, key=lambda one: one.status == "removed", default=None)

    def get(self, selector: Any) -> Member:
        """Who is in the team by a selector.

        Raises:
            RouteError: user_not_found, user_not_in_team.
        """
        found = self.find(selector)
        if found is None:
            raise RouteError("user_not_found")
        if found.status == "removed":
            raise RouteError("user_not_in_team")
        return found

    def is_recoverable(self, member: Member) -> bool:
        """Whether a removed member can be brought back."""
        return member.status == "removed" and self._clock() < member.removed_at + WINDOW_SECONDS

    def info(self, member: Member) -> dict[str, Any]:
        """The struct TeamMemberInfoV2."""
        groups = [one.group_id for one in self.groups.values() if member.team_member_id in one.members]
        roles = [{"role_id": one, "name": ROLES[one], "description": f"{ROLES[one]} of the team"}
                 for one in member.role_ids]  # fmt: skip
        return {"profile": member.profile(groups, recoverable=self.is_recoverable(member)), "roles": roles}

    def now(self) -> datetime:
        """The time of the twin; it began on the day of the specification's examples."""
        return _BEGINNING + timedelta(seconds=self._clock())

    def identifier(self, prefix: str) -> str:
        """A new id."""
        self._numbers += 1
        return f"{prefix}{self._numbers:032x}"

    # -- changing ------------------------------------------------------------------------------------------

    def seed(self, email: str, **fields: Any) -> Member:
        """Put a member in without checks, active unless said otherwise."""
        made = Member(
            fields.pop("team_member_id", None) or self.identifier("dbmid:"),
            self.identifier("dbid:"),
            email,
            fields.pop("given_name", email.partition("@")[0]),
            fields.pop("surname", "Seeded"),
            invited_on=f"{self.now():%Y-%m-%dT%H:%M:%SZ}",
            **fields,
        )
        self.members[made.team_member_id] = made
        return made

    def add(self, argument: Mapping[str, Any]) -> dict[str, Any]:
        """Add one member; the result is a success or a tag with the address as its value."""
        email = argument["member_email"]
        word = self._obstacle(argument)
        if word is not None:
            return {".tag": word, word: email}
        made = self.seed(
            email,
            given_name=argument.get("member_given_name", ""),
            surname=argument.get("member_surname", ""),
            external_id=argument.get("member_external_id"),
            persistent_id=argument.get("member_persistent_id"),
            is_directory_restricted=argument.get("is_directory_restricted", False),
            status="active" if self.joins_at_once else "invited",
            role_ids=list(argument.get("role_ids") or ()),
        )
        if argument.get("send_welcome_email", True):
            self.mailed.append(email)
        return {".tag": "success", **self.info(made)}

    def _obstacle(self, argument: Mapping[str, Any]) -> str | None:
        email, external_id = argument["member_email"].casefold(), argument.get("member_external_id")
        if any(role not in ROLES for role in argument.get("role_ids") or ()):
            return "user_creation_failed"
        if argument.get("member_persistent_id") and not self.persistent_ids:
            return "persistent_id_disabled"
        for one in self.members.values():
            if one.status == "removed" and not self.is_recoverable(one):
                continue
            if one.email.casefold() == email:
                return "user_already_on_team"
            if external_id and one.external_id == external_id:
                return "duplicate_external_member_id"
        if email in self.elsewhere:
            return "user_on_another_team"
        return None if self._has_seat() else "team_license_limit"

    def _has_seat(self) -> bool:
        return sum(one.status != "removed" for one in self.members.values()) < self.licences

    def suspend(self, member: Member, *, wipe: bool) -> None:
        """Suspend an active member."""
        if member.status != "active":
            raise RouteError("suspend_inactive_user")
        self._guard_admin(member, "suspend_last_admin")
        member.status, member.wiped = "suspended", wipe

    def unsuspend(self, member: Member) -> None:
        """Let a suspended member in again."""
        if member.status != "suspended":
            raise RouteError("unsuspend_non_suspended_member")
        member.status = "active"

    def remove(self, member: Member, argument: Mapping[str, Any]) -> None:
        """Take a member out of the team; it can be recovered for seven days."""
        self._guard_admin(member, "remove_last_admin")
        wipe, keep = argument.get("wipe_data", True), argument.get("keep_account", False)
        heir, admin = argument.get("transfer_dest_id"), argument.get("transfer_admin_id")
        if keep and wipe:
            raise RouteError("cannot_keep_account_and_delete_data")
        if keep and heir:
            raise RouteError("cannot_keep_account_and_transfer")
        if heir:
            if admin is None:
                raise RouteError("unspecified_transfer_admin_id")
            if (found := self.find(heir)) is None or found.status == "removed":
                raise RouteError("transfer_dest_user_not_found")
            if found is member:
                raise RouteError("removed_and_transfer_dest_should_differ")
            if (found := self.find(admin)) is None or TEAM_ADMIN not in found.role_ids:
                raise RouteError("transfer_admin_is_not_admin")
        member.before, member.status = member.status, "removed"
        member.removed_at, member.wiped, member.removal = self._clock(), wipe, dict(argument)
        for group in self.groups.values():
            group.members.pop(member.team_member_id, None)

    def recover(self, selector: Any) -> None:
        """Bring a removed member back as it was, without its groups."""
        found = self.find(selector)
        if found is None:
            raise RouteError("user_not_found")
        if not self.is_recoverable(found):
            raise RouteError("user_unrecoverable")
        if not self._has_seat():
            raise RouteError("team_license_limit")
        found.status = found.before

    def set_profile(self, selector: Any, changes: Mapping[str, Any]) -> Member:
        """Change a member's address, ids and names; an empty external id takes it away."""
        if not changes:
            raise RouteError("no_new_data_specified")
        if selector.get(".tag") == "external_id" and "new_external_id" in changes:
            raise RouteError("external_id_and_new_external_id_unsafe")
        member = self.get(selector)
        others = [one for one in self.members.values() if one is not member]
        given = {name.removeprefix("new_"): value for name, value in changes.items()}
        check_person(given)
        if any(given.get(name) == "" for name in ("email", "given_name", "surname")):
            raise RouteError("param_cannot_be_empty")
        email = given.get("email", "").casefold()
        if email and (email in self.elsewhere or any(one.email.casefold() == email for one in others)):
            raise RouteError("email_reserved_for_other_user")
        for name, is_on in (("external_id", True), ("persistent_id", self.persistent_ids)):
            if not is_on and name in given:
                raise RouteError(f"{name}_disabled")
            if given.get(name) and any(getattr(one, name) == given[name] for one in others):
                raise RouteError(f"{name}_used_by_other_user")
        if "is_directory_restricted" in given and not self.restricted_directory:
            raise RouteError("directory_restricted_off")
        for name, value in given.items():
            setattr(member, name, None if value == "" else value)
        return member

    def set_roles(self, member: Member, roles: list[str]) -> None:
        """Give a member its one role, or none."""
        if len(roles) > 1:
            raise Malformed("new_roles: list should have at most 1 items")
        if any(role not in ROLES for role in roles):
            raise RouteError("role_not_found")
        if member.status == "suspended":
            raise RouteError("cannot_set_permissions")
        if TEAM_ADMIN not in roles:
            self._guard_admin(member, "last_admin")
        member.role_ids = list(roles)

    def _guard_admin(self, member: Member, word: str) -> None:
        admins = [one for one in self.members.values() if one.status == "active" and TEAM_ADMIN in one.role_ids]
        if admins == [member]:
            raise RouteError(word)


def check_person(given: Mapping[str, Any]) -> None:
    """Refuse what the patterns of the specification do not take.

    Raises:
        Malformed: Naming the field.
    """
    email = given.get("email")
    if email and (len(email) > 255 or ADDRESS.fullmatch(email) is None):
        raise Malformed(f"email: '{email}' did not match pattern")
    for name in ("given_name", "surname"):
        text = given.get(name)
        if text and (len(text) > 50 or NOT_IN_NAMES.search(text)):
            raise Malformed(f"{name}: '{text}' did not match pattern")
    if len(given.get("external_id") or "") > 64:
        raise Malformed("external_id: must be at most 64 characters")
