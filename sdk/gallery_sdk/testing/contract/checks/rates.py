"""Rates: declared limits are never exceeded, and every declared way to say "too fast" is understood."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ....errors import GalleryError
from ....transport import declared_limits
from ...faults import Fault
from ..checking import check
from ..rehearsal import rehearse
from ..stage import Stage
from ..wires import answer

if TYPE_CHECKING:
    from ....manifest import ErrorRule
    from ..subject import Subject

_WAIT_SECONDS: Final = 40


def _has_limits(subject: Subject) -> bool:
    return bool(subject.manifest.limits)


@check("SHOULD", needs=("user:create",), applies=_has_limits, heavy=True)
async def declared_limits_are_kept(stage: Stage) -> None:
    """The requests of a run over ten thousand people never exceed a declared limit, whoever counts.

    Source: the manifest's `[[limit]]`; ITU-T I.371 annex A (generic cell rate algorithm) for what a rate with a burst
    allows.
    """
    await stage.user()  # what is looked up once for a whole run is no part of what a person costs
    stage.forget()
    target_id, values = await stage.user(2)
    await stage.target.find("user", stage.matching("user"), values[stage.matching("user")])
    everybody = [*stage.seen]
    stage.forget()
    with suppress(GalleryError, AssertionError):  # what a connector cannot do costs it no request
        await stage.update("user", target_id, values, **{stage.text_path(values): "Director"})
    with suppress(GalleryError):
        await stage.target.update("user", target_id, values, {**values, **stage.person(2, IsSoftDeleted=True)})
    if all(stage.subject.can("group", one) for one in ("create", "members")):
        group = (await stage.create("group", stage.group())).id
        with suppress(GalleryError):
            await stage.target.change_members(group, [target_id], [], current_size=0)

    base = stage.connected.base_url
    limits = declared_limits(stage.manifest)
    seen = await rehearse(base, urlsplit(base).path.rstrip("/"), everybody, stage.seen, limits)

    stage.measured.update(requests=seen.requests, seconds=round(seen.seconds))
    assert not seen.excesses, "; ".join(seen.excesses)


@check("MUST", needs=("user:create",))
async def throttled_until_a_date(stage: Stage) -> None:
    """A target that names the moment instead of the seconds is asked again no earlier.

    Source: RFC 9110 section 10.2.3: `Retry-After` is a number of seconds or an HTTP date.
    """
    moment = format_datetime(datetime.fromtimestamp(stage.time.wall() + _WAIT_SECONDS, UTC), usegmt=True)
    refusals = [answer(429, {}, **{"Retry-After": moment})]
    stage.wire.misbehave = lambda one: refusals.pop() if refusals else None

    target_id, values = await stage.user()

    await stage.settled("user", target_id, values)
    waited = sum(stage.time.slept)
    assert waited >= _WAIT_SECONDS - 1, f"waited {waited} of {_WAIT_SECONDS} seconds"


def _hidden(subject: Subject) -> list[ErrorRule]:
    """Rules by which another status than 429 means "too fast", whatever is asked."""
    rules = [one for one in subject.manifest.errors if one.failure == "rate_limited" and not one.operations]
    return [one for one in rules if 429 not in one.statuses]


@check("MUST", applies=lambda subject: bool(_hidden(subject)))
async def hidden_throttling(stage: Stage) -> None:
    """Whatever else the app says in place of 429 is waited for like it, and asked again.

    Source: the manifest's `[[error]]` rules of failure `rate_limited`.
    """
    for one in _hidden(stage.subject):
        for word in one.codes or (one.contains or "",):
            stage.fail(Fault(status=next(iter(one.statuses), 403), word=word, times=1))
            stage.time.slept.clear()

            await stage.target.find("user", stage.matching("user"), stage.person()[stage.matching("user")])

            assert stage.time.slept, f"{word or one.statuses} is not read as too fast: sent again without a pause"
