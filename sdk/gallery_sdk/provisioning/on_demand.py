"""Provisioning one object now, step by step, with the code that cycles run."""

from __future__ import annotations

import asyncio
from collections import Counter

from ..errors import SourceError
from .context import JobContext
from .decide import Decider
from .execute import Executor
from .matching import Matcher
from .memberships import Memberships
from .references import References
from .reports import OnDemandReport


async def provision_one(job: JobContext, number: int, kind: str, key: str) -> OnDemandReport:
    """Import, scope, match and provision the object that `key` names (id, or a value such as an address).

    Nothing else is touched and no safety limit is asked: a person named this object.

    Raises:
        SourceError: The source holds no such object.
        CycleError: The target refuses the job as a whole.
    """
    plan = job.kinds[kind]
    item = await job.source.get(kind, key)
    if item is None:
        raise SourceError(f"no {kind} answers to '{key}'", job.source.name, "Name its key, user name or address")
    sent = job.target.requests_sent
    requests = asyncio.Semaphore(job.concurrency)
    counts: Counter[str] = Counter()
    matcher, memberships = Matcher(job, requests), Memberships(job)
    await memberships.open()
    decider = Decider(job, matcher, memberships, cycle=number, force=True)
    executor = Executor(job, matcher, requests, cycle=number, counts=counts)
    decision = await decider.page(plan, [item])
    records = list(decision.log)
    if decision.rows or decision.log:
        await job.db(job.store.save, decision.rows, decision.log)
    actions = decision.actions + decision.staged
    if actions:
        records += await executor.run(actions, decision.known)
        async for ready in References(job).second_pass(plan):
            mine = [action for action in ready if action.source_id == item.id]
            if mine:
                known = await job.db(job.store.by_source_ids, kind, [item.id])
                records += await executor.run(mine, known)
    status = "success"
    if not records:
        status = "skipped"
    elif any(record.status == "failure" for record in records):
        status = "failure"
    elif all(record.status == "skipped" for record in records):
        status = "skipped"
    row = decision.known[item.id]
    return OnDemandReport(
        kind, item.id, row.name or item.id, status, tuple(records), dict(item.attributes),
        job.target.requests_sent - sent,
    )  # fmt: skip
