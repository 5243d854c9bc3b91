"""Declared limits are never exceeded, waiting is fair, and refusals slow things down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.transport import Limit, RateBudget, Request, RetryPolicy, Transport
from gallery_sdk.transport.buckets import LearnedBucket

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def limits() -> st.SearchStrategy[Limit]:
    return st.builds(
        Limit,
        requests=st.integers(1, 50),
        per_seconds=st.sampled_from([1.0, 10.0, 60.0]),
        burst=st.none() | st.integers(1, 20),
        methods=st.none() | st.just(("POST",)) | st.just(WRITES),
        path_glob=st.none() | st.just("/Users") | st.just("/Users**"),
        concurrency=st.none() | st.integers(1, 4),
    )


@settings(max_examples=40, deadline=None)
@given(
    declared=st.lists(limits(), min_size=1, max_size=3),
    work=st.lists(
        st.tuples(st.sampled_from(["GET", "POST", "PATCH"]), st.sampled_from(["/Users", "/Users/1", "/Groups"])),
        min_size=1,
        max_size=40,
    ),
)
def test_no_limit_is_ever_exceeded(declared: list[Limit], work: list[tuple[str, str]]) -> None:
    """In every window of every limit there are at most burst + rate x length requests, and never too many in flight."""
    clock = _clock()
    sent: list[tuple[float, str, str]] = []
    in_flight: list[tuple[str, str]] = []
    crowds: list[bool] = []

    async def one(budget: RateBudget, method: str, path: str) -> None:
        buckets = budget.buckets_for(method, path)
        await budget.take(buckets)
        sent.append((clock.time, method, path))
        in_flight.append((method, path))
        for limit in declared:
            crowd = sum(limit.matches(*item) for item in in_flight)
            crowds.append(limit.concurrency is None or crowd <= limit.concurrency)
        await clock.sleep(0.3)
        in_flight.remove((method, path))
        budget.give_back(buckets)

    async def main() -> None:
        budget = RateBudget(declared, clock=clock.now, sleep=clock.sleep)
        await clock.run(*(one(budget, *item) for item in work))
        await budget.aclose()

    asyncio.run(main())

    assert len(sent) == len(work)
    assert all(crowds)
    for limit in declared:
        assert limit.requests is not None
        times = [moment for moment, method, path in sent if limit.matches(method, path)]
        rate, burst = limit.requests / limit.per_seconds, limit.burst or 1
        for first in range(len(times)):
            for last in range(first, len(times)):
                assert last - first + 1 <= burst + rate * (times[last] - times[first]) + 1e-6


def _clock() -> Any:
    # A property cannot take a fixture of the function's scope: each example needs a time of its own.
    return _CLOCKS[0]()


_CLOCKS: list[Callable[[], Any]] = []


@pytest.fixture(autouse=True)
def _remember_clock(clock: Any) -> None:
    _CLOCKS[:] = [type(clock)]


async def _times(clock: Any, budget: RateBudget, work: list[tuple[str, str]]) -> list[float]:
    """When each of the requests went, in seconds from the start; answers come at once."""
    start, times = clock.time, [0.0] * len(work)

    async def one(index: int, method: str, path: str) -> None:
        buckets = budget.buckets_for(method, path)
        await budget.take(buckets)
        times[index] = round(clock.time - start, 6)
        budget.give_back(buckets)

    await clock.run(*(one(index, *item) for index, item in enumerate(work)))
    return times


async def test_the_whole_burst_goes_at_once_and_the_rest_evenly(clock: Any) -> None:
    """Waiting is no longer than the limit demands."""
    budget = RateBudget([Limit(60, 60, burst=3)], clock=clock.now, sleep=clock.sleep)

    assert await _times(clock, budget, [("GET", "/a")] * 6) == [0, 0, 0, 1, 2, 3]


async def test_several_limits_apply_to_one_request(clock: Any) -> None:
    """All writes together, and creations of users besides: the slower of the two decides."""
    writes = Limit(600, 60, burst=4, methods=WRITES)
    users = Limit(60, 60, burst=2, methods=("POST",), path_glob="/Users")
    budget = RateBudget([writes, users], clock=clock.now, sleep=clock.sleep)

    times = await _times(clock, budget, [("POST", "/Users")] * 4 + [("PATCH", "/Users/1")] * 3 + [("GET", "/Users")])

    assert times == [0, 0, 1, 2, 0, 0, 0.1, 0]


async def test_those_who_wait_for_the_same_go_in_order(clock: Any) -> None:
    """First come, first served, also for one who comes just as a place is free."""
    budget = RateBudget([Limit(1, 1)], clock=clock.now, sleep=clock.sleep)

    times = await _times(clock, budget, [("GET", "/a")] * 5)

    assert times == sorted(times) == [0, 1, 2, 3, 4]


async def test_those_who_share_one_limit_of_several_go_in_order_too(clock: Any) -> None:
    """A stream of creations does not starve reading where both draw on the same allowance."""
    budget = RateBudget([Limit(1, 1), Limit(100, 1, burst=100, methods=("POST",))], clock=clock.now, sleep=clock.sleep)

    times = await _times(clock, budget, [("POST", "/a"), ("POST", "/a"), ("GET", "/a"), ("POST", "/a"), ("GET", "/a")])

    assert times == [0, 1, 2, 3, 4]


async def test_undeclared_requests_do_not_wait(clock: Any) -> None:
    """A limit on creations does not slow reading."""
    budget = RateBudget([Limit(1, 60, methods=("POST",))], clock=clock.now, sleep=clock.sleep)

    assert await _times(clock, budget, [("POST", "/a"), ("POST", "/a"), ("GET", "/a")]) == [0, 60, 0]
    assert budget.buckets_for("GET", "/a") == ()


async def test_weights_count(clock: Any) -> None:
    """A heavy request costs what it weighs; one heavier than the burst goes when the bucket is full."""
    budget = RateBudget([Limit(10, 10, burst=4)], clock=clock.now, sleep=clock.sleep)
    buckets = budget.buckets_for("POST", "/Bulk")
    times = []

    async def one(weight: int) -> None:
        await budget.take(buckets, weight)
        times.append(clock.time - 1000.0)
        budget.give_back(buckets)

    await clock.run(one(3), one(3), one(9), one(1))

    assert times == pytest.approx([0, 2, 6, 12])


async def test_a_cancelled_waiter_loses_its_place_only(clock: Any) -> None:
    """The next one moves up, and nothing stays taken."""
    budget = RateBudget([Limit(None, concurrency=1)], clock=clock.now, sleep=clock.sleep)
    buckets = budget.buckets_for("GET", "/a")
    await budget.take(buckets)
    first, second = (asyncio.ensure_future(budget.take(buckets)) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()
    budget.give_back(buckets)

    await asyncio.wait_for(second, 1)
    budget.give_back(buckets)
    await asyncio.wait_for(budget.take(buckets), 1)


async def test_one_let_go_and_cancelled_at_once_gives_its_place_back(clock: Any) -> None:
    """Otherwise a cancelled job would hold a slot for ever."""
    budget = RateBudget([Limit(None, concurrency=1)], clock=clock.now, sleep=clock.sleep)
    buckets = budget.buckets_for("GET", "/a")
    await budget.take(buckets)
    waiting = asyncio.ensure_future(budget.take(buckets))
    await asyncio.sleep(0)

    budget.give_back(buckets)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    await asyncio.wait_for(budget.take(buckets), 1)


async def test_a_refusal_pauses_and_slows_what_shares_the_limit(clock: Any) -> None:
    """After Retry-After the rate is half, and grows back to the whole within a minute."""
    budget = RateBudget([Limit(60, 60, burst=1, methods=("POST",))], clock=clock.now, sleep=clock.sleep)
    buckets = budget.buckets_for("POST", "/a")

    budget.throttle(buckets, 10.0)
    budget.throttle(buckets, 10.0)  # of the same moment: counted once
    times = await _times(clock, budget, [("POST", "/a")] * 120 + [("GET", "/a")])

    gaps = [after - before for before, after in pairwise(times[:120])]
    assert (times[0], times[-1]) == (10.0, 0.0)
    assert gaps[0] == pytest.approx(2.0, abs=0.1)
    assert gaps[-1] == pytest.approx(1.0)
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(gaps))
    reached = next(moment for moment, gap in zip(times, gaps, strict=False) if gap <= 1.001)
    assert 10 + 25 < reached < 10 + 40


async def test_without_declared_limits_the_rate_is_learned(clock: Any, fake_wire: Any, make_answer: Any) -> None:
    """One refusal pauses everybody and lowers the rate, instead of fifty senders hitting the wall again."""
    allowed_at = [0.0]
    refused = [0]

    def target(sent: Any) -> Any:
        # Ten a second, counted by the target in a bucket of ten.
        allowed_at[0] = max(allowed_at[0], sent.at - 1.0) + 0.1
        if allowed_at[0] > sent.at:
            allowed_at[0] -= 0.1
            refused[0] += 1
            return make_answer(429, retry_after="1")
        return make_answer(201)

    wire = fake_wire([target], clock=clock.now, hold=lambda sent: clock.sleep(0.05))
    transport = Transport("https://a.test", wire=wire, clock=clock.now, sleep=clock.sleep, random=lambda: 0.5)
    gate = iter(range(300))

    async def worker() -> None:
        for _ in gate:
            assert (await transport.send(Request("POST", "/Users", json={}))).status == 201

    outcomes = await clock.run(*(worker() for _ in range(20)))
    await transport.aclose()

    assert outcomes == [None] * 20
    assert refused[0] < 100
    assert clock.time - 1000.0 < 90  # 300 requests at ten a second take at least 29 s


@pytest.mark.parametrize(
    ("allowed", "within"), [pytest.param(25.0, 45.0, id="25 a second"), pytest.param(100.0, 150.0, id="100 a second")]
)
async def test_an_early_refusal_does_not_slow_a_job_for_long(
    clock: Any, fake_wire: Any, make_answer: Any, allowed: float, within: float
) -> None:
    """The third request is refused, and after a while as many go as the target takes; few are refused on the way."""
    tokens, at, refused, done = [0.0], [1000.0], [0], [0.0]

    def target(sent: Any) -> Any:
        tokens[0] = min(allowed, tokens[0] + (sent.at - at[0]) * allowed)
        at[0] = sent.at
        if len(wire.sent) == 3 or tokens[0] < 1 < len(wire.sent) - 3:
            refused[0] += 1
            return make_answer(429, retry_after="1")
        tokens[0] -= 1
        done.append(sent.at - 1000.0)
        return make_answer(201)

    wire = fake_wire([target], clock=clock.now, hold=lambda _sent: clock.sleep(0.05))
    transport = Transport("https://a.test", wire=wire, clock=clock.now, sleep=clock.sleep, random=lambda: 0.5)
    seconds = within + 40

    async def worker() -> None:
        while clock.time - 1000.0 < seconds:
            await transport.send(Request("POST", "/Users", json={}))

    await clock.run(*(worker() for _ in range(20)))
    await transport.aclose()

    settled = [moment for moment in done if within <= moment < seconds]
    assert len(settled) / (seconds - within) > 0.6 * allowed
    assert refused[0] < 0.05 * len(done)


async def test_a_rate_that_nobody_exhausts_does_not_grow(clock: Any) -> None:
    """What was not waited for proves nothing, so that a burst later on does not run into the wall again."""
    budget = RateBudget([], clock=clock.now, sleep=clock.sleep)
    budget.throttle(budget.buckets_for("GET", "/x"), 1.0)
    (bucket,) = budget.buckets_for("GET", "/x")

    async def one_a_second() -> None:
        for _ in range(200):
            await clock.sleep(1.0)
            await budget.take((bucket,))
            budget.give_back((bucket,))

    await clock.run(one_a_second())

    assert isinstance(bucket, LearnedBucket)
    assert bucket.rate == 5.0


async def test_a_refused_request_waits_in_the_budget_with_all_others(
    clock: Any, fake_wire: Any, make_answer: Any
) -> None:
    """Retry-After holds for everything under the same limit, not for the refused request alone."""
    wire = fake_wire([make_answer(429, retry_after="20"), make_answer(201)], clock=clock.now)
    transport = Transport(
        "https://a.test", limits=[Limit(100, 1, burst=100)], wire=wire, clock=clock.now, sleep=clock.sleep
    )

    await clock.run(*(transport.send(Request("POST", "/Users", json={})) for _ in range(1)))
    first = [sent.at - 1000.0 for sent in wire.sent]
    await transport.aclose()

    assert first == [0.0, 20.0]


async def test_writes_to_one_object_never_overlap(clock: Any, fake_wire: Any) -> None:
    """Slack and Zoom answer 429 to a second write on an object in work; reads and other objects go on."""
    open_now: list[str] = []
    seen: list[tuple[str, ...]] = []

    async def hold(sent: Any) -> None:
        open_now.append(sent.url[-1] + sent.method)
        seen.append(tuple(sorted(open_now)))
        await clock.sleep(1.0)
        open_now.remove(sent.url[-1] + sent.method)

    wire = fake_wire(hold=hold, clock=clock.now)
    transport = Transport("https://a.test", wire=wire, clock=clock.now, sleep=clock.sleep)

    def patch(key: str) -> Any:
        return transport.send(Request("PATCH", f"/Users/{key}", json={}, key=f"user/{key}"))

    read = transport.send(Request("GET", "/Users/1", key="user/1"))
    await clock.run(patch("1"), patch("1"), patch("2"), read, patch("1"))
    await transport.aclose()

    assert seen[2] == ("1GET", "1PATCH", "2PATCH")
    assert all(crowd.count("1PATCH") <= 1 for crowd in seen)
    assert clock.time - 1000.0 == pytest.approx(3.0)


async def test_a_cancelled_write_lets_the_next_one_go(fake_wire: Any) -> None:
    """Neither the one in flight nor one that waits may leave the object locked."""
    never = asyncio.Event()

    async def hold(sent: Any) -> None:
        if sent.content == b"1":
            await never.wait()

    transport = Transport("https://a.test", wire=fake_wire(hold=hold))
    first, second, third = (
        asyncio.ensure_future(transport.send(Request("PATCH", "/a", json=number, key="k"))) for number in (1, 2, 3)
    )
    await asyncio.sleep(0.01)

    second.cancel()
    await asyncio.sleep(0)
    first.cancel()

    assert (await asyncio.wait_for(third, 1)).status == 200
    await transport.aclose()


@pytest.mark.parametrize(
    ("glob", "path", "is_match"),
    [
        ("/Users", "/Users", True),
        ("/Users", "/Users/1", False),
        ("/Users/*", "/Users/1", True),
        ("/Users/*", "/Users", False),
        ("/Users/*", "/Users/1/x", False),
        ("/Users**", "/Users/1/x", True),
        ("/a.b/*", "/aXb/1", False),
    ],
)
def test_path_globs(glob: str, path: str, is_match: bool) -> None:
    """One star stays inside a segment, two go on; everything else is literal."""
    assert Limit(1, path_glob=glob).matches("GET", path) is is_match


@pytest.mark.parametrize("bad", [{"requests": 0}, {"per_seconds": 0.0}, {"burst": 0}, {"concurrency": -1}])
def test_a_limit_of_nothing_is_refused(bad: dict[str, Any]) -> None:
    """It would wait for ever."""
    with pytest.raises(ValueError, match="above zero"):
        Limit(**({"requests": 1} | bad))


async def test_paths_are_matched_below_the_base_url(clock: Any, fake_wire: Any) -> None:
    """A limit is written as the target's documentation writes it, whatever the base URL."""
    wire = fake_wire(clock=clock.now)
    transport = Transport(
        "https://a.test/scim/v2",
        limits=[Limit(1, 10, path_glob="/Users")],
        wire=wire,
        clock=clock.now,
        sleep=clock.sleep,
        retries=RetryPolicy(),
    )

    await clock.run(*(transport.send(Request("GET", "/Users", params=[("a", "b")])) for _ in range(2)))
    await transport.aclose()

    assert [sent.at - 1000.0 for sent in wire.sent] == [0.0, 10.0]
