"""Filters of the SCIM plugin: few attributes, no `not`, and fixed forms for lists.

Source, read on 2026-11-23: https://www.servicenow.com/docs/r/api-reference/rest-apis/scim-api.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from gallery_sdk.errors import ScimError
from gallery_sdk.scim import And, Comparison, Filter, Not, Or, Present, ValuePath, compile_filter, parse_filter

from .instance import ServiceNowRefusal

_FILTERED: Final = frozenset({
    "active", "displayname", "externalid", "id", "meta.created", "meta.lastmodified", "name.familyname",
    "name.givenname", "name.middlename", "preferredlanguage", "timezone", "title", "username", "employeenumber",
    "gender", "department.name", "department.value", "manager.displayname", "manager.value", "costcenter.name",
    "costcenter.value", "company.name", "company.value", "location.name", "location.value",
})  # fmt: skip


def compiled(text: str) -> Callable[[Mapping[str, object]], bool]:
    """A filter as a test of resources.

    Raises:
        ServiceNowRefusal: 400, for what is no filter and for what the plugin does not understand.
    """
    try:
        ast = parse_filter(text)
    except ScimError as error:
        raise ServiceNowRefusal(400, error.what, scim_type="invalidFilter") from error
    for problem in _problems(ast):
        raise ServiceNowRefusal(400, problem, scim_type="invalidFilter")
    return compile_filter(ast)


def _problems(ast: Filter) -> Iterable[str]:
    match ast:
        case Not():
            yield "NOT is not supported"
        case And(terms) | Or(terms):
            for term in terms:
                yield from _problems(term)
        case ValuePath(path, And((Comparison(_, "eq"), Comparison(_, "eq")))):
            if path.name.lower() not in ("emails", "phonenumbers", "addresses"):
                yield f"{path.name} cannot be filtered by"
        case ValuePath(path):
            yield f"{path.name} is filtered by type and value"
        case Comparison(path, operator) if path.name.lower() == "externalid" and operator != "eq":
            yield "externalId supports eq only"
        case Comparison(path) | Present(path):
            name = path.name if path.sub is None else f"{path.name}.{path.sub}"
            if name.lower() not in _FILTERED:
                yield f"{name} cannot be filtered by"
