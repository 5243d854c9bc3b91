"""The REST face of the twin: sObjects, queries, collections, limits, below `/services/data/v{NN.0}`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import orjson

from gallery_sdk.testing import TwinRequest, TwinResponse

from .fields import FIELDS, REQUIRED
from .org import Org, Record, SalesforceRefusal
from .soql import run

PREFIX: Final = re.compile(r"/services/data/v(\d+\.0)(/.*)")
_BATCH: Final = re.compile(r"batchSize=(\d+)")
_COLLECTION: Final = 200
_NOT_FOUND: Final = ("NOT_FOUND", "The requested resource does not exist")


class RestFace:
    """Answers requests to one organization."""

    def __init__(self, org: Org, *, usage: Callable[[], tuple[int, int]]) -> None:
        """`usage` gives requests used and allowed."""
        self._org, self._usage = org, usage
        self._cursors: dict[str, tuple[str, list[str], list[Record], int]] = {}
        self.mails: list[str] = []

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer one request."""
        found = PREFIX.fullmatch(request.path)
        if found is None or not 40 <= float(found[1]) <= 64:
            raise SalesforceRefusal(404, *_NOT_FOUND)
        base, rest = f"/services/data/v{found[1]}", found[2].strip("/").split("/")
        match (request.method, *rest):
            case ("GET", "limits"):
                used, allowed = self._usage()
                return TwinResponse(200, {"DailyApiRequests": {"Max": allowed, "Remaining": allowed - used}})
            case ("GET", "query"):
                return self._query(request, base)
            case ("GET", "query", locator):
                return self._next(locator, base)
            case ("GET", "sobjects", name, "describe"):
                self._org.table(name)
                able = name in REQUIRED
                fields = [{"name": field} for field in sorted(FIELDS[name])]
                return TwinResponse(200, {"name": name, "createable": able, "updateable": able, "fields": fields})
            case ("POST", "sobjects", name):
                return TwinResponse(201, _made(self._org.create(name, _object(request))))
            case ("GET", "sobjects", name, identifier):
                return self._read(request, base, name, identifier)
            case ("PATCH", "sobjects", name, identifier):
                self._org.update(name, identifier, _object(request))
                return TwinResponse(204)
            case ("DELETE", "sobjects", "User", identifier, "password"):
                self.mails.append(self._org.get("User", identifier)["Username"])
                return TwinResponse(204)
            case ("DELETE", "sobjects", name, identifier):
                self._org.delete(name, identifier)
                return TwinResponse(204)
            case ("POST", "composite", "sobjects"):
                return self._create_together(_object(request))
            case ("DELETE", "composite", "sobjects"):
                return self._delete_together(request.query.get("ids", "").split(","))
        raise SalesforceRefusal(404, *_NOT_FOUND)

    # -- queries -------------------------------------------------------------------------------------------

    def _query(self, request: TwinRequest, base: str) -> TwinResponse:
        query, found = run(self._org, request.query.get("q", ""))
        if not query.fields:
            return TwinResponse(200, {"totalSize": len(found), "done": True, "records": []})
        asked = _BATCH.search(request.header("sforce-query-options") or "")
        size = max(200, min(2000, int(asked[1]))) if asked else 2000
        locator = f"01g{uuid4().hex[:12]}"
        self._cursors[locator] = (query.table, query.fields, found, size)
        return self._page(locator, 0, base)

    def _next(self, locator: str, base: str) -> TwinResponse:
        name, _, start = locator.rpartition("-")
        if name not in self._cursors:
            raise SalesforceRefusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(name, int(start), base)

    def _page(self, locator: str, start: int, base: str) -> TwinResponse:
        table, fields, found, size = self._cursors[locator]
        records = [self._shown(base, table, one, fields) for one in found[start : start + size]]
        body: dict[str, Any] = {"totalSize": len(found), "done": start + size >= len(found), "records": records}
        if body["done"]:
            del self._cursors[locator]
        else:
            body["nextRecordsUrl"] = f"{base}/query/{locator}-{start + size}"
        return TwinResponse(200, body)

    def _read(self, request: TwinRequest, base: str, name: str, identifier: str) -> TwinResponse:
        self._org.table(name)
        record = self._org.get(name, identifier)
        fields = request.query.get("fields")
        return TwinResponse(200, self._shown(base, name, record, fields.split(",") if fields else sorted(FIELDS[name])))

    def _shown(self, base: str, name: str, record: Record, fields: list[str]) -> dict[str, Any]:
        attributes = {"type": name, "url": f"{base}/sobjects/{name}/{record['Id']}"}
        return {"attributes": attributes, **{field: self._org.value(name, record, field) for field in fields}}

    # -- collections ---------------------------------------------------------------------------------------

    def _create_together(self, body: dict[str, Any]) -> TwinResponse:
        records = body.get("records") or []
        _check_size(len(records))
        return TwinResponse(200, [self._tried(self._create_one, record) for record in records])

    def _delete_together(self, ids: list[str]) -> TwinResponse:
        _check_size(len(ids))
        return TwinResponse(200, [self._tried(self._delete_any, one) for one in ids])

    def _create_one(self, record: dict[str, Any]) -> str:
        fields = {name: value for name, value in record.items() if name != "attributes"}
        return self._org.create(record["attributes"]["type"], fields)

    def _delete_any(self, identifier: str) -> str:
        table = next((name for name, rows in self._org.tables.items() if identifier in rows), None)
        if table is None:
            raise SalesforceRefusal(404, "ENTITY_IS_DELETED", "entity is deleted")
        self._org.delete(table, identifier)
        return identifier

    def _tried(self, work: Callable[[Any], str], argument: object) -> dict[str, Any]:
        try:
            return _made(work(argument))
        except SalesforceRefusal as refusal:
            error = {"statusCode": refusal.word, "message": refusal.message, "fields": refusal.fields}
            return {"success": False, "errors": [error]}


def _made(identifier: str) -> dict[str, Any]:
    return {"id": identifier, "success": True, "errors": []}


def _check_size(records: int) -> None:
    if not 0 < records <= _COLLECTION:
        raise SalesforceRefusal(400, "EXCEEDED_MAX_SIZE_REQUEST", f"record limit reached: {_COLLECTION}")


def _object(request: TwinRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise SalesforceRefusal(400, "JSON_PARSER_ERROR", "Unexpected character, or no object")
    return body
