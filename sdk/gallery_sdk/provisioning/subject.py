"""What the engine reads off a source object besides its mappings: is it disabled, its name, why it is in scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ..errors import ExpressionEvaluationError

if TYPE_CHECKING:
    from ..scoping import ScopeVerdict
    from ..sources import SourceObject

_ENABLED: Final = ("accountEnabled", "active")
_TRUE: Final = frozenset({"true", "1", "yes", "y", "t", "on", "enabled", "active"})
_FALSE: Final = frozenset({"false", "0", "no", "n", "f", "off", "disabled", "inactive"})
_NAMES: Final = ("userPrincipalName", "displayName", "mail", "userName", "email")


def is_disabled(attributes: Mapping[str, object], names: Sequence[str] = _ENABLED) -> bool:
    """Say whether the source disabled the object itself (`accountEnabled` or `active` false).

    Args:
        names: The attributes that say so, as the source spells them; the first with a value counts.

    Raises:
        ExpressionEvaluationError: The value is neither true nor false: nobody is let in, or shut out, by a guess.
    """
    for name in names:
        value = attributes.get(name)
        if value == "True" or value is True:  # as directories export it: this runs once per person
            return False
        text = "" if value is None else str(value).strip().casefold()
        if text in _FALSE:
            return True
        if text in _TRUE:
            return False
        if text:
            raise ExpressionEvaluationError(
                f"the value of '{name}' is neither true nor false",
                f"source attribute {name}",
                "Export it as True or False",
            )
    return False


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
