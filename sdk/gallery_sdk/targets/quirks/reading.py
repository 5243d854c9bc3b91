"""A resource as the target returns it, turned into what its mapped paths mean.

Family: email.type_not_returned, email.type_fixed, phone.types_inverted, multi_valued.type_not_returned,
null_values.equal_absent, list.ignore_where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ...manifest import QuirkSet
from ...scim import AttributePath, Comparison, compile_getter, parse_path

Reader: TypeAlias = Callable[[dict[str, object]], None]
"""Changes a resource in place; it was parsed for this and belongs to nobody else."""

_Item: TypeAlias = dict[str, object]


def compile_reader(quirks: QuirkSet, paths: Sequence[str]) -> Reader | None:
    """All readers in the order to apply them; None when no quirk of the family is declared."""
    readers: list[Reader] = []
    if quirks.has("null_values.equal_absent"):
        readers.append(_drop_empty)
    email = quirks.value("email.type_not_returned", dict)
    if email is not None:
        readers.append(_emails_by_primary(str(email["primary"]), email.get("other")))
    if quirks.has("phone.types_inverted"):
        readers.append(_phones_by_primary)
    fixed = quirks.value("email.type_fixed", str)
    if fixed is not None:
        readers.append(_assign_types("emails", mapped_types("emails", paths), replacing=fixed))
    for name in quirks.value("multi_valued.type_not_returned", tuple, ()):
        readers.append(_assign_types(name, mapped_types(name, paths)))
    if not readers:
        return None

    def read(resource: dict[str, object]) -> None:
        for reader in readers:
            reader(resource)

    return read


def mapped_types(name: str, paths: Sequence[str]) -> list[str]:
    """The `type` values of the mapped paths of an attribute, in mapping order."""
    types: list[str] = []
    for path in paths:
        parsed = parse_path(path)
        kind = _type_of(parsed)
        if parsed.name.lower() == name.lower() and kind is not None and kind not in types:
            types.append(kind)
    return types


def _type_of(path: AttributePath) -> str | None:
    test = path.filter
    if isinstance(test, Comparison) and test.op == "eq" and test.path.name.lower() == "type":
        return str(test.value)
    return None


def _items(resource: Mapping[str, object], name: str) -> list[_Item]:
    found = resource.get(name)
    if found is None:
        found = next((value for key, value in resource.items() if key.lower() == name.lower()), None)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _emails_by_primary(primary: str, other: object) -> Reader:
    def read(resource: dict[str, object]) -> None:
        for item in _items(resource, "emails"):
            if not item.get("type"):
                if item.get("primary") is True:
                    item["type"] = primary
                elif isinstance(other, str):
                    item["type"] = other

    return read


def _phones_by_primary(resource: dict[str, object]) -> None:
    for item in _items(resource, "phoneNumbers"):
        if item.get("primary") is True:
            item["type"] = "work"
        elif item.get("primary") is False:
            item.setdefault("type", "mobile")  # as it was written


def _assign_types(name: str, types: Sequence[str], *, replacing: str | None = None) -> Reader:
    """Give items without a type (or of the type `replacing`) the mapped types that no other item has, in order."""

    def read(resource: dict[str, object]) -> None:
        items = _items(resource, name)
        bare = [item for item in items if not item.get("type") or item["type"] == replacing]
        if not bare:
            return
        taken = {item["type"] for item in items if not any(item is one for one in bare)}
        for item, kind in zip(bare, [kind for kind in types if kind not in taken], strict=False):
            item["type"] = kind

    return read


def _drop_empty(resource: dict[str, object]) -> None:
    """Take out complex values and items that say nothing but `type` and `primary`."""
    for key, value in list(resource.items()):
        if isinstance(value, list):
            resource[key] = [item for item in value if not _says_nothing(item)]
        elif isinstance(value, dict):
            if ":" in key:
                _drop_empty(value)
            elif _says_nothing(value):
                del resource[key]


def _says_nothing(value: object) -> bool:
    if not isinstance(value, Mapping):
        return value in (None, "")
    return all(inner in (None, "", [], {}) for key, inner in value.items() if key not in ("type", "primary"))


def compile_ignored(quirks: QuirkSet) -> Callable[[Mapping[str, object]], bool] | None:
    """Whether a listed resource is not real (`list.ignore_where`); None when all are."""
    table = quirks.value("list.ignore_where", dict)
    if table is None:
        return None
    tests = [(compile_getter(path), {str(value) for value in values}) for path, values in table.items()]

    def ignored(resource: Mapping[str, object]) -> bool:
        return any(str(get(resource)) in values for get, values in tests)

    return ignored
