"""What one operation does to one attribute's value; RFC 7644 sections 3.5.2.1 to 3.5.2.3, case by case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

from ...errors import FilterError, PatchError
from .._access import as_boolean, find_key, is_unassigned, lookup
from .._template import element_template
from ..filters.ast import AttributePath
from ..filters.evaluate import compile_element_filter
from ..schemas import AttributeDefinition
from .operation import ABSENT


class Attribute:
    """An attribute as a path names it: `change` takes the value before and returns the value after.

    Args:
        path: The path, whose URN plays no part here.
        definition: What is known of the attribute `path.name`, or None.
        checked: Whether the definition is the caller's own, so that breaking it is an error.
        compat: Accept the habits of Entra ID and Okta.
        where: The operation, for messages.
    """

    def __init__(
        self,
        path: AttributePath,
        definition: AttributeDefinition | None,
        *,
        checked: bool,
        compat: bool,
        where: str,
    ) -> None:
        self._path, self._definition, self._compat, self._where = path, definition, compat, where
        self._sub = definition.sub(path.sub) if definition is not None and path.sub is not None else None
        self._checked = checked

    @property
    def is_boolean(self) -> bool:
        """Whether what the path names is defined as boolean."""
        named = self._definition if self._path.sub is None else self._sub
        return named is not None and named.type == "boolean"

    def change(self, op: str, old: object, value: object) -> object:
        """The attribute's value after the operation; an unassigned one means that the attribute goes.

        Raises:
            PatchError: noTarget, mutability, invalidValue, invalidPath or invalidFilter.
        """
        if self._compat and isinstance(value, list) and len(value) == 1 and self._is_single_complex:
            value = value[0]  # Entra ID wraps a manager in an array
        if self._is_the_servers:
            return old
        self._check(op, old, value)
        if self._path.filter is not None:
            new = self._filtered(op, old, value)
        elif self._path.sub is not None:
            new = self._subbed(op, old, value)
        elif op == "remove":
            new = self._removed(old, value)
        elif op == "add":
            new = self._added(old, value)
        else:
            new = self._replaced(old, value)
        return self._one_primary(old, new)

    @property
    def _is_the_servers(self) -> bool:
        """Okta sends `id` along with a new displayName; in compat what only the server may write is passed over."""
        definition = self._definition
        if not self._compat or definition is None or definition.mutability != "readOnly":
            return False
        return self._checked or definition.name in ("id", "meta")

    def _check(self, op: str, old: object, value: object) -> None:
        """Refuse what the schema forbids."""
        definition = self._definition
        if definition is None or not self._checked or self._compat:
            return
        named = definition if self._path.sub is None else self._sub
        if named is None:
            self._fail(
                f"{definition.name} has no sub-attribute {self._path.sub!r}", "Check the spelling", "invalidPath"
            )
        if "readOnly" in (definition.mutability, named.mutability) and value != old:
            self._fail(f"{named.name} is read-only", "Leave it to the server", "mutability")
        unassigns = op == "remove" or (op == "replace" and is_unassigned(value))
        if unassigns and named.required and self._path.filter is None:
            self._fail(f"{named.name} is required", "Replace it instead", "mutability")
        if named.mutability == "immutable" and self._path.sub is not None and self._has_sub(old, self._path.sub):
            self._fail(f"{named.name} cannot change once set", "Remove the element and add another", "mutability")
        if self.is_boolean and op != "remove" and not isinstance(value, bool) and not is_unassigned(value):
            self._fail(f"{named.name} is boolean", "Write true or false", "invalidValue")

    def _has_sub(self, old: object, sub: str) -> bool:
        """Whether an element that the path names has the sub-attribute already; unset, it may be added once."""
        matches = (lambda _: True) if self._path.filter is None else self._matcher()
        elements = old if isinstance(old, list) else [old]
        return any(isinstance(e, Mapping) and matches(e) and not is_unassigned(lookup(e, sub)) for e in elements)

    # -- the whole attribute -------------------------------------------------------------------------------

    @property
    def _is_multi_valued(self) -> bool:
        return self._definition is not None and self._definition.multi_valued

    @property
    def _is_single_complex(self) -> bool:
        definition = self._definition if self._path.sub is None else None
        return definition is not None and bool(definition.sub_attributes) and not definition.multi_valued

    def _added(self, old: object, value: object) -> object:
        if is_unassigned(value):
            return old
        if isinstance(old, list) or (self._is_multi_valued and is_unassigned(old)) or isinstance(value, list):
            before = old if isinstance(old, list) else [] if is_unassigned(old) else [old]
            return self._appended(before, value if isinstance(value, list) else [value])
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            return _merged(old, value)
        return self._single(old, value)

    def _replaced(self, old: object, value: object) -> object:
        if isinstance(value, Mapping):
            if isinstance(old, Mapping):
                return _merged(old, value)
            if self._is_multi_valued:
                return [self._element(value)]
        if isinstance(value, list):
            return [self._element(each) for each in value]
        if self._is_multi_valued and not is_unassigned(value):
            return [self._element(value)]
        return self._single(old, value)

    def _single(self, old: object, value: object) -> object:
        """A single value; a bare text for a complex attribute is its `value`, as Entra ID sends a manager."""
        complex_ = isinstance(old, Mapping) or (self._definition is not None and bool(self._definition.sub_attributes))
        if self._compat and complex_ and not is_unassigned(value) and not isinstance(value, Mapping):
            return {"value": value}
        return value

    def _element(self, value: object) -> object:
        """An element to store: nulls say nothing; in compat a bare text is the `value` of a complex element."""
        if isinstance(value, Mapping):
            boolean = self._compat
            return {
                name: as_boolean(each) if boolean and name.lower() == "primary" else each
                for name, each in value.items()
                if each is not None
            }
        complex_ = self._definition is not None and bool(self._definition.sub_attributes)
        return {"value": value} if self._compat and complex_ else value

    def _appended(self, old: list[object], added: list[object]) -> list[object]:
        """Elements behind those that are there; one whose every sub-attribute is there already changes nothing."""
        new = list(old)
        by_value: dict[str, list[Mapping[str, object]]] = {}
        for element in old:
            if isinstance(element, dict):
                by_value.setdefault(str(element.get("value") or lookup(element, "value")), []).append(element)
        for each in added:
            element = self._element(each)
            if isinstance(element, Mapping):
                alike = by_value.setdefault(str(lookup(element, "value")), [])
                if any(_says_all(there, element) for there in alike):
                    continue
                alike.append(element)
            elif element in new:
                continue
            new.append(element)
        return new

    def _removed(self, old: object, value: object) -> object:
        if not self._compat or value is ABSENT or is_unassigned(value):
            return None
        # Entra ID names the elements to remove in the value, where RFC 7644 would have a filter in the path.
        elements = old if isinstance(old, list) else [old]
        named = value if isinstance(value, list) else [value]
        return [element for element in elements if not any(_is_named(element, each) for each in named)]

    # -- a sub-attribute, elements by filter ---------------------------------------------------------------

    def _subbed(self, op: str, old: object, value: object) -> object:
        sub = self._path.sub or ""
        if isinstance(old, list):
            return [_with_sub(e, sub, op, value) if isinstance(e, Mapping) else e for e in old]
        if is_unassigned(old):
            if op == "remove":
                return None
            made = _with_sub({}, sub, op, value)
            return [made] if made and self._is_multi_valued else made
        if not isinstance(old, Mapping):
            self._fail(f"{self._path.name} is not complex", "Leave the sub-attribute out of the path", "invalidPath")
        return _with_sub(old, sub, op, value)

    def _filtered(self, op: str, old: object, value: object) -> object:
        matches = self._matcher()
        sub = self._path.sub
        elements = old if isinstance(old, list) else [] if is_unassigned(old) else [old]
        hits = [matches(element) for element in elements]
        if not any(hits):
            return self._unmatched(op, old, elements, value)
        new: list[object] = []
        for element, hit in zip(elements, hits, strict=True):
            if not hit:
                new.append(element)
            elif sub is not None:
                if not isinstance(element, Mapping):
                    self._fail(f"{self._path.name} holds simple values", "Leave out the sub-attribute", "invalidPath")
                changed = _with_sub(element, sub, op, value)
                new += [] if is_unassigned(changed) else [changed]
            elif op == "replace" and not is_unassigned(value):
                new += [self._element(each) for each in value] if isinstance(value, list) else [self._element(value)]
            elif op == "add":
                new.append(
                    _merged(element, value) if isinstance(element, Mapping) and isinstance(value, Mapping) else value
                )
        if not isinstance(old, list) and len(new) <= 1:
            return new[0] if new else None
        return new

    def _unmatched(self, op: str, old: object, elements: list[object], value: object) -> object:
        """No element matches: nothing to remove; else an error, or in compat the element that the filter describes."""
        if op == "remove":
            return old
        template = None if self._path.filter is None else element_template(self._path.filter, self._definition)
        if not self._compat or template is None:
            self._fail(f"no element matches {self._path}", "Add the element to the attribute instead", "noTarget")
        if self._path.sub is not None:
            element: Mapping[str, object] = {**template, self._path.sub: value}
        else:
            element = {**value, **template} if isinstance(value, Mapping) else {"value": value, **template}
        return [*elements, element]

    def _matcher(self) -> Callable[[object], bool]:
        assert self._path.filter is not None
        try:
            return compile_element_filter(self._path.filter, self._definition)
        except FilterError as error:
            raise PatchError(error.what, f"{self._where}, {error.where}", error.mend, "invalidFilter") from error

    # -- what holds for every change -----------------------------------------------------------------------

    def _one_primary(self, old: object, new: object) -> object:
        """An element that becomes primary takes it from the one that was (RFC 7644 section 3.5.2)."""
        if not isinstance(new, list) or self._path.name.lower() in ("members", "groups"):
            return new
        primaries = [e for e in new if isinstance(e, Mapping) and lookup(e, "primary") is True]
        if len(primaries) < 2:
            return new
        before = old if isinstance(old, list) else []
        taking = [e for e in primaries if not any(e is was or e == was for was in before)]
        if len(taking) != 1:
            self._fail(f"{self._path.name} would have {len(primaries)} primary elements", "Mark one", "invalidValue")
        return [
            _with_sub(e, "primary", "replace", False)
            if isinstance(e, Mapping) and e is not taking[0] and any(e is p for p in primaries)
            else e
            for e in new
        ]

    def _fail(self, what: str, mend: str, scim_type: str) -> NoReturn:
        raise PatchError(what, self._where, mend, scim_type)


def _merged(old: Mapping[str, object], value: Mapping[str, object]) -> dict[str, object]:
    """`old` with the sub-attributes of `value`; null takes one away."""
    new = dict(old)
    for name, each in value.items():
        key = find_key(new, name) or name
        if is_unassigned(each):
            new.pop(key, None)
        else:
            new[key] = each
    return new


def _with_sub(element: Mapping[str, object], sub: str, op: str, value: object) -> dict[str, object]:
    new = dict(element)
    key = find_key(new, sub) or sub
    held = new.get(key)
    if op == "remove" or (op == "replace" and is_unassigned(value)):
        new.pop(key, None)
    elif op == "add" and isinstance(held, list):
        new[key] = held + [v for v in (value if isinstance(value, list) else [value]) if v not in held]
    elif not is_unassigned(value):
        new[key] = value
    return new


def _says_all(there: Mapping[str, object], element: Mapping[str, object]) -> bool:
    """Whether every assigned sub-attribute of `element` stands in `there` already."""
    return all(is_unassigned(each) or lookup(there, name) == each for name, each in element.items())


def _is_named(element: object, named: object) -> bool:
    """Whether a value-carrying removal means this element: by `value` where given, else by all that is given."""
    if not isinstance(element, Mapping):
        return element == named
    if not isinstance(named, Mapping):
        return lookup(element, "value") == named
    value = lookup(named, "value")
    return _says_all(element, named) if value is None else lookup(element, "value") == value
