"""What takes access away: never more than is allowed, and never because a source lacks what it should hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ....errors import CycleError, GalleryError, SourceError
from ....sources import SourceProblem
from ..checking import check
from ..job import ContractJob, opened_job
from ..stage import Stage

if TYPE_CHECKING:
    from ..subject import Subject

_NEEDS = ("user:create", "user:deactivate")


def _leavers_leave(subject: Subject) -> bool:
    """Whether leaving the source has any effect."""
    return subject.manifest.lifecycle.on_delete != "none"


@check("MUST", needs=_NEEDS, applies=_leavers_leave)
async def too_many_leavers(stage: Stage) -> None:
    """One leaver more than the limit stops the cycle before the first account is touched; at the limit all leave.

    Source: Microsoft's "Enable accidental deletions prevention",
    https://learn.microsoft.com/entra/identity/app-provisioning/accidental-deletions
    """
    with opened_job(stage, people=6) as job:
        job.most_leavers = 2
        await job.cycle()
        kept = {source_id: job.source.people.pop(source_id) for source_id in ("person-4", "person-5", "person-6")}

        await _stops_without_a_write(stage, job, "TooManyDeletes")

        job.source.people["person-4"] = kept["person-4"]
        counts = await job.cycle()
        assert counts["disable"] + counts["delete"] == job.most_leavers, dict(counts)


@check("MUST", needs=_NEEDS)
async def lost_source(stage: Stage) -> None:
    """A source that is empty, cut short, or has a row whose key cannot be read takes no account away.

    Source: Microsoft's "Enable accidental deletions prevention" (page above): a change in the source that would reach
    a large number of accounts is held back.
    """
    with opened_job(stage, people=6) as job:
        await job.cycle()
        people, groups = dict(job.source.people), dict(job.source.groups)

        job.source.breaks_after = 3
        await _stops_without_a_write(stage, job)
        job.source.breaks_after = None

        job.source.people = dict(list(people.items())[:3])
        job.source.problems = [SourceProblem("row 5", "its key cannot be read", "Export it again")]
        stage.forget()
        await job.cycle()
        assert not _writes(stage), _writes(stage)
        job.source.problems = []

        job.source.people, job.source.groups = {}, {}
        await _stops_without_a_write(stage, job, "SourceEmpty")

        job.source.people, job.source.groups = people, groups
        assert await job.plan() == []


async def _stops_without_a_write(stage: Stage, job: ContractJob, code: str = "") -> None:
    """Assert that a cycle stops, for the reason of that code or because the source broke, having written nothing."""
    stage.forget()
    with pytest.raises(GalleryError) as stopped:
        await job.cycle()
    error = stopped.value
    assert error.reason == code if code and isinstance(error, CycleError) else isinstance(error, SourceError), repr(
        error
    )
    assert not _writes(stage), _writes(stage)


def _writes(stage: Stage) -> list[str]:
    return [f"{one.method} {one.path}" for one in stage.writes()]
