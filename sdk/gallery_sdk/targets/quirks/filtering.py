"""What is asked of a target's filter, and in which words.

Family: filter.unsupported, filter.only, filter.quote_style, filter.case_sensitive, external_id.not_stored,
email.type_not_returned, phone.types_inverted, multi_valued.type_not_returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from ...manifest import QuirkSet
from ...scim import parse_path, quote

if TYPE_CHECKING:
    from ...manifest import Manifest, TargetAttribute

FilterText: TypeAlias = Callable[[object], list[str]]
"""From a value to the filters to try for it, in order; the next is only sent when one finds nothing."""

USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("userName", "externalId", 'emails[type eq "work"].value'),
    "group": ("displayName", "externalId"),
}
"""What a target is taken to filter on when its manifest does not say; what it refuses is noticed and listed."""


def filterable_paths(
    manifest: Manifest, kind: str, quirks: QuirkSet, paths: Iterable[str], attributes: Mapping[str, TargetAttribute]
) -> frozenset[str]:
    """The mapped paths on which `eq` may be sent."""
    if quirks.has("filter.unsupported"):
        return frozenset()
    stated = manifest.capabilities.filters | {path for path, one in attributes.items() if one.filterable}
    found = set(stated or USUAL[kind])
    found -= {path for path, one in attributes.items() if one.filterable is False}
    only = quirks.value("filter.only", tuple)
    if only is not None:
        found = set(only)
    if quirks.has("external_id.not_stored"):
        found.discard("externalId")
    return frozenset(found & set(paths))


def compile_filter_text(quirks: QuirkSet, path: str) -> FilterText:
    """The filters that look `path` up."""
    name = _filter_path(quirks, path)
    style = quirks.value("filter.quote_style", str, "double")
    minds_case = path in quirks.value("filter.case_sensitive", tuple, ())

    def literal(value: object) -> str:
        if not isinstance(value, str) or style == "double":
            return quote(value if isinstance(value, (str, bool, int, float)) else str(value))
        if style == "single":
            return "'{}'".format(value.replace("\\", "\\\\").replace("'", "\\'"))
        return value

    def texts(value: object) -> list[str]:
        found = [f"{name} eq {literal(value)}"]
        if minds_case and isinstance(value, str) and value != value.lower():
            found.append(f"{name} eq {literal(value.lower())}")
        return found

    return texts


def _filter_path(quirks: QuirkSet, path: str) -> str:
    """The path as the target's filter knows it: without the `type` that it does not keep."""
    parsed = parse_path(path)
    lower = parsed.name.lower()
    typeless = {name.lower() for name in quirks.value("multi_valued.type_not_returned", tuple, ())}
    if quirks.has("email.type_not_returned"):
        typeless.add("emails")
    if quirks.has("phone.types_inverted"):
        typeless.add("phonenumbers")
    if lower in typeless and parsed.filter is not None:
        return f"{parsed.name}.{parsed.sub or 'value'}"
    return path
