"""The element that a filter describes: `[type eq "work"]` is `{"type": "work"}`."""

from __future__ import annotations

from ._access import as_boolean
from .filters.ast import And, Comparison, Filter
from .schemas.definition import AttributeDefinition


def element_template(ast: Filter, attribute: AttributeDefinition | None) -> dict[str, object] | None:
    """Sub-attributes that make the filter hold; None where it says anything but equalities joined by `and`.

    `primary eq "True"`, which Entra ID mappings write, gives the boolean that it means; so does any other
    sub-attribute that `attribute` declares boolean.
    """
    template: dict[str, object] = {}
    for term in ast.terms if isinstance(ast, And) else (ast,):
        if not isinstance(term, Comparison) or term.op != "eq" or term.path.filter or term.path.urn or term.path.sub:
            return None
        definition = None if attribute is None else attribute.sub(term.path.name)
        boolean = term.path.name.lower() == "primary" or (definition is not None and definition.type == "boolean")
        template[term.path.name] = as_boolean(term.value) if boolean else term.value
    return template
