"""One member changed in a group of 10,000: decided, sent and remembered, over and over. Argument: the team's folder.

Reading the source is left out, since it costs what the file costs, whoever changed; all of what follows is in.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Final

from gallery_sdk.apps import Workspace
from gallery_sdk.provisioning import JobContext
from gallery_sdk.provisioning.decide import Decider
from gallery_sdk.provisioning.execute import Executor
from gallery_sdk.provisioning.matching import Matcher
from gallery_sdk.provisioning.memberships import Memberships
from gallery_sdk.runner import open_job
from gallery_sdk.sources import SourceObject
from gallery_sdk.store import LINKED, ObjectRow

from ..people import person
from ..usage import Usage, tell
from ..workspace import APP

_MEMBERS: Final = 10_000
_WARM_UP: Final = 4
_CHANGES: Final = 40


async def main(folder: Path) -> None:
    """Change the group, one member at a time, and tell the median of what a change took."""
    ids = [str(person(number)["id"]) for number in range(_MEMBERS + 1)]
    spent: list[Usage] = []
    async with open_job(Workspace.find(folder), APP) as job:
        context = job.context
        _link(context, ids)
        change = await _open_cycle(context)
        for turn in range(_WARM_UP + _CHANGES):
            members = tuple(ids[:-1] if turn % 2 else ids)  # the last one joins, and leaves again
            with Usage() as used:
                await change(members)
            spent.append(used)
    measured = spent[_WARM_UP:]
    tell(
        changes=len(spent),
        cpu_seconds=median(one.cpu_seconds for one in measured),
        wall_seconds=median(one.wall_seconds for one in measured),
    )


def _link(context: JobContext, ids: list[str]) -> None:
    """Have everybody linked, and all but the last in the group."""
    users = [ObjectRow("user", one, target_id=f"t{one}", state=LINKED, in_scope=True, enabled=True) for one in ids]
    group = ObjectRow("group", "g1", target_id="tg1", state=LINKED, in_scope=True, enabled=True)
    group.shadow, group.members = {"displayName": "Everybody"}, sorted(ids[:-1])
    context.store.save([*users, group])


async def _open_cycle(context: JobContext) -> Callable[[tuple[str, ...]], Awaitable[None]]:
    """Make ready what a cycle makes ready once; what comes back does what it does with a page of one group."""
    requests, counts = asyncio.Semaphore(context.concurrency), Counter[str]()
    number = context.store.begin_cycle("incremental", context.clock())
    matcher, memberships = Matcher(context, requests), Memberships(context)
    await memberships.open()
    decider = Decider(context, matcher, memberships, cycle=number)
    executor = Executor(context, matcher, requests, cycle=number, counts=counts)

    async def change(members: tuple[str, ...]) -> None:
        done = counts["members_added"] + counts["members_removed"]
        item = SourceObject("group", "g1", {"id": "g1", "displayName": "Everybody"}, members)
        decision = await decider.page(context.kinds["group"], [item])
        await executor.run(decision.actions, decision.known)
        assert counts["members_added"] + counts["members_removed"] == done + 1, counts

    return change


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
