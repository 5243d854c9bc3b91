"""Members, their admin role and groups of one Dropbox team, by the team routes of the API v2.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone and the files it imports).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.connection import refused_here
from gallery_sdk.targets.rest import (
    Catalogue,
    NamedReference,
    Probe,
    Record,
    RecordPage,
    RestTarget,
    Said,
    Spelling,
    follow,
)

from .adding import Adding, Result
from .calls import Calls
from .groups import Groups
from .leaving import Leaving
from .membership import BATCH, GroupMembers
from .probes import probes
from .quirks import can_be_asked, check_member, foreign, member, member_record, spell, tag_of

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.transport import Transport

_PROFILE: Final = ("given_name", "surname", "external_id", "persistent_id", "is_directory_restricted")
_ALREADY_THERE: Final = {"user_already_on_team": "email", "duplicate_external_member_id": "external_id"}
_GOES_ON: Final = frozenset({Failure.OBJECT, Failure.ATTRIBUTE, Failure.CONFLICT, Failure.SKIP})
"""Failures of one step of an update after which the other steps are worth trying."""


class DropboxTarget(RestTarget):
    """One team."""

    page_size = 1000

    def __init__(
        self, manifest: Manifest, transport: Transport, paths: Mapping[str, Sequence[str]], settings: Mapping[str, str]
    ) -> None:
        """Nothing is sent yet; `settings` are the values of `[[config.input]]`.

        Raises:
            ConfigError: The settings for leavers contradict each other.
        """
        super().__init__(manifest, transport, paths, spell=spell, spelling=Spelling(clear=""))
        self.calls = Calls(self.connection)
        self.roles = Catalogue("admin role", self._load_roles, mend="Name a role that the team's console shows")
        self.named["user"] = {"role": NamedReference("role_id", self.roles)}
        self.membership = GroupMembers(self.calls)
        self.groups = Groups(self.calls, self.page_size, adopts=settings["adopt_user_managed_groups"] == "true")
        self._leaving = Leaving(self.calls, settings, self._fetch_member, on_removal=self._note_removal)
        self._welcomes = settings["send_welcome_email"] == "true"
        self._adding = Adding(self._add)
        self._seats: str | None = None
        """Why nobody can be added any more; None while seats are left."""
        self._removed: list[Record] | None = None
        self._listing_removed = asyncio.Lock()

    async def aclose(self) -> None:
        """Stop what is still being sent."""
        await self._adding.aclose()

    # -- reading -----------------------------------------------------------------------------------------

    def id_of(self, record: Record) -> str:
        """The id of a member or a group."""
        return str(record["team_member_id" if "team_member_id" in record else "group_id"])

    async def record_pages(self, kind: str) -> AsyncIterator[RecordPage]:
        """All members but removed ones, or all groups but those that Dropbox manages itself.

        A cursor may become void half-way. Then the listing begins anew, and what was read already is left out.
        """
        seen: set[str] = set()
        for attempt in range(3):
            try:
                async for page in self._members() if kind == "user" else self.groups.pages():
                    fresh = [one for one in page.records if self.id_of(one) not in seen]
                    seen.update(map(self.id_of, fresh))
                    yield RecordPage(fresh, page.next)
                return
            except TargetFailure as failure:
                if failure.code != "invalid_cursor" or attempt == 2:
                    raise

    async def _members(self, *, removed: bool = False) -> AsyncIterator[RecordPage]:
        first = True
        async for page in self._member_pages("list_v2", "list/continue_v2", removed=removed):
            if first and not page.records and page.next is None and await self.count("user"):
                # For some teams the second version has answered with nobody at all: the first one is asked instead.
                # Source: https://github.com/watermint/toolbox (sv_member, member_workaround), read on 2026-11-23.
                self.connection.log.add("listing_incomplete", "team/members/list_v2", "the first version is asked")
                async for other in self._member_pages("list", "list/continue", removed=removed):
                    yield other
                return
            first = False
            yield page

    def _member_pages(self, route: str, following: str, *, removed: bool) -> AsyncIterator[RecordPage]:
        async def fetch(cursor: str | None) -> RecordPage:
            asked: dict[str, object] = {"limit": self.page_size, "include_removed": removed}
            path, argument = (route, asked) if cursor is None else (following, {"cursor": cursor})
            needs = {"members": list, "has_more": bool, "cursor": str}
            page = await self.calls.fetch(f"team/members/{path}", argument, "list", "user", needs=needs)
            records = [member_record(one) for one in page["members"]]
            if not removed:
                records = [one for one in records if one["status"] != "removed"]
            return RecordPage(records, page["cursor"] if page["has_more"] else None)

        return follow(fetch, where="list user")

    async def search(self, kind: str, name: str, value: object) -> Sequence[Record]:
        """Members by e-mail or external id, groups by external id; groups by name among all of them."""
        if kind == "group":
            return await self.groups.search(name, str(value))
        try:
            found = await self._fetch_member({".tag": name, name: str(value)}, "find")
        except TargetFailure as failure:
            if failure.status == 400 and not can_be_asked(name, str(value)):
                return []  # malformed, so that nobody can have it
            raise
        return [] if found is None else [found]

    async def fetch_record(self, kind: str, target_id: str) -> Record | None:
        """One member or group by its id."""
        if kind == "group":
            return await self.groups.fetch(target_id)
        return await self._fetch_member(member(target_id), "read")

    async def _fetch_member(self, selector: Mapping[str, str], operation: str) -> dict[str, Any] | None:
        argument = {"members": [selector]}
        answer = await self.calls.fetch(
            "team/members/get_info_v2", argument, operation, "user", needs={"members_info": list}
        )
        infos = answer["members_info"]
        if len(infos) != 1 or tag_of(infos[0]) not in ("member_info", "id_not_found"):
            raise foreign("something else than the one member that was asked for")
        found = member_record(infos[0]) if tag_of(infos[0]) == "member_info" else None
        return None if found is None or found["status"] == "removed" else found

    async def count(self, kind: str) -> int | None:
        """How many groups there are, by listing them; how many members, as far as the team's own numbers tell."""
        if kind == "group":
            return sum([len(page.records) async for page in self.groups.pages()])
        # Suspended members may not be among them; it never says that there is nobody where somebody is.
        return int((await self.numbers())["num_provisioned_users"]) or None

    async def numbers(self) -> dict[str, Any]:
        """The team's name and its licences."""
        needs = {"name": str, "num_licensed_users": int, "num_provisioned_users": int, "num_used_licenses": int}
        return await self.calls.fetch("team/get_info", None, "test", "user", needs=needs)

    async def _load_roles(self) -> Iterable[tuple[str, str]]:
        route = "team/members/get_available_team_member_roles"
        answer = await self.calls.fetch(route, None, "list", "user", needs={"roles": list})
        return [(str(one["role_id"]), str(one["name"])) for one in answer["roles"]]

    # -- making ------------------------------------------------------------------------------------------

    async def insert(self, kind: str, body: dict[str, object]) -> str:
        """Make a member or a group. A member who was removed within the last seven days is recovered instead."""
        if kind == "group":
            return await self.groups.create(body)
        if body.get("active") is False:
            raise refused_here("a new member cannot be a suspended one", "user active", "Create it when it is active")
        check_member(body)
        self._heed_seats()
        made = {f"member_{name}": body[name] for name in ("email", "given_name", "surname", "external_id",
                                                          "persistent_id") if name in body}  # fmt: skip
        made["send_welcome_email"] = self._welcomes
        if body.get("role_id"):
            made["role_ids"] = [body["role_id"]]
        if "is_directory_restricted" in body:
            made["is_directory_restricted"] = body["is_directory_restricted"]
        result = await self._adding.add(made)
        word = tag_of(result)
        if word == "success":
            return str(member_record(result)["team_member_id"])
        if word in _ALREADY_THERE:
            recovered = await self._recover(_ALREADY_THERE[word], body)
            if recovered is not None:
                return recovered
        if word == "team_license_limit":
            await self._note_seats()
        raise self._refused(word, "create", body)

    async def _add(self, members: Sequence[dict[str, object]]) -> Sequence[Result]:
        argument = {"new_members": list(members), "force_async": False}
        # Adding twice adds once; but whether it was us who did is known only by looking.
        answer = await self.calls.fetch("team/members/add_v2", argument, "create", "user", repeats=False)
        done = await self.calls.finished(answer, "team/members/add/job_status/get_v2", "create", "user")
        results = done.get("complete")
        if not isinstance(results, list):
            raise foreign("no result for each new member")
        return [one for one in results if isinstance(one, Mapping)]

    async def _recover(self, by: str, body: dict[str, object]) -> str | None:
        """The id of the member in the way, when it is a removed one that could be recovered; None when it lives."""
        value = str(body[by]) if body.get(by) else ""
        if not value or await self._fetch_member({".tag": by, by: value}, "find") is not None:
            return None
        async with self._listing_removed:
            if self._removed is None:
                pages = self._members(removed=True)
                self._removed = [one async for page in pages for one in page.records if one["status"] == "removed"]
            found = [one for one in self._removed if self.columns["user"].matches(by, one.get(by), value)]
        if not found:
            return None
        held, wanted = found[0].get("external_id"), body.get("external_id")
        if by == "email" and held and wanted and held != wanted:
            raise refused_here(
                "the address belonged to somebody else, who was removed less than seven days ago and whose files "
                "recovering would bring back",
                "user email",
                "Wait until seven days have passed, or recover that member by hand if it is the same person",
            )
        return await self._bring_back(self.id_of(found[0]), body)

    async def _bring_back(self, target_id: str, body: dict[str, object]) -> str:
        await self.calls.do("team/members/recover", {"user": member(target_id)}, "create", "user", key=target_id)
        found = await self._fetch_member(member(target_id), "read")
        held = found or {}
        await self.change("user", target_id, {name: value for name, value in body.items() if held.get(name) != value})
        return target_id

    def _refused(self, word: str, operation: str, body: Mapping[str, object]) -> TargetFailure:
        """What an error inside a success means. An unknown word is a failure too, since unions are open."""
        request = self.calls.request("team/members/add_v2", None)
        return self.connection.refusal(Said(word), request, operation, "user", status=409, paths=body)

    async def _note_seats(self) -> None:
        numbers = await self.numbers()
        self._seats = (
            f"no licence of the team is free: {numbers['num_used_licenses']} of {numbers['num_licensed_users']} are "
            f"used, {numbers['num_provisioned_users']} members are invited or active"
        )
        self.connection.log.add("value_left_out", "team licences", self._seats)

    def _heed_seats(self) -> None:
        """Send no more new members than there can be."""
        if self._seats is not None:
            raise TargetFailure(
                self._seats,
                "team licences",
                "Buy licences or remove members; suspended ones keep their licence",
                code="team_license_limit",
            )

    # -- changing ----------------------------------------------------------------------------------------

    async def change(self, kind: str, target_id: str, body: dict[str, object]) -> None:
        """Change a member by as many requests as what changes belongs to; each step is tried, the first failure raised.

        Roles need an active member, so whoever returns is unsuspended first, and whoever leaves is suspended last. A
        changed address is sent alone, since it is the one value that somebody else may have.
        """
        if kind == "group":
            await self.groups.change(target_id, body)
            return
        check_member(body)
        first: TargetFailure | None = None
        for step in self._steps(target_id, body):
            try:
                await step
            except TargetFailure as failure:
                if failure.failure not in _GOES_ON:
                    raise
                first = first or failure
        if first is not None:
            raise first

    def _steps(self, target_id: str, body: Mapping[str, object]) -> Iterable[Awaitable[None]]:
        if body.get("active") is True:
            yield self._leaving.unsuspend(target_id)
        if profile := {f"new_{name}": body[name] for name in _PROFILE if name in body}:
            if profile.get("new_is_directory_restricted") == "":
                profile["new_is_directory_restricted"] = False
            yield self._set_profile(target_id, profile, body)
        if "email" in body:
            yield self._set_profile(target_id, {"new_email": body["email"]}, body)
        if "role_id" in body:
            yield self._set_role(target_id, body["role_id"], body)
        if body.get("active") is False:
            yield self._leaving.suspend(target_id)

    async def _set_profile(self, target_id: str, changes: Mapping[str, object], body: Mapping[str, object]) -> None:
        argument = {"user": member(target_id), **changes}
        await self.calls.do("team/members/set_profile_v2", argument, "update", "user", key=target_id, paths=body)

    async def _set_role(self, target_id: str, role: object, body: Mapping[str, object]) -> None:
        argument = {"user": member(target_id), "new_roles": [role] if role else []}
        route = "team/members/set_admin_permissions_v2"
        await self.calls.do(route, argument, "update", "user", key=target_id, paths=body)

    async def remove(self, kind: str, target_id: str) -> None:
        """Remove a member from the team, or delete a group."""
        if kind == "group":
            await self.groups.delete(target_id)
            return
        await self._leaving.remove(target_id)

    def _note_removal(self) -> None:
        """A licence is free, and one more can be recovered."""
        self._seats = self._removed = None

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        """Requests that an operation costs at most: an update of a member takes one for each route that it touches.

        Profile, address, role and suspension are set by routes of their own.
        """
        if operation == "update" and kind == "user":
            names = set(self.columns["user"].names)
            return max(1, len(names & {"email", "role", "active"}) + bool(names.intersection(_PROFILE)))
        return super().estimate(operation, kind, members=members)

    def member_requests(self, members: int) -> int:
        """One for each 200 members."""
        return -(-members // BATCH)

    def probes(self) -> Sequence[tuple[str, Probe]]:
        """The steps of the connection test."""
        return probes(self)
