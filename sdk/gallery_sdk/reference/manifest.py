"""The page of the manifest, from its models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..manifest import Manifest, manifest_json_schema
from .docstrings import parse_docstring
from .types import type_words


def page() -> str:
    """Every table of `connector.toml` with its fields: type, default, meaning."""
    schema = manifest_json_schema()
    parts = [
        "# connector.toml",
        "`gallery check PATH` says what is wrong with a manifest, and `gallery schema manifest` prints its JSON Schema "
        "for editors. Unknown fields are refused. A field without a default is required.",
    ]
    for title, model in tables():
        described = parse_docstring(model)
        definition: Any = schema if model is Manifest else schema["$defs"][model.__name__]  # type: ignore[index]  # JSON
        meanings = described.entries("Attributes")
        rows = [_row(name, field, definition["properties"], meanings) for name, field in model.model_fields.items()]
        parts += [
            f"## {title}",
            described.text,
            "\n".join(["| field | type | default | meaning |", "|---|---|---|---|", *rows]),
        ]
    return "\n\n".join(parts)


def tables() -> list[tuple[str, type[BaseModel]]]:
    """Every model with the headers of its tables, in the order of the file."""
    titles: dict[type[BaseModel], list[str]] = {}
    for title, model in _tables(Manifest, ""):
        titles.setdefault(model, []).append(title)
    return [(" and ".join(headers), model) for model, headers in titles.items()]


def _tables(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    yield (path or "The top of the file"), model
    inner = path.strip("`[]").rpartition("]")[0] or path.strip("`[]")
    for name, field in model.model_fields.items():
        for held, several in _models(field.annotation):
            key = f"{inner}.{field.alias or name}" if inner else field.alias or name
            yield from _tables(held, f"`[[{key}]]`" if several else f"`[{key}]`")


def _models(annotation: object, several: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, several
    for argument in get_args(annotation):
        yield from _models(argument, several or get_origin(annotation) in (tuple, list))


def _row(name: str, field: FieldInfo, properties: dict[str, Any], meanings: dict[str, str]) -> str:
    key = field.alias or name
    default = "" if field.is_required() else f"`{_shown(field.get_default(call_default_factory=True))}`"
    meaning = meanings.get(name, "").replace("|", "\\|")
    return f"| `{key}` | {_type(properties.get(key, {}))} | {default} | {meaning} |"


def _shown(value: object) -> str:
    if isinstance(value, BaseModel):
        return "{}"
    if value is None:
        return "none"
    return json.dumps(value, default=list, ensure_ascii=False).replace("|", "\\|")


def _type(schema: dict[str, Any]) -> str:
    """A property's type in words, fit for a cell of a table."""
    if "oneOf" in schema and "discriminator" not in schema:
        return "see [quirks](quirks.md)"
    return type_words(schema, "toml").replace("|", "\\|")
