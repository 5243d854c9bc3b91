"""Columns of a record: declared types, what is refused before it is sent, and what a change carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ...manifest import QuirkSet
from ..base import Comparer
from ..connection import refused_here
from ..quirks import compile_comparer

if TYPE_CHECKING:
    from ...manifest import TargetAttribute

Values: TypeAlias = Mapping[str, object]
Record: TypeAlias = Mapping[str, object]
"""One object as the vendor's JSON holds it."""

_EMPTY: Final[tuple[object, ...]] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an API spells values.

    Attributes:
        texts_only: Every value is a text, `"true"` included (ServiceNow); else JSON's own types are used.
        clear: What empties a column: null, or "" where values are texts.
    """

    texts_only: bool = False
    clear: object = None


class Columns:
    """The mapped columns of one kind of record.

    Attributes:
        names: Mapped columns but `members`, in mapping order; those that are no fields of the record among them.
        required: Those that the target wants of every object.
        comparer: Equality in the target's eyes, asked where plain equality failed; lists hold the same items in any
            order.
    """

    def __init__(
        self,
        kind: str,
        attributes: Sequence[TargetAttribute],
        paths: Sequence[str],
        *,
        spelling: Spelling | None = None,
    ) -> None:
        self.kind = kind
        self.names = tuple(dict.fromkeys(path for path in paths if path != "members"))
        self._spelling = spelling or Spelling()
        self._attributes = {one.name: one for one in attributes}
        self._readers = [(name, _reader(self._attributes.get(name))) for name in self.names]
        self._exact = {one.name for one in attributes if one.case_exact}
        lists = {one.name for one in attributes if one.multi_valued} & set(self.names)
        self.comparer = _comparer(compile_comparer(QuirkSet(), self.names, self._attributes), lists, self._exact)
        self._checked = [
            one for one in attributes if one.name in self.names and (one.max_length is not None or one.enum)
        ]
        self.required = frozenset(one.name for one in attributes if one.required and one.name in self.names)

    def flatten(self, record: Record) -> dict[str, object]:
        """Flat values of a record; what is empty there is absent."""
        values: dict[str, object] = {}
        for name, read in self._readers:
            value = record.get(name)
            if value not in _EMPTY and (value := read(value)) not in _EMPTY:
                values[name] = value
        return values

    def changed(self, before: Values, after: Values) -> list[str]:
        """Mapped columns in which two states differ, in the target's eyes."""
        return [
            name
            for name in self.names
            if (old := before.get(name)) != (new := after.get(name))
            and not (old in _EMPTY and new in _EMPTY)
            and not self.comparer(name, old, new)
        ]

    def body(self, values: Values, names: Sequence[str] | None = None) -> dict[str, object]:
        """What is sent: the named columns, emptied where they have no value; without names, those that have one."""
        if names is None:
            names = [name for name in self.names if values.get(name) not in _EMPTY]
        return {name: self.written(values.get(name)) for name in names}

    def written(self, value: object) -> object:
        """One value as the API spells it."""
        if value in _EMPTY:
            return self._spelling.clear
        if not self._spelling.texts_only or isinstance(value, str):
            return value
        return str(value).lower() if isinstance(value, bool) else str(value)

    def matches(self, name: str, found: object, wanted: object) -> bool:
        """Whether a record with the value `found` is one that was looked for by `wanted`."""
        if found == wanted:
            return found not in _EMPTY
        if name not in self._exact and isinstance(found, str) and isinstance(wanted, str):
            return found.casefold() == wanted.casefold()
        return found not in _EMPTY and self.comparer(name, found, wanted)

    def check(self, values: Values, *, creating: bool) -> None:
        """Refuse what the target is known to refuse; nothing is ever cut silently.

        Args:
            values: When not creating, only the columns that change.

        Raises:
            TargetFailure: OBJECT: a value is too long, none of the allowed ones, or missing.
        """
        for name in self.names:
            if name in self.required and (creating or name in values) and values.get(name) in _EMPTY:
                raise refused_here(
                    f"{name} is required and has no value",
                    f"{self.kind} {name}",
                    "Fill it in the source, or give its mapping a default",
                )
        for one in self._checked:
            value = values.get(one.name)
            for each in value if isinstance(value, list) else [value]:
                _check_value(self.kind, one, each)


def _comparer(equal: Comparer, lists: set[str], exact: set[str]) -> Comparer:
    def compare(path: str, old: object, new: object) -> bool:
        if path in lists:
            return _items(old, exact=path in exact) == _items(new, exact=path in exact)
        return equal(path, old, new)

    return compare


def _check_value(kind: str, attribute: TargetAttribute, value: object) -> None:
    where = f"{kind} {attribute.name}"
    if value in _EMPTY:
        return
    if attribute.max_length is not None and isinstance(value, str) and len(value) > attribute.max_length:
        raise refused_here(
            f"the value of {attribute.name} has {len(value)} characters, and the target takes {attribute.max_length}",
            where,
            "Shorten it in the source, or map it by Left or Mid",
        )
    if attribute.enum and value not in attribute.enum:
        listed = ", ".join(str(one) for one in attribute.enum[:12]) + (", …" if len(attribute.enum) > 12 else "")
        raise refused_here(
            f"the value of {attribute.name} is none that the target takes", where, f"Map it to one of {listed}"
        )


def _reader(attribute: TargetAttribute | None) -> Callable[[object], object]:
    if attribute is None:
        return lambda value: value
    if attribute.multi_valued:
        return lambda value: list(value) if isinstance(value, (list, tuple)) else [value]
    return {"boolean": _boolean, "integer": _number(int), "decimal": _number(float)}.get(attribute.type, _text)


def _boolean(value: object) -> object:
    text = str(value).casefold()
    return value if isinstance(value, bool) else {"true": True, "1": True, "false": False, "0": False}.get(text, value)


def _number(kind: type[int] | type[float]) -> Callable[[object], object]:
    def read(value: object) -> object:
        try:
            return kind(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else value
        except ValueError:
            return value

    return read


def _text(value: object) -> object:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _items(value: object, *, exact: bool) -> frozenset[object]:
    items = value if isinstance(value, (list, tuple)) else () if value in _EMPTY else (value,)
    texts = (repr(sorted(item.items())) if isinstance(item, dict) else str(item) for item in items)
    return frozenset(texts) if exact else frozenset(text.casefold() for text in texts)
