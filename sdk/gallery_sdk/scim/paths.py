"""Attribute paths put to use: parse one, compile it into a reader of resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ._access import lookup
from .filters.ast import AttributePath, Comparison, Filter
from .filters.evaluate import compile_element_filter, holder_of
from .filters.path import parse_path
from .schemas import WELL_KNOWN, AttributeDefinition, SchemaSet

__all__ = ["AttributePath", "compile_getter", "parse_path"]

Getter = Callable[[Mapping[str, object]], object]


def compile_getter(path: AttributePath | str, *, schema: SchemaSet | None = None) -> Getter:
    """A function that reads what `path` names from a resource in its JSON shape; None where there is no value.

    A filter selects the first element that matches. A sub-attribute of a multi-valued attribute without a filter
    is read from the primary element, else from the first. Names are tried as written, then in any letter case.

    Args:
        path: The path, or its text.
        schema: Decides case-exactness in filters; the core schemas of RFC 7643 when left out.

    Raises:
        PathError: `path` is text and not an attribute path.
    """
    parsed = parse_path(path) if isinstance(path, str) else path
    if parsed.urn is not None:
        return _extension_getter(parsed, parsed.urn, schema or WELL_KNOWN)
    return _attribute_getter(parsed, schema or WELL_KNOWN)


def _extension_getter(path: AttributePath, urn: str, schema: SchemaSet) -> Getter:
    inside = _attribute_getter(path, schema)

    def read(resource: Mapping[str, object]) -> object:
        holder = resource.get(urn)
        if not isinstance(holder, Mapping):
            holder = holder_of(resource, urn, path.name)
        return None if holder is None else inside(holder)

    return read


def _attribute_getter(path: AttributePath, schema: SchemaSet) -> Getter:
    name, sub = path.name, path.sub
    if sub is None and path.filter is None:
        return _plain_getter(name)
    select = None if path.filter is None else _selector(path.filter, schema.attribute(name, path.urn))

    def read(holder: Mapping[str, object]) -> object:
        value = holder.get(name)
        if value is None:
            value = lookup(holder, name)
        if select is not None:
            value = select(value if isinstance(value, list) else [value])
        if sub is not None:
            if isinstance(value, list):
                value = _first(value)
            if not isinstance(value, Mapping):
                return None
            inner = value.get(sub)
            value = lookup(value, sub) if inner is None else inner
        return value if value or value == 0 else None

    return read


def _plain_getter(name: str) -> Getter:
    def read(holder: Mapping[str, object]) -> object:
        value = holder.get(name)
        if value is None:
            value = lookup(holder, name)
        return value if value or value == 0 else None

    return read


def _selector(ast: Filter, definition: AttributeDefinition | None) -> Callable[[list[object]], object]:
    """A function to the first element that matches; a lone `[type eq "work"]`, the usual case, by a short cut."""
    matches = compile_element_filter(ast, definition)
    if isinstance(ast, Comparison) and ast.op == "eq" and isinstance(ast.value, str) and ast.path.sub is None:
        name, exact = ast.path.name, ast.value

        def select_by_text(elements: list[object]) -> object:
            for element in elements:
                # An equal text matches under every rule of letter case; what differs is asked in full.
                if type(element) is dict and element.get(name) == exact:
                    return element
                if element is not None and matches(element):
                    return element
            return None

        return select_by_text

    return lambda elements: next((e for e in elements if e is not None and matches(e)), None)


def _first(value: list[object]) -> object:
    """The primary element of a list, else its first; None of an empty one."""
    return next(
        (e for e in value if isinstance(e, Mapping) and lookup(e, "primary") is True), value[0] if value else None
    )
