"""What is sent again, what never is, and how long is waited."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from gallery_sdk.errors import OutcomeUnknownError, TransportError
from gallery_sdk.transport import (
    STANDARD_THROTTLES,
    Limit,
    LostError,
    NotSentError,
    Request,
    RetryPolicy,
    Throttle,
    ThrottledError,
    Transport,
    parse_retry_after,
)

Connect = Callable[..., Transport]
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "retry_after",
    [
        pytest.param("30", id="seconds"),
        pytest.param(format_datetime(NOW + timedelta(seconds=30), usegmt=True), id="HTTP date"),
        pytest.param((NOW + timedelta(seconds=30)).isoformat().replace("+00:00", "Z"), id="ISO 8601"),
        pytest.param(str(int(NOW.timestamp()) + 30), id="epoch seconds"),
    ],
)
async def test_a_throttled_write_waits_as_long_as_asked(
    retry_after: str, target: Any, connect: Connect, jumping: Any
) -> None:
    """429 means that nothing was executed, so a POST is sent again, after the wait in whichever form it came."""
    refuse = web.Response
    target.answer([lambda: refuse(status=429, headers={"Retry-After": retry_after}), lambda: web.json_response({})])
    transport = connect(target.base_url, wall_clock=NOW.timestamp)

    response = await transport.send(Request("POST", "/Users", json={"a": 1}))

    assert response.status == 200
    assert [body for *_, body in target.seen] == [b'{"a":1}'] * 2
    assert jumping.time - 1000.0 == pytest.approx(30.0, abs=0.01)
    assert transport.requests_sent == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 7.5 ", 7.5),
        ("Wed, 25 Nov 2026 11:59:00 GMT", 0.0),
        ("2026-11-25T12:01:00", 60.0),
        ("2026-11-25T13:01:00+01:00", 60.0),
        ("-3", None),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_every_form(text: str, seconds: float | None) -> None:
    """A point in time that has passed asks for no wait; nonsense asks for nothing."""
    assert parse_retry_after(text, NOW.timestamp()) == seconds


@pytest.mark.parametrize(
    ("throttle", "status", "headers", "body"),
    [
        pytest.param(
            Throttle(429, body_path="error.retry_after"), 429, {}, b'{"error":{"retry_after":15}}', id="in body"
        ),
        pytest.param(
            Throttle(403, contains=("request_limit_exceeded",), default_wait_seconds=15.0),
            403,
            {},
            b'[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]',
            id="in a 403",
        ),
        pytest.param(
            Throttle(429, headers=("retry-after", "x-ratelimit-reset")),
            429,
            {"x_ratelimit_reset": str(NOW.timestamp() + 15)},
            b"",
            id="in another header",
        ),
    ],
)
async def test_throttling_is_known_in_a_vendors_own_form(
    throttle: Throttle, status: int, headers: dict[str, str], body: bytes, fake_wire: Any, make_answer: Any,
    connect: Connect, jumping: Any,
) -> None:  # fmt: skip
    """Dropbox says it in the body, Salesforce in a 403, Zoom in a header of its own."""
    wire = fake_wire([make_answer(status, body, **headers), make_answer()])
    transport = connect(
        "https://a.test", wire=wire, throttles=(throttle, *STANDARD_THROTTLES), wall_clock=NOW.timestamp
    )

    assert (await transport.send(Request("POST", "/x", json={}))).status == 200
    assert jumping.time - 1000.0 == pytest.approx(15.0)


async def test_an_ordinary_403_is_not_throttling(fake_wire: Any, make_answer: Any, connect: Connect) -> None:
    """A rule with a text applies to answers with that text only."""
    wire = fake_wire([make_answer(403, b"no rights")])
    transport = connect("https://a.test", wire=wire, throttles=(Throttle(403, contains=("LIMIT",)),))

    assert (await transport.send(Request("POST", "/x", json={}))).status == 403
    assert len(wire.sent) == 1


async def test_a_wait_beyond_the_bound_is_raised_at_once(fake_wire: Any, make_answer: Any, connect: Connect) -> None:
    """A daily limit puts off the job, not one request."""
    wire = fake_wire([make_answer(429, retry_after="7200")])
    transport = connect("https://a.test", wire=wire)

    with pytest.raises(ThrottledError) as caught:
        await transport.send(Request("GET", "/x"))

    assert (caught.value.retry_after_seconds, caught.value.status) == (7200.0, 429)
    assert len(wire.sent) == 1


async def test_a_day_of_waiting_is_told_to_all_who_queue_and_nobody_waits_for_it(
    clock: Any, fake_wire: Any, make_answer: Any
) -> None:
    """One refusal is enough: what stands behind the same limit is not sent, neither now nor after a while."""
    wire = fake_wire([make_answer(429, retry_after="86400")], clock=clock.now, hold=lambda _sent: clock.sleep(0.05))
    transport = Transport(
        "https://a.test", limits=[Limit(10, 1, burst=2)], wire=wire, clock=clock.now, sleep=clock.sleep
    )

    outcomes = await clock.run(*(transport.send(Request("POST", "/x", json={})) for _ in range(50)))
    later = await clock.run(transport.send(Request("POST", "/x", json={})))
    await transport.aclose()

    assert [type(one) for one in (*outcomes, *later)] == [ThrottledError] * 51
    assert all(one.retry_after_seconds > 86_000 for one in (*outcomes, *later))
    assert len(wire.sent) == 2  # those in flight at the first refusal
    assert clock.time - 1000.0 < 1.0


async def test_throttling_without_end_is_given_up(fake_wire: Any, make_answer: Any, connect: Connect) -> None:
    """Tries are bounded, and a target that asks for no wait still gets one."""
    wire = fake_wire([make_answer(429, retry_after="0")])

    with pytest.raises(ThrottledError):
        await connect("https://a.test", wire=wire, retries=RetryPolicy(tries=3)).send(Request("POST", "/x", json={}))

    assert len(wire.sent) == 3


async def test_a_503_is_throttling_only_when_it_names_a_wait(
    fake_wire: Any, make_answer: Any, connect: Connect
) -> None:
    """Without one it may come from an application that died half-way, so a POST stays unknown."""
    wire = fake_wire([make_answer(503, retry_after="3"), make_answer(201), make_answer(503)])
    transport = connect("https://a.test", wire=wire)

    assert (await transport.send(Request("POST", "/x", json={}))).status == 201
    with pytest.raises(OutcomeUnknownError):
        await transport.send(Request("POST", "/x", json={}))

    assert len(wire.sent) == 3


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_write_whose_answer_is_lost_is_not_repeated(method: str, target: Any, connect: Connect) -> None:
    """The target may have done it: sending again could create a second account."""
    target.answer(["reset"])

    with pytest.raises(OutcomeUnknownError, match="may have been executed"):
        await connect(target.base_url).send(Request(method, "/Users", json={}))

    assert len(target.seen) == 1


async def test_a_request_that_must_not_repeat_is_not_repeated_below_us(target: Any, connect: Connect) -> None:
    """A kept connection that breaks makes HTTP libraries send a PUT again by themselves."""
    target.answer([lambda: web.json_response({}), "reset"])
    transport = connect(target.base_url)
    await transport.send(Request("GET", "/Users/1"))

    with pytest.raises(OutcomeUnknownError):
        await transport.send(Request("PUT", "/Users/1", json={}, idempotent=False))

    assert len(target.seen) == 2


async def test_a_read_whose_answer_is_lost_is_repeated(target: Any, connect: Connect) -> None:
    """Reading twice is reading once."""
    target.answer(["reset", "reset", lambda: web.json_response({"ok": True})])

    response = await connect(target.base_url).send(Request("GET", "/Users"))

    assert response.json() == {"ok": True}
    assert len(target.seen) == 3


async def test_a_slow_write_is_of_unknown_outcome(target: Any, connect: Connect) -> None:
    """A time-out after sending says nothing about what the target did."""

    async def script(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    target.script = script

    with pytest.raises(OutcomeUnknownError, match="no answer came in time"):
        await connect(target.base_url, timeout_seconds=0.1).send(Request("POST", "/Users", json={}))

    assert len(target.seen) == 1


async def test_a_connection_that_fails_before_sending_is_always_repeated(connect: Connect) -> None:
    """Nothing was sent, so even a POST may be tried again; in the end the message says so."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    transport = connect(f"http://127.0.0.1:{port}")

    with pytest.raises(TransportError, match="after 4 tries; nothing was sent") as caught:
        await transport.send(Request("POST", "/Users", json={}))

    assert not isinstance(caught.value, OutcomeUnknownError)


async def test_a_write_that_was_never_sent_succeeds_later(fake_wire: Any, make_answer: Any, connect: Connect) -> None:
    """One failed connection is no reason to lose a user."""
    wire = fake_wire([NotSentError("no route"), make_answer(201)])

    assert (await connect("https://a.test", wire=wire).send(Request("POST", "/Users", json={}))).status == 201


@pytest.mark.parametrize(
    ("request_", "sendings"),
    [
        pytest.param(Request("GET", "/x"), 4, id="GET"),
        pytest.param(Request("PUT", "/x", json={}), 4, id="PUT"),
        pytest.param(Request("DELETE", "/x"), 4, id="DELETE"),
        pytest.param(Request("POST", "/x", json={}, idempotent=True), 4, id="POST that only searches"),
        pytest.param(Request("POST", "/x", json={}), 1, id="POST"),
        pytest.param(Request("PUT", "/x", json={}, idempotent=False), 1, id="PUT that counts"),
    ],
)
async def test_server_errors_are_repeated_only_where_repeating_is_harmless(
    request_: Request, sendings: int, fake_wire: Any, make_answer: Any, connect: Connect
) -> None:
    """The last answer comes back when repeating did not help, so that its error body can be read."""
    wire = fake_wire([make_answer(502, b"bad")])
    transport = connect("https://a.test", wire=wire)

    if sendings == 1:
        with pytest.raises(OutcomeUnknownError):
            await transport.send(request_)
    else:
        assert (await transport.send(request_)).status == 502

    assert len(wire.sent) == sendings


async def test_back_off_grows_and_is_bounded(fake_wire: Any, connect: Connect, jumping: Any) -> None:
    """Doubled each time up to the cap; with full jitter any value below the bound is drawn."""
    wire = fake_wire([LostError("gone")])
    policy = RetryPolicy(tries=6, base_seconds=1.0, cap_seconds=5.0)

    with pytest.raises(TransportError):
        await connect("https://a.test", wire=wire, retries=policy).send(Request("GET", "/x"))

    assert jumping.slept == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert RetryPolicy().backoff_seconds(3, lambda: 0.25) == 0.5


async def test_all_waits_together_are_bounded(fake_wire: Any, make_answer: Any, connect: Connect, jumping: Any) -> None:
    """A request does not wait for ever in small steps."""
    wire = fake_wire([make_answer(429, retry_after="50")])
    policy = RetryPolicy(tries=100, max_total_wait_seconds=120.0)

    with pytest.raises(ThrottledError):
        await connect("https://a.test", wire=wire, retries=policy).send(Request("GET", "/x"))

    assert len(wire.sent) == 3
    assert jumping.time - 1000.0 <= 120.0
