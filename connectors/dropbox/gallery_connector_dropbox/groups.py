"""Groups of a team: found by name among all of them, since Dropbox searches by external id alone.

Source, read on 2026-11-23: https://github.com/dropbox/dropbox-api-spec (team.stone, `groups/*`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.rest import Record, RecordPage, follow

from .quirks import group, tag_of

if TYPE_CHECKING:
    from .calls import Calls


class Groups:
    """The groups that can be managed."""

    def __init__(self, calls: Calls, page_size: int, *, adopts: bool) -> None:
        """With `adopts`, groups that their members manage are found as well."""
        self._calls, self._page_size = calls, page_size
        self._managed = {"company_managed", "user_managed"} if adopts else {"company_managed"}
        self._all: list[Record] | None = None
        self._listing = asyncio.Lock()

    async def pages(self) -> AsyncIterator[RecordPage]:
        """All groups; those that Dropbox manages itself have no list of members, and are left out."""

        async def fetch(cursor: str | None) -> RecordPage:
            route, argument = "team/groups/list", dict[str, Any](limit=self._page_size)
            if cursor is not None:
                route, argument = f"{route}/continue", {"cursor": cursor}
            needs = {"groups": list, "has_more": bool, "cursor": str}
            page = await self._calls.fetch(route, argument, "list", "group", needs=needs)
            records = [one for one in page["groups"] if tag_of(one.get("group_management_type")) in self._managed]
            return RecordPage(records, page["cursor"] if page["has_more"] else None)

        async for page in follow(fetch, where="list group"):
            yield page

    async def search(self, name: str, value: str) -> list[Record]:
        """Groups by external id in one request; by name in a listing that is read once, until a group changes."""
        if name == "group_external_id":
            found = await self._info("group_external_ids", value, "find")
            return [one for one in found if tag_of(one.get("group_management_type")) in self._managed]
        async with self._listing:
            if self._all is None:
                self._all = [one async for page in self.pages() for one in page.records]
            wanted = value.casefold()
            return [one for one in self._all if str(one.get("group_name", "")).casefold() == wanted]

    async def fetch(self, target_id: str) -> Record | None:
        """One group by its id, whoever manages it."""
        found = await self._info("group_ids", target_id, "read")
        return found[0] if found else None

    async def create(self, body: Mapping[str, object]) -> str:
        """Make a group that the company manages, without members; its id."""
        argument = {**body, "group_management_type": "company_managed", "add_creator_as_owner": False}
        self._all = None
        made = await self._calls.fetch("team/groups/create", argument, "create", "group", needs={"group_id": str},
                                       repeats=False, paths=body)  # fmt: skip
        return str(made["group_id"])

    async def change(self, target_id: str, body: Mapping[str, object]) -> None:
        """Rename a group, or give it another external id; the empty text takes that away."""
        argument: dict[str, object] = {"group": group(target_id), "return_members": False}
        argument |= {f"new_{name}": value for name, value in body.items()}
        self._all = None
        await self._calls.do("team/groups/update", argument, "update", "group", key=target_id, paths=body)

    async def delete(self, target_id: str) -> None:
        """Delete a group; its members stay in the team."""
        self._all = None
        answer = await self._calls.fetch("team/groups/delete", group(target_id), "delete", "group")
        await self._calls.finished(answer, "team/groups/job_status/get", "delete", "group")

    async def _info(self, selector: str, value: str, operation: str) -> list[dict[str, Any]]:
        argument = {".tag": selector, selector: [value]}
        try:
            found = await self._calls.items("team/groups/get_info", argument, operation, "group")
        except TargetFailure as failure:
            if failure.failure is Failure.GONE:
                return []
            raise
        return [one for one in found if tag_of(one) == "group_info"]
