"""Which way a listing is paged: by index, by cursor, until a page is empty, or not at all.

Family: page.unsupported, page.total_unreliable, page.start_index_base, page.cursor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from ..manifest import QuirkSet
from ..scim import CursorPaging, Finding, FindingCode, IndexPaging, ListPage

_REMEMBERED: Final = 20_000
"""Ids kept to know a duplicate by: lists move by a page or two, and memory must stay flat."""


class Paging(Protocol):
    """What the state machines of paging share."""

    findings: list[Finding]
    complete: bool
    total: int | None
    received_count: int

    def next_query(self) -> dict[str, str] | None:
        """Parameters of the next request; None at the end."""

    def received(self, page: ListPage, ids: Sequence[str]) -> list[str]:
        """Note a page; returns the ids that had not come before."""


class UntilEmptyPaging:
    """Index paging that believes no total and takes a short page for no end (`page.total_unreliable`)."""

    def __init__(self, *, count: int) -> None:
        self.findings: list[Finding] = []
        self.complete, self.received_count = False, 0
        self.total: int | None = None
        self._count, self._next, self._done = count, 1, False
        self._last: list[str] = []
        self._seen: dict[str, None] = {}

    def next_query(self) -> dict[str, str] | None:
        """The parameters of the next request; None after an empty page."""
        return None if self._done else {"startIndex": str(self._next), "count": str(self._count)}

    def received(self, page: ListPage, ids: Sequence[str]) -> list[str]:
        """Note a page; one that repeats the page before ends the listing, for some targets ignore startIndex."""
        size = len(page.resources) + page.skipped
        fresh = [one for one in dict.fromkeys(ids) if one not in self._seen]
        self._seen.update(dict.fromkeys(fresh))
        while len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self.received_count += len(fresh)
        self._next += size
        if size == 0:
            self._done = self.complete = True
        elif list(ids) == self._last:
            self._done = True
            self.findings.append(Finding(FindingCode.REPEATED_PAGE, "listing", f"at startIndex {self._next - size}"))
        self._last = list(ids)
        return fresh


class Pager:
    """Makes the pagings of one kind and fits their words to the target's."""

    def __init__(self, quirks: QuirkSet, page_size: int, *, by_cursor: bool = False) -> None:
        """With `by_cursor` the target's own configuration demands cursors."""
        self.page_size = page_size
        cursor = quirks.value("page.cursor", dict, {"parameter": "cursor"} if by_cursor else {})
        self._cursor = str(cursor.get("parameter", "cursor")) if cursor else None
        self._next = str(cursor.get("next", "nextCursor"))
        self._until_empty = quirks.has("page.total_unreliable")
        self._shift = 1 - quirks.value("page.start_index_base", int, 1)
        self.is_whole = quirks.has("page.unsupported")
        self.counts = not (self._until_empty or self.is_whole)

    def start(self) -> Paging:
        """A new listing."""
        if self._cursor is not None:
            return CursorPaging(count=self.page_size)
        return UntilEmptyPaging(count=self.page_size) if self._until_empty else IndexPaging(count=self.page_size)

    def params(self, query: Mapping[str, str]) -> list[tuple[str, str]]:
        """A paging's query in the target's words."""
        params = []
        for name, value in query.items():
            if name == "startIndex" and self._shift:
                value = str(int(value) - self._shift)
            elif name == "cursor" and self._cursor is not None:
                name = self._cursor
            params.append((name, value))
        return params

    def first(self, count: int) -> list[tuple[str, str]]:
        """The query of a listing's first `count` objects."""
        if self.is_whole:
            return []
        start = {"cursor": ""} if self._cursor is not None else {"startIndex": "1"}
        return self.params({**start, "count": str(count)})

    def page(self, page: ListPage, body: object) -> ListPage:
        """The page with the cursor that stands under the target's own name."""
        if self._cursor is None or self._next == "nextCursor":
            return page
        found = body.get(self._next) if isinstance(body, Mapping) else None
        return replace(page, next_cursor=found if isinstance(found, str) and found else None)
