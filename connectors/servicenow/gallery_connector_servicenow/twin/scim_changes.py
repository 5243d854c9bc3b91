"""Changes by the SCIM plugin: PUT that keeps what is left out, and PATCH in more forms than the RFC knows.

Source, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/scim-api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gallery_sdk.errors import PatchError
from gallery_sdk.scim import apply_patch, parse_patch

from .instance import ServiceNowRefusal


def changed(method: str, before: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The resource after PUT, which leaves alone what it does not hold, or PATCH.

    Raises:
        ServiceNowRefusal: 400.
    """
    if method == "PUT":
        return _merged(before, body)
    operations = [_operation(one) for one in body.get("Operations") or []]
    # Its own extension is listed first, where otherwise the base schema stands.
    before = {name: value for name, value in before.items() if name != "schemas"}
    try:
        return apply_patch(before, parse_patch({**body, "Operations": operations}), compat=True)
    except PatchError as error:
        raise ServiceNowRefusal(400, error.what, scim_type=error.scim_type) from error


def _operation(given: dict[str, Any]) -> dict[str, Any]:
    """One operation in a shape that the RFC knows: `{"op": "add", "title": "x"}` is legal here as well."""
    rest = {name: value for name, value in given.items() if name not in ("op", "path", "value")}
    one = {
        **{name: value for name, value in given.items() if name in ("op", "path")},
        "value": given.get("value", rest),
    }
    if str(one["op"]).lower() == "remove" and "value" not in given:
        del one["value"]
    touched = [str(one["path"])] if one.get("path") else list(one.get("value") or ())
    if not {"id", "meta"}.isdisjoint(touched):
        raise ServiceNowRefusal(400, "id and meta are read-only", scim_type="mutability")
    if str(one.get("path", "")).endswith("]") and isinstance(one.get("value"), str):
        one["path"] = f"{one['path']}.value"  # a plain text stands for the value of the item
    if not one.get("path") and isinstance(one["value"].get("members"), dict):
        one["value"] = {**one["value"], "members": [one["value"]["members"]]}
    return one


def _merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    after = dict(before)
    for name, value in given.items():
        if value is None or value == []:
            after.pop(name, None)
        elif isinstance(value, dict) and isinstance(after.get(name), dict):
            after[name] = _merged(after[name], value)
        else:
            after[name] = value
    return after
