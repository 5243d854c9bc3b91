"""Text to attribute path: PATH of RFC 7644 figure 7, as PATCH operations and attribute mappings write it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NoReturn

from ...errors import FilterError, PathError
from .ast import AttributePath
from .parser import ATTRIBUTE, FilterParser, point_at

_ATTRIBUTE: Final = re.compile(ATTRIBUTE)
_SUB: Final = re.compile(r"\.(\$?[A-Za-z][A-Za-z0-9_-]*)")


def parse_path(text: str, *, known_schemas: Iterable[str] = ()) -> AttributePath:
    """Read an attribute path such as `emails[type eq "work"].value` or `urn:…:enterprise:2.0:User:manager.value`.

    Args:
        text: The path, without blanks around it.
        known_schemas: URNs that may also be followed by a dot, as SCIM 1.1 writes them
            (`urn:scim:schemas:extension:enterprise:1.0.department`); without them the dot belongs to the URN.

    Raises:
        PathError: The text breaks the grammar; the message points at the character.
    """
    for urn in known_schemas:
        if text.lower().startswith(f"{urn.lower()}."):
            attribute = parse_path(text[len(urn) + 1 :])
            return AttributePath(attribute.name, attribute.sub, text[: len(urn)], attribute.filter)
    found = _ATTRIBUTE.match(text)
    if found is None:
        _fail(text, 0, "an attribute is wanted")
    urn, name, sub = found.groups()
    end = found.end()
    if end == len(text):
        return AttributePath(name, sub, urn)
    if text[end] != "[":
        _fail(text, end, "the path should end here")
    if sub is not None:
        _fail(text, end, "a filter stands behind a sub-attribute, and SCIM nests no deeper")
    parser = FilterParser(text)
    try:
        inner = parser.bracketed(end + 1)
    except FilterError as error:
        raise PathError(error.what, error.where, error.mend) from error
    end = parser.position
    behind = _SUB.match(text, end)
    if (behind.end() if behind else end) != len(text):
        _fail(text, behind.end() if behind else end, "the path should end here")
    return AttributePath(name, behind[1] if behind else None, urn, inner)


def _fail(text: str, position: int, what: str) -> NoReturn:
    mend = 'Write name, name.sub, name[type eq "work"].sub, or one of them behind a schema URN and a colon'
    raise PathError(what, point_at(text, position), mend)
