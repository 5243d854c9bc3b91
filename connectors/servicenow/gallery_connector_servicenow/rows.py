"""Rows that join two others: members of groups (`sys_user_grmember`), roles of users (`sys_user_has_role`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from gallery_sdk.errors import OutcomeUnknownError
from gallery_sdk.targets import TargetFailure
from gallery_sdk.targets.rest import Row, chunks, one_by_one
from gallery_sdk.transport import Request

from .quirks import one_of, together

if TYPE_CHECKING:
    from .target import ServiceNowTarget

_IDS_IN_A_QUERY: Final = 40
_CHARACTERS_IN_A_QUERY: Final = 1280  # addresses above 2,048 characters are refused on the way, commas take three
_ENOUGH_REFUSALS: Final = 3


class RowTable:
    """One table whose rows join two others. It is not known to keep them unique, so what is there is not made again."""

    def __init__(
        self, target: ServiceNowTarget, name: str, owner: str, item: str, *, only: Mapping[str, str] | None = None
    ) -> None:
        """`owner` and `item` are its reference columns; `only` are values that rows must have to count."""
        self._target, self._name, self._owner, self._item, self._only = target, name, owner, item, dict(only or {})
        self._kind = "group" if owner == "group" else "user"

    async def rows(self, owners: Sequence[str], items: Sequence[str] | None = None) -> list[Row]:
        """Rows of the owners, all of them or those of the given items."""
        column, many = (self._owner, owners) if items is None else (self._item, items)
        of_owner = "" if items is None else one_of(self._owner, owners)
        only = [f"{name}={value}" for name, value in self._only.items()]
        owned, asked, found = set(owners), set(many), list[Row]()
        for some in chunks(dict.fromkeys(many), most=_IDS_IN_A_QUERY, characters=_CHARACTERS_IN_A_QUERY):
            condition = together(of_owner, one_of(column, some), *only)
            fields = ["sys_id", self._owner, self._item, *self._only]
            async for page in self._target.pages(self._name, condition, fields, "members", self._kind):
                for one in page.records:
                    row = Row(str(one["sys_id"]), str(one.get(self._owner, "")), str(one.get(self._item, "")))
                    # A term that is not understood is ignored, so each row is looked at once more.
                    is_asked = row.owner in owned and (row.owner if items is None else row.item) in asked
                    if is_asked and all(one.get(name, value) == value for name, value in self._only.items()):
                        found.append(row)
        return found

    async def insert(self, owner: str, items: Sequence[str]) -> list[TargetFailure | None]:
        """Make a row for each item that has none.

        A group with privileged roles refuses everybody: after three refusals and no success the rest is not sent.
        """
        is_new = owner in self._target.made
        self._target.made.discard(owner)
        present = set() if is_new else {row.item for row in await self.rows([owner], items)}
        refusals: list[TargetFailure] = []
        has_added = bool(present)

        async def add(item: str) -> None:
            nonlocal has_added
            if item in present:
                return
            if len(refusals) >= _ENOUGH_REFUSALS and not has_added:
                raise refusals[-1]
            try:
                await self._add(owner, item)
            except TargetFailure as failure:
                refusals.append(failure)
                raise
            has_added = True

        return await one_by_one(items, add)

    async def delete(self, rows: Sequence[Row]) -> list[TargetFailure | None]:
        """Delete rows by their ids."""

        async def remove(row: Row) -> None:
            path = f"{self._target.path(self._name)}/{quote(row.id, safe='')}"
            request = Request("DELETE", path, key=row.id, label=f"take from {self._name}",
                              template=f"{self._target.path(self._name)}/{{id}}")  # fmt: skip
            await self._target.connection.send(request, "members", self._kind)

        return await one_by_one(rows, remove)

    async def _add(self, owner: str, item: str) -> None:
        path = self._target.path(self._name)
        row = {self._owner: owner, self._item: item}
        request = Request("POST", path, params=[("sysparm_fields", "sys_id")], json=row,
                          label=f"add to {self._name}", template=path)  # fmt: skip
        try:
            await self._target.connection.send(request, "members", self._kind)
        except OutcomeUnknownError:
            if not await self.rows([owner], [item]):
                await self._target.connection.send(request, "members", self._kind)
