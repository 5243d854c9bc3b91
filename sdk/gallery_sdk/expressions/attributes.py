"""Reading a source attribute: its exact name, else the only one that differs in case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from .context import EvaluationContext
from .sites import Evaluate

SOFT_DELETED: Final = "IsSoftDeleted"
"""Set by the engine on an object that is to be disabled; documented in two spellings."""

_MOST_REMEMBERED: Final = 10_000


def known_name(name: str, known: Collection[str]) -> str | None:
    """Return a source's own spelling of an attribute name; None if it has none, or several in different case.

    Directory extensions (`extension_<appid>_<name>`) are case-sensitive by documentation.
    """
    if name in known:
        return name
    folded = name.casefold()
    if folded == SOFT_DELETED.casefold():
        return SOFT_DELETED
    if name.startswith("extension_"):
        return None
    alike = [one for one in known if one.casefold() == folded]
    return alike[0] if len(alike) == 1 else None


def compile_attribute(name: str, known: Collection[str] | None) -> Evaluate:
    """Return a closure that gives the value of an attribute; null when the object has none.

    Where the source's names are `known`, no object is searched for another spelling.
    """
    if (known is not None and name in known) or name.startswith("extension_"):
        return lambda attributes, _context: attributes.get(name)
    folded = name.casefold()
    different: set[str] = set()  # names seen before that are not this one

    def search(attributes: Mapping[str, object]) -> object:
        # Most absent attributes are absent from all objects: comparing with names seen is one step.
        if attributes.keys() <= different or name in attributes:
            return None
        alike = [one for one in attributes if one.casefold() == folded]
        if not alike:
            if len(different) > _MOST_REMEMBERED:
                different.clear()
            different.update(attributes)
        return attributes[alike[0]] if len(alike) == 1 else None

    def read(attributes: Mapping[str, object], _context: EvaluationContext) -> object:
        value = attributes.get(name)
        return search(attributes) if value is None else value

    return read
