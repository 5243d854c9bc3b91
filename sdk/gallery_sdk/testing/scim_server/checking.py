"""What a client may send: attributes of the schema, of the right types, without those that only the server writes."""

from __future__ import annotations

from collections.abc import Mapping

from ...scim import AttributeDefinition, SchemaSet
from ..application import Refusal

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "decimal": (int, float),
    "dateTime": (str,),
    "reference": (str,),
    "binary": (str,),
    "complex": (dict,),
}
_SERVERS = frozenset({"id", "meta"})


def accepted(body: object, schema: SchemaSet) -> dict[str, object]:
    """The resource to store for a body of POST or PUT; `schemas` is made true to what is in it.

    Unknown attributes are passed over, as are those that are readOnly (RFC 7644 section 3.3); null and empty arrays
    say that there is no value (RFC 7643 section 2.5).

    Raises:
        Refusal: 400 invalidSyntax or invalidValue.
    """
    if not isinstance(body, dict):
        raise Refusal(400, "The body is not a JSON object", "invalidSyntax")
    listed = body.get("schemas")
    if not isinstance(listed, list) or schema.base.urn not in listed:
        raise Refusal(400, f"schemas must name {schema.base.urn}", "invalidValue")
    schemas = [schema.base.urn]
    kept: dict[str, object] = {"schemas": schemas}
    for name, value in body.items():
        if value is None or name == "schemas":
            continue
        if ":" in name:
            extension = schema.extension(name)
            if extension is not None:
                inner = _object(value, extension.index, name)
                if inner:
                    kept[extension.urn] = inner
                    schemas.append(extension.urn)
            continue
        _keep(kept, schema.index, name, value, "")
    for definition in schema.base.attributes:
        if definition.required and definition.name not in kept:
            raise Refusal(400, f"{definition.name} is required", "invalidValue")
    return kept


def checked(resource: Mapping[str, object], schema: SchemaSet) -> dict[str, object]:
    """A resource after PATCH, when its attributes could have come to hold anything, without what the schema lacks.

    Raises:
        Refusal: 400 invalidValue.
    """
    kept: dict[str, object] = {}
    for name, value in resource.items():
        definition = schema.index.get(name)
        if definition is not None and name not in _SERVERS and name != "schemas":
            value = _check(definition, value, name)
            if value in ({}, [], None):
                continue
        kept[name] = value
    for definition in schema.base.attributes:
        if definition.required and not kept.get(definition.name):
            raise Refusal(400, f"{definition.name} is required", "invalidValue")
    return kept


def _object(value: object, index: Mapping[str, AttributeDefinition], where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refusal(400, f"{where} must be an object", "invalidValue")
    kept: dict[str, object] = {}
    for name, each in value.items():
        if each is not None:
            _keep(kept, index, name, each, f"{where}.")
    return kept


def _keep(
    kept: dict[str, object], index: Mapping[str, AttributeDefinition], name: str, value: object, prefix: str
) -> None:
    definition = index.get(name) or index.get(name.lower())
    if definition is None or definition.mutability == "readOnly" or definition.name in _SERVERS or value == []:
        return
    if definition.type == "string" and not definition.multi_valued:
        if not isinstance(value, str):
            raise Refusal(400, f"{prefix}{name} must be a string", "invalidValue")
        if definition.required and not value.strip():
            raise Refusal(400, f"{prefix}{name} must not be empty", "invalidValue")
    else:
        value = _check(definition, value, f"{prefix}{name}")
    if definition.returned != "never":
        kept[definition.name] = value


def _check(definition: AttributeDefinition, value: object, where: str) -> object:
    if definition.multi_valued:
        if not isinstance(value, list):
            raise Refusal(400, f"{where} must be an array", "invalidValue")
        items = [_single(definition, each, where) for each in value]
        primaries = sum(1 for item in items if isinstance(item, dict) and item.get("primary") is True)
        if primaries > 1:
            raise Refusal(400, f"{where} has {primaries} primary values", "invalidValue")
        return items
    return _single(definition, value, where)


def _single(definition: AttributeDefinition, value: object, where: str) -> object:
    if not isinstance(value, _TYPES[definition.type]) or (definition.type == "integer" and isinstance(value, bool)):
        raise Refusal(400, f"{where} must be of type {definition.type}", "invalidValue")
    if definition.sub_attributes and isinstance(value, dict):
        index = definition.index
        kept: dict[str, object] = {}
        for name, each in value.items():
            sub = index.get(name) or index.get(name.lower())
            if each is None or sub is None:
                continue
            kept[sub.name] = each if type(each) is str and sub.type == "string" else _single(sub, each, where)
        return kept
    return value
