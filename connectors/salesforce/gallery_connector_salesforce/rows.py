"""Rows of GroupMember and PermissionSetAssignment: found by SOQL, made and deleted up to 200 at a time.

One request to the sObject Collections counts as one call toward the limits of the organization. Source, read on
2026-11-23: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from gallery_sdk.targets import TargetFailure
from gallery_sdk.targets.rest import Row, chunks
from gallery_sdk.transport import Request

from .quirks import literal, long_id, said, select

if TYPE_CHECKING:
    from .target import SalesforceTarget

_BATCH: Final = 200
_IDS_IN_A_QUERY: Final = 400  # 27 characters each once encoded; address and headers may have 16,384 together


class RowTable:
    """One object whose records join two others."""

    def __init__(self, target: SalesforceTarget, name: str, owner: str, item: str, only: str = "") -> None:
        """`owner` and `item` are its reference fields; `only` is a condition on the rows that count."""
        self._target, self._name, self._owner, self._item, self._only = target, name, owner, item, only
        self._kind = "group" if owner == "GroupId" else "user"

    def requests(self, rows: int) -> int:
        """Requests that making so many rows costs."""
        return -(-rows // _BATCH)

    async def rows(self, owners: Sequence[str], items: Sequence[str] | None = None) -> list[Row]:
        """Rows of the owners, all of them or those of the given items."""
        found: list[Row] = []
        many = owners if items is None else items
        for some in chunks(many, most=_IDS_IN_A_QUERY):
            within = f"{self._owner if items is None else self._item} IN ({', '.join(map(literal, some))})"
            of_owner = "" if items is None else f"{self._owner} = {literal(owners[0])}"
            soql = select(f"Id, {self._owner}, {self._item}", self._name, of_owner, within, self._only)
            records = await self._target.records(soql, "members", self._kind)
            found += [Row(str(one["Id"]), str(one[self._owner]), str(one[self._item])) for one in records]
        return found

    async def insert(self, owner: str, items: Sequence[str]) -> list[TargetFailure | None]:
        """Make a row for each item; a row that is there already is answered with DUPLICATE_VALUE, a conflict."""
        self._target.heed_reserve()
        records: list[dict[str, object]] = [{self._owner: owner, self._item: long_id(item)} for item in items]
        if len(records) == 1:
            request = Request("POST", self._path(), json=records[0], label=f"add to {self._name}",
                              template=f"/services/data/sobjects/{self._name}")  # fmt: skip
            return [await self._tried(request)]
        outcomes: list[TargetFailure | None] = []
        for some in chunks(records, most=_BATCH):
            typed = [{"attributes": {"type": self._name}, **record} for record in some]
            outcomes += await self._together("POST", json={"allOrNone": False, "records": typed})
        return outcomes

    async def delete(self, rows: Sequence[Row]) -> list[TargetFailure | None]:
        """Delete rows by their ids."""
        self._target.heed_reserve()
        if len(rows) == 1:
            request = Request("DELETE", f"{self._path()}/{rows[0].id}", label=f"take from {self._name}",
                              template=f"/services/data/sobjects/{self._name}/{{id}}")  # fmt: skip
            return [await self._tried(request)]
        outcomes: list[TargetFailure | None] = []
        for some in chunks(rows, most=_BATCH):
            ids = ",".join(row.id for row in some)
            outcomes += await self._together("DELETE", params=[("ids", ids), ("allOrNone", "false")])
        return outcomes

    def _path(self) -> str:
        return f"{self._target.data}/sobjects/{self._name}"

    async def _tried(self, request: Request) -> TargetFailure | None:
        # Making a row twice makes it once, since a second one is refused; so a lost answer may be asked for again.
        request.idempotent = True
        try:
            await self._target.connection.send(request, "members", self._kind)
        except TargetFailure as failure:
            return failure
        return None

    async def _together(
        self, method: str, *, json: object | None = None, params: Sequence[tuple[str, str]] | None = None
    ) -> list[TargetFailure | None]:
        request = Request(method, f"{self._target.data}/composite/sobjects", params=params, json=json, idempotent=True,
                          label=f"rows of {self._name}", template="/services/data/composite/sobjects")  # fmt: skip
        connection = self._target.connection
        answers = await connection.fetch(request, "members", self._kind)
        return [self._outcome(answer, request) for answer in cast("list[dict[str, Any]]", answers)]

    def _outcome(self, answer: dict[str, Any], request: Request) -> TargetFailure | None:
        if answer.get("success"):
            return None
        (error, *_) = answer.get("errors") or [{}]
        return self._target.connection.refusal(said(error, code="statusCode"), request, "members", self._kind)
