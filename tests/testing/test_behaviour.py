"""What all twins share: tokens, limits, faults, counting; and how a manifest sets a server up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.manifest import parse_manifest
from gallery_sdk.scim import urns
from gallery_sdk.testing import (
    ConnectionLost,
    Fault,
    ManualClock,
    RateLimit,
    RateLimiter,
    ScaledClock,
    ScimServer,
    TwinBehaviour,
    TwinClient,
    behaviour_of,
    twin_of,
)

MANIFEST = """
schema = 1
slug = "acme"
name = "Acme"
version = "1.0.0"
[capabilities]
user = ["read", "create", "update", "deactivate"]
features = ["filter:userName-eq"]
[transport]
base_url = "https://api.acme.test/scim"
allowed_hosts = ["api.acme.test"]
page_size = 50
page_max = 80
[[auth.method]]
id = "token"
kind = "bearer_token"
[[auth.method.input]]
id = "token"
type = "secret"
[[limit]]
match = "POST /Users"
requests = 2
per_seconds = 60.0
"""


async def test_a_token_is_asked_for(connect: Any) -> None:
    """401 without one, with another one, and with another scheme."""
    server = ScimServer(TwinBehaviour(tokens={"right": "ada"}))

    statuses = [
        (await TwinClient(server, base_path="/scim/v2", token=token).get("/Users")).status
        for token in ("", "wrong", "right")
    ]
    basic = await TwinClient(server, base_path="/scim/v2").request(
        "GET", "/Users", headers={"authorization": "Basic right"}
    )

    assert statuses == [401, 401, 200]
    assert (basic.status, basic.headers["www-authenticate"][:6]) == (401, "Bearer")


@given(
    gaps=st.lists(st.floats(0, 5, allow_nan=False), max_size=60), requests=st.integers(1, 20), burst=st.integers(1, 10)
)
@settings(max_examples=60, deadline=None)
def test_a_limit_is_never_exceeded(gaps: list[float], requests: int, burst: int) -> None:
    """In any window, what was let through is at most the burst and what the rate gives in that time."""
    clock = ManualClock()
    limiter = RateLimiter([RateLimit(requests, 10, burst)], clock)
    passed: list[float] = []

    for gap in gaps:
        clock.advance(gap)
        if limiter.wait_for("GET", "/Users") is None:
            passed.append(clock())

    for first in range(len(passed)):
        for last in range(first, len(passed)):
            allowed = burst + (passed[last] - passed[first]) * requests / 10
            assert last - first + 1 <= allowed + 1e-6


def test_waiting_as_told_is_enough() -> None:
    """After the wait that was named, the request goes through; on a fast clock it is told in real seconds."""
    clock = ManualClock()
    limiter = RateLimiter([RateLimit(6, 60, 1), RateLimit(1, 5, methods=("POST",))], clock)
    assert limiter.wait_for("POST", "/Users") is None

    wait = limiter.wait_for("POST", "/Users")
    assert wait is not None
    clock.advance(wait)

    assert wait == pytest.approx(10)
    assert limiter.wait_for("POST", "/Users") is None
    assert RateLimiter([], ScaledClock(60)).retry_after(90) == 2


async def test_a_throttled_request_is_told_when_to_come_back(connect: Any) -> None:
    """429 with Retry-After, and nothing is done."""
    clock = ManualClock()
    client = connect(limits=[RateLimit(2, 60, path="/Users")], clock=clock)
    body = {"schemas": [urns.USER], "userName": "ada"}

    answers = [await client.get("/Users"), await client.get("/Users"), await client.post("/Users", body)]
    clock.advance(30)
    total = (await client.get("/Users"))["totalResults"]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "30"
    assert total == 0


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault(), [1, 2, 3, 4, 5, 6]),
        (Fault(times=2), [1, 2]),
        (Fault(on=(2, 5)), [2, 5]),
        (Fault(every=3), [3, 6]),
        (Fault(every=2, times=1), [2]),
        (Fault(methods=("POST",)), []),
        (Fault(path="Groups"), []),
    ],
    ids=["always", "first", "chosen", "every", "once", "other method", "other path"],
)
async def test_faults_strike_where_they_are_planned(connect: Any, fault: Fault, struck: list[int]) -> None:
    """Counted over the requests that match."""
    client = connect(faults=[fault])

    statuses = [(await client.get("/Users")).status for _ in range(6)]

    assert [place for place, status in enumerate(statuses, 1) if status == 503] == struck


async def test_faults_by_chance_repeat_with_their_seed(connect: Any) -> None:
    """The same seed fails the same requests, about as many as was asked for."""

    async def run(seed: int) -> list[int]:
        client = connect(faults=[Fault(probability=0.3)], seed=seed)
        return [(await client.get("/Users")).status for _ in range(200)]

    first = await run(1)

    assert await run(1) == first
    assert await run(2) != first
    assert 30 < first.count(503) < 90


async def test_a_lost_response_is_a_write_that_was_done(connect: Any, person: Any) -> None:
    """And a reset is one that was not."""
    lost = connect(faults=[Fault("lost_response", on=(1,))])
    reset = connect(faults=[Fault("reset", on=(1,))])

    for client in (lost, reset):
        with pytest.raises(ConnectionLost):
            await client.post("/Users", person())

    lost_again = connect(faults=[Fault("lost_response")])
    with pytest.raises(ConnectionLost):
        await lost_again.get("/Users/nobody")

    assert (await lost.get("/Users"))["totalResults"] == 1
    assert (await reset.get("/Users"))["totalResults"] == 0


async def test_a_page_of_html_may_stand_in_the_way(connect: Any, person: Any) -> None:
    """As a proxy would send it, with whatever status."""
    client = connect(faults=[Fault("html", status=200, times=1)])

    answer = await client.post("/Users", person())

    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (await client.get("/Users"))["totalResults"] == 0


@pytest.mark.parametrize(
    ("spelling", "body"),
    [
        ("scim", {"schemas": [urns.ERROR], "status": "404", "detail": "Resource x not found"}),
        ("scim1", {"Errors": [{"description": "Resource x not found", "code": "404"}]}),
        ("json", {"error": "Resource x not found"}),
        ("text", b"Resource x not found"),
    ],
)
async def test_errors_are_spelt_as_the_target_spells_them(connect: Any, spelling: str, body: object) -> None:
    """Four shapes that real servers show."""
    answer = await connect(error_spelling=spelling).get("/Users/x")

    assert (answer.status, answer.body) == (404, body)


async def test_a_delete_may_only_deactivate(connect: Any, person: Any) -> None:
    """The account stays, inactive, and so does its name."""
    client = connect(delete="deactivate")
    made = await client.post("/Users", person("ada"))

    statuses = [(await client.delete(f"/Users/{made['id']}")).status for _ in range(2)]

    assert statuses == [204, 204]
    assert (await client.get(f"/Users/{made['id']}"))["active"] is False
    assert (await client.post("/Users", person("ada"))).status == 409


async def test_requests_are_counted_by_route(connect: Any, person: Any) -> None:
    """Ids are blotted out, look-ups stand apart from lists; the control routes do not count."""
    server = ScimServer(TwinBehaviour())
    client = TwinClient(server, base_path="/scim/v2")
    made = await client.post("/Users", person())
    await client.get(f"/Users/{made['id']}")
    await client.get("/Users")
    await client.get("/Users", filter='userName eq "ada"')

    stats = await TwinClient(server).get("/_twin/stats")
    state = await TwinClient(server).get("/_twin/state")

    assert stats["by_route"] == {"POST /Users": 1, "GET /Users/*": 1, "GET /Users": 1, "GET /Users?filter": 1}
    assert (stats["requests"], server.stats.writes(), stats["by_status"]) == (4, 1, {"201": 1, "200": 3})
    assert [user["userName"] for user in state["users"]] == ["ada"]


async def test_a_second_write_to_an_object_under_way_may_be_refused(connect: Any) -> None:
    """With the write lock, one of two writes at once gets 429; writes to others go on."""
    import asyncio

    users = [{"id": name, "userName": name, "schemas": [urns.USER]} for name in ("a", "b")]
    client = connect(users=users, write_seconds=0.02, write_lock=True)
    body = {"schemas": [urns.USER], "userName": "a"}

    answers = await asyncio.gather(
        client.put("/Users/a", body),
        client.put("/Users/a", body),
        client.put("/Users/b", {**body, "userName": "b"}),
        client.post("/Users", {**body, "userName": "c"}),
        client.post("/Users", {**body, "userName": "d"}),
    )

    assert [answer.status for answer in answers] == [200, 429, 200, 201, 201]


@pytest.mark.parametrize(
    ("quirk", "asked", "status"),
    [
        ('id = "filter.unsupported"', ("GET", "/Users", {"filter": "userName pr"}), 400),
        ('id = "filter.only"\nvalue = ["userName"]', ("GET", "/Users", {"filter": 'title eq "x"'}), 400),
        ('id = "patch.unsupported"', ("PATCH", "/Users/u", {}), 501),
        ('id = "put.forbidden"', ("PUT", "/Users/u", {}), 405),
        ('id = "config.missing"', ("GET", "/Schemas", {}), 404),
    ],
    ids=["filter.unsupported", "filter.only", "patch.unsupported", "put.forbidden", "config.missing"],
)
async def test_a_declared_quirk_is_played(quirk: str, asked: tuple[str, str, dict[str, str]], status: int) -> None:
    """Without the quirk the same request is served."""
    method, path, query = asked
    user = {"schemas": [urns.USER], "id": "u", "userName": "ada"}
    body: dict[str, object] = {**user, "Operations": []}
    statuses = []

    for text in (MANIFEST, f"{MANIFEST}\n[[quirk]]\n{quirk}\nsource = 'docs'\nread = 2026-11-23\ntest = 't'\n"):
        behaviour = behaviour_of(parse_manifest(text, "acme"))
        server = ScimServer(behaviour)
        server.directory.create("user", dict(user), {})
        client = TwinClient(server, base_path="/scim/v2")
        statuses.append((await client.request(method, path, None if method == "GET" else body, query=query)).status)

    assert statuses == [200, status]


async def test_a_manifest_makes_a_twin_with_its_limits_and_credentials() -> None:
    """Page sizes, limits and the token are those declared; two twins share nothing."""
    twin = twin_of(parse_manifest(MANIFEST, "acme"))
    first, second = (TwinClient(twin(), base_path=twin.base_path, token=twin.token) for _ in range(2))
    stranger = await TwinClient(twin(), base_path=twin.base_path).get("/Users")

    statuses = [(await first.post("/Users", {"schemas": [urns.USER], "userName": f"user{n}"})).status for n in range(3)]
    config = await first.get("/ServiceProviderConfig")

    assert statuses == [201, 201, 429]
    assert (await second.get("/Users"))["totalResults"] == 0
    assert (config["pagination"]["defaultPageSize"], config["pagination"]["maxPageSize"]) == (50, 80)
    assert stranger.status == 401
