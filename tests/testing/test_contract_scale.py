"""Checks of rates, listings, size and safety: each holds for an honest connector, and catches what breaks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from gallery_sdk.manifest import ErrorRule, LimitDeclaration, Quirk
from gallery_sdk.provisioning import Cycle
from gallery_sdk.targets import ScimTarget, TargetObject, TargetPage
from gallery_sdk.targets.membership import Membership
from gallery_sdk.testing import Refusal, ScimServer, Twin, TwinRequest, TwinResponse
from gallery_sdk.testing.contract import Subject, TwinVenue, load_subject, people, rehearsal, run_contract
from gallery_sdk.testing.contract import stage as stages
from gallery_sdk.testing.contract.checks import scale
from gallery_sdk.testing.contract.hurried import run_hurried
from gallery_sdk.testing.contract.rehearsal import Meter, Rehearsed, rehearse
from gallery_sdk.testing.contract.wires import Exchange
from gallery_sdk.transport import STANDARD_THROTTLES, Limit, Transport, outcomes

Patch = pytest.MonkeyPatch
LIMITED = LimitDeclaration(match="POST /Users", requests=600, per_seconds=60, burst=20)
RARELY = ErrorRule(status=(403,), code=("slow_down",), failure="rate_limited")


def subject(**changes: object) -> Subject:
    """The generic connector, fields of its manifest replaced."""
    base = load_subject("scim")
    return replace(base, manifest=base.manifest.model_copy(update=changes))


def outcome(tried: Subject, check: str) -> str:
    """Why a check failed; empty where it held."""
    (result,) = run_contract(tried, TwinVenue(), [check])
    return result.detail


# -- safety --------------------------------------------------------------------------------------------


async def never_checked(cycle: Cycle, count: int) -> None:
    """A cycle that takes away whatever is staged."""


def believing(patch: Patch) -> None:
    """Half a source is taken for the whole."""

    async def pages(self: Any, kind: str, *, size: int = 200) -> AsyncIterator[Any]:
        from gallery_sdk.sources import SourcePage

        yield SourcePage(list(self._objects(kind))[: self.breaks_after])

    patch.setattr(people.MemorySource, "pages", pages)


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        ("too_many_leavers", lambda patch: patch.setattr(Cycle, "_check_limit", never_checked)),
        ("lost_source", believing),
    ],
    ids=["no-limit", "half-a-source"],
)
def test_access_that_is_taken_away_by_mistake_is_caught(
    check: str, spoil: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    """Leavers over the limit, and whoever is missing from half a source."""
    assert outcome(subject(), check) == ""

    spoil(monkeypatch)

    assert outcome(subject(), check)


# -- listings ------------------------------------------------------------------------------------------


class Naive(ScimTarget):
    """Asks for the next page until one is empty, believes every page, begins again when the total changes."""

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        start, total = 1, None
        while True:
            page = await self._asked(start)
            if total not in (None, page["totalResults"]):
                start, total = 1, page["totalResults"]
                continue
            total = page["totalResults"]
            objects = [TargetObject("user", one["id"], {}) for one in page.get("Resources", [])]
            if not objects:
                return
            yield TargetPage(objects)
            start += len(objects)

    async def _asked(self, start: int) -> Any:
        from gallery_sdk.transport import Request

        transport: Transport = self._connection.transport
        return (await transport.send(Request("GET", f"/Users?startIndex={start}&count=2"))).json()


def counted(check: str) -> tuple[str, dict[str, int]]:
    """Why a check failed, and what it counted."""
    (result,) = run_contract(subject(), TwinVenue(), [check])
    return result.detail, dict(result.measured)


@pytest.mark.parametrize(
    ("check", "said", "twice"),
    [("repeated_page", "", 2), ("standing_cursor", "AssertionError: the listing asks for ever", None),
     ("shrinking_list", "", 1)],
)  # fmt: skip
def test_a_listing_that_believes_every_page_is_caught(
    check: str, said: str, twice: int | None, monkeypatch: Patch
) -> None:
    """Twice the same account is counted; no end is a promise broken."""
    assert counted(check) == ("", {"listed_twice": 0, "missing_unsaid": 0})

    monkeypatch.setattr(ScimTarget, "list_objects", Naive.list_objects)
    monkeypatch.setattr(ScimTarget, "_asked", Naive._asked, raising=False)
    detail, found = counted(check)

    assert (detail, found.get("listed_twice")) == (said, twice)


# -- rates ---------------------------------------------------------------------------------------------


def test_a_run_without_its_budget_exceeds_the_limit(monkeypatch: Patch) -> None:
    """Ten thousand people in simulated time: as long as the limit wants it, and too fast without."""
    limited = subject(limits=(LIMITED,))
    (kept,) = run_contract(limited, TwinVenue(), ["declared_limits_are_kept"])
    monkeypatch.setattr(rehearsal, "Transport", lambda *given, limits, **more: Transport(*given, **more))

    assert kept.detail == ""
    assert kept.measured["requests"] > rehearsal.PEOPLE
    assert kept.measured["seconds"] >= (rehearsal.PEOPLE - 20) / 10
    assert "came" in outcome(limited, "declared_limits_are_kept")


def test_more_in_flight_than_allowed_is_exceeding_too(monkeypatch: Patch) -> None:
    """A limit of concurrency has no rate."""
    monkeypatch.setattr(rehearsal, "PEOPLE", 100)
    limit = Limit(concurrency=3)
    request = Exchange("GET", "/Users", {}, {}, b"", None)
    run = partial(rehearse, "http://127.0.0.1:9/scim/v2", "/scim/v2", [request], [], [limit])

    kept: Rehearsed = run_hurried(run())
    broken = run_hurried(run(kept=[]))

    assert kept.excesses == () and kept.requests == 100
    assert broken.excesses == ("*: 3 at once are allowed, 32 were in flight",)


@pytest.mark.parametrize(
    ("moments", "early"),
    [([0, 0, 0, 1, 2], 0), ([0, 0, 0, 0.5], 0.5), ([10, 10, 10, 11], 0), ([0, 0, 0, 0], 1)],
    ids=["as-allowed", "half-a-second", "a-full-burst-after-a-pause", "one-too-many"],
)
def test_a_meter_counts_as_the_limit_says(moments: list[float], early: float) -> None:
    """One a second, three at once."""
    meter = Meter(Limit(60, 60, burst=3))

    for moment in moments:
        meter.enter(moment)
        meter.leave()

    assert meter.early == pytest.approx(early)
    assert bool(meter.excess) == bool(early)


def test_a_date_that_is_not_read_is_caught(monkeypatch: Patch) -> None:
    """As is one that nobody waits for."""
    assert outcome(subject(), "throttled_until_a_date") == ""

    monkeypatch.setattr(outcomes, "parse_retry_after", lambda text, now: None)
    monkeypatch.setattr("gallery_sdk.transport.waiting.parse_retry_after", lambda text, now: None)

    assert "of 40 seconds" in outcome(subject(), "throttled_until_a_date")


def test_a_word_for_too_fast_that_is_not_read_is_caught(monkeypatch: Patch) -> None:
    """Declared under another status than 429."""
    odd = subject(errors=(RARELY,))
    assert outcome(odd, "hidden_throttling") == ""

    monkeypatch.setattr(stages, "declared_throttles", lambda manifest: STANDARD_THROTTLES)

    assert outcome(odd, "hidden_throttling")


def test_a_connector_without_limits_is_not_asked_to_keep_them() -> None:
    """Nor one without other words for too fast."""
    names = {
        one.name for one in run_contract(subject(), TwinVenue(), ["declared_limits_are_kept", "hidden_throttling"])
    }

    assert names == set()


# -- size ----------------------------------------------------------------------------------------------


class Leaky(ScimServer):
    """Forgets the last member of every change, and says that all is well."""

    def handle(self, request: TwinRequest) -> TwinResponse:
        if request.method == "PATCH" and request.path.startswith("/Groups"):
            import orjson

            body = orjson.loads(request.body)
            body["Operations"][-1]["value"] = body["Operations"][-1]["value"][:-1]
            request.body = orjson.dumps(body)
        return super().handle(request)


class Groupless(ScimServer):
    """Takes no group."""

    def handle(self, request: TwinRequest) -> TwinResponse:
        if request.method == "POST" and request.path == "/Groups":
            raise Refusal(400, "no groups", "invalidValue")
        return super().handle(request)


class Playing:
    """The connector's plugins, with a twin of the test's."""

    def __init__(self, tried: Subject, make: Callable[[], ScimServer]) -> None:
        self._real, self._make, self.hook = tried.plugins, make, self

    def has_hook(self, name: str) -> bool:
        return name == "gallery_twin" or self._real.has_hook(name)

    def gallery_twin(self) -> Twin:
        return Twin(self._make, base_path="/scim/v2", method="bearer", credentials={"token": "t"})


def played_by(make: Callable[[], ScimServer]) -> Subject:
    plugins: Any = Playing(subject(), make)
    return replace(subject(), plugins=plugins)


@pytest.fixture
def fewer(monkeypatch: Patch) -> None:
    """Groups of sixty instead of thousands: what is caught is the same."""
    monkeypatch.setattr(scale, "MEMBERS", 60)


@pytest.mark.usefixtures("fewer")
def test_a_large_group_says_what_it_cost() -> None:
    """Requests, the least that would do, and memory in steps."""
    limited = subject(quirks=(Quirk(id="members.max_per_request", value=25),))

    (result,) = run_contract(limited, TwinVenue(), ["large_group"])

    assert result.detail == ""
    assert result.measured == {
        "listing": 1, "listing_at_least": 1, "filling": 3, "filling_at_least": 3, "adding_one": 1,
        "adding_one_at_least": 1, "megabytes_at_most": 50,
    }  # fmt: skip


@pytest.mark.usefixtures("fewer")
def test_members_that_are_lost_or_sent_in_too_large_batches_are_caught(monkeypatch: Patch) -> None:
    """By reading the group back, and by looking into the requests."""
    lost = outcome(played_by(Leaky), "large_group")
    monkeypatch.setattr(Membership, "_batch_size", lambda self: None)
    limited = subject(quirks=(Quirk(id="members.max_per_request", value=25),))

    assert "members are missing" in lost
    assert "25 are allowed" in outcome(limited, "large_group")


def test_a_group_in_a_group_that_does_harm_is_caught() -> None:
    """No failure, and nothing to do afterwards."""
    assert outcome(subject(), "nested_groups") == ""

    assert outcome(played_by(Groupless), "nested_groups")
