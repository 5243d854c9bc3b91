"""Types of a JSON Schema (draft 2020-12), in words that need no knowledge of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

_WORDS: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_FORMATS: Final[Mapping[str, str]] = {"date": "date", "date-time": "date and time"}
_OBJECT: Final[Mapping[str, str]] = {"toml": "table", "json": "object"}


def type_words(schema: Mapping[str, Any], written_in: Literal["toml", "json"]) -> str:
    """A property's type in Markdown.

    Args:
        written_in: TOML has tables, and nothing for what is absent; in JSON an object is told by its name in `$defs`,
            and a value may be null.
    """

    def words(one: Mapping[str, Any]) -> str:
        return type_words(one, written_in)

    if "$ref" in schema:
        return "table" if written_in == "toml" else str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            told = [one for one in schema[choice] if written_in == "json" or one.get("type") != "null"]
            return " or ".join(dict.fromkeys(map(words, told)))
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])}: {' and '.join(dict.fromkeys(map(words, schema['prefixItems'])))}"
    if schema.get("type") == "array":
        return f"list: {words(schema.get('items', {}))}"
    if schema.get("type") == "object":
        return _OBJECT[written_in]
    word = _FORMATS.get(schema.get("format", ""), _WORDS.get(schema.get("type", ""), "any value"))
    return f"{word} like `{schema['pattern']}`" if "pattern" in schema else word
