"""The routes of groups: `team/groups/*`."""

from __future__ import annotations

from typing import Any

from .cursors import Cursors
from .jobs import Jobs
from .member_routes import Route
from .people import Group
from .refusals import Malformed, RouteError
from .team import Team


class GroupRoutes:
    """Answers what is asked of groups."""

    def __init__(self, team: Team, jobs: Jobs, cursors: Cursors) -> None:
        self._team, self._jobs, self._cursors = team, jobs, cursors
        self._deleted: set[str] = set()

    def table(self) -> dict[str, Route]:
        """The routes by name."""
        group = frozenset({"group", "return_members"})
        selector = frozenset({".tag", "group_id", "group_external_id"})
        return {
            "team/groups/list": ("groups.read", frozenset({"limit"}), self._list),
            "team/groups/list/continue": ("groups.read", frozenset({"cursor"}), self._continue),
            "team/groups/get_info": (
                "groups.read", frozenset({".tag", "group_ids", "group_external_ids"}), self._get,
            ),
            "team/groups/members/list": ("groups.read", frozenset({"group", "limit"}), self._members),
            "team/groups/members/list/continue": ("groups.read", frozenset({"cursor"}), self._continue_members),
            "team/groups/create": (
                "groups.write",
                frozenset({"group_name", "group_external_id", "group_management_type", "add_creator_as_owner"}),
                self._create,
            ),
            "team/groups/update": ("groups.write", group | {"new_group_name", "new_group_external_id"}, self._update),
            "team/groups/delete": ("groups.write", selector, self._delete),
            "team/groups/job_status/get": ("groups.write", frozenset({"async_job_id"}), self._jobs.status),
            "team/groups/members/add": ("groups.write", group | {"members"}, self._add),
            "team/groups/members/remove": ("groups.write", group | {"users"}, self._remove),
        }  # fmt: skip

    # -- reading -------------------------------------------------------------------------------------------

    def _list(self, argument: Any) -> Any:
        found, limit = list(self._team.groups), argument.get("limit", 1000)
        return self._cursors.first("groups", found, limit, lambda key: self._team.groups[key].summary())

    def _continue(self, argument: Any) -> Any:
        return self._cursors.next("groups", argument.get("cursor"))

    def _get(self, argument: Any) -> Any:
        tag = argument.get(".tag")
        if tag not in ("group_ids", "group_external_ids"):
            raise Malformed("is no GroupsSelector")
        field = tag.removesuffix("s")
        found = []
        for value in argument[tag]:
            one = self._find({".tag": field, field: value})
            found.append({".tag": "id_not_found", "id_not_found": value} if one is None
                         else {".tag": "group_info", **self._full(one)})  # fmt: skip
        return found

    def _members(self, argument: Any) -> Any:
        group = self._group(argument["group"], "group_not_found")
        limit = argument.get("limit", 1000)
        return self._cursors.first("members", list(group.members), limit, lambda key: self._access(group, key))

    def _continue_members(self, argument: Any) -> Any:
        return self._cursors.next("members", argument.get("cursor"))

    # -- changing ------------------------------------------------------------------------------------------

    def _create(self, argument: Any) -> Any:
        name = argument.get("group_name", "")
        if not name.strip():
            raise RouteError("group_name_invalid")
        management = argument.get("group_management_type", "company_managed")
        if management == "system_managed":
            raise RouteError("system_managed_group_disallowed")
        self._check_unique(name, argument.get("group_external_id"), None)
        created = int(self._team.now().timestamp() * 1000)
        made = Group(self._team.identifier("g:"), name, argument.get("group_external_id"), management, created)
        self._team.groups[made.group_id] = made
        return self._full(made)

    def _update(self, argument: Any) -> Any:
        group = self._group(argument["group"], "group_not_found")
        _check_managed(group)
        name, external_id = argument.get("new_group_name"), argument.get("new_group_external_id")
        if name is not None and not name.strip():
            raise RouteError("group_name_invalid")
        self._check_unique(name, external_id, group)
        if name is not None:
            group.group_name = name
        if external_id is not None:
            group.group_external_id = external_id or None
        return self._full(group, with_members=argument.get("return_members", True))

    def _delete(self, argument: Any) -> Any:
        if argument.get("group_id") in self._deleted:
            raise RouteError("group_already_deleted")
        group = self._group(argument, "group_not_found")
        _check_managed(group)
        del self._team.groups[group.group_id]
        self._deleted.add(group.group_id)
        return self._jobs.answer({".tag": "complete"})

    def _add(self, argument: Any) -> Any:
        group = self._group(argument["group"], "group_not_found")
        _check_managed(group)
        ids = self._ids([one["user"] for one in argument["members"]])
        if any(one in group.members for one in ids) or len(set(ids)) < len(ids):
            raise RouteError("duplicate_user")
        group.members.update(zip(ids, [_tag(one.get("access_type")) for one in argument["members"]], strict=True))
        return self._changed(group, argument)

    def _remove(self, argument: Any) -> Any:
        group = self._group(argument["group"], "group_not_found")
        _check_managed(group)
        ids = self._ids(argument["users"])
        if any(one not in group.members for one in ids):
            raise RouteError("member_not_in_group")
        for one in ids:
            del group.members[one]
        return self._changed(group, argument)

    def _changed(self, group: Group, argument: Any) -> Any:
        # The id of the job is a single space, always.
        shown = self._full(group, with_members=argument.get("return_members", True))
        return {"group_info": shown, "async_job_id": " "}

    # -- what holds everywhere -----------------------------------------------------------------------------

    def _ids(self, selectors: list[Any]) -> list[str]:
        found = [self._team.find(one) for one in selectors]
        unknown = [one[one[".tag"]] for one, member in zip(selectors, found, strict=True)
                   if member is None or member.status == "removed"]  # fmt: skip
        if unknown:
            raise RouteError("members_not_in_team", members_not_in_team=unknown)
        return [member.team_member_id for member in found if member is not None]

    def _find(self, selector: Any) -> Group | None:
        tag = selector.get(".tag") if isinstance(selector, dict) else None
        if tag == "group_id":
            return self._team.groups.get(selector[tag])
        if tag == "group_external_id":
            return next((one for one in self._team.groups.values() if one.group_external_id == selector[tag]), None)
        raise Malformed("group: is no GroupSelector")

    def _group(self, selector: Any, word: str) -> Group:
        found = self._find(selector)
        if found is None:
            raise RouteError(word)
        return found

    def _check_unique(self, name: str | None, external_id: str | None, group: Group | None) -> None:
        for one in self._team.groups.values():
            if one is group:
                continue
            if name is not None and one.group_name.casefold() == name.casefold():
                raise RouteError("group_name_already_used")
            if external_id and one.group_external_id == external_id:
                raise RouteError("external_id_already_in_use")

    def _access(self, group: Group, key: str) -> Any:
        return {"profile": self._team.info(self._team.members[key])["profile"],
                "access_type": {".tag": group.members[key]}}  # fmt: skip

    def _full(self, group: Group, *, with_members: bool = True) -> dict[str, Any]:
        shown = {**group.summary(), "created": group.created}
        if with_members:
            shown["members"] = [self._access(group, key) for key in group.members]
        return shown


def _check_managed(group: Group) -> None:
    if group.management == "system_managed":
        raise RouteError("system_managed_group_disallowed")


def _tag(union: Any) -> str:
    return str(union.get(".tag") if isinstance(union, dict) else union)
