"""Where Salesforce departs from what one would expect: pure functions, each with its source. All read on 2026-11-23."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gallery_sdk.scim import PatchOperation
from gallery_sdk.targets.rest import Said
from gallery_sdk.transport import Response

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9]+")
_USAGE: Final = re.compile(r"api-usage=(\d+)/(\d+)")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")


def long_id(identifier: str) -> str:
    """The 18-character form of a record's id, which minds no letter case; anything else as it is.

    Each of the three last characters tells which of five characters before are capitals.
    Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm
    """
    if len(identifier) != 15 or not (identifier.isalnum() and identifier.isascii()):
        return identifier
    checks = (
        sum(1 << place for place, character in enumerate(identifier[start : start + 5]) if character.isupper())
        for start in (0, 5, 10)
    )
    return identifier + "".join(_ALPHABET[bits] for bits in checks)


def literal(value: object) -> str:
    """A value in SOQL: texts in single quotes, quote and backslash escaped.

    Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{text}'"


def select(fields: str, table: str, *conditions: str, limit: int | None = None) -> str:
    """A query in SOQL; conditions hold together. Values inside them must come from `literal`."""
    parts = ["SELECT", fields, "FROM", table]
    if wanted := [condition for condition in conditions if condition]:
        parts += ["WHERE", " AND ".join(wanted)]
    return " ".join(parts if limit is None else [*parts, "LIMIT", str(limit)])


def developer_name(name: str, *, mark: str) -> str:
    """A group's API name: letters, digits and single underscores, a letter first; `mark` where that lost something.

    Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_group.htm
    """
    plain = _NOT_A_NAME.sub("_", name).strip("_")
    if not plain or not plain[0].isalpha():
        plain = f"G_{plain}".rstrip("_")
    if plain == name or plain == name.replace(" ", "_"):
        return plain[:80]
    return f"{plain[:70].rstrip('_')}_{mark}"


def is_address(value: str) -> bool:
    """Whether a text has the form of an e-mail address, as every user name must."""
    return _ADDRESS.fullmatch(value) is not None


def spell(response: Response) -> Said | None:
    """An error of either API.

    REST answers with an array, `[{"message", "errorCode", "fields"}]`; an internal fault may come as the object alone;
    SCIM puts the code before the first colon of `detail`, and 409 says nothing by itself. Messages hold `<br>`.
    Sources: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm,
    https://learn.microsoft.com/answers/questions/5828857
    """
    if response.media_type not in ("application/json", "application/scim+json"):
        return None
    body = response.json() if response.content else None
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return None
    if "errorCode" in first:
        return said(first, code="errorCode")
    detail = first.get("detail")
    if isinstance(detail, str):
        code, colon, rest = detail.partition(":")
        is_code = bool(colon) and code.isupper() and " " not in code
        return Said(code, rest.strip(" ;")) if is_code else Said("", detail)
    return None


def said(error: dict[str, object], *, code: str) -> Said:
    """One error object; its code stands in `errorCode`, or in `statusCode` where several records were sent."""
    fields = error.get("fields")
    named = tuple(str(field) for field in fields) if isinstance(fields, list) else ()
    return Said(str(error.get(code, "")), str(error.get("message", "")).replace("<br>", " "), named)


def used_requests(header: str) -> tuple[int, int] | None:
    """Requests used and allowed within 24 hours, from `Sforce-Limit-Info: api-usage=18/5000`; the first is *used*.

    Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
    """
    found = _USAGE.search(header)
    return None if found is None else (int(found[1]), int(found[2]))


def shape_group(operations: Sequence[PatchOperation]) -> list[PatchOperation]:
    """Operations on a SCIM group, whose values must be objects.

    Members stand once more under their name, `{"path": "members", "value": {"members": [...]}}`; any other value moves
    into an object without path. Sources: https://help.salesforce.com/s/articleView?id=xcloud.identity_scim_manage_groups.htm,
    https://github.com/Tirasa/ConnIdSCIMBundle
    """
    shaped: list[PatchOperation] = []
    for operation in operations:
        path, value = operation.path, operation.value
        if path == "members" and isinstance(value, list):
            operation = operation.replace(value={"members": value})
        elif path is not None and path != "members" and isinstance(value, str):
            operation = operation.replace(path=None, value={path: value})
        shaped.append(operation)
    return shaped
