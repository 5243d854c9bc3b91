"""Reading a resource by attribute name, whose letter case never matters (RFC 7643 section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping


def find_key(holder: Mapping[str, object], name: str) -> str | None:
    """The key of `holder` that spells `name`, exactly if there is one, else in any letter case; None if absent."""
    if name in holder:
        return name
    lower, length = name.lower(), len(name)
    for key in holder:
        if len(key) == length and key.lower() == lower:
            return key
    return None


def lookup(holder: Mapping[str, object], name: str) -> object:
    """The value under `name` in any letter case; None if absent."""
    value = holder.get(name)
    if value is not None:
        return value
    key = find_key(holder, name)
    return None if key is None else holder[key]


def is_unassigned(value: object) -> bool:
    """Null, an empty text, an empty array and an empty object all say: no value (RFC 7643 section 2.5)."""
    return value is None or value == "" or value == [] or value == {}


def as_boolean(value: object) -> object:
    """`"True"` and `"false"` in any letter case as the boolean they mean; anything else as it came."""
    if isinstance(value, str):
        return _BOOLEANS.get(value.lower(), value)
    return value


_BOOLEANS = {"true": True, "false": False}
