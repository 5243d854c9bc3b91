"""Paging: every resource once, and no loop without end, whatever the target does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.scim import CursorPaging, FindingCode, IndexPaging, ListPage

Answer = Callable[[dict[str, str]], ListPage]


def _page(ids: list[str], total: int | None, cursor: str | None = None, skipped: int = 0) -> ListPage:
    return ListPage([{"id": each} for each in ids], total, None, None, cursor, (), skipped)


def _read(paging: IndexPaging | CursorPaging, answer: Answer, limit: int = 200) -> list[str]:
    got: list[str] = []
    for _ in range(limit):
        query = paging.next_query()
        if query is None:
            return got
        page = answer(query)
        got += paging.received(page, [str(resource["id"]) for resource in page.resources])
    raise AssertionError("the listing does not end")


def _indexed(ids: list[str], *, most: int = 100, totals: bool = True) -> Answer:
    def answer(query: dict[str, str]) -> ListPage:
        start = int(query["startIndex"]) - 1
        size = min(int(query["count"]), most)
        return _page(ids[start : start + size], len(ids) if totals else None)

    return answer


def _codes(paging: IndexPaging | CursorPaging) -> set[FindingCode]:
    return {finding.code for finding in paging.findings}


@given(size=st.integers(0, 40), count=st.integers(1, 15), most=st.integers(1, 15), totals=st.booleans())
@settings(max_examples=150, deadline=None)
def test_index_paging_reads_every_resource_once(size: int, count: int, most: int, totals: bool) -> None:
    """Whatever the page size and the server's own limit, if that limit can be told from the end of the list."""
    ids = [str(n) for n in range(size)]
    paging = IndexPaging(count=count)

    got = _read(paging, _indexed(ids, most=most if totals else count, totals=totals))

    assert got == ids
    assert paging.complete
    assert _codes(paging) <= {FindingCode.SHORT_PAGE}


def test_index_paging_starts_at_one_and_adds_what_came() -> None:
    """`startIndex` is 1-based and moves by the resources received, entries skipped included."""
    paging = IndexPaging(count=2)

    assert paging.next_query() == {"startIndex": "1", "count": "2"}
    paging.received(_page(["a"], 3, skipped=1), ["a"])
    assert paging.next_query() == {"startIndex": "3", "count": "2"}
    paging.received(_page(["b"], 3), ["b"])
    assert paging.next_query() is None
    assert paging.complete


def test_a_target_that_repeats_its_first_page_is_caught() -> None:
    """Some ignore startIndex; the list ends there, and is known to be incomplete."""
    paging = IndexPaging(count=2)

    got = _read(paging, lambda query: _page(["a", "b"], 10))

    assert got == ["a", "b"]
    assert not paging.complete
    assert _codes(paging) == {FindingCode.REPEATED_PAGE, FindingCode.INCOMPLETE_LISTING}


def test_a_list_that_moves_is_read_and_reported() -> None:
    """A resource added in front shifts the rest: one comes twice, and is handed on once."""
    answers = iter([_page(["b", "c"], 4), _page(["c", "d"], 5), _page(["e"], 5)])
    paging = IndexPaging(count=2)

    got = _read(paging, lambda query: next(answers))

    assert got == ["b", "c", "d", "e"]
    assert _codes(paging) == {FindingCode.MOVING_TOTAL, FindingCode.DUPLICATE_RESOURCE, FindingCode.INCOMPLETE_LISTING}
    assert not paging.complete


def test_a_list_that_stops_before_its_total_is_incomplete() -> None:
    """An engine that took this for the whole directory would disable the rest."""
    paging = IndexPaging(count=5)

    _read(paging, lambda query: _page(["a"] if query["startIndex"] == "1" else [], 9))

    assert not paging.complete
    assert FindingCode.INCOMPLETE_LISTING in _codes(paging)


def _cursors(ids: list[str], size: int) -> Answer:
    def answer(query: dict[str, str]) -> ListPage:
        start = int(query["cursor"] or 0)
        following = start + size
        return _page(ids[start:following], None, str(following) if following < len(ids) else None)

    return answer


@given(size=st.integers(0, 30), step=st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_cursor_paging_reads_every_resource_once(size: int, step: int) -> None:
    """From an empty cursor to the page that names no further one."""
    ids = [str(n) for n in range(size)]
    paging = CursorPaging(count=step)

    assert _read(paging, _cursors(ids, step)) == ids
    assert paging.complete
    assert paging.findings == []


def test_every_cursor_request_repeats_the_count() -> None:
    """RFC 9865: all other parameters stay those of the first request."""
    paging = CursorPaging(count=7)

    assert paging.next_query() == {"cursor": "", "count": "7"}
    paging.received(_page(["a"], None, "abc"), ["a"])
    assert paging.next_query() == {"cursor": "abc", "count": "7"}


@pytest.mark.parametrize(
    ("cursors", "code"),
    [
        pytest.param(["x", "x"], FindingCode.CURSOR_STUCK, id="the-same-again"),
        pytest.param(["x", "y", "x"], FindingCode.CURSOR_STUCK, id="in-a-circle"),
    ],
)
def test_a_cursor_that_does_not_move_is_caught(cursors: list[str], code: FindingCode) -> None:
    """The listing ends and is known to be incomplete."""
    answers = iter([_page([str(n)], None, cursor) for n, cursor in enumerate(cursors)])
    paging = CursorPaging(count=1)

    _read(paging, lambda query: next(answers))

    assert _codes(paging) == {code}
    assert not paging.complete


def test_a_moving_cursor_over_the_same_page_is_caught() -> None:
    """A target whose cursors change while its pages do not would be read for ever."""
    numbers = iter(range(1000))
    paging = CursorPaging(count=1)

    got = _read(paging, lambda query: _page(["a"], None, f"c{next(numbers)}"))

    assert got == ["a"]
    assert _codes(paging) == {FindingCode.REPEATED_PAGE}


def test_an_expired_cursor_restarts_the_listing() -> None:
    """RFC 9865: begin again; the second reading is whole by itself."""
    answer = _cursors(["a", "b", "c"], 1)
    paging = CursorPaging(count=1)
    first = paging.next_query()
    assert first is not None
    paging.received(answer(first), ["a"])

    assert paging.expired()

    assert _read(paging, answer) == ["a", "b", "c"]
    assert paging.complete
    assert _codes(paging) == {FindingCode.CURSOR_RESTARTED}


def test_restarts_have_an_end() -> None:
    """A target whose cursors never last is given up as incomplete."""
    paging = CursorPaging(count=1)
    restarts = 0
    while paging.next_query() is not None:
        paging.received(_page(["a"], None, "x"), ["a"])
        restarts += paging.expired()

    assert restarts == CursorPaging.MAX_RESTARTS
    assert not paging.complete


def test_memory_does_not_grow_with_the_list() -> None:
    """A duplicate is known among the last thousands of ids, not among all that ever came."""
    paging = IndexPaging(count=10_000)
    for start in range(0, 100_000, 10_000):
        ids = [str(n) for n in range(start, start + 10_000)]
        paging.received(ListPage([{}] * 10_000, 100_000), ids)

    assert paging.complete
    assert len(paging._recent | paging._older) <= 50_000
