"""A small API in memory, spoken to through the real transport, and the target that a connector would write for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import orjson
import pytest

from gallery_sdk.manifest import Manifest, parse_manifest
from gallery_sdk.targets import TargetFailure
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
    Said,
    follow,
    one_by_one,
)
from gallery_sdk.transport import Request, Response, Transport, WireResponse

MANIFEST = """\
schema = 1
slug = "fabrikam-crm"
name = "Fabrikam CRM"
version = "1.0.0"
[capabilities]
user = ["read", "create", "update", "deactivate"]
group = ["read", "create", "update", "delete", "members"]
features = ["filter:Login-eq"]
[transport]
kind = "rest"
base_url = "https://crm.fabrikam.example"
allowed_hosts = ["crm.fabrikam.example"]
[[attribute.user]]
name = "Login"
required = true
unique = true
max_length = 20
[[attribute.user]]
name = "Active"
type = "boolean"
[[attribute.user]]
name = "Seats"
type = "integer"
[[attribute.user]]
name = "Title"
[[attribute.user]]
name = "Plan"
enum = ["Free", "Full"]
[[attribute.user]]
name = "TeamName"
[[attribute.user]]
name = "Rights"
multi_valued = true
[[attribute.group]]
name = "Name"
[[error]]
code = "LOGIN_TAKEN"
failure = "conflict"
[[error]]
code = "BAD_FIELD"
failure = "attribute"
"""

COLUMNS = ("Login", "Active", "Seats", "Title", "Plan", "TeamName", "Rights")


class Api:
    """The other side: tables of records by id, and everything that was asked."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, dict[str, Any]]] = {
            "people": {},
            "groups": {},
            "teams": {"t1": {"Name": "Sales"}, "t2": {"Name": "Twin"}, "t3": {"Name": "twin"}},
            "rights": {"r1": {"Name": "Read"}, "r2": {"Name": "Write"}, "r3": {"Name": "Gone"}},
            "links": {},
        }
        self.asked: list[tuple[str, str, Any]] = []
        self.fails: dict[tuple[str, str], WireResponse] = {}
        self.ignores_filters = False
        self._next = 0

    def add(self, table: str, **fields: Any) -> str:
        self._next += 1
        self.tables[table][f"{table[0]}{self._next:03}"] = fields
        return f"{table[0]}{self._next:03}"

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        self.asked.append((method, path, body))
        _, table, *rest = path.split("/")
        rows = self.tables[table]
        if method == "POST":
            if table == "people" and any(one.get("Login") == body.get("Login") for one in rows.values()):
                return 400, [{"word": "LOGIN_TAKEN", "text": "Taken.<br>Choose another.", "fields": ["Login"]}]
            return 201, {"id": self.add(table, **body)}
        if rest and rest[0] not in rows:
            return 404, [{"word": "NOT_THERE", "text": "Nothing here"}]
        if method == "PATCH":
            rows[rest[0]].update(body)
            return 204, None
        if method == "DELETE":
            del rows[rest[0]]
            return 204, None
        if rest:
            return 200, {"id": rest[0], **rows[rest[0]]}
        found = [{"id": key, **row} for key, row in rows.items()]
        if not self.ignores_filters:
            for name, value in query.items():
                if name != "after":
                    wanted = value.split(",")
                    found = [one for one in found if str(one.get(name)).casefold() in [w.casefold() for w in wanted]]
        start = int(query.get("after", "0"))
        following = str(start + 2) if table in ("people", "links") and len(found) > start + 2 else None
        return 200, {"rows": found[start : start + 2] if following or start else found, "next": following}


class ApiWire:
    """Answers requests from an `Api`, as the network would."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def exchange(self, method: str, url: Any, headers: Any, content: bytes | None) -> WireResponse:
        prepared = self._api.fails.get((method, url.path))
        if prepared is not None:
            return prepared
        body = None if content is None else orjson.loads(content)
        status, answer = self._api.answer(method, url.path, dict(url.query), body)
        content = b"" if answer is None else orjson.dumps(answer)
        return WireResponse(status, {"content-type": "application/json"}, content)

    async def aclose(self) -> None:
        return None


def spell(response: Response) -> Said | None:
    if response.media_type != "application/json":
        return None
    errors: Any = response.json()
    error = errors[0]
    return Said(error["word"], error["text"].replace("<br>", " "), tuple(error.get("fields", ())))


class Links:
    """Rows of (owner, item) in the table of links."""

    def __init__(self, target: CrmTarget) -> None:
        self._target = target

    async def rows(self, owners: Sequence[str], items: Sequence[str] | None = None) -> list[Row]:
        params = {"owner": ",".join(owners)} | ({} if items is None else {"item": ",".join(items)})
        rows: list[Row] = []
        async for page in self._target.pages("links", params, "members", "group"):
            rows += [Row(str(one["id"]), str(one["owner"]), str(one["item"])) for one in page.records]
        return rows

    async def insert(self, owner: str, items: Sequence[str]) -> list[TargetFailure | None]:
        async def one(item: str) -> None:
            await self._target.connection.send(
                Request("POST", "/links", json={"owner": owner, "item": item}), "members", "group"
            )

        return await one_by_one(items, one)

    async def delete(self, rows: Sequence[Row]) -> list[TargetFailure | None]:
        async def one(row: Row) -> None:
            await self._target.connection.send(Request("DELETE", f"/links/{row.id}"), "members", "group")

        return await one_by_one(rows, one)


class CrmTarget(RestTarget):
    """What a connector's author writes."""

    _tables: Mapping[str, str] = {"user": "people", "group": "groups"}

    def __init__(self, manifest: Manifest, transport: Transport, *, lenient: bool = False) -> None:
        super().__init__(manifest, transport, {"user": COLUMNS, "group": ("Name", "members")}, spell=spell)
        teams = Catalogue("team", lambda: self._entries("teams"), mend="Make the team first")
        rights = Catalogue("right", lambda: self._entries("rights"), mend="Make the right first")
        self.named["user"]["TeamName"] = NamedReference("TeamId", teams, lenient=lenient)
        self.grants["user"]["Rights"] = Grants(Junction(Links(self)), rights)
        self.membership = Junction(Links(self))
        self.deactivation = {"Active": False}

    async def _entries(self, table: str) -> list[tuple[str, str]]:
        body: Any = await self.connection.fetch(Request("GET", f"/{table}"), "list", "user")
        return [(one["id"], one["Name"]) for one in body["rows"]]

    async def pages(
        self, table: str, params: Mapping[str, str], operation: str, kind: str
    ) -> AsyncIterator[RecordPage]:
        async def fetch(at: str | None) -> RecordPage:
            query = [*params.items(), *([("after", at)] if at else [])]
            body: Any = await self.connection.fetch(Request("GET", f"/{table}", params=query), operation, kind)
            return RecordPage(body["rows"], body["next"])

        async for page in follow(fetch, where=table):
            yield page

    def id_of(self, record: Record) -> str:
        return str(record["id"])

    def record_pages(self, kind: str) -> AsyncIterator[RecordPage]:
        return self.pages(self._tables[kind], {}, "list", kind)

    async def search(self, kind: str, name: str, value: object) -> Sequence[Record]:
        async for page in self.pages(self._tables[kind], {name: str(value)}, "find", kind):
            return page.records
        return []

    async def fetch_record(self, kind: str, target_id: str) -> Record | None:
        body: Any = await self.connection.fetch(Request("GET", f"/{self._tables[kind]}/{target_id}"), "read", kind)
        return body  # type: ignore[no-any-return]  # a record

    async def insert(self, kind: str, body: dict[str, object]) -> str:
        answer: Any = await self.connection.fetch(
            Request("POST", f"/{self._tables[kind]}", json=body), "create", kind, paths=self.columns[kind].names
        )
        return str(answer["id"])

    async def change(self, kind: str, target_id: str, body: dict[str, object]) -> None:
        request = Request("PATCH", f"/{self._tables[kind]}/{target_id}", json=body)
        await self.connection.send(request, "update", kind, paths=self.columns[kind].names)

    async def remove(self, kind: str, target_id: str) -> None:
        await self.connection.send(Request("DELETE", f"/{self._tables[kind]}/{target_id}"), "delete", kind)

    def probes(self) -> Sequence[tuple[str, Probe]]:
        async def list_people() -> str:
            await self.connection.fetch(Request("GET", "/people"), "test", "user")
            return "people answer"

        async def list_groups() -> str:
            await self.connection.fetch(Request("GET", "/groups"), "test", "group")
            return "groups answer"

        return [("list users", list_people), ("list groups", list_groups)]


@pytest.fixture
def api() -> Api:
    """The API, empty."""
    return Api()


@pytest.fixture
async def make(api: Api) -> AsyncIterator[Callable[..., CrmTarget]]:
    """`make(**options)`: a target that talks to the API."""
    manifest = parse_manifest(MANIFEST, "connector.toml")
    transport = Transport("https://crm.fabrikam.example", wire=ApiWire(api))
    yield lambda **options: CrmTarget(manifest, transport, **options)
    await transport.aclose()


@pytest.fixture
def target(make: Callable[..., CrmTarget]) -> CrmTarget:
    """The target with its usual options."""
    return make()
