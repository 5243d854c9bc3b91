"""The least operations that turn one state of a resource into another (RFC 7644 section 3.5.2).

Elements of multi-valued attributes are told apart by `type` where every element has one of its own, else by
`value`; members and groups always by `value`. Where neither tells them apart, the attribute is replaced whole.
Their order carries no meaning (RFC 7643 section 2.4), so a change of order alone needs no operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .._access import find_key, is_unassigned
from ..filters.ast import quote
from ..schemas import AttributeDefinition, SchemaSet
from .operation import PatchOperation

_UNTOUCHED: Final = frozenset({"schemas", "id", "meta"})
"""The server's own: issued by it, or following from what else the resource holds."""

_REFERENCES: Final = frozenset({"members", "groups"})
"""Lists of ids: what else stands in an element describes the resource pointed at, and is that resource's to change."""


def build_patch(
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    schema: SchemaSet | None = None,
    removals_per_operation: int = 1,
) -> list[PatchOperation]:
    """Compare two states of a resource and say how to get from the first to the second; empty if they agree.

    Args:
        before: The state that the target is known to have, as a JSON resource.
        after: The wanted state. An attribute that is absent, null or empty here is removed.
        schema: With it, read-only attributes are left out.
        removals_per_operation: How many removed members, groups or other elements one filter may name with `or`.

    Returns:
        Operations in the order to send them: within an attribute removals first, then changes, then additions,
        so that a `primary` is given up before another takes it.
    """
    differ = _Differ(schema, max(1, removals_per_operation))
    operations: list[PatchOperation] = []
    for name, old, new in _pairs(before, after):
        if name.lower() in _UNTOUCHED:
            continue
        if ":" in name and (isinstance(old, Mapping) or isinstance(new, Mapping)):
            for inner, was, becomes in _pairs(_mapping(old), _mapping(new)):
                operations += differ.attribute(f"{name}:{inner}", inner, name, was, becomes)
        else:
            operations += differ.attribute(name, name, None, old, new)
    return operations


def _pairs(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[tuple[str, object, object]]:
    """Names of either side with both values, unassigned ones as None; names that differ in letter case are one."""
    for name, old in before.items():
        key = find_key(after, name)
        yield name, _assigned(old), None if key is None else _assigned(after[key])
    for name, new in after.items():
        if find_key(before, name) is None:
            yield name, None, _assigned(new)


def _assigned(value: object) -> object:
    if isinstance(value, Mapping):
        return None if all(is_unassigned(inner) for inner in value.values()) else value
    return None if is_unassigned(value) else value


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


@dataclass(frozen=True, slots=True)
class _Differ:
    schema: SchemaSet | None
    removals_per_operation: int

    def attribute(self, path: str, name: str, urn: str | None, old: object, new: object) -> list[PatchOperation]:
        """Operations for one attribute; `path` is what names it on the wire."""
        if type(old) is type(new) and old == new:
            return []
        definition = None if self.schema is None else self.schema.attribute(name, urn)
        if definition is not None and definition.mutability == "readOnly":
            return []
        if isinstance(old, list) or isinstance(new, list):
            return self._multi_valued(path, name, definition, old, new)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return [op for _, op in _changed_subs(path, definition, old, new)]
        return [_change(path, old, new)]

    def _multi_valued(
        self, path: str, name: str, definition: AttributeDefinition | None, old: object, new: object
    ) -> list[PatchOperation]:
        if not isinstance(old, list) or not isinstance(new, list):
            return [_change(path, old, new)]
        key, by_old, by_new = _identify(name, old, new)
        if by_old is None or by_new is None:
            if set(map(type, old)) | set(map(type, new)) != {dict}:
                return _changed_values(path, old, new)
            return [] if _same_elements(old, new) else [PatchOperation("replace", path, new)]
        gone = [identity for identity in by_old if identity not in by_new]
        come = [element for identity, element in by_new.items() if identity not in by_old]
        if len(gone) == len(by_old):
            # Every element goes. Naming the attribute is one short operation, with new elements a replacement.
            return [PatchOperation("replace", path, come) if come else PatchOperation("remove", path)]
        operations = self._removals(path, key, [by_old[identity][key] for identity in gone])
        if name.lower() not in _REFERENCES:
            changes = [
                change
                for identity, was in by_old.items()
                if identity in by_new and was != by_new[identity]
                for change in _changed_subs(f"{path}[{key} eq {_quoted(was[key])}]", definition, was, by_new[identity])
            ]
            operations += [op for _, op in sorted(changes, key=lambda change: change[0])]
        if come:
            operations.append(PatchOperation("add", path, come))
        return operations

    def _removals(self, path: str, key: str, values: Sequence[object]) -> list[PatchOperation]:
        size = self.removals_per_operation
        return [
            PatchOperation(
                "remove", f"{path}[{' or '.join(f'{key} eq {_quoted(v)}' for v in values[start : start + size])}]"
            )
            for start in range(0, len(values), size)
        ]


def _change(path: str, old: object, new: object) -> PatchOperation:
    if new is None:
        return PatchOperation("remove", path)
    return PatchOperation("add" if old is None else "replace", path, new)


def _changed_subs(
    path: str, definition: AttributeDefinition | None, old: Mapping[str, object], new: Mapping[str, object]
) -> list[tuple[bool, PatchOperation]]:
    """Operations for the sub-attributes that differ; the flag says that the element becomes primary."""
    found = []
    for sub, was, becomes in _pairs(old, new):
        if was == becomes and type(was) is type(becomes):
            continue
        known = None if definition is None else definition.sub(sub)
        if known is not None and known.mutability == "readOnly":
            continue
        found.append((sub.lower() == "primary" and becomes is True, _change(f"{path}.{sub}", was, becomes)))
    return found


def _changed_values(path: str, old: list[object], new: list[object]) -> list[PatchOperation]:
    """Simple values: added ones are added; a removed one has no path of its own, so the whole is replaced."""
    if _same_elements(old, new):
        return []
    added = [value for value in new if value not in old]
    if all(value in new for value in old) and len(old) + len(added) == len(new):
        return [PatchOperation("add", path, added)]
    return [PatchOperation("replace", path, new)]


_ById = dict[str, Mapping[str, object]]


def _identify(name: str, old: list[object], new: list[object]) -> tuple[str, _ById | None, _ById | None]:
    """The sub-attribute that tells elements apart on both sides, and the elements by it; None where none does."""
    if name.lower() in _REFERENCES:
        return "value", _by(old, "value", fold=False), _by(new, "value", fold=False)
    for key in ("type", "value"):
        by_old, by_new = _by(old, key, fold=True), _by(new, key, fold=True)
        if by_old is not None and by_new is not None:
            return key, by_old, by_new
    return "value", None, None


def _by(elements: list[Any], key: str, *, fold: bool) -> _ById | None:
    """Elements by the text under `key`; None if one lacks it or two share it, letter case aside if `fold`.

    Ten thousand members pass through here for one that changed, hence the few passes in place of a check for each.
    """
    try:
        found = {element[key]: element for element in elements}
    except (KeyError, TypeError):  # lacking it, not an object, or an array in its place
        return None
    if set(map(type, found)) != {str} or "" in found:
        return None
    if fold:
        found = {text.casefold(): element for text, element in found.items()}
    return found if len(found) == len(elements) else None


def _same_elements(old: list[object], new: list[object]) -> bool:
    """Whether two lists hold equal elements, in whatever order."""
    rest = list(new)
    for element in old:
        if element not in rest:
            return False
        rest.remove(element)
    return not rest


def _quoted(value: object) -> str:
    return quote(value if isinstance(value, str) else str(value))
