"""Reading a list to its end: which query comes next, and whether the pages can be trusted.

A state machine sends nothing. Ask it for `next_query()`, send that, and tell it what came with `received()`; it
is done when `next_query()` gives None. Index paging is RFC 7644 section 3.4.2.4, cursors are RFC 9865.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from .findings import Finding, FindingCode
from .listing import ListPage

Query: TypeAlias = dict[str, str]
"""Query parameters of one request, to be joined with the filter and the rest."""

_REMEMBERED: Final = 20_000
"""How many ids, at least, a duplicate is known among: lists move by a page or two, and memory must stay flat."""


class _Paging:
    """What both ways of paging share: totals, duplicates and repeated pages."""

    def __init__(self, count: int) -> None:
        self.count = max(1, count)  # zero asks for totals alone, and would never come to an end
        self.findings: list[Finding] = []
        self.complete = False
        self.total: int | None = None
        self.received_count = 0
        self._done = False
        self._recent: set[str] = set()
        self._older: set[str] = set()
        self._pages: set[int] = set()

    def _take(self, page: ListPage, ids: Sequence[str]) -> tuple[list[str], bool]:
        """Note a page; returns the ids not seen before, and whether the same page came already."""
        if page.total is not None:
            if self.total is not None and page.total != self.total:
                self._report(FindingCode.MOVING_TOTAL, f"from {self.total} to {page.total}")
            self.total = page.total
        fingerprint = hash(tuple(ids))
        repeated = bool(ids) and fingerprint in self._pages
        self._pages.add(fingerprint)
        fresh = []
        for identity in ids:
            if identity not in self._recent and identity not in self._older:
                self._recent.add(identity)
                fresh.append(identity)
            elif not repeated:
                self._report(FindingCode.DUPLICATE_RESOURCE, f"id {identity}")
        if len(self._recent) >= _REMEMBERED:
            self._older, self._recent = self._recent, set()
        self.received_count += len(fresh) + page.skipped
        return fresh, repeated

    def _end(self, *, usable: bool = True) -> None:
        self._done = True
        if self.total is not None and self.received_count < self.total:
            self._report(FindingCode.INCOMPLETE_LISTING, f"{self.received_count} of {self.total}")
            usable = False
        self.complete = usable

    def _report(self, code: FindingCode, detail: str = "") -> None:
        if all(finding.code != code for finding in self.findings):
            self.findings.append(Finding(code, "listing", detail))


class IndexPaging(_Paging):
    """Pages by `startIndex`, which is 1-based, and `count`.

    Attributes:
        complete: After the end: every resource that the target announced has come.
        findings: At most one per kind of departure.
        received_count: Different entries so far, those that could not be read included.
        total: The latest `totalResults`; None before the first page, or where the target gives none.
    """

    def __init__(self, *, count: int, start_index: int = 1) -> None:
        super().__init__(count)
        self._next = max(1, start_index)
        self.received_count = self._next - 1

    def next_query(self) -> Query | None:
        """The parameters of the next request; None when the list has been read or cannot be read further."""
        return None if self._done else {"startIndex": str(self._next), "count": str(self.count)}

    def received(self, page: ListPage, ids: Iterable[str]) -> list[str]:
        """Note the answer to the last query and return the ids that had not come before, in their order.

        Args:
            page: The page.
            ids: The `id` of each of its resources; a caller that renames ids passes its own names.
        """
        fresh, repeated = self._take(page, list(ids))
        if repeated:
            # Some targets ignore startIndex and would send their first page for ever.
            self._report(FindingCode.REPEATED_PAGE, f"at startIndex {self._next}")
            self._end(usable=False)
            return fresh
        size = len(page.resources) + page.skipped
        self._next += size
        # Without totals a page that is not full is the last; with them the list ends where they say.
        if size == 0 or (size < self.count if page.total is None else self._next > page.total):
            self._end()
        elif size < self.count:
            self._report(FindingCode.SHORT_PAGE, f"{size} of {self.count} asked for")
        return fresh


class CursorPaging(_Paging):
    """Pages by `cursor` (RFC 9865); every request repeats the same `count`, as the RFC demands.

    Attributes:
        complete: After the end: the target named no further page, and any total that it gave was reached.
        findings: At most one per kind of departure.
        received_count: Different entries since the start or the latest restart.
        total: The latest `totalResults`, which a target may leave out.
    """

    MAX_RESTARTS: Final = 3

    def __init__(self, *, count: int) -> None:
        super().__init__(count)
        self._cursor = ""
        self._followed: set[str] = set()
        self._restarts = 0

    def next_query(self) -> Query | None:
        """The parameters of the next request, an empty `cursor` first; None at the end."""
        return None if self._done else {"cursor": self._cursor, "count": str(self.count)}

    def received(self, page: ListPage, ids: Iterable[str]) -> list[str]:
        """Note the answer to the last query and return the ids that had not come before, in their order."""
        fresh, repeated = self._take(page, list(ids))
        following = page.next_cursor
        if following is None:
            self._end()
        elif following in self._followed:
            self._report(FindingCode.CURSOR_STUCK)
            self._end(usable=False)
        elif repeated:
            self._report(FindingCode.REPEATED_PAGE, "under a cursor that moves")
            self._end(usable=False)
        else:
            self._followed.add(following)
            self._cursor = following
        return fresh

    def expired(self) -> bool:
        """Note that the target answered `expiredCursor`: reading starts over, and every id counts as new again.

        Returns:
            False when the listing has ended incomplete: after three restarts, or where the very first page expired.
        """
        if not self._cursor or self._restarts == self.MAX_RESTARTS:
            self._report(FindingCode.CURSOR_STUCK, "cursors expire before they can be followed")
            self._end(usable=False)
            return False
        self._restarts += 1
        self._report(FindingCode.CURSOR_RESTARTED)
        self._cursor = ""
        self.total, self.received_count = None, 0
        self._followed, self._pages, self._recent, self._older = set(), set(), set(), set()
        return True
