"""PATCH as a server carries it out (RFC 7644 section 3.5.2): in order, all or nothing, the input left as it was.

Nothing is changed in place: a changed attribute is built anew and the rest is shared with the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NoReturn

from ...errors import PatchError, PathError
from .._access import as_boolean, find_key, is_unassigned
from ..filters.ast import AttributePath
from ..filters.path import parse_path
from ..schemas import WELL_KNOWN, SchemaSet
from ..urns import is_core
from .operation import ABSENT, PatchOperation
from .target import Attribute

_OPS: Final = frozenset({"add", "replace", "remove"})


def apply_patch(
    resource: Mapping[str, object],
    operations: Iterable[PatchOperation],
    *,
    schema: SchemaSet | None = None,
    compat: bool = False,
) -> dict[str, object]:
    """Carry out the operations and return the new resource.

    Args:
        resource: The state before; not changed, though the result shares with it what no operation touched.
        operations: In the order to apply them; each sees the effect of those before it.
        schema: With it, unknown attributes, read-only ones and the removal of required ones are refused.
        compat: Accept the habits of Entra ID and Okta: `"True"` for true, `remove` with the elements in `value`,
            a bare text for the `value` of a complex element, URN and dotted keys in a value without path, an
            extension's attribute without its URN, and an `add` or `replace` through a filter that matches
            nothing, which then makes the element.

    Raises:
        PatchError: With `scim_type` as RFC 7644 table 9 gives it; nothing was applied.
    """
    patcher = _Patcher(dict(resource), schema, compat)
    for index, operation in enumerate(operations):
        patcher.apply(index, operation)
    return patcher.resource


class _Patcher:
    def __init__(self, resource: dict[str, object], schema: SchemaSet | None, compat: bool) -> None:
        self.resource, self._schema, self._compat = resource, schema, compat
        self._operation = self._where = ""

    def apply(self, index: int, operation: PatchOperation) -> None:
        self._operation = self._where = f"Operations[{index}]"
        op = operation.op.lower()  # Entra ID writes Add, Replace and Remove, and a server must take them
        if op not in _OPS:
            self._fail(f"the operation {operation.op!r} is unknown", "Write add, replace or remove", "invalidSyntax")
        if op == "remove" and operation.path is None:
            self._fail("a removal has no path", "Name the attribute to remove in path", "noTarget")
        if op != "remove" and operation.value is ABSENT:
            self._fail(f"the {op} has no value", "Send what to write in value", "invalidValue")
        value = _copied(operation.value)
        if operation.path is not None:
            self._at(op, operation.path, value)
            return
        if not isinstance(value, Mapping):
            self._fail("without a path the value must be an object", "Send attributes and their values", "invalidValue")
        for name, each in value.items():
            self._member(op, name, each)

    def _member(self, op: str, name: str, value: object) -> None:
        """One attribute of a value without path: an extension object, or what would stand under that name."""
        if name.lower() == "schemas":
            return
        if isinstance(value, Mapping) and self._is_extension(name):
            for inner, each in value.items():
                self._write(op, AttributePath(inner, urn=name), each)
        elif self._compat:
            self._at(op, name, value)
        else:
            self._write(op, AttributePath(name), value)

    def _is_extension(self, name: str) -> bool:
        if ":" not in name:
            return False
        if self._schema is not None and self._schema.knows(name):
            return True
        return find_key(self.resource, name) is not None or WELL_KNOWN.knows(name) or self._schema is None

    def _at(self, op: str, text: str, value: object) -> None:
        self._where = f"{self._operation}, path {text!r}"
        if ":" in text and (key := find_key(self.resource, text)) is not None:
            self._whole_extension(op, key, value)
            return
        if ":" in text and isinstance(value, Mapping) and (self._schema or WELL_KNOWN).knows(text):
            self._whole_extension(op, text, value)
            return
        try:
            path = parse_path(text)
        except PathError as error:
            raise PatchError(error.what, f"{self._where}\n{error.where}", error.mend, "invalidPath") from error
        self._write(op, path, value)

    def _whole_extension(self, op: str, urn: str, value: object) -> None:
        """A path that is an extension's URN alone."""
        if op == "remove":
            self.resource.pop(urn, None)
            self._list_schema(urn, listed=False)
        elif isinstance(value, Mapping):
            for name, each in value.items():
                self._write(op, AttributePath(name, urn=urn), each)
        else:
            self._fail("an extension is an object", "Send its attributes and their values", "invalidValue")

    def _write(self, op: str, path: AttributePath, value: object) -> None:
        urn = path.urn
        if urn is not None and (is_core(urn) or self._is_base(urn)):
            urn, path = None, AttributePath(path.name, path.sub, None, path.filter)
        if urn is None and self._compat:
            urn = self._extension_of(path.name)
        definition = None if self._schema is None else self._schema.attribute(path.name, urn)
        if definition is None and self._schema is not None and not self._compat and self._schema.knows(urn):
            self._fail(f"the schema defines no attribute {path.name!r}", "Check the spelling", "invalidPath")
        known = definition or WELL_KNOWN.attribute(path.name, urn)
        attribute = Attribute(path, known, checked=definition is not None, compat=self._compat, where=self._where)
        holder_key = None if urn is None else find_key(self.resource, urn) or urn
        held = self.resource if holder_key is None else self.resource.get(holder_key)
        holder = dict(held) if isinstance(held, Mapping) and holder_key is not None else self.resource
        if holder_key is not None and not isinstance(held, Mapping):
            holder = {}
        key = find_key(holder, path.name) or (path.name if known is None else known.name)
        if self._compat and attribute.is_boolean:
            value = as_boolean(value)
        changed = attribute.change(op, holder.get(key), value)
        if is_unassigned(changed):
            holder.pop(key, None)
        else:
            holder[key] = changed
        if holder_key is not None:
            self._store_extension(holder_key, holder)

    def _extension_of(self, name: str) -> str | None:
        """The extension that defines a bare name which the base schema does not; Entra ID sends `manager` so."""
        schema = self._schema or WELL_KNOWN
        if schema.attribute(name) is not None or find_key(self.resource, name) is not None:
            return None
        return next((each.urn for each in schema.extensions if each.attribute(name) is not None), None)

    def _is_base(self, urn: str) -> bool:
        if self._schema is not None:
            return urn.lower() == self._schema.base.urn.lower()
        schemas = self.resource.get("schemas")
        return isinstance(schemas, list) and schemas[:1] == [urn] and find_key(self.resource, urn) is None

    def _store_extension(self, urn: str, holder: dict[str, object]) -> None:
        if holder:
            self.resource[urn] = holder
        else:
            self.resource.pop(urn, None)
        self._list_schema(urn, listed=bool(holder))

    def _list_schema(self, urn: str, *, listed: bool) -> None:
        """Keep `schemas` true to the extensions that the resource has (RFC 7644 section 3.5.2.1)."""
        schemas = self.resource.get("schemas")
        if not isinstance(schemas, list):
            return
        others = [each for each in schemas if not (isinstance(each, str) and each.lower() == urn.lower())]
        if not listed:
            self.resource["schemas"] = others
        elif len(others) == len(schemas):
            self.resource["schemas"] = [*schemas, urn]

    def _fail(self, what: str, mend: str, scim_type: str) -> NoReturn:
        raise PatchError(what, self._where, mend, scim_type)


def _copied(value: object) -> object:
    """A copy of a JSON value, so that the result does not share with the operations."""
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value
