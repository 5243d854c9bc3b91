"""The JSON Schema of an app's file, for editors and for readers that are not Python."""

from __future__ import annotations

from typing import Any, Final

from .models import AppConfig
from .workspace import SCHEMA_LEVEL

APP_SCHEMA: Final = f"app-{SCHEMA_LEVEL}"
"""Its name among the published ones."""


def app_json_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of `apps/<name>.toml` read as JSON.

    What only holds for the file as a whole or together with its connector (clauses, durations, inputs, mappings,
    secrets) is not in it; `gallery doctor` checks that.
    """
    schema: dict[str, Any] = _without_null(AppConfig.model_json_schema(by_alias=True, mode="validation"))
    del schema["properties"]["name"]  # an app is named by its file
    schema["required"].remove("name")
    schema["title"] = "App"
    identity = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:gallery:schema:{APP_SCHEMA}"}
    return {**identity, **schema}


def _without_null(schema: Any) -> Any:
    """The schema without the null that a field may be in Python: TOML has none, a field is left out."""
    if isinstance(schema, list):
        return [_without_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _without_null(one) for key, one in schema.items() if not (key == "default" and one is None)}
    choices = [one for one in found.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del found["anyOf"]
        return {**choices[0], **found}
    return {**found, "anyOf": choices} if choices else found
