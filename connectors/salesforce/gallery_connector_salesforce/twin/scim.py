"""The SCIM 2.0 face of the twin, `/services/scim/v2`: the same records, spelled as Salesforce spells SCIM.

Sources, read on 2026-11-23: https://help.salesforce.com/s/articleView?id=xcloud.identity_scim_rest_api.htm and the
pages on creating, updating and deactivating users and on groups; for 409
https://learn.microsoft.com/answers/questions/5828857.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from gallery_sdk.errors import ScimError
from gallery_sdk.scim import compile_filter, parse_filter
from gallery_sdk.testing import TwinRequest, TwinResponse

from .org import Org, Record, SalesforceRefusal

BASE: Final = "/services/scim/v2"
_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
_LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
_DEFAULTS: Final = {
    "EmailEncodingKey": "UTF-8", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US",
    "TimeZoneSidKey": "America/Los_Angeles",
}  # fmt: skip
_PLAIN: Final = {
    "nickName": "CommunityNickname", "title": "Title", "locale": "LocaleSidKey", "timezone": "TimeZoneSidKey",
    "preferredLanguage": "LanguageLocaleKey", "emailEncodingKey": "EmailEncodingKey",
    "externalId": "FederationIdentifier",
}  # fmt: skip
_OF_NAME: Final = {"givenName": "FirstName", "familyName": "LastName"}
_OF_ENTERPRISE: Final = {
    "employeeNumber": "EmployeeNumber", "department": "Department", "division": "Division",
    "organization": "CompanyName",
}  # fmt: skip
_OF_ADDRESS: Final = {
    "streetAddress": "Street", "locality": "City", "region": "State", "postalCode": "PostalCode", "country": "Country",
}  # fmt: skip
_CONFIG: Final = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True}, "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": 200}, "changePassword": {"supported": True},
    "sort": {"supported": False}, "etag": {"supported": False}, "authenticationSchemes": [],
}  # fmt: skip
_NEEDS_PROFILE: Final = "user_must_have_one_entitlement_which_must_be_a_profileid;"
_JOINED: Final = re.compile(r"\s+(and|or)\s+(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", re.IGNORECASE)


class Malformed(SalesforceRefusal):
    """A payload that Salesforce answers with an internal error instead of an error of SCIM."""

    def __init__(self) -> None:
        super().__init__(
            500,
            "UNKNOWN_EXCEPTION",
            "Processing/execution error: check the format of your request payload. If you still have issues, contact "
            "Support and share this error ID: 123-456",
        )


class ScimFace:
    """Answers requests to one organization.

    Attributes:
        page_size: The most resources on a page, whatever is asked for; 20 and 200 are both reported.
    """

    def __init__(self, org: Org, *, page_size: int = 200) -> None:
        self._org, self.page_size = org, page_size

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer one request."""
        base = f"{request.base_url}{BASE}"
        match (request.method, *request.path.removeprefix(BASE).strip("/").split("/")):
            case ("GET", "ServiceProviderConfigs"):
                return TwinResponse(200, _CONFIG)
            case ("GET", "Schemas" | "ResourceTypes"):
                return self._list(request, [], dict)
            case ("GET", "Me"):
                return TwinResponse(200, self._user(next(iter(self._org.tables["User"].values())), base))
            case ("GET", "Entitlements"):
                return self._list(request, self._entitlements(), dict)
            case ("GET", "Roles"):
                roles = [{"id": one["Id"], "displayName": one["Name"]} for one in self._org.tables["UserRole"].values()]
                return self._list(request, roles, dict)
            case ("GET", "Users"):
                people = [one for one in self._org.tables["User"].values() if one["UserType"] == "Standard"]
                return self._list(request, people, lambda one: self._user(one, base))
            case ("POST", "Users"):
                made = self._org.create("User", self._fields(_json(request), creating=True))
                self._grant(made, _json(request).get("entitlements"))
                return TwinResponse(201, self._user(self._org.tables["User"][made], base))
            case ("GET", "Users", identifier):
                return TwinResponse(200, self._user(self._org.get("User", identifier), base))
            case ("PUT", "Users", identifier):
                return self._write_user(identifier, _json(request), base)
            case ("PATCH", "Users", identifier):
                return self._patch_user(identifier, _json(request), base)
            case ("DELETE", "Users", identifier):
                self._org.update("User", identifier, {"IsActive": False})
                return TwinResponse(204)
            case ("GET", "Groups"):
                groups = [one for one in self._org.tables["Group"].values() if one["Type"] == "Regular"]
                return self._list(request, groups, lambda one: self._group(one, base))
            case ("GET", "Groups", identifier):
                return TwinResponse(200, self._group(self._org.get("Group", identifier), base))
            case ("PUT", "Groups", identifier):
                self._set_members(identifier, _json(request).get("members") or [])
                return TwinResponse(200)
            case ("PATCH", "Groups", identifier):
                return self._patch_group(identifier, _json(request), base)
            case ("POST" | "DELETE", "Groups", *_):
                raise SalesforceRefusal(405, "METHOD_NOT_ALLOWED", "public groups are neither made nor deleted here")
        raise SalesforceRefusal(404, "NOT_FOUND", "The requested resource does not exist")

    def refuse(self, refusal: SalesforceRefusal) -> TwinResponse:
        """An error of SCIM: `schemas` is a text, `status` a number, and what breaks a rule is answered with 409."""
        if isinstance(refusal, Malformed) or refusal.status == 403:
            return TwinResponse(refusal.status, [{"message": refusal.message, "errorCode": refusal.word}])
        status = 409 if refusal.status == 400 and refusal.word != "INVALID_FILTER" else refusal.status
        body = {"schemas": f'["{_ERROR}"]', "detail": f"{refusal.word}:{refusal.message}", "status": status}
        return TwinResponse(status, body)

    # -- users ---------------------------------------------------------------------------------------------

    def _fields(self, resource: Mapping[str, Any], *, creating: bool = False) -> dict[str, Any]:
        """Fields of the record that a (partial) resource sets."""
        fields: dict[str, Any] = {column: resource[name] for name, column in _PLAIN.items() if name in resource}
        if "userName" in resource:
            fields["Username"] = str(resource["userName"]).lower()
        if "active" in resource:
            fields["IsActive"] = str(resource["active"]).lower() == "true"
        name = resource.get("name") or {}
        fields |= {column: name[part] for part, column in _OF_NAME.items() if part in name}
        if resource.get("emails"):
            fields["Email"] = resource["emails"][0]["value"]
        if resource.get("phoneNumbers"):
            if len(resource["phoneNumbers"]) > 1:
                raise SalesforceRefusal(400, "INVALID_INPUT", "only one phone number is allowed")
            phone = resource["phoneNumbers"][0]
            fields["MobilePhone" if phone.get("type") == "mobile" else "Phone"] = phone["value"]
        for address in resource.get("addresses") or ():
            fields |= {column: address[part] for part, column in _OF_ADDRESS.items() if part in address}
        enterprise = resource.get(_ENTERPRISE) or {}
        fields |= {column: enterprise[part] for part, column in _OF_ENTERPRISE.items() if part in enterprise}
        if "manager" in enterprise:
            fields["ManagerId"] = (enterprise["manager"] or {}).get("value")
        if "roles" in resource:
            fields["UserRoleId"] = next((one["value"] for one in resource["roles"]), None)
        profiles = [one["value"] for one in resource.get("entitlements") or () if str(one["value"]).startswith("00e")]
        if len(profiles) == 1:
            fields["ProfileId"] = profiles[0]
        elif creating or "entitlements" in resource:
            raise SalesforceRefusal(400, "REQUIRED_FIELD_MISSING", _NEEDS_PROFILE)
        if creating:
            username = fields.get("Username", "")
            fields = {**_DEFAULTS, "Alias": username[:8], "CommunityNickname": self._nickname(username), **fields}
        return fields

    def _nickname(self, username: str) -> str:
        """The user name as nickname, numbered where its first 40 characters are another's."""
        nickname, number = username[:40], 1
        while self._org.has_nickname(nickname):
            number += 1
            nickname = f"{username[: 40 - len(str(number))]}{number}"
        return nickname

    def _user(self, record: Record, base: str) -> dict[str, Any]:
        org, identifier = self._org, record["Id"]
        profile = org.tables["Profile"][record["ProfileId"]]
        entitlements = [_entitlement(base, profile["Id"], profile["Name"], "Profile", primary=True)]
        for row in org.tables["PermissionSetAssignment"].values():
            if row["AssigneeId"] == identifier and row.get("PermissionSetId"):
                granted = org.tables["PermissionSet"][row["PermissionSetId"]]
                entitlements.append(_entitlement(base, granted["Id"], granted["Name"], "PermissionSet", primary=False))
        role = record.get("UserRoleId")
        formatted = org.value("User", record, "Name")
        resource: dict[str, Any] = {
            "schemas": [_CORE, _ENTERPRISE],
            "id": identifier,
            "userName": record["Username"].lower(),
            "name": {"formatted": formatted, "familyName": record["LastName"], "givenName": record.get("FirstName")},
            "displayName": formatted,
            "userType": record["UserType"],
            "active": record["IsActive"],
            "emails": [{"type": "work", "primary": True, "value": record["Email"]}],
            "entitlements": entitlements,
            "roles": [{"value": role, "display": org.tables["UserRole"][role]["Name"]}] if role else [],
            "groups": [{"value": row["GroupId"]} for row in self._rows(identifier)],
            "meta": self._meta(record, base, "Users", "User"),
        }
        resource |= {name: record[column] for name, column in _PLAIN.items() if record.get(column)}
        numbers = {"work": record.get("Phone"), "mobile": record.get("MobilePhone")}
        phones = [{"type": kind, "value": number} for kind, number in numbers.items() if number]
        address = {part: record[column] for part, column in _OF_ADDRESS.items() if record.get(column)}
        enterprise = {part: record[column] for part, column in _OF_ENTERPRISE.items() if record.get(column)}
        if record.get("ManagerId"):
            enterprise["manager"] = {"value": record["ManagerId"]}
        resource |= {"phoneNumbers": phones} if phones else {}
        resource |= {"addresses": [{"type": "work", **address}]} if address else {}
        return resource | ({_ENTERPRISE: enterprise} if enterprise else {})

    def _write_user(self, identifier: str, resource: Mapping[str, Any], base: str) -> TwinResponse:
        self._org.update("User", identifier, self._fields(resource))
        return TwinResponse(200, self._user(self._org.get("User", identifier), base))

    def _patch_user(self, identifier: str, body: Mapping[str, Any], base: str) -> TwinResponse:
        for operation in body.get("Operations") or ():
            op, path, value = str(operation.get("op", "")).lower(), operation.get("path"), operation.get("value")
            if op == "remove":
                self._org.update("User", identifier, self._cleared(str(path)))
                continue
            if not isinstance(value, dict) or (path and "[" in path):
                raise Malformed
            resource: dict[str, Any] = {path: value} if path else value
            entitlements = resource.get("entitlements")
            if op == "add" and entitlements and not any(str(one["value"]).startswith("00e") for one in entitlements):
                resource = {name: given for name, given in resource.items() if name != "entitlements"}
            self._org.update("User", identifier, self._fields(resource))
            self._grant(identifier, entitlements)
        return TwinResponse(200, self._user(self._org.get("User", identifier), base))

    def _cleared(self, path: str) -> dict[str, Any]:
        name = path.rpartition(":")[2].partition("[")[0].rpartition(".")[2]
        columns = {**_PLAIN, **_OF_ENTERPRISE, "manager": "ManagerId", "roles": "UserRoleId", "givenName": "FirstName"}
        if name == "addresses":
            return dict.fromkeys(_OF_ADDRESS.values())
        if name == "phoneNumbers":
            return {"Phone": None, "MobilePhone": None}
        if name not in columns:
            raise SalesforceRefusal(400, "INVALID_PATH", f"{path} cannot be removed")
        return {columns[name]: None}

    def _grant(self, identifier: str, entitlements: list[Mapping[str, Any]] | None) -> None:
        for one in entitlements or ():
            if str(one["value"]).startswith("0PS"):
                row = {"AssigneeId": identifier, "PermissionSetId": one["value"]}
                try:
                    self._org.create("PermissionSetAssignment", row)
                except SalesforceRefusal as refusal:
                    if refusal.word != "DUPLICATE_VALUE":
                        raise

    def _entitlements(self) -> list[dict[str, Any]]:
        profiles = [(one, "Profile") for one in self._org.tables["Profile"].values()]
        sets = [(one, "PermissionSet") for one in self._org.tables["PermissionSet"].values()]
        return [{"id": one["Id"], "displayName": one["Name"], "type": kind} for one, kind in (*profiles, *sets)]

    # -- groups --------------------------------------------------------------------------------------------

    def _group(self, record: Record, base: str) -> dict[str, Any]:
        members = [
            {"value": row["UserOrGroupId"], "type": "User", "$ref": f"{base}/Users/{row['UserOrGroupId']}"}
            for row in self._rows_of(record["Id"])
        ]
        return {
            "schemas": [_GROUP],
            "id": record["Id"],
            "displayName": record["Name"],
            "type": record["Type"],
            "members": members,
            "meta": self._meta(record, base, "Groups", "Group"),
        }

    def _patch_group(self, identifier: str, body: Mapping[str, Any], base: str) -> TwinResponse:
        for operation in body.get("Operations") or ():
            op, value = str(operation.get("op", "")).lower(), operation.get("value")
            if not isinstance(value, dict):
                raise Malformed
            if value.get("displayName"):
                self._org.update("Group", identifier, {"Name": value["displayName"]})
            ids = [str(one["value"]) for one in value.get("members") or ()]
            if op == "add":
                self._add_members(identifier, ids)
            elif op == "remove":
                for row in self._rows_of(identifier):
                    if row["UserOrGroupId"] in ids:
                        self._org.delete("GroupMember", row["Id"])
            elif ids:
                self._set_members(identifier, value["members"])
        return TwinResponse(200, self._group(self._org.get("Group", identifier), base))

    def _add_members(self, identifier: str, ids: list[str]) -> None:
        present = {row["UserOrGroupId"] for row in self._rows_of(identifier)}
        for one in ids:
            if one not in present:
                self._org.create("GroupMember", {"GroupId": identifier, "UserOrGroupId": one})

    def _set_members(self, identifier: str, members: list[Mapping[str, Any]]) -> None:
        wanted = [str(one["value"]) for one in members]
        for row in self._rows_of(identifier):
            if row["UserOrGroupId"] not in wanted:
                self._org.delete("GroupMember", row["Id"])
        self._add_members(identifier, wanted)

    def _rows_of(self, group: str) -> list[Record]:
        wanted = self._org.get("Group", group)["Id"]
        return [row for row in self._org.tables["GroupMember"].values() if row["GroupId"] == wanted]

    def _rows(self, user: str) -> list[Record]:
        return [row for row in self._org.tables["GroupMember"].values() if row["UserOrGroupId"] == user]

    # -- lists ---------------------------------------------------------------------------------------------

    def _list(self, request: TwinRequest, found: list[Any], show: Callable[[Any], dict[str, Any]]) -> TwinResponse:
        shown = [show(one) for one in found]
        if "filter" in request.query:
            shown = [one for one in shown if _passes(request.query["filter"], one)]
        start = max(1, int(request.query.get("startIndex", "1")))
        count = max(0, min(self.page_size, int(request.query.get("count", str(self.page_size)))))
        page = shown[start - 1 : start - 1 + count]
        body = {
            "schemas": [_LIST], "totalResults": len(shown), "startIndex": start, "itemsPerPage": len(page),
            "Resources": page,
        }  # fmt: skip
        return TwinResponse(200, body)

    def _meta(self, record: Record, base: str, place: str, kind: str) -> dict[str, Any]:
        version = sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
        day = "2026-01-01T00:00:00Z"
        return {
            "created": day, "lastModified": day, "location": f"{base}/{place}/{record['Id']}", "resourceType": kind,
            "version": version,
        }  # fmt: skip


def _passes(text: str, resource: dict[str, Any]) -> bool:
    """Whether a filter holds; `and` and `or` bind alike, from left to right."""
    parts = _JOINED.split(text)
    try:
        result = compile_filter(parse_filter(parts[0]))(resource)
        for word, part in zip(parts[1::2], parts[2::2], strict=True):
            holds = compile_filter(parse_filter(part))(resource)
            result = (result and holds) if word.lower() == "and" else (result or holds)
    except ScimError as error:
        raise SalesforceRefusal(400, "INVALID_FILTER", error.what) from error
    return bool(result)


def _entitlement(base: str, identifier: str, name: str, kind: str, *, primary: bool) -> dict[str, Any]:
    reference = f"{base}/Entitlements/{identifier}"
    return {"value": identifier, "$ref": reference, "display": name, "type": kind, "primary": primary}


def _json(request: TwinRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Malformed from None
    if not isinstance(body, dict):
        raise Malformed
    return body
