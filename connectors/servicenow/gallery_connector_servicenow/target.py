"""ServiceNow by its Table API: users, groups, and the rows that tie them together.

Source, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote
from uuid import uuid4

from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.targets.rest import (
    Catalogue,
    Grants,
    Junction,
    NamedReference,
    Probe,
    Record,
    RecordPage,
    RestTarget,
    Row,
    Spelling,
)
from gallery_sdk.transport import Request, Response

from .connection import InstanceConnection
from .quirks import check_harmless, literal, spell, together
from .rows import RowTable

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.transport import Transport

_TABLES: Final = {"user": "sys_user", "group": "sys_user_group"}
_NAMED: Final = {
    "department": "cmn_department",
    "location": "cmn_location",
    "company": "core_company",
    "cost_center": "cmn_cost_center",
}
"""Columns that hold the id of a row, filled by the row's name. The rows themselves are never made."""
_SEARCHED: Final = 5


class ServiceNowTarget(RestTarget):
    """Users and groups of one instance.

    Attributes:
        made: Ids of records that were made here and that no row joins to another yet.
    """

    page_size = 1000

    def __init__(
        self, manifest: Manifest, transport: Transport, paths: Mapping[str, Sequence[str]], settings: Mapping[str, str]
    ) -> None:
        """Nothing is sent yet; `settings` are the values of `[[config.input]]`."""
        super().__init__(manifest, transport, paths, spell=spell, spelling=Spelling(texts_only=True, clear=""))
        self.connection = InstanceConnection(transport, manifest.errors, spell=spell)
        self.made: set[str] = set()
        self._locks = settings["lock_out"] == "true"
        self._always = [("sysparm_exclude_reference_link", "true")]
        if settings["query_no_domain"] == "true":
            self._always.append(("sysparm_query_no_domain", "true"))
        self.deactivation = {"active": "false"}
        self.named["user"] = {
            column: NamedReference(column, self._catalogue(column.replace("_", " "), table), lenient=True)
            for column, table in _NAMED.items()
        }
        if "roles" in self.columns["user"].names:
            roles = self._catalogue("role", "sys_user_role", only={"grantable": "true"})
            self.grants["user"] = {"roles": Grants(Junction(_RoleRows(self, roles)), roles)}
        self.membership = Junction(RowTable(self, "sys_user_grmember", "group", "user"))

    # -- reading -----------------------------------------------------------------------------------------

    def path(self, table: str) -> str:
        """The address of a table; without a version it is the latest, which answers an empty list where v1 says 404."""
        return f"/api/now/table/{table}"

    async def pages(
        self, table: str, condition: str, fields: Sequence[str], operation: str, kind: str
    ) -> AsyncIterator[RecordPage]:
        """All rows that meet a condition, in the order of their ids.

        The limit is applied before the access rules: a page may be short, or empty, while more follow. So a page starts
        after the last row that was seen, moves on by offset while nothing is seen, and the count says where it ends.
        """
        last, offset, whole = "", 0, None
        while True:
            after = f"sys_id>{literal(last)}" if last else ""
            query = together(condition, after, "ORDERBYsys_id")
            records, total = await self._query(table, query, fields, operation, kind, self.page_size, offset)
            whole = total if whole is None else whole
            yield RecordPage(records, total=whole)
            if not records and total is None:
                return
            if total is not None and offset + self.page_size >= total:
                return
            if not records:
                offset += self.page_size
                continue
            newest = str(records[-1]["sys_id"])
            if newest == last:
                raise TargetFailure(
                    f"the listing of {table} goes round in circles",
                    self.path(table),
                    "Report it to ServiceNow; nothing was taken from the half that was read",
                    code="ListingIncomplete",
                    failure=Failure.RETRY,
                )
            last, offset = newest, 0

    async def _query(
        self, table: str, query: str, fields: Sequence[str], operation: str, kind: str, limit: int, offset: int = 0
    ) -> tuple[list[Record], int | None]:
        """Rows of one page, and how many meet the condition, rows included that the account may not see."""
        params = [("sysparm_query", query), ("sysparm_fields", ",".join(dict.fromkeys(fields))),
                  ("sysparm_limit", str(limit)), *self._always]  # fmt: skip
        if offset:
            params.append(("sysparm_offset", str(offset)))
        request = Request("GET", self.path(table), params=params, label=f"{operation} {table}",
                          template=self.path(table))  # fmt: skip
        try:
            response = await self.connection.send(request, operation, kind)
        except TargetFailure as failure:
            if failure.failure is Failure.GONE:  # how version 1 says that nothing was found
                return [], 0
            raise
        total = response.headers.get("x-total-count", "")
        records = cast("list[Record]", self._result(response, operation))
        return records, int(total) if total.isdigit() else None

    def _result(self, response: Response, operation: str) -> Any:
        body = self.connection.json(response, operation)
        if isinstance(body, dict) and "result" in body:
            return body["result"]
        raise TargetFailure(
            f"{operation} was answered without a result",
            response.request_line,
            "Check that the address is the instance's own",
            status=response.status,
            failure=Failure.STOP,
        )

    def id_of(self, record: Record) -> str:
        """The id of a record; an opaque text, mostly but not always 32 hexadecimal digits."""
        return str(record["sys_id"])

    def record_pages(self, kind: str) -> AsyncIterator[RecordPage]:
        """All users, or all groups, whether active or not."""
        return self.pages(_TABLES[kind], "", self._fields(kind), "list", kind)

    async def search(self, kind: str, name: str, value: object) -> Sequence[Record]:
        """Records by a column.

        A term that is not understood is ignored, and then anybody comes back. Two strangers are such an answer: the
        column is not asked for again, and everything is listed and compared here.
        """
        columns = self.columns[kind]
        text = literal(columns.written(value), where=f"{kind} {name}")
        folded = text.lower()
        # Values are said to be compared with regard to case; accounts that people made are often in lower case.
        query = together(f"{name}={text}", f"OR{name}={folded}" if folded != text else "")
        records, _ = await self._query(_TABLES[kind], query, self._fields(kind), "find", kind, _SEARCHED)
        hits = [one for one in records if columns.matches(name, columns.flatten(one).get(name), value)]
        if len(records) - len(hits) > 1:
            self._filterable[kind] -= {name}
            self.connection.log.add("filter_ignored", f"{kind} {name}")
            hits = [
                one
                async for page in self.record_pages(kind)
                for one in page.records
                if columns.matches(name, columns.flatten(one).get(name), value)
            ]
        # Somebody who was hired again may have two accounts, the old one inactive; the active one is meant.
        active = [one for one in hits if one.get("active") == "true"]
        return active if kind == "user" and len(active) == 1 else hits

    async def fetch_record(self, kind: str, target_id: str) -> Record | None:
        """One record by its id."""
        request = self._request("GET", kind, target_id)
        return cast("Record", self._result(await self.connection.send(request, "read", kind), "read"))

    async def count(self, kind: str) -> int | None:
        """How many there are, those included that the account may not see."""
        return (await self._query(_TABLES[kind], "", ["sys_id"], "list", kind, 1))[1]

    def _fields(self, kind: str) -> list[str]:
        columns = [name for name in self.columns[kind].names if name not in self.grants[kind]]
        return list(dict.fromkeys(["sys_id", *columns, "active"]))

    # -- writing -----------------------------------------------------------------------------------------

    async def insert(self, kind: str, body: dict[str, object]) -> str:
        """Make a record. The API itself asks for nothing, not even a user name; the manifest does."""
        body = self._checked(kind, body)
        response = await self.connection.send(self._request("POST", kind, json=body), "create", kind, paths=body)
        record = self._result(response, "create")
        self._note_untaken(kind, body, record)
        made = str(record["sys_id"])
        if kind == "group" or self.grants["user"]:
            self.made.add(made)
        return made

    async def change(self, kind: str, target_id: str, body: dict[str, object]) -> None:
        """Change columns of a record."""
        body = self._checked(kind, body)
        if kind == "user" and self._locks and "active" in body:
            # They move together; a locked account's sessions end at once.
            body.setdefault("locked_out", "true" if body["active"] == "false" else "false")
        request = self._request("PATCH", kind, target_id, json=body)
        response = await self.connection.send(request, "update", kind, paths=body)
        self._note_untaken(kind, body, self._result(response, "update"))

    async def remove(self, kind: str, target_id: str) -> None:
        """Delete a record for good."""
        await self.connection.send(self._request("DELETE", kind, target_id), "delete", kind)

    def _checked(self, kind: str, body: dict[str, object]) -> dict[str, object]:
        for name, value in body.items():
            check_harmless(value, where=f"{kind} {name}")
        return dict(body)

    def _note_untaken(self, kind: str, body: Mapping[str, object], record: Record) -> None:
        """Compare the answer with what was sent: unknown columns are ignored and long texts are cut without a word."""
        for name in self.columns[kind].names:
            if name not in body or record.get(name) == body[name]:
                continue
            seen = "the table has no such column" if name not in record else "it was cut, changed, or not let through"
            self.connection.log.add("value_not_taken", f"{kind} {name}", seen)

    def _request(self, method: str, kind: str, target_id: str | None = None, *, json: object | None = None) -> Request:
        path = template = self.path(_TABLES[kind])
        if target_id is not None:
            path, template = f"{path}/{quote(target_id, safe='')}", f"{template}/{{id}}"
        params = None if method == "DELETE" else [("sysparm_fields", ",".join(self._fields(kind))), *self._always]
        # Sending the same columns twice leaves the record the same, so a PATCH may be repeated.
        return Request(method, path, params=params, json=json, key=target_id, label=f"{method.lower()} {kind}",
                       idempotent=True if method == "PATCH" else None, template=template)  # fmt: skip

    # -- the connection test -----------------------------------------------------------------------------

    def probes(self) -> Sequence[tuple[str, Probe]]:
        """Reach the tables, look somebody up, see what the account may see."""
        probes: list[tuple[str, Probe]] = [
            ("read users", self._probe_users),
            ("look users up", self._probe_look_up),
            ("see inactive users", self._probe_inactive),
        ]
        if self.columns["group"].names:
            probes.append(("read groups", self._probe_groups))
        return probes

    async def _probe_users(self) -> str:
        records, total = await self._query("sys_user", "", ["sys_id", "user_name"], "test", "user", 1)
        if not records:
            raise TargetFailure(
                "the account sees no users",
                "sys_user",
                "Give the integration user a role that may read and write sys_user, such as user_admin",
                code="InsufficientRights",
                failure=Failure.STOP,
            )
        return f"{total} users" if total is not None else "readable"

    async def _probe_look_up(self) -> str:
        found = await self.search("user", "user_name", f"{uuid4()}@nobody.invalid")
        ignored = "user_name" not in self._filterable["user"]
        return "queries are ignored; everything is listed instead" if found or ignored else "by user_name"

    async def _probe_inactive(self) -> str:
        records, _ = await self._query("sys_user", "active=false", ["sys_id", "active"], "test", "user", 1)
        if any(one.get("active") == "false" for one in records):
            return "they are visible"
        return "none is visible: if there are any, give the account the right, or their return fails as a duplicate"

    async def _probe_groups(self) -> str:
        _, total = await self._query("sys_user_group", "", ["sys_id", "name"], "test", "group", 1)
        return f"{total} groups" if total is not None else "readable"

    def _catalogue(self, what: str, table: str, *, only: Mapping[str, str] | None = None) -> Catalogue:
        wanted = dict(only or {})
        condition = together(*(f"{name}={value}" for name, value in wanted.items()))

        async def load() -> Iterable[tuple[str, str]]:
            pages = self.pages(table, condition, ["sys_id", "name", *wanted], "list", "user")
            return [
                (str(one["sys_id"]), str(one.get("name", "")))
                async for page in pages
                for one in page.records
                if all(one.get(name, value) == value for name, value in wanted.items())
            ]

        return Catalogue(what, load, mend=f"Name a {what} that the instance has, by its name there")


class _RoleRows(RowTable):
    """Roles that were given to users themselves. Inherited ones come back when they are taken, so they do not count."""

    def __init__(self, target: ServiceNowTarget, grantable: Catalogue) -> None:
        super().__init__(target, "sys_user_has_role", "user", "role", only={"inherited": "false"})
        self._grantable = grantable

    async def rows(self, owners: Sequence[str], items: Sequence[str] | None = None) -> list[Row]:
        """Rows of roles that may be given; the others are none of ours."""
        found = await super().rows(owners, items)
        return [row for row in found if await self._grantable.name_of(row.item) != row.item]
