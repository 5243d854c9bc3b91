"""The connection itself: what its test tells, and what a refused credential means."""

from __future__ import annotations

import orjson
import pytest

from ....errors import GalleryError
from ....targets import Failure, TargetFailure
from ...faults import Fault
from ..checking import ANYWHERE, RECORDED, check
from ..stage import Stage


@check("MUST", venues=ANYWHERE)
async def connection_test(stage: Stage) -> None:
    """A connection test with the right address and credential succeeds, step by step, and changes nothing.

    Source: RFC 7644 section 2 (authentication) and section 4 (service provider configuration).
    """
    before = _held(stage)

    report = await stage.target.test()

    assert report.ok, [step for step in report.steps if not step.ok]
    assert report.steps, "the report has no step"
    assert _held(stage) == before, "the test changed something"


def _held(stage: Stage) -> bytes:
    """All that the twin holds; nothing at other venues."""
    return b"" if stage.app is None else orjson.dumps(stage.app.state(), default=str, option=orjson.OPT_NON_STR_KEYS)


@check("MUST", venues=RECORDED)
async def refused_credential(stage: Stage) -> None:
    """A refused credential fails the connection test with a next step, and stops the job instead of blaming an object.

    Source: RFC 7644 section 2 and RFC 6750 section 3.1: 401 speaks of the credential, never of the resource.
    """
    stage.fail(Fault(status=401, word="invalid_authentication"))

    report = await stage.target.test()
    with pytest.raises(GalleryError) as refused:
        await stage.target.find("user", stage.matching("user"), "nobody")

    failed = [step for step in report.steps if not step.ok]
    assert failed and failed[0].mend, "the test did not fail, or says no next step"
    error = refused.value
    assert not isinstance(error, TargetFailure) or error.failure is Failure.STOP, f"read as {error!r}"


@check("MUST")
async def expired_token(stage: Stage) -> None:
    """A token that is refused once is renewed and the request sent again; one that cannot be renewed stops the job.

    Source: RFC 6749 section 1.5 and RFC 6750 section 3.1 (`invalid_token`).
    """
    method = stage.connected.method
    if method is not None and method.fetches_tokens:
        stage.fail(Fault(status=401, word="invalid_authentication", times=1))
        await stage.target.find("user", stage.matching("user"), "nobody")
        return

    stage.fail(Fault(status=401, word="invalid_authentication"))
    with pytest.raises(GalleryError) as refused:
        await stage.target.find("user", stage.matching("user"), "nobody")

    error = refused.value
    assert not isinstance(error, TargetFailure) or error.failure is Failure.STOP, f"read as {error!r}"


@check("MUST", venues=RECORDED)
async def html_answer(stage: Stage) -> None:
    """A page of HTML under status 200 is no answer: nobody is taken for absent because of it.

    Source: RFC 7644 section 3.1: bodies are `application/scim+json`; of other APIs, their own JSON.
    """
    stage.fail(Fault(kind="html", status=200))

    with pytest.raises(GalleryError):
        await stage.target.find("user", stage.matching("user"), str(stage.person()[stage.matching("user")]))
