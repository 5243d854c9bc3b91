"""Members of groups: added and removed many at a time, all of a request or none of it.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone, `groups/members/*`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from gallery_sdk.targets import Failure, MemberOutcome, TargetFailure
from gallery_sdk.targets.rest import RecordPage, chunks, follow, in_parallel

from .quirks import group, member, member_record, named_ids

if TYPE_CHECKING:
    from .calls import Calls

BATCH: Final = 200
"""Members per request. No bound is published; a request that takes long is no use to anybody."""

_PAGE: Final = 1000
_SETTLED: Final = {"add": "duplicate_user", "remove": "member_not_in_group"}
_HELD_AGAINST_ALL: Final = frozenset({Failure.STOP, Failure.RETRY, Failure.RATE_LIMITED, Failure.GONE})


class GroupMembers:
    """Members of the groups of one team."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def items(self, owner: str) -> set[str]:
        """The ids of a group's members."""

        async def fetch(cursor: str | None) -> RecordPage:
            route, argument = "team/groups/members/list", dict[str, Any](group=group(owner), limit=_PAGE)
            if cursor is not None:
                route, argument = f"{route}/continue", {"cursor": cursor}
            page = await self._calls.fetch(route, argument, "members", "group", needs={"members": list})
            return RecordPage(page["members"], page["cursor"] if page.get("has_more") else None)

        pages = follow(fetch, where="members of a group")
        return {str(member_record(one)["team_member_id"]) async for page in pages for one in page.records}

    async def items_of(self, owners: Sequence[str]) -> dict[str, list[str]]:
        """The members of several groups."""
        found = await in_parallel(owners, self.items, width=4)
        return {owner: sorted(items) for owner, items in zip(owners, found, strict=True) if items}

    async def change(self, owner: str, add: Sequence[str], remove: Sequence[str]) -> MemberOutcome:
        """Remove and add members; one that is there already is a success, and so is one that is gone."""
        refused: dict[str, TargetFailure] = {}
        for verb, ids in (("remove", remove), ("add", add)):
            for some in chunks(ids, most=BATCH):
                refused |= await self._send(verb, owner, some)
        for one in remove:
            # Who is no member of the team is no member of its groups.
            if one in refused and refused[one].failure is Failure.MEMBER:
                del refused[one]
        return MemberOutcome(
            tuple(one for one in add if one not in refused), tuple(one for one in remove if one not in refused), refused
        )

    async def _send(self, verb: str, owner: str, ids: list[str]) -> dict[str, TargetFailure]:
        """Send one request, and what is left of it where single members had it refused; who was refused, and why."""
        if not ids:
            return {}
        argument: dict[str, object] = {"group": group(owner), "return_members": False}
        if verb == "add":
            argument["members"] = [{"user": member(one), "access_type": "member"} for one in ids]
        else:
            argument["users"] = [member(one) for one in ids]
        connection = self._calls.connection
        answer = await self._calls.answer(f"team/groups/members/{verb}", argument, "members", key=owner)
        if 200 <= answer.status < 300:
            connection.json(answer, "members")
            return {}
        failure = connection.failure(answer, "members", "group")
        if failure.failure in _HELD_AGAINST_ALL:
            raise failure
        if failure.code == _SETTLED[verb]:
            present = await self.items(owner) if len(ids) > 1 else set(ids if verb == "add" else ())
            left = [one for one in ids if (one in present) is (verb == "remove")]
            # None left out means that somebody else changes the group too.
            return await (self._send(verb, owner, left) if len(left) < len(ids) else self._one_by_one(verb, owner, ids))
        named = set(named_ids(answer)).intersection(ids)
        if named and len(named) < len(ids):
            left = [one for one in ids if one not in named]
            return {**dict.fromkeys(named, failure), **await self._send(verb, owner, left)}
        if len(ids) == 1 or named:
            return dict.fromkeys(ids, failure)
        return await self._one_by_one(verb, owner, ids)

    async def _one_by_one(self, verb: str, owner: str, ids: list[str]) -> dict[str, TargetFailure]:
        refused: dict[str, TargetFailure] = {}
        for one in ids:
            refused |= await self._send(verb, owner, [one])
        return refused
