"""PATCH operations in the dialect of the target.

Family: patch.path_required, patch.path_omitted, patch.op_case, patch.bool_as_string, patch.no_complex_value,
patch.replace_only, patch.no_filtered_path, patch.extension_as_object, patch.extension_remove_separator, clear.style;
and the quirks of items whose `type` the target does not keep, since no filter on `type` finds them there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from ...manifest import QuirkSet
from ...scim import ABSENT, AttributePath, PatchOperation, SchemaSet, parse_path

Operations: TypeAlias = list[PatchOperation]
PatchShaper: TypeAlias = Callable[[Operations, Mapping[str, object]], Operations]
"""From the operations that RFC 7644 asks for and the wanted resource to the operations that the target takes."""

CLEARING: Final[Mapping[str, object]] = {"null": None, "empty_string": "", "space": " "}


def whole_attributes(quirks: QuirkSet) -> frozenset[str] | None:
    """Lower-case names of multi-valued attributes that change as a whole; None for all of them."""
    if quirks.has("patch.no_filtered_path") or quirks.has("patch.replace_only"):
        return None
    names = {name.lower() for name in quirks.value("multi_valued.type_not_returned", tuple, ())}
    if quirks.has("email.type_not_returned") or quirks.has("email.type_fixed"):
        names.add("emails")
    if quirks.has("phone.types_inverted"):
        names.add("phonenumbers")
    return frozenset(names)


def compile_patch_shaper(
    quirks: QuirkSet, schema: SchemaSet, references: Mapping[str, str | None]
) -> PatchShaper | None:
    """One function over the operations of a change; None where the RFC's own are sent."""
    steps: list[PatchShaper] = []
    if references:
        steps.append(_whole_references(references))
    whole = whole_attributes(quirks)
    omitted = quirks.has("patch.path_omitted") and not quirks.has("patch.path_required")
    if omitted:
        whole = None  # an operation without path holds lists, and a list cannot be filtered
    if (as_a_whole := compile_whole(whole)) is not None:
        steps.append(as_a_whole)
    if quirks.has("patch.replace_only"):
        steps.append(_each(_as_replacement))
    style = quirks.value("clear.style", str, "remove")
    if style != "remove":
        steps.append(_clear(CLEARING[style], schema, references))
    if quirks.has("patch.no_complex_value"):
        steps.append(_split_complex)
    if omitted:
        steps.append(_without_path)
    elif quirks.has("patch.extension_as_object"):
        steps.append(_join_extensions)
    if quirks.value("patch.extension_remove_separator", str) == "dot":
        steps.append(_dotted_removals)
    if quirks.has("patch.bool_as_string"):
        steps.append(_each(lambda operation: operation.replace(value=_texts_for_booleans(operation.value))))
    if quirks.value("patch.op_case", str) == "title":
        steps.append(_each(lambda operation: operation.replace(op=operation.op.title())))
    if not steps:
        return None

    def shape(operations: Operations, after: Mapping[str, object]) -> Operations:
        for step in steps:
            operations = step(operations, after)
        return operations

    return shape


def _each(change: Callable[[PatchOperation], PatchOperation]) -> PatchShaper:
    return lambda operations, _after: [change(operation) for operation in operations]


def _as_replacement(operation: PatchOperation) -> PatchOperation:
    if operation.op != "add" or (operation.path or "").lower() == "members":
        return operation
    return PatchOperation("replace", operation.path, operation.value)


def _parsed(operation: PatchOperation) -> AttributePath | None:
    return None if operation.path is None else parse_path(operation.path)


def _whole_references(references: Mapping[str, str | None]) -> PatchShaper:
    """A reference changes as the object that it is, for few targets know a path into it.

    One that is kept under a name of the target's own is removed by that name: the target knows no other.
    """
    inner = {f"{path}.{sub}".lower(): (path, sub) for path, sub in references.items() if sub is not None}
    own = {path.lower(): sub for path, sub in references.items() if sub not in (None, "value")}

    def change(operation: PatchOperation) -> PatchOperation:
        path = (operation.path or "").lower()
        if operation.op == "remove":
            return operation if path not in own else operation.replace(path=f"{operation.path}.{own[path]}")
        known = inner.get(path)
        return operation if known is None else PatchOperation(operation.op, known[0], {known[1]: operation.value})

    return _each(change)


def compile_whole(names: frozenset[str] | None) -> PatchShaper | None:
    """Replaces a multi-valued attribute by its whole wanted list, where one of its items changes.

    `names` are those of `whole_attributes`; None where there are none.
    """
    if names is not None and not names:
        return None

    def shape(operations: Operations, after: Mapping[str, object]) -> Operations:
        shaped: Operations = []
        done: set[str] = set()
        for operation in operations:
            path = _parsed(operation)
            if path is None or not _is_list_change(operation, path, names):
                shaped.append(operation)
                continue
            text = path.name if path.urn is None else f"{path.urn}:{path.name}"
            if text in done:
                continue
            done.add(text)
            holder = after if path.urn is None else after.get(path.urn)
            items = holder.get(path.name) if isinstance(holder, Mapping) else None
            shaped.append(PatchOperation("replace", text, items) if items else PatchOperation("remove", text))
        return shaped

    return shape


def _is_list_change(operation: PatchOperation, path: AttributePath, names: frozenset[str] | None) -> bool:
    lower = path.name.lower()
    if lower == "members" or (names is not None and lower not in names):
        return False
    return path.filter is not None or isinstance(operation.value, list)


def _clear(value: object, schema: SchemaSet, references: Mapping[str, str | None]) -> PatchShaper:
    """Turn the removal of a single-valued attribute into a replacement by `value`."""
    subs = {path.lower(): sub for path, sub in references.items()}

    def change(operation: PatchOperation) -> PatchOperation:
        path = _parsed(operation)
        if operation.op != "remove" or path is None or path.filter is not None:
            return operation
        attribute = schema.attribute(path.name, path.urn)
        if attribute is not None and attribute.multi_valued and path.sub is None:
            return operation
        sub = subs.get(str(path).lower())
        if sub is not None and value is not None:
            # A reference is an object: what is emptied is the text in it.
            return PatchOperation("replace", f"{operation.path}.{sub}", value)
        return PatchOperation("replace", operation.path, value)

    return _each(change)


def _split_complex(operations: Operations, _after: Mapping[str, object]) -> Operations:
    shaped: Operations = []
    for operation in operations:
        path = _parsed(operation)
        if not isinstance(operation.value, Mapping) or path is None or path.sub is not None:
            shaped.append(operation)
            continue
        shaped += [PatchOperation(operation.op, f"{operation.path}.{sub}", v) for sub, v in operation.value.items()]
    return shaped


def _join_extensions(operations: Operations, _after: Mapping[str, object]) -> Operations:
    """One operation per extension, where the first of its changes stood."""
    shaped: Operations = []
    places: dict[str, int] = {}
    for operation in operations:
        path = _parsed(operation)
        if operation.op == "remove" or path is None or path.urn is None or path.filter is not None:
            shaped.append(operation)
            continue
        if path.urn not in places:
            places[path.urn] = len(shaped)
            shaped.append(PatchOperation("add", path.urn, {}))
        joined = shaped[places[path.urn]]
        value = dict(joined.value) if isinstance(joined.value, Mapping) else {}
        _lay(value, path.name, path.sub, operation.value)
        op = "replace" if "replace" in (operation.op, joined.op) else "add"
        shaped[places[path.urn]] = PatchOperation(op, path.urn, value)
    return shaped


def _lay(holder: dict[str, object], name: str, sub: str | None, value: object) -> None:
    if sub is None:
        holder[name] = value
    else:
        inner = holder.get(name)
        holder[name] = {**(inner if isinstance(inner, Mapping) else {}), sub: value}


def _without_path(operations: Operations, _after: Mapping[str, object]) -> Operations:
    """All additions and replacements as one partial resource; removals keep their path and come first.

    New members are added by an operation of their own: a replacement would put everybody else out of the group.
    """
    value: dict[str, object] = {}
    others: Operations = []
    for operation in operations:
        path = None if operation.op == "remove" else _parsed(operation)
        if path is None or path.filter is not None:
            others.append(operation)
        elif path.name.lower() == "members" and operation.op == "add":
            others.append(PatchOperation("add", None, {path.name: operation.value}))
        elif path.urn is not None:
            holder = value.setdefault(path.urn, {})
            assert isinstance(holder, dict)
            _lay(holder, path.name, path.sub, operation.value)
        else:
            _lay(value, path.name, path.sub, operation.value)
    return [*others, PatchOperation("replace", None, value)] if value else others


def _dotted_removals(operations: Operations, _after: Mapping[str, object]) -> Operations:
    shaped: Operations = []
    for operation in operations:
        path = _parsed(operation) if operation.op == "remove" else None
        if path is not None and path.urn is not None:
            inside = (operation.path or "")[len(path.urn) + 1 :]
            operation = PatchOperation("remove", f"{path.urn}.{inside}", operation.value)
        shaped.append(operation)
    return shaped


def _texts_for_booleans(value: object) -> object:
    if value is ABSENT:
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return [_texts_for_booleans(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _texts_for_booleans(each) for key, each in value.items()}
    return value
