"""Attribute mappings of one object kind, compiled once per job to plain callables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, TypeAlias

import orjson

from ..errors import ExpressionEvaluationError
from ..expressions import (
    DROP,
    DROP_OBJECT,
    CompiledExpression,
    EvaluationContext,
    FunctionRegistry,
    UniqueValue,
    compile_expression,
    known_name,
    to_text,
)
from .roles import role_effect

if TYPE_CHECKING:
    from ..manifest import AttributeMapping, TargetAttribute

SOFT_DELETED: Final = "IsSoftDeleted"
REDACTED: Final = "[Redact]"
DIGEST: Final = "redacted:"

Read: TypeAlias = Callable[[Mapping[str, object], EvaluationContext], object]
Convert: TypeAlias = Callable[[object, str], object]


@dataclass(slots=True)
class Mapped:
    """What the mappings say of one source object.

    Attributes:
        values: Flat target values; a path without a value is absent.
        references: Reference path to the source value that names the other object.
        unique: Path to the candidates of SelectUniqueValue, in order; the first free one is taken.
        cleared: Paths whose mapping empties the target when the source is empty, and it is.
        skip_object: A mapping asked to leave the whole object alone in this cycle.
    """

    values: dict[str, object] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    unique: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cleared: tuple[str, ...] = ()
    skip_object: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    read: Read
    convert: Convert
    default: object
    reference: bool
    clears: bool
    asserts: bool  # an empty list says that the account may have none


class ObjectMapping:
    """The mappings of one kind.

    Attributes:
        matching: Matching paths by precedence.
        references: Reference path to the kind it points to, `members` apart.
        create_only: Paths written only during creation.
        fill_only: Paths written only when the target has no value.
        add_only: Multi-valued paths from which values are never removed.
        redacted: Paths whose values never reach a log or a plan.
        unique: Paths whose value is chosen by look-up (SelectUniqueValue).
        enabled_names: Source attributes that say whether the source disabled an object, as it spells them.
        members_source: Source attribute that holds a group's members, or None when they are not mapped.
        paths: Every mapped path, in manifest order.
        sources: Path to the text that says where its value comes from.
        fingerprint: Changes whenever the mappings do.
    """

    def __init__(
        self,
        kind: str,
        mappings: Sequence[AttributeMapping],
        schema: Mapping[str, TargetAttribute],
        *,
        functions: FunctionRegistry | None = None,
        columns: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        active = [mapping for mapping in mappings if mapping.enabled]
        members = [one for one in active if kind == "group" and one.target == "members"]
        self.members_source: str | None = members[0].source if members else None
        active = [mapping for mapping in active if mapping not in members]
        self.paths = tuple(mapping.target for mapping in active)
        matching = sorted((one for one in active if one.match), key=lambda one: one.match or 0)
        self.matching = tuple(mapping.target for mapping in matching)
        self.references = {one.target: one.reference for one in active if one.reference}
        self.create_only = frozenset(one.target for one in active if one.when == "create")
        self.fill_only = frozenset(one.target for one in active if one.when == "when_empty")
        add_only = {one.target for one in active if one.multi == "add_only"}
        self.sources = {one.target: _source_text(one) for one in active}
        self.enabled_names = tuple(known_name(one, columns) or one for one in ("accountEnabled", "active"))
        create: list[_Entry] = []
        update: list[_Entry] = []
        self._direct_create: list[tuple[str, str]] = []
        self._direct_update: list[tuple[str, str]] = []
        self._deactivation: list[tuple[_Entry, bool]] = []  # with whether it can be told without the object
        redacted: set[str] = set()
        unique: set[str] = set()
        for mapping in active:
            attribute = schema.get(mapping.target)
            compiled = _compile(mapping, functions)
            default = mapping.default
            roles = role_effect(compiled)
            if roles == "adds":
                add_only.add(mapping.target)
            entry = _Entry(
                mapping.target,
                _reader(mapping, compiled, columns),
                _converter(attribute, mapping),
                default,
                bool(mapping.reference),
                bool(mapping.clear_when_empty),
                # A file that lacks the column says nothing about roles; a blank cell says that there are none.
                roles == "asserts" and compiled is not None and all(_may_have(columns, one) for one in compiled.inputs),
            )
            if compiled is not None and compiled.redacted:
                redacted.add(mapping.target)
            if compiled is not None and compiled.selects_unique:
                unique.add(mapping.target)
            if compiled is not None and SOFT_DELETED in compiled.inputs:
                told = set(compiled.inputs) == {SOFT_DELETED} or entry.convert is _as_boolean
                self._deactivation.append((entry, told))
            plain = (
                mapping.source is not None
                and default is None
                and not mapping.reference
                and not mapping.clear_when_empty
                and entry.convert is _as_text
            )
            if plain:
                assert mapping.source is not None
                pair = (mapping.target, known_name(mapping.source, columns) or mapping.source)
                self._direct_create.append(pair)
                if mapping.when != "create":
                    self._direct_update.append(pair)
                continue
            flows = mapping.source is not None or compiled is not None or mapping.constant is not None
            if flows or default is not None:  # else mapping type none: the target is left alone
                create.append(entry)
            if flows and mapping.when != "create" and mapping.target not in unique:
                update.append(entry)
        self._create, self._update = tuple(create), tuple(update)
        self.add_only = frozenset(add_only)
        self.redacted, self.unique = frozenset(redacted), frozenset(unique)
        self.can_deactivate = bool(self._deactivation)
        self.fingerprint = blake2b(
            repr([mapping.model_dump() for mapping in active + members]).encode(), digest_size=16
        ).digest()

    def for_create(self, attributes: Mapping[str, object], context: EvaluationContext) -> Mapped:
        """Return the values of a new account: all mappings, and defaults where the source has nothing.

        Raises:
            ExpressionEvaluationError: A mapping failed on this object.
        """
        return self._evaluate(self._direct_create, self._create, attributes, context, defaults=True)

    def for_update(self, attributes: Mapping[str, object], context: EvaluationContext) -> Mapped:
        """Return the values an existing account should have; defaults are for creation only."""
        return self._evaluate(self._direct_update, self._update, attributes, context, defaults=False)

    def for_deactivation(
        self, attributes: Mapping[str, object] | None, context: EvaluationContext
    ) -> dict[str, object]:
        """Return only the values that depend on IsSoftDeleted, for an object that is to be disabled.

        Args:
            attributes: None when the source does not hold the object any more. Then only what can be told without
                it is returned: flags, and values made of IsSoftDeleted alone. A name made of absent parts is none.
        """
        marked = {**(attributes or {}), SOFT_DELETED: True}
        values: dict[str, object] = {}
        for entry, told in self._deactivation:
            if attributes is None and not told:
                continue
            value = entry.read(marked, context)
            if value is not None and value is not DROP and value is not DROP_OBJECT:
                values[entry.path] = entry.convert(value, entry.path)
        return values

    def masked(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return `values` as they may be remembered: a redacted one as a digest, which still tells a change."""
        return {path: digest(value) if path in self.redacted else value for path, value in values.items()}

    def _evaluate(
        self,
        direct: list[tuple[str, str]],
        entries: tuple[_Entry, ...],
        attributes: Mapping[str, object],
        context: EvaluationContext,
        *,
        defaults: bool,
    ) -> Mapped:
        mapped = Mapped()
        values = mapped.values
        get = attributes.get
        for path, name in direct:
            value = get(name)
            if value.__class__ is str:
                if value:
                    values[path] = value
            elif value is not None:
                values[path] = _as_text(value, path)
        for entry in entries:
            value = entry.read(attributes, context)
            if value.__class__ is str and value:
                pass
            elif value is None or value == "" or value == []:
                if defaults and entry.default is not None:
                    value = entry.default
                else:
                    if entry.clears or (entry.asserts and value == []):
                        mapped.cleared += (entry.path,)
                    continue
            elif value is DROP:
                continue
            elif value is DROP_OBJECT:
                mapped.skip_object = True
                continue
            elif isinstance(value, UniqueValue):
                mapped.unique[entry.path] = value.candidates
                continue
            if entry.reference:
                mapped.references[entry.path] = to_text(value) or ""
            else:
                values[entry.path] = entry.convert(value, entry.path)
        return mapped


def digest(value: object) -> object:
    """Return what is remembered of a redacted value; of a digest, itself."""
    if value is None or (isinstance(value, str) and value.startswith(DIGEST)):
        return value
    return DIGEST + blake2b(orjson.dumps(value), digest_size=16).hexdigest()


def _may_have(columns: Sequence[str], name: str) -> bool:
    """Whether the source can have the attribute; yes where nobody knows."""
    return not columns or known_name(name, columns) is not None


def _compile(mapping: AttributeMapping, functions: FunctionRegistry | None) -> CompiledExpression | None:
    if mapping.expression is None:
        return None
    return compile_expression(mapping.expression, functions=functions)


def _reader(mapping: AttributeMapping, compiled: CompiledExpression | None, columns: Sequence[str]) -> Read:
    if compiled is not None:
        return compiled.evaluate
    if mapping.source is not None:
        name = known_name(mapping.source, columns) or mapping.source
        return lambda attributes, _context: attributes.get(name)
    constant = mapping.constant
    return lambda _attributes, _context: constant


def _source_text(mapping: AttributeMapping) -> str:
    if mapping.expression is not None:
        return mapping.expression
    if mapping.source is not None:
        return f"[{mapping.source}]"
    return f'"{mapping.constant}"' if mapping.constant is not None else "(left alone)"


def _converter(attribute: TargetAttribute | None, mapping: AttributeMapping) -> Convert:
    if mapping.reference:
        return _as_text
    if attribute is None:
        # Nothing declares the type. `active` is boolean in every schema, the rest is text.
        return _as_boolean if mapping.target.rpartition(":")[2].casefold() == "active" else _as_given
    if attribute.multi_valued and "[" not in attribute.name:
        return _as_list
    convert = {"boolean": _as_boolean, "integer": _as_integer, "decimal": _as_decimal, "complex": _as_given}.get(
        attribute.type, _as_text
    )
    return _one_of(convert, attribute) if attribute.enum else convert


def _one_of(convert: Convert, attribute: TargetAttribute) -> Convert:
    """Also hold the value to those that the target takes, in the target's spelling; an empty one may clear."""
    fold = str if attribute.case_exact else lambda value: str(value).casefold()
    taken = {fold(one): one for one in attribute.enum}

    def converted(value: object, path: str) -> object:
        found = convert(value, path)
        if found == "":
            return found
        if (known := taken.get(fold(found))) is None:
            listed = ", ".join(map(str, attribute.enum))
            raise ExpressionEvaluationError(
                "the value is none that the target takes", path, f"Map it to one of {listed}, for example by Switch"
            )
        return known

    return converted


def _as_given(value: object, path: str) -> object:
    return value if isinstance(value, (str, list, dict)) else _as_text(value, path)


def _as_text(value: object, path: str) -> object:
    if value.__class__ is str:
        return value
    if isinstance(value, (list, tuple)):
        raise ExpressionEvaluationError(
            "several values for an attribute that can only accept one", path, "Use Item, Join or a multi-valued target"
        )
    return to_text(value)


def _as_boolean(value: object, path: str) -> object:
    if value == "True" or value is True:  # the text of expressions first: this runs once per person
        return True
    if value == "False" or value is False:
        return False
    text = str(value).casefold()
    if text in ("true", "1", "yes"):
        return True
    if text in ("false", "0", "no"):
        return False
    raise ExpressionEvaluationError(
        "the value is not a boolean", path, "Map it to True or False, for example by Switch"
    )


def _as_integer(value: object, path: str) -> object:
    if isinstance(value, int):
        return value
    try:
        return int(str(value))
    except ValueError as error:
        raise ExpressionEvaluationError("the value is not a whole number", path, "Map it to digits") from error


def _as_decimal(value: object, path: str) -> object:
    if isinstance(value, (int, float)):
        return value
    try:
        return float(str(value))
    except ValueError as error:
        raise ExpressionEvaluationError("the value is not a number", path, "Map it to a number") from error


def _as_list(value: object, path: str) -> object:
    return list(value) if isinstance(value, (list, tuple)) else [value]
