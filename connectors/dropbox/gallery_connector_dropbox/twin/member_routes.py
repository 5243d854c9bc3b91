"""The routes of members: `team/members/*`, `team/get_info`, `team/token/*`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .cursors import Cursors
from .jobs import Jobs
from .people import Member
from .refusals import Malformed
from .team import ROLES, Team, check_person

Handler = Callable[[Any], Any]
Route = tuple[str, frozenset[str] | None, Handler]
"""The scope, the names of the argument's fields (None for no argument), and what answers."""

_MOST_ADDED: Final = 20
_NEW: Final = ("new_email", "new_external_id", "new_given_name", "new_surname", "new_persistent_id",
               "new_is_directory_restricted")  # fmt: skip
_MEMBER: Final = frozenset({
    "member_email", "member_given_name", "member_surname", "member_external_id", "member_persistent_id",
    "send_welcome_email", "is_directory_restricted", "role_ids",
})  # fmt: skip
_TIERS: Final = {
    "Team admin": "team_admin",
    "User management admin": "user_management_admin",
    "Support admin": "support_admin",
}


class MemberRoutes:
    """Answers what is asked of members.

    Attributes:
        second_version_is_empty: `list_v2` finds nobody, as has been seen in some teams.
    """

    def __init__(self, team: Team, jobs: Jobs, cursors: Cursors) -> None:
        self._team, self._jobs, self._cursors = team, jobs, cursors
        self.second_version_is_empty = False

    def table(self) -> dict[str, Route]:
        """The routes by name."""
        user = frozenset({"user"})
        return {
            "team/get_info": ("team_info.read", None, self._info),
            "team/token/get_authenticated_admin": ("team_info.read", None, self._admin),
            "team/members/list": ("members.read", frozenset({"limit", "include_removed"}), self._list_first),
            "team/members/list/continue": ("members.read", frozenset({"cursor"}), self._continue),
            "team/members/list_v2": ("members.read", frozenset({"limit", "include_removed"}), self._list),
            "team/members/list/continue_v2": ("members.read", frozenset({"cursor"}), self._continue),
            "team/members/get_info_v2": ("members.read", frozenset({"members"}), self._get),
            "team/members/get_available_team_member_roles": ("members.read", None, _roles),
            "team/members/add_v2": ("members.write", frozenset({"new_members", "force_async"}), self._add),
            "team/members/add/job_status/get_v2": (
                "members.write", frozenset({"async_job_id"}), self._jobs.status,
            ),
            "team/members/set_profile_v2": ("members.write", user | set(_NEW), self._set_profile),
            "team/members/set_admin_permissions_v2": ("members.write", user | {"new_roles"}, self._set_roles),
            "team/members/suspend": ("members.write", user | {"wipe_data"}, self._suspend),
            "team/members/unsuspend": ("members.write", user, self._unsuspend),
            "team/members/remove": (
                "members.delete",
                user | {"wipe_data", "transfer_dest_id", "transfer_admin_id", "keep_account", "retain_team_shares"},
                self._remove,
            ),
            "team/members/remove/job_status/get": (
                "members.delete", frozenset({"async_job_id"}), self._jobs.status,
            ),
            "team/members/recover": ("members.delete", user, self._recover),
        }  # fmt: skip

    def _info(self, _: Any) -> Any:
        policies = {"emm_state": {".tag": "disabled"}, "office_addin": {".tag": "disabled"}}
        return {"name": "Dropbox Inc.", "team_id": "dbtid:1234abcd", **self._team.numbers(), "policies": policies}

    def _admin(self, _: Any) -> Any:
        admin = next(iter(self._team.members.values()))
        return {"admin_profile": self._team.info(admin)["profile"]}

    def _list(self, argument: Any) -> Any:
        found = [] if self.second_version_is_empty else self._listed(argument)
        return self._cursors.first("members", found, argument.get("limit", 1000), self._show)

    def _list_first(self, argument: Any) -> Any:
        limit = argument.get("limit", 1000)
        return self._cursors.first("members", self._listed(argument), limit, self._show_first)

    def _listed(self, argument: Any) -> list[str]:
        everybody = argument.get("include_removed", False)
        return [key for key, one in self._team.members.items() if everybody or one.status != "removed"]

    def _continue(self, argument: Any) -> Any:
        return self._cursors.next("members", argument.get("cursor"))

    def _show(self, key: str) -> Any:
        return self._team.info(self._team.members[key])

    def _show_first(self, key: str) -> Any:
        info = self._team.info(self._team.members[key])
        tier = _TIERS.get(info["roles"][0]["name"], "member_only") if info["roles"] else "member_only"
        return {"profile": info["profile"], "role": {".tag": tier}}

    def _get(self, argument: Any) -> Any:
        infos = []
        for selector in argument["members"]:
            found = self._team.find(selector)
            if found is None or found.status == "removed":
                value = selector[selector[".tag"]]
                infos.append({".tag": "id_not_found", "id_not_found": value})
            else:
                infos.append({".tag": "member_info", **self._team.info(found)})
        return {"members_info": infos}

    def _add(self, argument: Any) -> Any:
        members = argument["new_members"]
        if len(members) > _MOST_ADDED:
            raise Malformed(f"new_members: list should have at most {_MOST_ADDED} items")
        for one in members:
            if unknown := set(one) - _MEMBER:
                raise Malformed(f"new_members: unknown field '{min(unknown)}'")
            if "member_email" not in one:
                raise Malformed("new_members: missing required field 'member_email'")
            if len(one.get("role_ids") or ()) > 1:
                raise Malformed("new_members: role_ids: list should have at most 1 items")
            check_person({name.removeprefix("member_"): value for name, value in one.items()})
        results = [self._team.add(one) for one in members]
        return self._jobs.answer({".tag": "complete", "complete": results}, force=argument.get("force_async", False))

    def _set_profile(self, argument: Any) -> Any:
        changes = {name: argument[name] for name in _NEW if name in argument}
        return {"member_info": self._team.info(self._team.set_profile(argument["user"], changes))}

    def _set_roles(self, argument: Any) -> Any:
        member = self._team.get(argument["user"])
        self._team.set_roles(member, argument.get("new_roles") or [])
        return {"team_member_id": member.team_member_id, "roles": self._team.info(member)["roles"]}

    def _suspend(self, argument: Any) -> None:
        self._team.suspend(self._member(argument), wipe=argument.get("wipe_data", True))

    def _unsuspend(self, argument: Any) -> None:
        self._team.unsuspend(self._member(argument))

    def _remove(self, argument: Any) -> Any:
        self._team.remove(self._member(argument), argument)
        return self._jobs.answer({".tag": "complete"})

    def _recover(self, argument: Any) -> None:
        self._team.recover(argument["user"])

    def _member(self, argument: Any) -> Member:
        return self._team.get(argument["user"])


def _roles(_: Any) -> Any:
    return {"roles": [{"role_id": key, "name": name, "description": name} for key, name in ROLES.items()]}
