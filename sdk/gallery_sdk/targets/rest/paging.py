"""Reading a listing to its end: by the link to the next page, by a cursor, by offset, by the last key.

Each helper is given a function that fetches one page and yields what it returned; each refuses to go round in circles,
since half a listing must not pass for a whole one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..failure import Failure, TargetFailure
from .columns import Record

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page as the vendor gave it.

    Attributes:
        records: May be empty while more follow.
        next: Link or cursor of the next page; None on the last one.
        total: Of the whole listing, as the vendor says; None where it does not.
    """

    records: Sequence[Record]
    next: str | None = None
    total: int | None = None


async def follow(fetch: Callable[[str | None], Awaitable[RecordPage]], *, where: str) -> AsyncIterator[RecordPage]:
    """Pages by link or cursor; `fetch` is first asked with None.

    Raises:
        TargetFailure: RETRY: a page names itself as its next one.
    """
    seen: set[str] = set()
    at: str | None = None
    while True:
        page = await fetch(at)
        yield page
        at = page.next
        if at is None:
            return
        if at in seen:
            raise _circle(where)
        seen.add(at)


async def by_offset(
    fetch: Callable[[int], Awaitable[RecordPage]], *, size: int, where: str
) -> AsyncIterator[RecordPage]:
    """Pages by how many records came before (0-based).

    Where the vendor gives a total, the listing ends there and not at a short or empty page, since limits may be applied
    before access rules. Without a total, a page that is not full ends it.

    Raises:
        TargetFailure: RETRY: a page is the one before it again, so that others were never seen.
    """
    offset = 0
    before: Sequence[Record] = ()
    while True:
        page = await fetch(offset)
        if page.records and page.records == before:
            raise _circle(where)
        yield page
        before = page.records
        offset += size
        if offset >= page.total if page.total is not None else len(page.records) < size:
            return


async def by_key(
    fetch: Callable[[str], Awaitable[RecordPage]], key: Callable[[Record], str], *, size: int, where: str
) -> AsyncIterator[RecordPage]:
    """Pages by "greater than the last key", in the order of keys: rows that come or go meanwhile move no page.

    `fetch` is first asked with "". A page that is not full is the last one, unless its `next` says that more follow.

    Raises:
        TargetFailure: RETRY: a page begins where the one before it began.
    """
    last = ""
    while True:
        page = await fetch(last)
        yield page
        if not page.records or (len(page.records) < size and page.next is None):
            return
        newest = key(page.records[-1])
        if newest == last:
            raise _circle(where)
        last = newest


def chunks(items: Iterable[T], *, most: int, characters: int | None = None) -> Iterator[list[T]]:
    """Items in lists of at most `most`, and of at most so many characters of text together (for URLs)."""
    chunk: list[T] = []
    length = 0
    for item in items:
        size = len(str(item))
        if chunk and (len(chunk) == most or (characters is not None and length + size > characters)):
            yield chunk
            chunk, length = [], 0
        chunk.append(item)
        length += size
    if chunk:
        yield chunk


def _circle(where: str) -> TargetFailure:
    return TargetFailure(
        "the listing goes round in circles and never ends",
        where,
        "Report it to the vendor; nothing was taken from the half that was read",
        code="ListingIncomplete",
        failure=Failure.RETRY,
    )
