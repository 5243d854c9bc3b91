"""What goes wrong on the way: too fast, broken servers, broken connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ....errors import GalleryError, OutcomeUnknownError
from ....targets import Failure, TargetFailure
from ....transport import parse_retry_after
from ...faults import Fault
from ..checking import RECORDED, check
from ..hurried import EPOCH
from ..stage import Stage

if TYPE_CHECKING:
    from ..subject import Subject


def _throttles(subject: Subject) -> bool:
    return subject.contract.throttled is not None


@check("MUST", venues=RECORDED, needs=("user:create",), applies=_throttles)
async def throttled(stage: Stage) -> None:
    """A request that came too fast is sent again after the time that the target asked for, and has its effect once.

    Source: RFC 6585 section 4 (429) and RFC 9110 section 10.2.3 (`Retry-After`); `[[error]]` rules of other statuses.
    """
    fault = stage.subject.contract.throttled
    assert fault is not None
    stage.fail(fault)

    target_id, values = await stage.user()

    await stage.settled("user", target_id, values)
    refused = [one.answer for one in stage.seen if one.answer is not None and one.answer.status >= 400]
    asked = max((parse_retry_after(one.headers.get("retry-after", ""), EPOCH) or 0.0 for one in refused), default=0.0)
    assert stage.time.slept, "sent again without a pause"
    assert sum(stage.time.slept) >= asked, f"waited {sum(stage.time.slept)} of {asked} seconds"


@check("MUST", venues=RECORDED)
async def server_error(stage: Stage) -> None:
    """A read that a server fails is sent again, with growing pauses, and succeeds.

    Source: RFC 9110 section 15.6 and section 9.2.2: a safe method may be repeated.
    """
    stage.fail(Fault(status=503, times=2))

    await stage.target.find("user", stage.matching("user"), stage.person()[stage.matching("user")])

    assert stage.time.slept, "sent again without a pause"


@check("MUST", needs=("user:create",))
async def server_error_on_create(stage: Stage) -> None:
    """A create that a server fails is never taken for done, nor blindly repeated: it succeeds, or is to be retried.

    Source: RFC 9110 section 9.2.2: POST is not idempotent.
    """
    stage.fail(Fault(status=500, times=10, methods=("POST",)))

    with pytest.raises(GalleryError) as failed:
        await stage.user()

    error = failed.value
    known = isinstance(error, TargetFailure) and error.failure in (Failure.RETRY, Failure.RATE_LIMITED)
    assert known or isinstance(error, OutcomeUnknownError), f"read as {error!r}"


@check("MUST")
async def connection_reset(stage: Stage) -> None:
    """A read whose connection breaks is sent again.

    Source: RFC 9110 section 9.2.2.
    """
    stage.fail(Fault(kind="reset", times=1))

    await stage.target.find("user", stage.matching("user"), stage.person()[stage.matching("user")])


@check("MUST", needs=("user:create",))
async def lost_response(stage: Stage) -> None:
    """A create whose answer is lost is told as unknown, not as failed: the account may be there, and it is.

    Source: RFC 9110 section 9.2.2: a client must not repeat a request that is not idempotent without knowing.
    """
    values = stage.person()
    stage.fail(Fault(kind="lost_response", times=1, methods=("POST",)))

    try:
        made = await stage.create("user", values)
    except OutcomeUnknownError:
        found = await stage.target.find("user", stage.matching("user"), values[stage.matching("user")])
        assert len(found) == 1
    else:
        # The connector found out by itself.
        await stage.settled("user", made.id, values)
