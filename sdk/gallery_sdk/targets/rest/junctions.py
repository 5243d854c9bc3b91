"""Memberships and grants that are rows of a table between two others: (group, user), (user, permission set)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ..base import MemberOutcome
from ..failure import Failure, TargetFailure

T = TypeVar("T")
R = TypeVar("R")

_HELD_AGAINST_ALL = frozenset({Failure.STOP, Failure.RETRY, Failure.RATE_LIMITED})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its own id, and the two that it joins."""

    id: str
    owner: str
    item: str


class JunctionTable(Protocol):
    """What a vendor's API must offer for rows. Answers come in the order of what was asked; None is a success."""

    async def rows(self, owners: Sequence[str], items: Sequence[str] | None = None) -> list[Row]:
        """Rows of the owners, all of them or those of the given items."""
        ...

    async def insert(self, owner: str, items: Sequence[str]) -> list[TargetFailure | None]:
        """Make a row for each item."""
        ...

    async def delete(self, rows: Sequence[Row]) -> list[TargetFailure | None]:
        """Delete rows by their ids."""
        ...


class Membership(Protocol):
    """Members of groups: rows of a junction, or an API of their own."""

    async def items(self, owner: str) -> set[str]:
        """The members of one group."""
        ...

    async def items_of(self, owners: Sequence[str]) -> dict[str, list[str]]:
        """The members of several groups; one without any is not among the keys."""
        ...

    async def change(self, owner: str, add: Sequence[str], remove: Sequence[str]) -> MemberOutcome:
        """Add and remove members; see `Target.change_members`."""
        ...


class Junction:
    """Items of an owner, kept as rows. A row that is there already is a success, and so is one that is gone."""

    def __init__(self, table: JunctionTable) -> None:
        self._table = table

    async def items(self, owner: str) -> set[str]:
        """The items that one owner has."""
        return {row.item for row in await self._table.rows([owner])}

    async def items_of(self, owners: Sequence[str]) -> dict[str, list[str]]:
        """The items of several owners; an owner without any is not among the keys."""
        found: dict[str, list[str]] = {}
        for row in await self._table.rows(owners) if owners else []:
            items = found.setdefault(row.owner, [])
            if row.item not in items:
                items.append(row.item)
        return found

    async def change(self, owner: str, add: Sequence[str], remove: Sequence[str]) -> MemberOutcome:
        """Add and remove items.

        Raises:
            TargetFailure: GONE: the owner is; STOP, RETRY, RATE_LIMITED: nothing is wrong with the items.
        """
        refused: dict[str, TargetFailure] = {}
        if remove:
            rows = await self._table.rows([owner], remove)
            for row, failure in zip(rows, await self._table.delete(rows) if rows else [], strict=True):
                if failure is not None and failure.failure is not Failure.GONE:
                    refused[row.item] = _held(failure)
        removed = tuple(item for item in remove if item not in refused)
        added: list[str] = []
        if add:
            for item, failure in zip(add, await self._table.insert(owner, add), strict=True):
                if failure is None or failure.failure is Failure.CONFLICT:
                    added.append(item)
                else:
                    refused[item] = _held(failure)
        return MemberOutcome(tuple(added), removed, refused)


async def in_parallel(items: Iterable[T], do: Callable[[T], Awaitable[R]], *, width: int) -> list[R]:
    """What `do` makes of each item, in their order, at most `width` at a time; the first error ends it."""
    slots = asyncio.Semaphore(width)

    async def one(item: T) -> R:
        async with slots:
            return await do(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def one_by_one(
    items: Sequence[T], do: Callable[[T], Awaitable[object]], *, width: int = 8
) -> list[TargetFailure | None]:
    """For APIs without batches: a request per item; failures are gathered, lost answers are raised."""

    async def tried(item: T) -> TargetFailure | None:
        try:
            await do(item)
        except TargetFailure as failure:
            return failure
        return None

    return await in_parallel(items, tried, width=width)


def _held(failure: TargetFailure) -> TargetFailure:
    if failure.failure in _HELD_AGAINST_ALL:
        raise failure
    return failure
