"""The SCIM plugin of the twin, `/api/now/scim`: the same rows, spelled as SCIM.

Source, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/scim-api.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from gallery_sdk.testing import TwinRequest, TwinResponse

from .instance import Instance, Row, ServiceNowRefusal
from .scim_changes import changed
from .scim_filters import compiled

BASE: Final = re.compile(r"/api/now/(?:v[12]/)?scim(?=/)")
CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
OWN: Final = "urn:ietf:params:scim:schemas:extension:servicenow:2.0:User"
CUSTOM: Final = "urn:ietf:params:scim:schemas:extension:servicenow:custom:2.0:User"
_GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
_OWN_GROUP: Final = "urn:ietf:params:scim:schemas:extension:servicenow:2.0:Group"
_READ_ONLY: Final = "urn:ietf:params:scim:schemas:custom:servicenow:2.0:"
_LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
_MOST: Final = 500
_MOST_MEMBERS: Final = 100

_PLAIN: Final = {"title": "title", "preferredLanguage": "preferred_language", "timezone": "time_zone"}
_NAME: Final = {
    "familyName": "last_name", "givenName": "first_name", "middleName": "middle_name",
    "honorificPrefix": "introduction",
}  # fmt: skip
_PHONES: Final = {"work": "phone", "mobile": "mobile_phone", "home": "home_phone"}
_ADDRESS: Final = {
    "streetAddress": "street", "locality": "city", "region": "state", "postalCode": "zip", "country": "country",
}  # fmt: skip
_EXTENDED: Final = {"employeeNumber": "employee_number", "gender": "gender"}
_REFERRED: Final = {
    "costCenter": ("cost_center", "cmn_cost_center"),
    "company": ("company", "core_company"),
    "department": ("department", "cmn_department"),
    "location": ("location", "cmn_location"),
    "manager": ("manager", "sys_user"),
}
_RESOURCES: Final = {
    "Companies": ("core_company", "Company"),
    "CostCenters": ("cmn_cost_center", "CostCenter"),
    "Departments": ("cmn_department", "Department"),
    "Locations": ("cmn_location", "Location"),
}
_ONE_USER: Final = re.compile(r'userName eq "([^"\\]*)"')
_CONFIG: Final = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True}, "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 1_000_000},
    "filter": {"supported": True, "maxResults": _MOST}, "changePassword": {"supported": False},
    "sort": {"supported": False}, "etag": {"supported": False},
    "authenticationSchemes": [{"type": "oauthbearertoken", "name": "OAuth Bearer Token"}],
}  # fmt: skip


class ScimFace:
    """Answers requests to one instance.

    Attributes:
        group_patch_no_content: A property of instances: PATCH of a group answers 204.
        members_by_row: Members go by the ids of their rows, and only `$ref` names the user.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.group_patch_no_content = self.members_by_row = False

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer one request."""
        base = f"{request.base_url}/api/now/scim"
        users, groups = self._instance.tables["sys_user"], self._instance.tables["sys_user_group"]
        match (request.method, *BASE.sub("", request.path).strip("/").split("/")):
            case ("GET", "ServiceProviderConfig"):
                return TwinResponse(200, _CONFIG)
            case ("GET", "Schemas" | "ResourceTypes"):
                return self._list(request, [], lambda one: one)
            case ("GET", "Users"):
                found = _ONE_USER.fullmatch(request.query.get("filter", ""))
                one = self._instance.with_user_name(found[1]) if found else None
                rows = list(users.values()) if found is None else [one] if one else []
                return self._list(request, rows, lambda row: self.user(row, base))
            case ("POST", "Users"):
                return self._create_user(_json(request), base)
            case ("GET", "Users", identifier):
                return TwinResponse(200, self.user(self._instance.get("sys_user", identifier), base))
            case ("PUT" | "PATCH" as method, "Users", identifier):
                before = self.user(self._instance.get("sys_user", identifier), base)
                after = changed(method, before, _json(request))
                return TwinResponse(200, self.user(self._write_user(identifier, after), base))
            case ("DELETE", "Users", identifier):
                self._instance.delete("sys_user", identifier)
                return TwinResponse(204)
            case ("GET", "Groups"):
                return self._list(request, list(groups.values()), lambda row: self.group(row, base))
            case ("POST", "Groups"):
                return self._create_group(_json(request), base)
            case ("GET", "Groups", identifier):
                return TwinResponse(200, self.group(self._instance.get("sys_user_group", identifier), base))
            case ("PUT" | "PATCH" as method, "Groups", identifier):
                return self._change_group(method, identifier, _json(request), base)
            case ("DELETE", "Groups", identifier):
                self._instance.delete("sys_user_group", identifier)
                return TwinResponse(204)
            case ("GET", name) if name in _RESOURCES:
                table, kind = _RESOURCES[name]
                rows = list(self._instance.tables[table].values())
                return self._list(request, rows, lambda row: self._named(row, kind, base, name))
            case ("GET", name, identifier) if name in _RESOURCES:
                table, kind = _RESOURCES[name]
                return TwinResponse(200, self._named(self._instance.get(table, identifier), kind, base, name))
        raise ServiceNowRefusal(404, "Requested URI does not represent any resource")

    def refuse(self, refusal: ServiceNowRefusal) -> TwinResponse:
        """An error of SCIM, its status a text."""
        body: dict[str, object] = {"schemas": [ERROR], "status": str(refusal.status)}
        if refusal.scim_type is not None:
            body["scimType"] = refusal.scim_type
        return TwinResponse(refusal.status, {**body, "detail": refusal.detail or refusal.word})

    # -- users ---------------------------------------------------------------------------------------------

    def user(self, row: Row, base: str) -> dict[str, Any]:
        """A row as SCIM shows it; what is empty is left out."""
        extension: dict[str, Any] = {name: row[column] for name, column in _EXTENDED.items() if row[column]}
        for name, (column, table) in _REFERRED.items():
            if row[column]:
                word = "displayName" if name == "manager" else "name"
                extension[name] = {"value": row[column], word: self._instance.name_of(table, row[column])}
        address = {part: row[column] for part, column in _ADDRESS.items() if row[column]}
        resource: dict[str, Any] = {
            "schemas": [OWN, CORE],
            "id": row["sys_id"],
            "externalId": self._instance.external_ids.get(row["sys_id"], ""),
            "meta": _meta(row, "User", f"{base}/Users"),
            "userName": row["user_name"],
            "name": {part: row[column] for part, column in _NAME.items() if row[column]},
            "displayName": row["name"],
            **{name: row[column] for name, column in _PLAIN.items()},
            "active": row["active"] == "true",
            "emails": [{"value": row["email"], "type": "work"}] if row["email"] else [],
            "phoneNumbers": [{"value": row[column], "type": kind} for kind, column in _PHONES.items() if row[column]],
            "addresses": [{"type": "home", **address}] if address else [],
            OWN: extension,
        }
        return {name: value for name, value in resource.items() if value not in ("", [], {})}

    def _create_user(self, body: dict[str, Any], base: str) -> TwinResponse:
        if CUSTOM in body and CUSTOM not in body.get("schemas", []):
            raise ServiceNowRefusal(
                400,
                f"Extended attributes namespace {CUSTOM} must be included in the schemas attribute",
                scim_type="invalidValue",
            )
        if not body.get("userName"):
            raise ServiceNowRefusal(400, "The userName parameter is required", scim_type="invalidValue")
        return TwinResponse(201, self.user(self._write_user(None, {"active": True, **body}), base))

    def _write_user(self, identifier: str | None, resource: Mapping[str, Any]) -> Row:
        """Write a whole resource: what it does not hold is empty."""
        values = self._columns(resource)
        there = self._instance.with_user_name(values["user_name"])
        if there is not None and there["sys_id"] != identifier:
            raise _taken("User", "userName")
        row = (
            self._instance.insert("sys_user", values)
            if identifier is None
            else self._instance.update("sys_user", identifier, values)
        )
        self._note_external_id(row, resource)
        return row

    def _columns(self, resource: Mapping[str, Any]) -> dict[str, str]:
        extension = resource.get(OWN) or {}
        name = resource.get("name") or {}
        values = {
            "user_name": str(resource.get("userName") or ""),
            "active": str(resource.get("active", True)).lower(),
            **{column: str(resource.get(key) or "") for key, column in _PLAIN.items()},
            **{column: str(name.get(key) or "") for key, column in _NAME.items()},
            **{column: str(extension.get(key) or "") for key, column in _EXTENDED.items()},
            "email": _typed(resource, "emails", {"work"}).get("work", {}).get("value") or "",
        }
        phones = _typed(resource, "phoneNumbers", set(_PHONES))
        values |= {column: str(phones.get(kind, {}).get("value") or "") for kind, column in _PHONES.items()}
        address = _typed(resource, "addresses", {"home"}).get("home", {})
        values |= {column: str(address.get(part) or "") for part, column in _ADDRESS.items()}
        for key, (column, table) in _REFERRED.items():
            held = extension.get(key)
            value = str((held.get("value") if isinstance(held, dict) else held) or "")
            if value and value not in self._instance.tables[table]:
                word = key[0].upper() + key[1:]
                raise ServiceNowRefusal(400, f"{word} id : {value} doesn't exist", scim_type="invalidValue")
            values[column] = value
        return values

    def _note_external_id(self, row: Row, resource: Mapping[str, Any]) -> None:
        if resource.get("externalId"):
            self._instance.external_ids[row["sys_id"]] = str(resource["externalId"])
        else:
            self._instance.external_ids.pop(row["sys_id"], None)

    # -- groups --------------------------------------------------------------------------------------------

    def group(self, row: Row, base: str) -> dict[str, Any]:
        """A group and its members."""
        members = [
            {
                "value": membership if self.members_by_row else user,
                "display": self._instance.name_of("sys_user", user),
                "$ref": f"{base}/Users/{user}",
            }
            for user, membership in self._instance.members(row["sys_id"]).items()
        ]
        company = row["company"]
        name = self._instance.name_of("core_company", company)
        resource: dict[str, Any] = {
            "schemas": [_GROUP, _OWN_GROUP],
            "id": row["sys_id"],
            "externalId": self._instance.external_ids.get(row["sys_id"], ""),
            "meta": _meta(row, "Group", f"{base}/Groups"),
            "displayName": row["name"],
            "members": members,
            _OWN_GROUP: {"company": {"value": company, "name": name}} if company else {},
        }
        return {name: value for name, value in resource.items() if value not in ("", [], {})}

    def _create_group(self, body: dict[str, Any], base: str) -> TwinResponse:
        if not body.get("displayName"):
            raise ServiceNowRefusal(400, "The displayName parameter is required", scim_type="invalidValue")
        self._check_group_name(body["displayName"], None)
        members = _member_ids(body)
        self._check_members(members)
        row = self._instance.insert("sys_user_group", {"name": body["displayName"]})
        self._note_external_id(row, body)
        self._set_members(row["sys_id"], members)
        return TwinResponse(201, self.group(row, base))

    def _change_group(self, method: str, identifier: str, body: dict[str, Any], base: str) -> TwinResponse:
        row = self._instance.get("sys_user_group", identifier)
        before = self.group(row, base)
        sent = [body] if method == "PUT" else body.get("Operations") or []
        for one in sent:
            value = one.get("members") if method == "PUT" else one.get("value")
            if isinstance(value, dict) and "members" in value:
                value = value["members"]
            if isinstance(value, list):
                self._check_members([str(each.get("value")) for each in value if isinstance(each, dict)])
        after = changed(method, before, body)
        self._check_group_name(after.get("displayName", ""), identifier)
        members = _member_ids(after)
        self._check_members(members, count=False)
        self._instance.update("sys_user_group", identifier, {"name": after.get("displayName", "")})
        self._note_external_id(row, after)
        self._set_members(identifier, members)
        if method == "PATCH" and self.group_patch_no_content:
            return TwinResponse(204)
        return TwinResponse(200, self.group(row, base))

    def _check_group_name(self, name: str, identifier: str | None) -> None:
        groups = self._instance.tables["sys_user_group"].values()
        if any(one["name"].casefold() == name.casefold() and one["sys_id"] != identifier for one in groups):
            raise _taken("Group", "displayName")

    def _check_members(self, ids: Sequence[str], *, count: bool = True) -> None:
        if count and len(ids) > _MOST_MEMBERS:
            raise ServiceNowRefusal(400, f"The maximum number of members is {_MOST_MEMBERS}", scim_type="tooMany")
        for one in ids:
            if one not in self._instance.tables["sys_user"]:
                raise ServiceNowRefusal(400, f"Member id : {one} doesn't exist", scim_type="invalidValue")

    def _set_members(self, group: str, wanted: Sequence[str]) -> None:
        there = dict(self._instance.members(group))
        for user, row in there.items():
            if user not in wanted:
                self._instance.delete("sys_user_grmember", row)
        for user in wanted:
            if user not in there:
                self._instance.insert("sys_user_grmember", {"user": user, "group": group})

    # -- lists ---------------------------------------------------------------------------------------------

    def _named(self, row: Row, kind: str, base: str, resource: str) -> dict[str, Any]:
        meta = _meta(row, kind, f"{base}/{resource}")
        return {"schemas": [f"{_READ_ONLY}{kind}"], "id": row["sys_id"], "name": row["name"], "meta": meta}

    def _list(self, request: TwinRequest, rows: Sequence[Any], show: Callable[[Any], dict[str, Any]]) -> TwinResponse:
        count = max(0, int(request.query.get("count", "10")))
        if count > _MOST:
            raise ServiceNowRefusal(400, f"The count must not be above {_MOST}", scim_type="invalidValue")
        wanted, unwanted = request.query.get("attributes"), request.query.get("excludedAttributes")
        if wanted and unwanted:
            raise ServiceNowRefusal(
                400, "attributes and excludedAttributes exclude each other", scim_type="invalidValue"
            )
        start = max(1, int(request.query.get("startIndex", "1")))
        text = request.query.get("filter")
        if text and not _ONE_USER.fullmatch(text):
            matches = compiled(text)
            found = [one for one in map(show, rows) if matches(one)]
            page = found[start - 1 : start - 1 + count]
        else:
            found = list(rows)
            page = [show(one) for one in found[start - 1 : start - 1 + count]]
        resources = [_cut(one, wanted, unwanted) for one in page]
        body = {"schemas": [_LIST], "totalResults": len(found), "Resources": resources, "startIndex": start}
        return TwinResponse(200, {**body, "itemsPerPage": len(resources)})


def _typed(resource: Mapping[str, Any], attribute: str, types: set[str]) -> dict[str, dict[str, Any]]:
    """Items of a multi-valued attribute by their type, of which few are known."""
    found: dict[str, dict[str, Any]] = {}
    for item in resource.get(attribute) or ():
        if item.get("type") not in types:
            raise ServiceNowRefusal(400, f"{attribute}: unknown type {item.get('type')}", scim_type="invalidValue")
        found[item["type"]] = item
    return found


def _member_ids(resource: Mapping[str, Any]) -> list[str]:
    ids = (
        str(one.get("$ref", "")).rpartition("/Users/")[2] or str(one["value"]) for one in resource.get("members") or ()
    )
    return list(dict.fromkeys(ids))


def _cut(resource: dict[str, Any], wanted: str | None, unwanted: str | None) -> dict[str, Any]:
    if wanted:
        names = {"schemas", "id", *(name.partition(".")[0] for name in wanted.split(","))}
        return {name: value for name, value in resource.items() if name in names}
    if unwanted:
        names = set(unwanted.split(",")) - {"schemas", "id"}
        return {name: value for name, value in resource.items() if name not in names}
    return resource


def _meta(row: Row, kind: str, where: str) -> dict[str, str]:
    made, changed = (row[name].replace(" ", "T") + "Z" for name in ("sys_created_on", "sys_updated_on"))
    return {"resourceType": kind, "created": made, "lastModified": changed, "location": f"{where}/{row['sys_id']}"}


def _taken(kind: str, attribute: str) -> ServiceNowRefusal:
    text = f"{kind} already exists. The {attribute} parameter must be unique"
    return ServiceNowRefusal(409, text, scim_type="uniqueness")


def _json(request: TwinRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise ServiceNowRefusal(400, "The payload is not valid JSON", scim_type="invalidSyntax") from None
    if not isinstance(body, dict):
        raise ServiceNowRefusal(400, "The payload is no object", scim_type="invalidSyntax")
    return body
