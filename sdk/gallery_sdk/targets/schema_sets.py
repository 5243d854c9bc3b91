"""What is known of a target's attributes: the core schemas, and what the manifest declares beyond them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..scim import (
    ENTERPRISE_USER_SCHEMA,
    GROUP_SCHEMA,
    USER_SCHEMA,
    AttributeDefinition,
    Schema,
    SchemaSet,
    parse_path,
    urns,
)

if TYPE_CHECKING:
    from ..manifest import TargetAttribute


def schema_set(kind: str, attributes: Mapping[str, TargetAttribute]) -> SchemaSet:
    """The schemas of one kind of object.

    Types decide how a value is read and written (booleans as text, lists, objects); what the manifest declares of a
    core attribute changes nothing here, since RFC 7643 has said it.
    """
    base = USER_SCHEMA if kind == "user" else GROUP_SCHEMA
    own: dict[str, dict[str, AttributeDefinition]] = {}
    for path, attribute in attributes.items():
        parsed = parse_path(path)
        urn = parsed.urn or base.urn
        known = base if urn == base.urn else ENTERPRISE_USER_SCHEMA if urn == urns.ENTERPRISE_USER else None
        if known is not None and known.attribute(parsed.name) is not None:
            continue
        own.setdefault(urn, {})[parsed.name] = _definition(
            parsed.name, parsed.sub, parsed.filter is not None, attribute
        )
    extended = {
        urn: Schema(urn, urn, (*(schema.attributes if schema else ()), *found.values()))
        for urn, found in own.items()
        for schema in [{base.urn: base, urns.ENTERPRISE_USER: ENTERPRISE_USER_SCHEMA}.get(urn)]
    }
    if kind == "user":
        extended.setdefault(urns.ENTERPRISE_USER, ENTERPRISE_USER_SCHEMA)
    return SchemaSet(extended.pop(base.urn, base), tuple(extended.values()))


def _definition(name: str, sub: str | None, is_filtered: bool, attribute: TargetAttribute) -> AttributeDefinition:
    if sub is not None or is_filtered:
        inner = AttributeDefinition(sub or "value", attribute.type, case_exact=attribute.case_exact)
        return AttributeDefinition(name, "complex", multi_valued=is_filtered, sub_attributes=(inner,))
    return AttributeDefinition(
        name,
        attribute.type,
        multi_valued=attribute.multi_valued,
        required=attribute.required,
        case_exact=attribute.case_exact,
        mutability=attribute.mutability,
    )
