"""A filter as a function of one resource, compiled once and called for many (RFC 7644 section 3.4.2.2).

Semantics where the RFC leaves room: an attribute without a value fails every comparison but `ne` and `eq null`;
`ne` is the negation of `eq`, so that on a multi-valued attribute it holds when no value equals the operand;
every other operator holds when any value does. Comparing a complex attribute compares its `value`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from ...errors import FilterError
from .._access import as_boolean, find_key, is_unassigned, lookup
from ..schemas.definition import COMMON_ATTRIBUTES, AttributeDefinition, SchemaSet
from ..urns import is_core
from .ast import And, AttributePath, Comparison, Filter, Not, Or, Present, Scalar, ValuePath, print_filter

Resource: TypeAlias = Mapping[str, object]
Predicate: TypeAlias = Callable[[Resource], bool]
_Define: TypeAlias = Callable[[AttributePath], AttributeDefinition | None]

_IDS: Final = {a.name.lower(): a for a in COMMON_ATTRIBUTES if a.name in ("id", "externalId")}

_ORDERINGS: Final[dict[str, Callable[[str, str], bool]]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXT_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    **_ORDERINGS,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
}


def compile_filter(ast: Filter, *, schema: SchemaSet | None = None) -> Predicate:
    """Turn a filter into a predicate on resources in their JSON shape.

    Without a schema, strings other than `id` and `externalId` compare without regard to letter case, and two
    complete dateTimes by the instant that they name. With one, `caseExact` and the attribute's type decide.

    Raises:
        FilterError: An ordering or substring operator on a boolean or binary attribute or value.
    """

    def define(path: AttributePath) -> AttributeDefinition | None:
        if schema is not None:
            return schema.find(path)
        return _IDS.get(path.name.lower()) if path.sub is None and path.urn is None else None

    return _compile(ast, define)


def compile_element_filter(ast: Filter, attribute: AttributeDefinition | None) -> Callable[[object], bool]:
    """A predicate on one element of a multi-valued attribute; `value` names the element itself where it is simple."""

    def define(path: AttributePath) -> AttributeDefinition | None:
        found = None if attribute is None else attribute.sub(path.name)
        if found is None and attribute is not None and not attribute.sub_attributes:
            return attribute
        return found

    test = _compile(ast, define)
    if isinstance(ast, Comparison) and ast.op == "eq" and isinstance(ast.value, str) and ast.path.sub is None:
        definition = define(ast.path)
        if definition is None or definition.type in ("string", "reference"):
            return _text_equality(ast.path.name, ast.value, test, definition)

    def matches(element: object) -> bool:
        return test(element if isinstance(element, Mapping) else {"value": element})

    return matches


def _text_equality(
    name: str, wanted: str, test: Predicate, definition: AttributeDefinition | None
) -> Callable[[object], bool]:
    """What `[value eq "7"]` comes to where the element has a text under that very name; `test` judges the rest.

    One member is selected among thousands, so this is the hot path of PATCH.
    """
    if definition is None and parse_datetime(wanted) is not None:
        return lambda element: test(element if isinstance(element, Mapping) else {"value": element})
    folded = None if definition is not None and definition.case_exact else wanted.casefold()

    def equals(element: object) -> bool:
        if type(element) is not dict:
            return test(element if isinstance(element, Mapping) else {"value": element})
        value = element.get(name)
        if type(value) is str:
            return value == wanted or (folded is not None and value.casefold() == folded)
        return test(element)

    return equals


def _compile(ast: Filter, define: _Define) -> Predicate:
    match ast:
        case And(terms):
            conjuncts = tuple(_compile(term, define) for term in terms)
            return lambda resource: all(test(resource) for test in conjuncts)
        case Or(terms):
            disjuncts = tuple(_compile(term, define) for term in terms)
            return lambda resource: any(test(resource) for test in disjuncts)
        case Not(term):
            negated = _compile(term, define)
            return lambda resource: not negated(resource)
        case Present(path):
            read_all = _reader(path, define)
            return lambda resource: _is_present(read_all(resource))
        case ValuePath(path, inner):
            return _compile_value_path(path, inner, define)
        case Comparison():
            return _compile_comparison(ast, define)


def _compile_value_path(path: AttributePath, inner: Filter, define: _Define) -> Predicate:
    read = _reader(path, define)
    matches = compile_element_filter(inner, define(path))

    def test(resource: Resource) -> bool:
        value = read(resource)
        if isinstance(value, list):
            return any(matches(element) for element in value)
        return not is_unassigned(value) and matches(value)

    return test


def _compile_comparison(ast: Comparison, define: _Define) -> Predicate:
    path = ast.path
    definition = define(path)
    if definition is not None and definition.sub_attributes and path.sub is None:
        definition = definition.sub("value") or definition
    read = _reader(path, define)
    holds = _value_test(ast, "eq" if ast.op == "ne" else ast.op, definition)

    def test(resource: Resource) -> bool:
        value = read(resource)
        if isinstance(value, list):
            return any(map(holds, map(_comparable, value))) if value else holds(None)
        return holds(_comparable(value))

    if ast.op == "ne":
        return lambda resource: not test(resource)
    return test


def _reader(path: AttributePath, define: _Define) -> Callable[[Resource], object]:
    """Read what the path names: a value, or a flat list where the attribute or its parent is multi-valued."""
    name, sub, urn = path.name, path.sub, path.urn
    matches = None
    if path.filter is not None:
        matches = compile_element_filter(path.filter, define(AttributePath(name, urn=urn)))

    def read(resource: Resource) -> object:
        holder = resource if urn is None else holder_of(resource, urn, name)
        if holder is None:
            return None
        value = holder.get(name)
        if value is None:
            value = lookup(holder, name)
        if matches is not None:
            value = [e for e in (value if isinstance(value, list) else [value]) if e is not None and matches(e)]
        if sub is None:
            return value
        if isinstance(value, Mapping):
            return lookup(value, sub)
        if isinstance(value, list):
            found: list[object] = []
            for element in value:
                inner = lookup(element, sub) if isinstance(element, Mapping) else None
                found.extend(inner) if isinstance(inner, list) else found.append(inner)
            return found
        return None

    return read


def holder_of(resource: Resource, urn: str, name: str) -> Resource | None:
    """The object in which attributes under `urn` stand: the extension's, or the resource itself; None if neither.

    A URN that is itself cut by the grammar (`urn:…:2.0:User` read as URN `urn:…:2.0`, name `User`) names the
    whole extension; the resource then holds the two joined as a key.
    """
    key = find_key(resource, urn)
    if key is not None:
        extension = resource[key]
        return extension if isinstance(extension, Mapping) else None
    whole = find_key(resource, f"{urn}:{name}")
    if whole is not None:
        return {name: resource[whole]}
    if is_core(urn):
        return resource
    schemas = lookup(resource, "schemas")
    listed = isinstance(schemas, list) and any(isinstance(s, str) and s.lower() == urn.lower() for s in schemas[:1])
    return resource if listed else None


def _comparable(value: object) -> object:
    """What a comparison sees of a value: of a complex one its `value` sub-attribute."""
    return lookup(value, "value") if isinstance(value, Mapping) else value


def _is_present(value: object) -> bool:
    if isinstance(value, list):
        return any(_is_present(element) for element in value)
    if isinstance(value, Mapping):
        return any(_is_present(inner) for inner in value.values())
    return not is_unassigned(value)


def _value_test(ast: Comparison, op: str, definition: AttributeDefinition | None) -> Callable[[object], bool]:
    value: Scalar = ast.value
    type_ = None if definition is None else definition.type
    if op != "eq" and (type_ in ("boolean", "binary") or isinstance(value, bool)):
        raise FilterError(
            f'operator "{ast.op}" does not apply to a {type_ or "boolean"} value',
            f"filter {print_filter(ast)}",
            "Compare booleans and binaries with eq or ne",
        )
    if value is None:
        return is_unassigned if op == "eq" else lambda _: False
    if type_ == "boolean":
        value = as_boolean(value)  # type: ignore[assignment]  # a scalar stays a scalar
    if isinstance(value, bool):
        return lambda actual: as_boolean(actual) is value
    if isinstance(value, str):
        return _text_test(op, value, definition)
    return _number_test(op, value)


def _number_test(op: str, value: float) -> Callable[[object], bool]:
    compare: Callable[[float, float], bool] | None = _ORDERINGS.get(op)  # type: ignore[assignment]  # any order
    if compare is None:
        return lambda _: False

    def holds(actual: object) -> bool:
        return isinstance(actual, int | float) and not isinstance(actual, bool) and compare(actual, value)

    return holds


def _text_test(op: str, value: str, definition: AttributeDefinition | None) -> Callable[[object], bool]:
    if op in _ORDERINGS and (definition is None or definition.type == "dateTime"):
        instant = parse_datetime(value)
        if instant is not None:
            return _instant_test(_ORDERINGS[op], instant, value)
    compare = _TEXT_TESTS[op]
    if definition is not None and definition.case_exact:
        return lambda actual: isinstance(actual, str) and compare(actual, value)
    folded = value.casefold()
    boolean = as_boolean(value) if definition is None and op == "eq" else value
    if isinstance(boolean, bool):  # `primary eq "True"`, which Entra ID writes
        return lambda actual: as_boolean(actual) is boolean
    return lambda actual: isinstance(actual, str) and compare(actual.casefold(), folded)


def _instant_test(compare: Callable[..., bool], instant: datetime, text: str) -> Callable[[object], bool]:
    def holds(actual: object) -> bool:
        if not isinstance(actual, str):
            return False
        other = parse_datetime(actual)
        return compare(actual.casefold(), text.casefold()) if other is None else compare(other, instant)

    return holds


def parse_datetime(text: str) -> datetime | None:
    """A complete dateTime (RFC 7643 section 2.3.5), taken as UTC where it names no zone; None for any other text."""
    if len(text) < 16 or text[10] not in "Tt":
        return None
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
