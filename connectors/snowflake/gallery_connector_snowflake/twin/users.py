"""One user as the twin keeps it, and how a request changes it.

Source: https://docs.snowflake.com/en/user-guide/scim-user-api-reference, read 2026-11-23; what a refused PATCH answers
is inferred where the page names no status.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gallery_sdk.testing import Refusal

from . import urns

Record = dict[str, object]

_TYPES: Final = frozenset({"person", "service", "service_agent", "legacy_service"})
_TEXTS: Final = {"displayName": "displayName", "givenName": "givenName", "familyName": "familyName"}
_IN_NAME: Final = ("givenName", "familyName")
_EXTENDED: Final = re.compile(r"(urn:.*:User)[.:]([A-Za-z]+)")
_KNOWN: Final = frozenset(
    {"schemas", "userName", "name", "emails", "displayName", "externalId", "externalID", "password", "active",
     "groups", "id", "meta", urns.ENTERPRISE, urns.EXTENSION}
)  # fmt: skip


class UntakenError(Exception):
    """A change that Snowflake answers with 204 and does not carry out."""


def blank(owner: str) -> Record:
    """A user with nothing in it."""
    return {"active": True, "type": "person", "owner": owner}


def write_whole(record: Record, body: Mapping[str, object], extension: str) -> None:
    """A whole resource (POST, PUT); unknown attributes are refused.

    Raises:
        Refusal: 400.
    """
    for name, value in body.items():
        if name not in _KNOWN:
            raise Refusal(400, f"Attribute {name} is not supported", "invalidValue")
        if name not in ("schemas", "id", "meta", "groups"):
            _write(record, name, value, extension)


def patch(record: Record, operations: object, extension: str) -> None:
    """PATCH operations, in order; `replace` is the only one that changes users.

    Raises:
        Refusal: 400.
        UntakenError: A type that is none.
    """
    if not isinstance(operations, list) or not operations:
        raise Refusal(400, "Operations is missing", "invalidSyntax")
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise Refusal(400, "An operation must be an object", "invalidSyntax")
        op, path, value = str(operation.get("op")).lower(), operation.get("path"), operation.get("value")
        if op == "remove" and path == f"{extension}:type":
            continue  # PERSON is the least that a user is
        if op != "replace":
            raise Refusal(400, f"The operation {op} is not supported for users", "invalidSyntax")
        changes = value if path is None and isinstance(value, Mapping) else {str(path): value}
        for name, given in changes.items():
            _write(record, name, given, extension)


def _write(record: Record, name: str, value: object, extension: str) -> None:
    extended = _EXTENDED.fullmatch(name)
    if name in (urns.ENTERPRISE, urns.EXTENSION):
        for inner, each in value.items() if isinstance(value, Mapping) else ():
            _extend(record, name, inner, each, extension)
    elif extended is not None and extended[1] in (urns.ENTERPRISE, urns.EXTENSION):
        _extend(record, extended[1], extended[2], value, extension)
    elif name == "name" and isinstance(value, Mapping):
        for part in _IN_NAME:
            if part in value:
                _set(record, part, value[part])
    elif name.removeprefix("name.") in _TEXTS:
        _set(record, _TEXTS[name.removeprefix("name.")], value)
    elif name == "active":
        if not isinstance(value, bool):
            raise Refusal(400, "active must be a boolean", "invalidValue")
        record["active"] = value
    elif name == "userName":
        if not isinstance(value, str) or not value.strip():
            raise Refusal(400, "userName must not be empty", "invalidValue")
        record["login"] = value.upper()
    elif name == "emails":
        record["email"] = _email(value)
    elif name in ("externalId", "externalID"):
        _set(record, "externalId", value)
    elif name != "password":  # SYNC_PASSWORD is off
        raise Refusal(400, f"Attribute {name} is not supported", "invalidPath")


def _extend(record: Record, urn: str, name: str, value: object, extension: str) -> None:
    if urn == urns.ENTERPRISE and name == "snowflakeUserName":
        record["name"] = str(value).upper()
    elif urn != extension or name not in urns.ATTRIBUTES:
        return  # the wrong namespace has no effect
    elif name != "type":
        _set(record, name, value)
    elif value is not None:
        if str(value).lower() not in _TYPES:
            raise UntakenError
        record["type"] = str(value).lower()


def _set(record: Record, name: str, value: object) -> None:
    if value in (None, "", []):
        record.pop(name, None)
    else:
        record[name] = value


def _email(value: object) -> str | None:
    """One address: multi-valued attributes are not supported."""
    items = value if isinstance(value, list) else [value]
    found = [each.get("value") for each in items if isinstance(each, Mapping)]
    if len(found) > 1:
        raise Refusal(400, "Only one e-mail is supported", "invalidValue")
    return str(found[0]) if found and found[0] else None


def resource(record: Record, extension: str, groups: list[dict[str, object]] | None, *, separate: bool) -> Record:
    """The user as SCIM shows it: e-mails come without a type, names in capitals."""
    shown: Record = {
        "schemas": [urns.USER, urns.EXTENSION, urns.ENTERPRISE],
        "id": record["id"],
        "meta": {"resourceType": "User", "created": record["created"], "lastModified": record["lastModified"]},
        "userName": record["login"],
        "active": record["active"],
    }
    for name in ("displayName", "externalId"):
        if name in record:
            shown[name] = record[name]
    names = {part: record[part] for part in _IN_NAME if part in record}
    if names:
        shown["name"] = names
    if record.get("email"):
        shown["emails"] = [{"primary": True, "value": record["email"]}]
    shown[extension] = {each: record[each] for each in urns.ATTRIBUTES if each in record}
    if separate:
        enterprise = shown.setdefault(urns.ENTERPRISE, {})
        assert isinstance(enterprise, dict)
        enterprise["snowflakeUserName"] = record["name"]
    if groups is not None:
        shown["groups"] = groups
    return shown
