"""Who is in a group after a request: v1's merge document and v2's PatchOp.

Source: https://docs.slack.dev/reference/scim-api, "Groups", read 2026-11-23; removal with the members in `value` as in
https://github.com/slackapi/java-slack-sdk, scim2 client, read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gallery_sdk.scim import ABSENT, Comparison
from gallery_sdk.testing import Refusal

from .records import Record
from .writing import operations_of, path_of

if TYPE_CHECKING:
    from .workspace import Workspace


def listed_members(value: object) -> list[str]:
    """The ids in a list of members.

    Raises:
        Refusal: 400 invalid_attribute_format.
    """
    items = [value] if isinstance(value, Mapping) else value
    if not isinstance(items, list):
        raise Refusal(400, "invalid_attribute_format")
    return [_identity(item) for item in items]


def merged(workspace: Workspace, group: Record, body: Mapping[str, object]) -> tuple[object, list[str] | None]:
    """Name (None: unchanged) and members (None: unchanged) after v1's PATCH, in which adding is the default."""
    items = body.get("members")
    if items is None:
        return body.get("displayName"), None
    if not isinstance(items, list):
        raise Refusal(400, "invalid_attribute_format")
    leaving = [_identity(item) for item in items if isinstance(item, Mapping) and item.get("operation") == "delete"]
    joining = [_identity(item) for item in items if not (isinstance(item, Mapping) and item.get("operation"))]
    return body.get("displayName"), _changed(group, workspace.checked_members(joining), leaving)


def patched(workspace: Workspace, group: Record, body: object) -> tuple[object, list[str] | None]:
    """Name (None: unchanged) and members (None: unchanged) after v2's PATCH."""
    name: object = None
    members: list[str] | None = None
    for operation in operations_of(body):
        op = operation.op.lower()
        path = path_of(operation.path or "members")
        value = operation.value
        if operation.path is None and isinstance(value, Mapping):
            name = value.get("displayName", name)
            if "members" not in value:
                continue
            value = value["members"]
        if path.name == "displayName" and op in ("add", "replace"):
            name = value
        elif path.name != "members" or op not in ("add", "replace", "remove"):
            raise Refusal(400, "invalid_request_payload")
        elif op == "remove":
            if path.filter is not None and '"' in (operation.path or ""):
                # The reference leaves the id unquoted, and no source shows another form: inferred to be refused.
                raise Refusal(400, "invalid_request_payload")
            leaving = _leaving(path.filter, value)
            members = [] if leaving is None else _changed(group, [], leaving, members)
        else:
            joining = workspace.checked_members(listed_members(value))
            members = joining if op == "replace" else _changed(group, joining, [], members)
    return name, members


def _leaving(ast: object, value: object) -> list[str] | None:
    """The members that a removal names; None when it names nobody, which empties the group."""
    if isinstance(ast, Comparison) and ast.op == "eq" and ast.path.name == "value":
        return [str(ast.value)]
    if ast is not None:
        raise Refusal(400, "invalid_request_payload")
    return None if value is ABSENT or value is None else listed_members(value)


def _changed(
    group: Record, joining: Iterable[str], leaving: Iterable[str], members: list[str] | None = None
) -> list[str]:
    before = group["members"]
    assert isinstance(before, dict)
    now = dict.fromkeys(before if members is None else members) | dict.fromkeys(joining)
    for identity in leaving:
        now.pop(identity, None)
    return list(now)


def _identity(item: object) -> str:
    value = item.get("value") if isinstance(item, Mapping) else item
    if not isinstance(value, str):
        raise Refusal(400, "invalid_attribute_format")
    return value
