"""Source values as the engine wants them: absent instead of blank, lists instead of joined text, flat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import orjson

ROLES: Final = "appRoleAssignments"
MEMBERS: Final = "members"
_PLAIN: Final = frozenset({bool, int, float})


def split_values(separator: str) -> Callable[[str], list[object]]:
    """A function that splits a cell into its values, without the blank ones."""
    return lambda cell: [value for part in cell.split(separator) if (value := part.strip())]


def read_roles(separator: str) -> Callable[[str], list[object]]:
    """A function that reads a cell of role assignments: names with separators, or the text of a JSON array.

    Raises:
        ValueError: (the function) The text begins like a JSON array and is none.
    """
    split = split_values(separator)

    def read(cell: str) -> list[object]:
        if not cell.lstrip().startswith("["):
            return shape_roles(split(cell))
        return shape_roles(orjson.loads(cell))

    return read


def shape_roles(values: object) -> list[object]:
    """Role assignments as the expression functions read them: {id, value, displayName} each.

    A plain name stands for all three. Source for the shape: learn.microsoft.com/entra/identity/
    app-provisioning/customize-application-attributes, "Provisioning a role to a SCIM app".

    Raises:
        ValueError: A value is neither a name nor an object.
    """
    shaped: list[object] = []
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, str):
            if name := value.strip():
                shaped.append({"id": name, "value": name, "displayName": name})
        elif isinstance(value, dict):
            known = value.get("value") or value.get("displayName") or value.get("id")
            if not known:
                raise ValueError("a role without id, value and displayName")
            shaped.append({"id": known, "value": known, "displayName": known} | {k: v for k, v in value.items() if v})
        else:
            raise ValueError("a role that is neither a name nor an object")
    return shaped


def shape_members(values: object) -> tuple[str, ...]:
    """Member ids from a list of ids or of objects with one, each once, in order.

    Raises:
        ValueError: A value holds no id.
    """
    if not isinstance(values, list):
        raise ValueError("members that are not a list")
    return tuple(dict.fromkeys(_member_ids(values)))


def _member_ids(values: list[object]) -> Iterable[str]:
    for value in values:
        held = value.get("id") or value.get("value") or value.get("objectId") if isinstance(value, dict) else value
        member = as_key(held)
        if member is None:
            raise ValueError("a member without an id")
        yield member


def flatten(record: dict[str, object]) -> dict[str, object]:
    """The same object of JSON with flat attributes: nested names joined by dots, nothing blank, native types kept.

    Below a schema URN the joint is a colon, so that names read as in RFC 7644 section 3.10.

    Raises:
        ValueError: A flat name and a nested one are the same.
    """
    odd = [
        name
        for name, value in record.items()
        if (not value or value.isspace() if type(value) is str else type(value) not in _PLAIN)
    ]
    if odd:  # most objects have few, and the rest of their attributes stay where they are
        _flatten_into(record, "", {name: record.pop(name) for name in odd})
    return record


def _flatten_into(flat: dict[str, object], prefix: str, record: dict[str, object]) -> None:
    for name, value in record.items():
        if isinstance(value, str):
            if not value or value.isspace():
                continue
        elif isinstance(value, dict):
            joint = ":" if name.lower().startswith("urn:") else "."
            _flatten_into(flat, f"{prefix}{name}{joint}", value)
            continue
        elif isinstance(value, list):
            value = [each for each in value if each not in (None, "")]
            if not value and name != MEMBERS:  # a group without members says so
                continue
        elif value is None:
            continue
        path = prefix + name if prefix else name
        if path in flat:
            raise ValueError(f"two values for '{path}'")
        flat[path] = value


def as_key(value: object) -> str | None:
    """A key as text without blanks around it; None if it is blank, or neither text nor an integer."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if type(value) is int else None
