"""Groups of a size that small tests never have, and groups inside groups."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ..checking import check
from ..job import opened_job
from ..stage import Stage

if TYPE_CHECKING:
    from ..wires import Exchange

MEMBERS: Final = 5_000
_MORE: Final = 3  # so that the last page of a listing is never exactly full
_MEGABYTES: Final = 50  # memory is told in steps, since it differs a little from run to run
_NEEDS: Final = ("group:create", "group:members", "user:create")


@check("SHOULD", needs=_NEEDS, heavy=True)
async def large_group(stage: Stage) -> None:
    """A group of five thousand gets every member, in batches no larger than the target takes; nobody is lost.

    What it costs is counted: requests to list the accounts, to fill the group and to add one more, each with the least
    that it can cost by what is declared (page size, members per request, and where none is declared the estimate that
    a plan shows), and memory at its peak, the twin's own included.

    Source: RFC 7644 section 3.5.2.1 (several members in one operation) and the manifest's quirk
    `members.max_per_request`.
    """
    target, counted = stage.target, stage.measured
    ids = await _accounts(stage)
    members, late = ids[:MEMBERS], ids[MEMBERS]
    group = (await stage.create("group", stage.group())).id

    with _peak_memory(counted):
        stage.forget()
        listed = {one.id async for page in target.list_objects("user") for one in page.objects}
        _count(stage, "listing", _least_pages(stage, len(listed)))
        filled = await target.change_members(group, members, [], current_size=0)
        largest = max(len(_named(one, set(members))) for one in stage.writes())
        _count(stage, "filling", target.estimate("members", "group", members=MEMBERS))
        added = await target.change_members(group, [late], [], current_size=MEMBERS)
        _count(stage, "adding_one", target.estimate("members", "group", members=1))
        held = await target.read_members(group) if target.capabilities.members_readable else {*members, late}

    most = target.capabilities.members_per_request
    assert set(ids) <= listed, f"{len(set(ids) - listed)} accounts are missing from the listing"
    assert not filled.refused and not added.refused, f"{len(filled.refused) + len(added.refused)} members were refused"
    assert most is None or largest <= most, f"{largest} members in one request, and {most} are allowed"
    assert held == {*members, late}, f"{len({*members, late} - held)} members are missing"


@check("SHOULD", needs=_NEEDS)
async def nested_groups(stage: Stage) -> None:
    """A group inside a group does no harm: people of both groups arrive, and the next cycle has nothing to do.

    Source: RFC 7643 section 4.2: members may be groups; a service provider need not take them.
    """
    with opened_job(stage) as job:
        assert job.groups, "groups have no mapping"
        name, members = job.source.groups["group-2"]
        job.source.groups["group-2"] = (name, [*members, "group-1"])

        counts = await job.cycle()
        assert not counts["failure"], dict(counts)
        plan = await job.plan()
        stage.forget()
        await job.cycle()

        assert plan == [], [(one.operation, one.kind) for one in plan]
        assert not stage.writes(), [f"{one.method} {one.path}" for one in stage.writes()]


async def _accounts(stage: Stage) -> list[str]:
    """Make enough accounts, as many at once as the connector has requests in flight; their ids."""
    numbers, ids = iter(range(1, MEMBERS + _MORE + 1)), list[str]()

    async def work() -> None:
        for number in numbers:
            name = f"m{number}"  # short: some apps cut user names off
            address = f"{name}@{stage.connected.domain}"
            values = stage.person(number, userPrincipalName=address, mail=address, mailNickname=name)
            ids.append((await stage.target.create("user", values)).id)

    await asyncio.gather(*(work() for _ in range(stage.manifest.transport.concurrency)))
    stage.forget()
    return ids


def _least_pages(stage: Stage, objects: int) -> int:
    """Pages that so many objects fill; one more where the end shows in an empty page alone."""
    pages = -(-objects // stage.target.capabilities.page_size)
    return pages + stage.manifest.quirks_for("user").has("page.total_unreliable")


def _count(stage: Stage, what: str, least: int) -> None:
    stage.measured[what], stage.measured[f"{what}_at_least"] = len(stage.seen), least
    stage.forget()


def _named(one: Exchange, members: set[str]) -> set[str]:
    """Those of the members that a request names."""
    return members.intersection(_texts(one.json)) if one.json is not None else set()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        inner: Sequence[Any] = list(value.values()) if isinstance(value, dict) else value
        for one in inner:
            yield from _texts(one)


@contextmanager
def _peak_memory(counted: dict[str, int]) -> Iterator[None]:
    """Count how much memory was allocated on top of what was there, at the peak, in megabytes, rounded up."""
    is_mine = not tracemalloc.is_tracing()
    if is_mine:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
        counted["megabytes_at_most"] = -(-(peak - before) // (_MEGABYTES * 1_000_000)) * _MEGABYTES
    finally:
        if is_mine:
            tracemalloc.stop()
