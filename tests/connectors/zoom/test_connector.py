"""Zoom's connector: what its manifest says, and that each quirk is needed on the twin."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gallery_connector_zoom.twin import RATE_LIMITS, ZoomSettings, ZoomTwin
from gallery_sdk import auth
from gallery_sdk.auth import Secret
from gallery_sdk.expressions import EvaluationContext
from gallery_sdk.manifest import Manifest, find_problems, read_manifest
from gallery_sdk.plugins import connection_manager, find_entry
from gallery_sdk.provisioning import ObjectMapping
from gallery_sdk.sources.normalising import read_roles
from gallery_sdk.targets import Failure, Target, TargetFailure, open_target
from gallery_sdk.testing import Fault, ManualClock, RateLimit, TwinClient, serve
from gallery_sdk.transport import Request, Transport

TEXT = files("gallery_connector_zoom").joinpath("connector.toml").read_text("utf-8")
MANIFEST = read_manifest(str(files("gallery_connector_zoom").joinpath("connector.toml")))
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ZOOM_USER = "urn:us:zoom:scim:schemas:extension:1.0:ZoomUser"
SSO = f"{ZOOM_USER}:loginType.sso"
COST = f"{ENTERPRISE}:costCenter"
PATHS = {
    "user": ["userName", "active", "name.givenName", "name.familyName", "userType", "title", COST, SSO],
    "group": ["displayName", "members"],
}
ADA = {"userName": "ada@x.test", "active": True, "name.givenName": "Ada", "name.familyName": "L", SSO: True}

Scenario = Callable[[Target, ZoomTwin], Awaitable[None]]


@asynccontextmanager
async def connected(manifest: Manifest = MANIFEST, **settings: Any) -> AsyncIterator[tuple[Target, ZoomTwin]]:
    """A target over a real connection to a twin without rate limits."""
    twin = ZoomTwin(ZoomSettings(**{"limits": {}, **settings}))
    method = next(one for one in manifest.auth_methods if one.id == "server_to_server")
    with serve(twin) as server:
        credential = auth.build_credential(
            method,
            inputs={"account_id": "A1", "client_id": "twin-client"},
            secrets={"client_secret": Secret("twin-secret")},
            token_store=auth.MemoryTokenStore(),
            http=lambda _origin: Transport(server.url),
        )
        declared = manifest.transport
        async with Transport(
            f"{server.url}/scim2",
            credential=credential,
            default_headers={"Accept": declared.accept, "Content-Type": declared.content_type},
        ) as transport:
            target = open_target(manifest, None, transport=transport, settings={}, paths=PATHS)
            await target.open()
            yield target, twin


def user(twin: ZoomTwin, place: int = 0) -> dict[str, Any]:
    users: Any = twin.state()["users"]
    return dict(users[place])


# -- the manifest ------------------------------------------------------------------------------------------


def test_the_manifest_has_no_problem() -> None:
    """Neither an error nor a warning."""
    assert [str(problem) for problem in find_problems(MANIFEST)] == []


def test_every_fact_names_a_public_source_and_how_sure_it_is() -> None:
    """Quirks, limits, errors, attributes and mappings alike; quirks also the day."""
    data = tomllib.loads(TEXT)
    facts = [*data["quirk"], *data["limit"], *data["error"]]
    for kind in ("user", "group"):
        facts += [*data["attribute"][kind], *data["mapping"][kind]]

    for fact in facts:
        assert str(fact.get("source" if "target" not in fact else "origin")).startswith(("https://", "support.")), fact
        assert fact["mark"] in ("documented", "inferred", "memory"), fact
    assert {quirk["read"].isoformat() for quirk in data["quirk"]} == {"2026-11-23"}


def test_limits_are_those_of_the_twin() -> None:
    """Eighty requests a second, and sixty lists."""
    declared = {one.match: one.requests for one in MANIFEST.limits}

    assert declared == {"*": 80, "GET /Users": 60, "GET /Groups": 60}
    assert {RATE_LIMITS["Light"].requests, RATE_LIMITS["Medium"].requests} == {80, 60}


def test_only_the_login_address_matches() -> None:
    """It is the one attribute that Zoom finds people by; it is sent once."""
    matching = [one for one in MANIFEST.mappings["user"] if one.match is not None]

    assert [(one.target, one.when) for one in matching] == [("userName", "create")]


@pytest.mark.parametrize(
    ("roles", "licence"),
    [("Licensed", "Licensed"), ("Pro", "Licensed"), ("Corp", "On-Prem"), ("On Prem", "On-Prem"), ("", None),
     ('[{"id":"7","value":"Basic","displayName":"Basic"}]', "Basic")],
)  # fmt: skip
def test_app_roles_become_licences(roles: str, licence: str | None) -> None:
    """The former names are taken; without a role nothing is sent."""
    mapping = next(one for one in MANIFEST.mappings["user"] if one.target == "userType")
    schema = {one.name: one for one in MANIFEST.target_schema["user"]}
    mapped = ObjectMapping("user", [mapping], schema)
    source = {"appRoleAssignments": read_roles("|")(roles)} if roles else {}

    values = mapped.for_create(source, EvaluationContext(now=datetime(2026, 1, 1, tzinfo=UTC))).values

    assert values.get("userType") == licence


def test_the_installed_connector_offers_its_twin() -> None:
    """With credentials that its own token endpoint takes."""
    twin = connection_manager(find_entry("zoom")).hook.gallery_twin()

    assert isinstance(twin(), ZoomTwin)
    assert set(twin.credentials) == {"account_id", "client_id", "client_secret"}


def test_the_guide_leads_through_every_step() -> None:
    """What the manifest's steps ask for stands in the page as well."""
    guide = files("gallery_connector_zoom").joinpath("setup.md").read_text("utf-8")

    for word in ("vanity URL", "Single sign-on", "Server-to-Server", "scim2:admin", "appRoleAssignments", "8917"):
        assert word in guide, word


async def test_people_are_looked_up_by_login_address_and_groups_by_listing() -> None:
    """A filter on anything else means something else to Zoom, and none on groups is documented."""
    async with connected(groups=[{"displayName": "Team"}]) as (target, twin):
        assert target.capabilities.filterable("user") == {"userName"}
        assert await target.find("user", "title", "Boss") == []
        found = await target.find("group", "displayName", "team")

    assert [one.values["displayName"] for one in found] == ["Team"]
    assert not [route for route in twin.stats.by_route if "filter" in route]


async def test_a_day_that_is_used_up_ends_tomorrow() -> None:
    """Retry-After is a date-time of ISO 8601: it is read as the time it is, and the request is not sent again."""
    async with connected(daily={"Light": RateLimit(1, 86_400.0)}) as (target, twin):
        await target.create("user", ADA)
        with pytest.raises(TargetFailure) as caught:
            await target.create("user", {**ADA, "userName": "eve@x.test"})

    assert caught.value.failure is Failure.RATE_LIMITED
    assert caught.value.retry_after_seconds is not None
    assert 0 < caught.value.retry_after_seconds <= 86_400
    assert twin.stats.by_status[429] == 1


# -- scenarios: each holds with its quirk, and does not without it -----------------------------------------


async def _active_travels_by_patch_alone(target: Target, twin: ZoomTwin) -> None:
    made = await target.create("user", ADA)
    await target.update("user", made.id, ADA, {**ADA, "active": False, "name.givenName": "A."})
    assert (user(twin)["active"], user(twin)["name"]["givenName"]) == (False, "A.")
    assert (twin.stats.by_route["PUT /scim2"], twin.stats.by_route["PATCH /Users/*"]) == (0, 1)


async def _active_goes_without_a_path(target: Target, twin: ZoomTwin) -> None:
    bodies: list[object] = []
    patch = twin.account.patch_user

    def seen(identity: str, body: Any) -> dict[str, object]:
        bodies.append(body["Operations"])
        return patch(identity, body)

    twin.account.patch_user = seen  # type: ignore[method-assign]  # to see what went over the wire
    made = await target.create("user", ADA)
    await target.update("user", made.id, ADA, {**ADA, "active": False})
    assert bodies == [[{"op": "replace", "value": {"active": False}}]]


async def _updates_read_nothing_first(target: Target, twin: ZoomTwin) -> None:
    made = await target.create("user", {**ADA, COST: "7"})
    await target.update("user", made.id, {**ADA, COST: "7"}, {**ADA, COST: "8"})
    assert user(twin)[ENTERPRISE]["costCenter"] == "8"
    assert twin.stats.by_route["GET /Users/*"] == 0


async def _groups_are_never_put(target: Target, twin: ZoomTwin) -> None:
    made = await target.create("group", {"displayName": "Team"})
    twin.faults.add(Fault(status=405, methods=("PATCH",)))
    with pytest.raises(TargetFailure):
        await target.update("group", made.id, {"displayName": "Team"}, {"displayName": "Crew"})
    assert twin.stats.by_route["PUT /Groups/*"] == 0


async def _values_go_bare(target: Target, twin: ZoomTwin) -> None:
    asked: list[str] = []
    found = twin._found

    def seen(text: str | None) -> list[dict[str, object]]:
        asked.append(str(text))
        return found(text)

    twin._found = seen  # type: ignore[method-assign]  # to see what went over the wire
    await target.find("user", "userName", "a+b@x.test")
    assert asked == ["userName eq a+b@x.test"]


async def _pending_invitations_are_absent(target: Target, twin: ZoomTwin) -> None:
    twin.account.seed_user({"userName": "p@x.test", "state": "pending"})
    assert await target.find("user", "userName", "p@x.test") == []
    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {**ADA, "userName": "p@x.test"})
    assert caught.value.failure is Failure.CONFLICT


async def _what_lists_leave_out_is_read(target: Target, twin: ZoomTwin) -> None:
    await target.create("user", {**ADA, COST: "7", "title": "Countess"})
    (found,) = await target.find("user", "userName", "ada@x.test")
    assert (found.values.get(COST), found.values.get("title")) == ("7", "Countess")


async def _success_is_believed_once_it_shows(target: Target, twin: ZoomTwin) -> None:
    made = await target.create("user", ADA)
    twin.account.users.put(made.id, {**(twin.account.users.get(made.id) or {}), "role": "Owner"})
    with pytest.raises(TargetFailure) as caught:
        await target.update("user", made.id, ADA, {**ADA, "active": False})
    assert caught.value.failure is Failure.SKIP
    renamed = await target.update("user", made.id, ADA, {**ADA, "userName": "countess@x.test"})
    assert renamed is not None
    assert [(one.code, one.where) for one in renamed.findings] == [("value_not_taken", "userName")]


async def _members_are_never_read(target: Target, twin: ZoomTwin) -> None:
    assert not target.capabilities.members_readable
    made = await target.create("group", {"displayName": "Team"})
    before = twin.stats.requests
    assert await target.read_members(made.id) == set()
    assert twin.stats.requests == before


async def _members_follow_the_create(target: Target, twin: ZoomTwin) -> None:
    ada = await target.create("user", ADA)
    made = await target.create("group", {"displayName": "Team"}, members=[ada.id])
    assert list(twin.account.members[made.id]) == [ada.id]


async def _members_travel_in_batches(target: Target, twin: ZoomTwin) -> None:
    for number in range(3_500):
        twin.account.seed_user({"userName": f"u{number}@x.test"})
    made = await target.create("group", {"displayName": "Team"})
    before = twin.stats.by_status[400]
    await target.change_members(made.id, twin.account.users.order(), [], current_size=0)
    assert len(twin.account.members[made.id]) == 3_500
    assert twin.stats.by_status[400] == before


QUIRKS: list[tuple[str, Scenario]] = [
    ("patch.only", _active_travels_by_patch_alone),
    ("patch.path_omitted", _active_goes_without_a_path),
    ("put.keeps_omitted", _updates_read_nothing_first),
    ("put.forbidden", _groups_are_never_put),
    ("filter.quote_style", _values_go_bare),
    ("filter.absent_status", _pending_invitations_are_absent),
    ("list.omits", _what_lists_leave_out_is_read),
    ("update.verify", _success_is_believed_once_it_shows),
    ("members.not_returned", _members_are_never_read),
    ("group.create_without_members", _members_follow_the_create),
    ("members.max_per_request", _members_travel_in_batches),
]


@pytest.mark.parametrize(("quirk", "scenario"), QUIRKS, ids=[quirk for quirk, _ in QUIRKS])
async def test_a_quirk_is_needed(quirk: str, scenario: Scenario) -> None:
    """With it the promise holds; with it alone switched off it does not."""
    async with connected() as (target, twin):
        await scenario(target, twin)

    with pytest.raises((AssertionError, TargetFailure, ValueError, pytest.fail.Exception)):
        async with connected(MANIFEST.without_quirk(quirk)) as (target, twin):
            await scenario(target, twin)


def test_no_quirk_goes_unproven() -> None:
    """Nested groups are the engine's to leave out, and without discovery nothing asks for it."""
    proven = {quirk for quirk, _ in QUIRKS}

    assert {quirk.id for quirk in MANIFEST.quirks} - proven == {"group.nested_unsupported", "config.missing"}


# -- signing in --------------------------------------------------------------------------------------------


async def test_a_person_signs_in_once_and_tokens_follow_each_other() -> None:
    """Authorization code with PKCE, then a refresh token for each hour, used once."""
    clock = ManualClock(1_000_000.0)
    twin = ZoomTwin(ZoomSettings(limits={}, clock=clock))
    method = next(one for one in MANIFEST.auth_methods if one.id == "sign_in")
    opened: list[str] = []

    async def agree() -> str:
        query = dict(parse_qsl(urlsplit(opened[0]).query))
        page = await TwinClient(twin).request("GET", "/oauth/authorize", query=query)
        return page.headers["location"]

    with serve(twin) as server:
        given: dict[str, Any] = {
            "inputs": {"client_id": "twin-client"},
            "secrets": {"client_secret": Secret("twin-secret")},
            "token_store": auth.MemoryTokenStore(),
            "http": lambda _origin: Transport(server.url),
            "wall_clock": clock,
        }
        await auth.sign_in(method, open_url=opened.append, read_pasted=agree, **given)
        async with Transport(f"{server.url}/scim2", credential=auth.build_credential(method, **given)) as transport:
            for _ in range(3):
                assert (await transport.send(Request("GET", "/Users"))).status == 200
                clock.advance(3600)

    assert opened[0].startswith("https://zoom.us/oauth/authorize?")
    assert twin.stats.by_route["POST /oauth/token"] == 3
    assert twin.stats.by_status[401] == 0
