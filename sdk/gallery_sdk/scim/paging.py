"""Reading a list to its end: which query comes next, and whether the pages can be trusted.

A state machine sends nothing. Ask it for `next_query()`, send that, and tell it what came with `received()`; it
is done when `next_query()` gives None. Index paging is RFC 7644 section 3.4.2.4, cursors are RFC 9865.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .findings import Finding, FindingCode
from .listing import ListPage

Query = dict[str, str]
"""Query parameters of one request, to be joined with the filter and the rest."""


class _Paging:
    """What both ways of paging share: totals, duplicates and repeated pages."""

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError("count must be at least 1")
        self.count = count
        self.findings: list[Finding] = []
        self.complete = False
        self.total: int | None = None
        self._seen: set[str] = set()
        self._last_ids: tuple[str, ...] | None = None
        self._done = False

    @property
    def received_ids(self) -> int:
        """How many different resources have come so far."""
        return len(self._seen)

    def _take(self, page: ListPage, ids: Sequence[str]) -> tuple[list[str], bool]:
        """Note a page; returns the ids not seen before, and whether the page is one that came already."""
        if page.total is not None:
            if self.total is not None and page.total != self.total:
                self._report(FindingCode.MOVING_TOTAL, f"from {self.total} to {page.total}")
            self.total = page.total
        repeated = bool(ids) and (tuple(ids) == self._last_ids or self._seen.issuperset(ids))
        self._last_ids = tuple(ids)
        fresh = []
        for identity in ids:
            if identity not in self._seen:
                self._seen.add(identity)
                fresh.append(identity)
            elif not repeated:
                self._report(FindingCode.DUPLICATE_RESOURCE, f"id {identity}")
        return fresh, repeated

    def _end(self) -> None:
        self._done = True
        if self.total is not None and len(self._seen) < self.total:
            self._report(FindingCode.INCOMPLETE_LISTING, f"{len(self._seen)} of {self.total}")
        else:
            self.complete = not self._has(FindingCode.REPEATED_PAGE, FindingCode.CURSOR_STUCK)

    def _has(self, *codes: FindingCode) -> bool:
        return any(finding.code in codes for finding in self.findings)

    def _report(self, code: FindingCode, detail: str = "") -> None:
        if not self._has(code):
            self.findings.append(Finding(code, "listing", detail))


class IndexPaging(_Paging):
    """Pages by `startIndex`, which is 1-based, and `count`.

    Attributes:
        complete: After the end: every resource that the target announced has come.
        findings: One per kind of departure.
        total: The latest `totalResults`.
    """

    def __init__(self, *, count: int, start_index: int = 1) -> None:
        super().__init__(count)
        self._next: int | None = max(1, start_index)

    def next_query(self) -> Query | None:
        """The parameters of the next request; None when the list has been read or cannot be read further."""
        if self._done or self._next is None:
            return None
        return {"startIndex": str(self._next), "count": str(self.count)}

    def received(self, page: ListPage, ids: Iterable[str]) -> list[str]:
        """Note the answer to the last query and return the ids that had not come before, in their order.

        Args:
            page: The page.
            ids: The `id` of each of its resources; a caller that renames ids passes its own names.
        """
        ids = list(ids)
        fresh, repeated = self._take(page, ids)
        size = len(page.resources) + page.skipped
        if repeated:
            # Some targets ignore startIndex and send the first page for ever.
            self._report(FindingCode.REPEATED_PAGE, f"at startIndex {self._next}")
            self._end()
            return fresh
        reached = (page.start_index or self._next or 1) if self._next == 1 else (self._next or 1)
        following = reached + size
        # A target without totals is read until a page is not full; one with totals until it is reached.
        at_end = size == 0 or (size < self.count if page.total is None else following > page.total)
        if at_end:
            self._next = None
            self._end()
            return fresh
        if size < self.count:
            self._report(FindingCode.SHORT_PAGE, f"{size} of {self.count} asked for")
        self._next = following
        return fresh


class CursorPaging(_Paging):
    """Pages by `cursor` (RFC 9865); every request repeats the same `count`, as the RFC demands.

    Attributes:
        complete: After the end: the target named no further page, and any total that it gave was reached.
        findings: One per kind of departure.
        total: The latest `totalResults`, which a target may leave out.
    """

    MAX_RESTARTS = 3

    def __init__(self, *, count: int) -> None:
        super().__init__(count)
        self._cursor = ""
        self._followed: set[str] = set()
        self._restarts = 0
        self._fresh_since_start: set[str] = set()

    def next_query(self) -> Query | None:
        """The parameters of the next request, an empty `cursor` first; None at the end."""
        return None if self._done else {"cursor": self._cursor, "count": str(self.count)}

    def received(self, page: ListPage, ids: Iterable[str]) -> list[str]:
        """Note the answer to the last query and return the ids that had not come before, in their order.

        After a restart the pages that were read already give no new ids and are no departure.
        """
        ids = list(ids)
        seen_before = set(self._seen) if self._restarts else None
        fresh, _ = self._take(page, ids) if seen_before is None else self._take_again(page, ids)
        following = page.next_cursor
        if following is None:
            self._end()
        elif following in self._followed or following == self._cursor:
            self._report(FindingCode.CURSOR_STUCK)
            self._end()
        else:
            if not page.resources and not page.skipped:
                self._report(FindingCode.SHORT_PAGE, "an empty page names a further one")
            self._followed.add(following)
            self._cursor = following
        return fresh

    def expired(self) -> bool:
        """Note that the target answered `expiredCursor`; reading starts over, and ids that came stay known.

        Returns:
            False after three restarts, or when the first page itself expired: the listing has ended incomplete.
        """
        if not self._cursor or self._restarts == self.MAX_RESTARTS:
            self._report(FindingCode.CURSOR_STUCK, "the cursor expires before it can be used")
            self._end()
            self.complete = False
            return False
        self._restarts += 1
        self._report(FindingCode.CURSOR_RESTARTED)
        self._cursor = ""
        self._followed.clear()
        return True

    def _take_again(self, page: ListPage, ids: Sequence[str]) -> tuple[list[str], bool]:
        if page.total is not None:
            self.total = page.total
        fresh = [identity for identity in dict.fromkeys(ids) if identity not in self._seen]
        self._seen.update(fresh)
        return fresh, False
