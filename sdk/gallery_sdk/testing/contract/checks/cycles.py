"""Whole cycles of the engine: they come to an end, and a second one has nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...faults import Fault
from ..checking import check
from ..job import ContractJob, opened_job
from ..stage import Stage

if TYPE_CHECKING:
    from ..subject import Subject

_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_DEPROVISIONING = ("user:create", "user:deactivate")


@check("MUST", needs=("user:create", "user:update"))
async def idempotence(stage: Stage) -> None:
    """After a cycle the plan for the same source is empty, and a cycle that reads everything anew writes nothing.

    Source: RFC 7644 section 3.5.2 (a change that changes nothing) and Microsoft's "How provisioning works",
    https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works, incremental cycles.
    """
    with opened_job(stage) as job:
        counts = await job.cycle()
        assert counts["create"] >= len(job.source.people), dict(counts)
        assert not counts["failure"], dict(counts)

        plan = await job.plan()
        stage.forget()
        again = await job.cycle()
        verified = await job.cycle(verify=True)

        assert plan == []
        assert not _written(stage), _written(stage)
        assert not again["failure"] and not verified["failure"]


@check("MUST", needs=_DEPROVISIONING)
async def leave_and_return(stage: Stage) -> None:
    """Whoever leaves loses the account's activity, whoever returns has the same account again.

    Source: the manifest's `[lifecycle]`; RFC 7643 section 4.1.1, `active`.
    """
    with opened_job(stage) as job:
        await job.cycle()
        before = await _accounts(stage)
        last = list(job.source.people)[-1]
        left = job.source.people.pop(last)

        gone = await job.cycle()
        assert gone["disable"] + gone["delete"] == 1 or stage.manifest.lifecycle.on_delete == "none", dict(gone)

        await _switched_off(stage, len(job.source.people) + 1)

        job.source.people[last] = left
        await job.settle()

        after = await _accounts(stage)
        assert len(after) == len(before), "somebody is there twice, or lost"
        if stage.manifest.lifecycle.on_delete == "deactivate" and stage.manifest.lifecycle.reactivate:
            assert after == before, "an account was made anew instead of being switched on"
        assert await job.plan() == []


async def _switched_off(stage: Stage, number: int) -> None:
    """Assert that the account of the invented person of that number is inactive, where leavers are deactivated."""
    if stage.manifest.lifecycle.on_delete != "deactivate":
        return
    values, path = stage.person(number), stage.matching("user")
    off = {one: each for one, each in stage.person(number, IsSoftDeleted=True).items() if values.get(one) != each}
    (account,) = await stage.target.find("user", path, values[path])
    assert off, "no mapping of the connector switches an account off"
    await stage.settled("user", account.id, off)


@check("MUST", needs=("user:create", "user:update"))
async def changes_converge(stage: Stage) -> None:
    """A changed attribute and a changed membership arrive in the next cycle, and nothing else is written.

    Source: Microsoft's "How provisioning works", incremental cycles (page above).
    """
    with opened_job(stage) as job:
        await job.cycle()
        job.source.people["person-2"]["surname"] = "Murray"
        job.source.people["person-2"]["displayName"] = "Grace Murray"
        if job.groups:
            name, members = job.source.groups["group-2"]
            job.source.groups["group-2"] = (name, [*members[1:], "person-4"])

        await job.settle()
        stage.forget()

        assert await job.plan() == []
        await job.cycle(verify=True)
        assert not _written(stage), _written(stage)


async def _converges(stage: Stage, *faults: Fault) -> None:
    """With the faults on the way, cycles end with every account there, once."""
    with opened_job(stage) as job:
        stage.fail(*faults)
        try:
            await job.settle()
        finally:
            if stage.app is not None:
                stage.app.faults.clear()
        await _all_there_once(stage, job)


async def _all_there_once(stage: Stage, job: ContractJob) -> None:
    wanted = [
        str(stage.person(number)[stage.matching("user")]).casefold() for number in range(1, len(job.source.people) + 1)
    ]
    found = [
        str(one.values.get(stage.matching("user"))).casefold()
        async for page in stage.target.list_objects("user")
        for one in page.objects
    ]
    counted = {name: found.count(name) for name in wanted}
    assert set(counted.values()) == {1}, f"accounts by name: {counted}"
    assert await job.plan() == []


@check("MUST", needs=("user:create", "user:update"))
async def lost_responses_double_nobody(stage: Stage) -> None:
    """Answers lost after writes end in every account and group being there exactly once.

    Source: RFC 9110 section 9.2.2.
    """
    await _converges(stage, Fault(kind="lost_response", methods=_WRITES, every=3, times=3))


@check("MUST", needs=("user:create", "user:update"))
async def resets_lose_nobody(stage: Stage) -> None:
    """Connections that break before a request is looked at end in convergence.

    Source: RFC 9110 section 9.2.2.
    """
    await _converges(stage, Fault(kind="reset", every=4, times=4))


@check("MUST", needs=("user:create", "user:update"))
async def server_errors_lose_nobody(stage: Stage) -> None:
    """Servers that fail now and then end in convergence.

    Source: RFC 9110 section 15.6.
    """
    await _converges(stage, Fault(status=503, every=3, times=5), Fault(status=500, methods=_WRITES, every=5, times=2))


@check("SHOULD", needs=("user:create", "user:update"))
async def html_answers_lose_nobody(stage: Stage) -> None:
    """Pages of HTML under a server's error status, as proxies send them, end in convergence.

    Source: RFC 9110 section 15.6.3 (502 from a gateway).
    """
    await _converges(stage, Fault(kind="html", status=502, every=4, times=3))


def _throttles(subject: Subject) -> bool:
    return subject.contract.throttled is not None


@check("MUST", needs=("user:create", "user:update"), applies=_throttles)
async def throttling_loses_nobody(stage: Stage) -> None:
    """A target that asks for patience again and again gets it, and every write has its effect once.

    Source: RFC 6585 section 4.
    """
    from dataclasses import replace

    fault = stage.subject.contract.throttled
    assert fault is not None
    await _converges(stage, replace(fault, every=3, times=5))


def _written(stage: Stage) -> list[str]:
    return [f"{one.method} {one.path} {one.json}" for one in stage.writes()]


async def _accounts(stage: Stage) -> set[str]:
    return {one.id async for page in stage.target.list_objects("user") for one in page.objects}
