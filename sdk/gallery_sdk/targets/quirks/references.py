"""How a reference to another object is written: under which sub-attribute, or as plain text.

Family: manager.sub_attribute, manager.plain_string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ...manifest import QuirkSet
from ...scim import parse_path

if TYPE_CHECKING:
    from ...manifest import TargetAttribute


def reference_subs(
    quirks: QuirkSet, paths: Iterable[str], attributes: Mapping[str, TargetAttribute]
) -> dict[str, str | None]:
    """Path of each mapped reference, with the sub-attribute that holds the id; None where the id stands as text.

    A manager is an object (RFC 7643 section 4.3), and so is any reference that the manifest declares complex. A path
    that names the sub-attribute itself (`…:manager.value`) needs no shaping and is not among them.
    """
    found: dict[str, str | None] = {}
    for path in paths:
        parsed = parse_path(path)
        if parsed.sub is not None or parsed.filter is not None:
            continue
        attribute = attributes.get(path)
        if parsed.name.lower() == "manager":
            plain = quirks.has("manager.plain_string")
            found[path] = None if plain else quirks.value("manager.sub_attribute", str, "value")
        elif attribute is not None and attribute.reference is not None and attribute.type == "complex":
            found[path] = "value"
    return found


def read_reference(value: object, sub: str | None) -> object:
    """The id that a reference holds, whichever of the usual shapes it came in."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        names = (sub, "value", "managerId", "id") if sub else ("value", "managerId", "id")
        return next((value[name] for name in names if value.get(name)), None)
    return value or None
