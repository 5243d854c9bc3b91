"""The manifest's JSON Schema, for editors and for readers that are not Python."""

from __future__ import annotations

from typing import Any, Final

from .behaviour import FEATURES
from .categories import CATEGORIES
from .model import SCHEMA_LEVEL, Manifest
from .quirks import VOCABULARY

_ID: Final = f"urn:gallery:schema:connector-{SCHEMA_LEVEL}"


def manifest_json_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of `connector.toml` read as JSON.

    Every quirk id carries its documentation and the shape of its value. What only holds for the manifest as a whole
    (see `find_problems`) is not in it.
    """
    schema: dict[str, Any] = Manifest.model_json_schema(by_alias=True, mode="validation")
    properties = schema["properties"]
    properties["categories"]["items"] = {"enum": list(CATEGORIES)}
    definitions = schema["$defs"]
    definitions["Capabilities"]["properties"]["features"]["items"]["description"] = f"One of {FEATURES}"
    definitions["AttributeMapping"]["properties"]["id"].pop("default", None)
    definitions["Quirk"] = _quirk_schema(definitions["Quirk"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": _ID, **schema}


def _quirk_schema(base: dict[str, Any]) -> dict[str, Any]:
    ids = [{"const": one.id, "description": one.doc} for one in VOCABULARY.values()]
    values = [
        {
            "if": {"properties": {"id": {"const": one.id}}},
            "then": {
                "properties": {
                    "value": {**one.value_type.json_schema(), "examples": [one.example]},
                    "applies_to": {"items": {"enum": [kind for kind in one.applies if kind != "connection"]}},
                }
            },
        }
        for one in VOCABULARY.values()
    ]
    properties = {**base["properties"], "id": {"title": "Id", "oneOf": ids}, "value": {"title": "Value"}}
    return {**base, "properties": properties, "allOf": values}
