"""What the engine reads off a source object besides its mappings: is it disabled, its name, why it is in scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..scoping import ScopeVerdict
    from ..sources import SourceObject

_FALSE: Final = frozenset({"false", "0", "no"})
_NAMES: Final = ("userPrincipalName", "displayName", "mail", "userName", "email")


def is_disabled(attributes: Mapping[str, object]) -> bool:
    """Say whether the source disabled the object itself (`accountEnabled` or `active` false)."""
    value = attributes.get("accountEnabled", attributes.get("active"))
    return value is False or (isinstance(value, str) and value.casefold() in _FALSE)


def display_name(item: SourceObject) -> str:
    """Return how the log names an object."""
    for attribute in _NAMES:
        value = item.attributes.get(attribute)
        if isinstance(value, str) and value:
            return value
    return item.id


def scope_text(verdict: ScopeVerdict) -> str:
    """Return a verdict in words: which clause of which filter decided."""
    if verdict.in_scope:
        return f"in scope by {verdict.filter}" if verdict.filter else "in scope"
    return f"out of scope: {verdict.clause}"
