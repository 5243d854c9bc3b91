"""The Table API of the twin, below `/api/now/table`, `/api/now/v1/table` and `/api/now/v2/table`.

Source, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from gallery_sdk.testing import TwinRequest, TwinResponse

from .instance import REFERENCES, Instance, Row, ServiceNowRefusal, columns_of
from .query import parse
from .signing_in import Account

PATH: Final = re.compile(r"/api/now/(?:(?P<version>v[12])/)?table/(?P<table>[a-z_]+)(?:/(?P<id>[^/]+))?")
_LIMIT: Final = 10_000
_ACL: Final = "ACL Exception {} Failed due to security constraints"
_NOT_FOUND: Final = ("No Record found", "Record doesn't exist or ACL restricts the record retrieval")


class TableFace:
    """Answers requests to one instance.

    Attributes:
        case_sensitive: Queries mind letter case, as documented.
        strict_queries: A query with a term that is not understood finds nothing (a property of instances).
        scripts: What values that begin with `javascript:` ran.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.case_sensitive, self.strict_queries = True, False
        self.scripts: list[str] = []

    def handle(self, request: TwinRequest, account: Account) -> TwinResponse:
        """Answer one request."""
        found = PATH.fullmatch(request.path)
        if found is None:
            raise ServiceNowRefusal(400, "Requested URI does not represent any resource", request.path)
        table, identifier = found["table"], found["id"]
        self._instance.table(table)
        match (request.method, identifier):
            case ("GET", None):
                return self._list(request, table, account, found["version"])
            case ("GET", str()):
                self._see(table, identifier, account)
                return TwinResponse(200, {"result": self._shown(request, table, self._instance.get(table, identifier))})
            case ("POST", None):
                self._allow(account, "Insert")
                row = self._instance.insert(table, self._body(request, table))
                where = f"{request.base_url}/api/now/table/{table}/{quote(row['sys_id'])}"
                return self._answer(request, 201, table, row, {"Location": where})
            case ("PUT" | "PATCH", str()):
                self._allow(account, "Update")
                row = self._instance.update(table, identifier, self._body(request, table))
                return self._answer(request, 200, table, row, {})
            case ("DELETE", str()):
                self._allow(account, "Delete")
                self._instance.delete(table, identifier)
                return TwinResponse(204)
        raise ServiceNowRefusal(405, "Method not supported", request.method)

    # -- lists ---------------------------------------------------------------------------------------------

    def _list(self, request: TwinRequest, table: str, account: Account, version: str | None) -> TwinResponse:
        found = self._found(request, table, account)
        limit = int(request.query.get("sysparm_limit") or _LIMIT)
        offset = int(request.query.get("sysparm_offset") or 0)
        # The limit comes before the access rules: rows that are kept back take their places.
        window = found[offset : offset + limit]
        rows = [row for row in window if self._sees(table, row, account)]
        if not rows and version == "v1":
            raise ServiceNowRefusal(404, *_NOT_FOUND)
        headers = {}
        if request.query.get("sysparm_no_count") != "true":
            headers["X-Total-Count"] = str(len(found))
        if request.query.get("sysparm_suppress_pagination_header") != "true":
            headers["Link"] = _links(request, offset, limit, len(found))
        return TwinResponse(200, {"result": [self._shown(request, table, row) for row in rows]}, headers)

    def _found(self, request: TwinRequest, table: str, account: Account) -> list[Row]:
        rows = list(self._instance.tables[table].values())
        text = request.query.get("sysparm_query")
        if text is None:
            pairs = {name: value for name, value in request.query.items() if not name.startswith("sysparm_")}
            known = {name: value for name, value in pairs.items() if name in columns_of(table)}
            if len(known) < len(pairs) and self.strict_queries:
                return []
            return [row for row in rows if all(self._is(table, row, name, value) for name, value in known.items())]

        def evaluate(script: str) -> str:
            self.scripts.append(script)
            return account.user_id if script.startswith("gs.getUserID()") else ""

        query = parse(table, text, case_sensitive=self.case_sensitive, evaluate=evaluate)
        return [] if self.strict_queries and not query.is_whole else query.run(rows)

    def _is(self, table: str, row: Row, column: str, value: str) -> bool:
        """Bare pairs also take the display values of references."""
        other = REFERENCES.get(table, {}).get(column)
        return row[column] == value or (other is not None and self._instance.name_of(other, row[column]) == value)

    # -- one row -------------------------------------------------------------------------------------------

    def _body(self, request: TwinRequest, table: str) -> Mapping[str, object]:
        if "json" not in (request.header("content-type") or ""):
            raise ServiceNowRefusal(415, "Unsupported media type", "Content-Type must be application/json")
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise ServiceNowRefusal(400, "Exception while reading request", "The payload is not valid JSON") from None
        if not isinstance(body, dict):
            raise ServiceNowRefusal(400, "Exception while reading request", "One record is made per request")
        if request.query.get("sysparm_input_display_value") == "true":
            for column, other in REFERENCES.get(table, {}).items():
                if body.get(column):
                    body[column] = self._instance.named(other, str(body[column]))
        return body

    def _answer(self, request: TwinRequest, status: int, table: str, row: Row, headers: dict[str, str]) -> TwinResponse:
        if request.header("x-no-response-body") == "true":
            return TwinResponse(status, None, headers)
        return TwinResponse(status, {"result": self._shown(request, table, row)}, headers)

    def _shown(self, request: TwinRequest, table: str, row: Row) -> dict[str, Any]:
        fields = request.query.get("sysparm_fields")
        names = [name for name in fields.split(",") if name in row] if fields else list(columns_of(table))
        return {name: self._value(request, table, name, row[name]) for name in names}

    def _value(self, request: TwinRequest, table: str, column: str, value: str) -> object:
        display = request.query.get("sysparm_display_value", "false")
        other = REFERENCES.get(table, {}).get(column)
        shown = value if other is None else self._instance.name_of(other, value)
        if display == "all":
            return {"display_value": shown, "value": value}
        if other is None or not value:
            return value
        is_plain = request.query.get("sysparm_exclude_reference_link") == "true"
        if is_plain:
            return shown if display == "true" else value
        link = f"{request.base_url}/api/now/table/{other}/{quote(value)}"
        return {"display_value": shown, "link": link} if display == "true" else {"link": link, "value": value}

    # -- rights --------------------------------------------------------------------------------------------

    def _allow(self, account: Account, verb: str) -> None:
        if not account.writes:
            raise ServiceNowRefusal(403, "Operation Failed", _ACL.format(verb))

    def _sees(self, table: str, row: Row, account: Account) -> bool:
        if row["sys_id"] in self._instance.hidden:
            return False
        return table != "sys_user" or account.sees_inactive or row["active"] == "true"

    def _see(self, table: str, identifier: str, account: Account) -> None:
        if not self._sees(table, self._instance.get(table, identifier), account):
            raise ServiceNowRefusal(404, *_NOT_FOUND)


def _links(request: TwinRequest, offset: int, limit: int, total: int) -> str:
    last = max(0, (total - 1) // limit * limit) if limit else 0
    places = {"first": 0, "prev": max(0, offset - limit), "next": offset + limit, "last": last}
    if offset == 0:
        del places["prev"]
    if offset + limit >= total:
        del places["next"]
    query = {name: value for name, value in request.query.items() if name != "sysparm_offset"}
    return ",".join(
        f'<{request.base_url}{request.path}?{urlencode({**query, "sysparm_offset": place})}>;rel="{name}"'
        for name, place in places.items()
    )
