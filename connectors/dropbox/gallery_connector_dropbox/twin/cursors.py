"""Listings in pages: a cursor holds what is left; it can be made void."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import uuid4

from .refusals import Malformed, RouteError

_MOST: Final = 1000

Show = Callable[[str], Any]


class Cursors:
    """The cursors of one team."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[list[str], int, Show]] = {}

    def first(self, name: str, keys: Sequence[str], limit: int, show: Show) -> dict[str, Any]:
        """The first page; `name` is the field that holds the objects."""
        if not 1 <= limit <= _MOST:
            raise Malformed(f"limit: must be between 1 and {_MOST}")
        return self._page(name, list(keys), limit, show)

    def next(self, name: str, cursor: Any) -> dict[str, Any]:
        """The page after.

        Raises:
            RouteError: invalid_cursor.
        """
        if cursor not in self._left:
            raise RouteError("invalid_cursor")
        return self._page(name, *self._left[cursor])

    def void(self) -> None:
        """Let no cursor be known any more."""
        self._left.clear()

    def _page(self, name: str, keys: list[str], limit: int, show: Show) -> dict[str, Any]:
        cursor = f"cursor-{uuid4().hex}"
        self._left[cursor] = (keys[limit:], limit, show)
        return {name: [show(key) for key in keys[:limit]], "cursor": cursor, "has_more": len(keys) > limit}
