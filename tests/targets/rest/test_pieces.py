"""Paging, columns, batches: the pieces of the base by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_sdk.manifest import TargetAttribute
from gallery_sdk.targets import TargetFailure
from gallery_sdk.targets.rest import (
    Columns,
    Record,
    RecordPage,
    Spelling,
    by_key,
    by_offset,
    chunks,
    follow,
    in_parallel,
)


def _rows(numbers: Sequence[int]) -> list[Record]:
    return [{"id": f"{number:04}"} for number in numbers]


@given(st.integers(0, 23), st.integers(1, 7), st.booleans())
def test_offsets_reach_every_record_once(count: int, size: int, total: bool) -> None:
    """With the vendor's total or without."""

    async def fetch(offset: int) -> RecordPage:
        return RecordPage(_rows(range(count)[offset : offset + size]), total=count if total else None)

    async def read() -> list[object]:
        return [one["id"] async for page in by_offset(fetch, size=size, where="list") for one in page.records]

    assert asyncio.run(read()) == [f"{number:04}" for number in range(count)]


async def test_a_short_page_does_not_end_a_listing_whose_total_is_known() -> None:
    """Rows that the credential may not see leave holes."""
    hidden = {2, 3, 5}

    async def fetch(offset: int) -> RecordPage:
        return RecordPage(_rows([one for one in range(8)[offset : offset + 2] if one not in hidden]), total=8)

    found = [one["id"] async for page in by_offset(fetch, size=2, where="list") for one in page.records]

    assert found == ["0000", "0001", "0004", "0006", "0007"]


async def test_a_page_that_comes_again_is_told_and_not_taken_for_the_next() -> None:
    """An offset that the vendor does not heed would list some twice, and others never."""

    async def fetch(offset: int) -> RecordPage:
        return RecordPage(_rows([0, 1]), total=4)

    with pytest.raises(TargetFailure, match="goes round in circles"):
        [page async for page in by_offset(fetch, size=2, where="list")]


@given(st.sets(st.integers(0, 99)), st.integers(1, 7))
def test_keys_reach_every_record_once(numbers: set[int], size: int) -> None:
    """In the order of keys."""
    ordered = [f"{number:04}" for number in sorted(numbers)]

    async def fetch(last: str) -> RecordPage:
        return RecordPage([{"id": one} for one in ordered if one > last][:size])

    async def read() -> list[object]:
        pages = by_key(fetch, lambda one: str(one["id"]), size=size, where="rows")
        return [one["id"] async for page in pages for one in page.records]

    assert asyncio.run(read()) == ordered


async def test_keys_that_stand_still_end_in_a_failure() -> None:
    """A target that ignores "greater than" must not keep a job for ever."""

    async def fetch(last: str) -> RecordPage:
        return RecordPage(_rows([1, 2]))

    with pytest.raises(TargetFailure, match="circles"):
        [page async for page in by_key(fetch, lambda one: str(one["id"]), size=2, where="rows")]


async def test_links_that_lead_back_end_in_a_failure() -> None:
    """Half a listing is no listing."""

    async def fetch(at: str | None) -> RecordPage:
        return RecordPage(_rows([1]), next="b" if at == "a" else "a")

    with pytest.raises(TargetFailure, match="circles"):
        [page async for page in follow(fetch, where="rows")]


@given(st.lists(st.text(max_size=9)), st.integers(1, 5), st.integers(1, 30))
def test_chunks_keep_all_items_within_their_bounds(items: list[str], most: int, characters: int) -> None:
    """A single item that is too long goes alone."""
    made = list(chunks(items, most=most, characters=characters))

    assert [item for chunk in made for item in chunk] == items
    assert all(len(chunk) <= most for chunk in made)
    assert all(len(chunk) == 1 or sum(map(len, chunk)) <= characters for chunk in made)


async def test_work_in_parallel_keeps_its_order_and_its_width() -> None:
    """Never more at a time than the width."""
    running, most = 0, 0

    async def double(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return number * 2

    assert await in_parallel(range(9), double, width=3) == [number * 2 for number in range(9)]
    assert most == 3


async def test_one_error_ends_work_in_parallel() -> None:
    """Nothing goes on behind the caller's back."""
    done: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise TargetFailure("no", "here", "stop")
        await asyncio.sleep(0.01)
        done.append(number)

    with pytest.raises(TargetFailure):
        await in_parallel(range(4), work, width=4)
    await asyncio.sleep(0.02)
    assert done == []


ATTRIBUTES = [
    TargetAttribute(name="active", type="boolean"),
    TargetAttribute(name="seats", type="integer"),
    TargetAttribute(name="title"),
    TargetAttribute(name="code", unique=True, case_exact=True),
]


def test_an_api_of_texts_is_written_and_read_as_types() -> None:
    """`"true"` is a boolean, `""` is nothing."""
    columns = Columns("user", ATTRIBUTES, ["active", "seats", "title"], spelling=Spelling(texts_only=True, clear=""))

    assert columns.body({"active": False, "seats": 3, "title": "Poet"}) == {
        "active": "false", "seats": "3", "title": "Poet",
    }  # fmt: skip
    assert columns.body({"active": True}, ["active", "title"]) == {"active": "true", "title": ""}
    assert columns.flatten({"active": "true", "seats": "3", "title": "", "other": "x"}) == {"active": True, "seats": 3}


def test_what_cannot_be_read_as_its_type_is_kept_as_it_is() -> None:
    """A difference is then seen and mended, not hidden."""
    columns = Columns("user", ATTRIBUTES, ["active", "seats"])

    assert columns.flatten({"active": "maybe", "seats": "many"}) == {"active": "maybe", "seats": "many"}


def test_a_case_exact_column_minds_letter_case() -> None:
    """As its schema says."""
    columns = Columns("user", ATTRIBUTES, ["code", "title"])

    assert not columns.matches("code", "Ab", "ab")
    assert columns.changed({"code": "Ab"}, {"code": "ab"}) == ["code"]
    assert columns.matches("title", "Ab", "ab")
