"""Snowflake's connector: what its manifest says, and that each quirk is needed on the twin."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import pytest

from gallery_connector_snowflake.target import SnowflakeTarget, open_snowflake_target
from gallery_connector_snowflake.twin import SnowflakeSettings, SnowflakeTwin
from gallery_sdk.apps.connection import find_connection_problems
from gallery_sdk.apps.models import AppConfig
from gallery_sdk.auth import Secret, build_credential, fill_url
from gallery_sdk.manifest import Manifest, find_problems, read_manifest
from gallery_sdk.plugins import connection_manager, find_entry
from gallery_sdk.targets import Failure, TargetFailure
from gallery_sdk.testing import Fault, serve
from gallery_sdk.transport import Transport

TEXT = files("gallery_connector_snowflake").joinpath("connector.toml").read_text("utf-8")
MANIFEST = read_manifest(str(files("gallery_connector_snowflake").joinpath("connector.toml")))
EXTENSION = "urn:ietf:params:scim:schemas:extension:2.0:User"
WORK, HOME = 'emails[type eq "work"].value', 'emails[type eq "home"].value'
ROLE, WAREHOUSE, TYPE = f"{EXTENSION}:defaultRole", f"{EXTENSION}:defaultWarehouse", f"{EXTENSION}:type"
PATHS = {
    "user": ["userName", "active", "displayName", WORK, HOME, ROLE, WAREHOUSE, TYPE],
    "group": ["displayName", "members"],
}
ADA = {"userName": "ada", "active": True, "displayName": "Ada L", WORK: "ada@x.test"}

Scenario = Callable[[SnowflakeTarget, SnowflakeTwin], Awaitable[None]]


@asynccontextmanager
async def connected(
    manifest: Manifest = MANIFEST, *, page_size: int = 1000, **settings: Any
) -> AsyncIterator[tuple[SnowflakeTarget, SnowflakeTwin]]:
    """A target over a real connection to a twin."""
    twin = SnowflakeTwin(SnowflakeSettings(**settings))
    method = manifest.auth_methods[0]
    credential = build_credential(method, inputs={}, secrets={"token": Secret(next(iter(twin.tokens)))})
    declared = manifest.transport.model_copy(update={"page_size": page_size})
    with serve(twin) as server:
        headers = {"Accept": declared.accept, "Content-Type": declared.content_type}
        async with Transport(f"{server.url}/scim/v2", credential=credential, default_headers=headers) as transport:
            target = open_snowflake_target(manifest.model_copy(update={"transport": declared}), transport, PATHS)
            await target.open()
            yield target, twin


def user(twin: SnowflakeTwin) -> dict[str, Any]:
    users: Any = twin.state()["users"]
    return dict(users[-1])


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
        assert str(fact.get("source" if "target" not in fact else "origin")).startswith("https://"), fact
        assert fact["mark"] in ("documented", "inferred", "memory"), fact
    assert {quirk["read"].isoformat() for quirk in data["quirk"]} == {"2026-11-23"}


def test_nothing_but_names_matches_and_can_be_looked_up() -> None:
    """A filter on anything else finds nobody, so that everybody would look new."""
    for kind, name in (("user", "userName"), ("group", "displayName")):
        assert [one.target for one in MANIFEST.mappings[kind] if one.match is not None] == [name]
        assert {one.name for one in MANIFEST.target_schema[kind] if one.filterable} == {name}


def test_nothing_is_mapped_to_the_enterprise_extension_but_the_second_name() -> None:
    """Generic integrations have their attributes elsewhere; only a name that is kept apart stands there."""
    enterprise = [one for one in MANIFEST.mappings["user"] if "enterprise" in one.target]

    assert [(one.target.rpartition(":")[2], one.enabled) for one in enterprise] == [("snowflakeUserName", False)]


@pytest.mark.parametrize(
    ("account", "fits"),
    [("acme-prod", True), ("acme.east-us-2.azure", True), ("acme_prod", False), ("acme.privatelink", False),
     ("https://acme-prod", False), ("acme-prod.snowflakecomputing.com/x", False)],
)  # fmt: skip
def test_account_identifiers_are_checked_before_anything_is_sent(account: str, fits: bool) -> None:
    """Hyphens for underscores, and no private link."""
    app = AppConfig.model_validate(
        {"name": "prod", "connector": "snowflake", "settings": {"account": account},
         "auth": {"method": "scim_token", "token": "env:TOKEN"}, "source": {"kind": "csv", "users": "people.csv"}}
    )  # fmt: skip

    assert (find_connection_problems(app, MANIFEST) == []) is fits


def test_the_address_is_the_account_s() -> None:
    """And External OAuth asks the two authorization servers that are declared."""
    base = fill_url(MANIFEST.transport.base_url, {"account": "acme-prod"}, where="test")
    tokens = [one.token.url for one in MANIFEST.auth_methods if one.token is not None]

    assert base == "https://acme-prod.snowflakecomputing.com/scim/v2"
    assert [url.split("/")[2].partition(".")[2] for url in tokens] == ["microsoftonline.com", "okta.com"]


def test_the_installed_connector_offers_target_and_twin() -> None:
    """Through the hooks that a job and the demo ask."""
    plugins = connection_manager(find_entry("snowflake"))

    assert isinstance(plugins.hook.gallery_twin()(), SnowflakeTwin)
    assert plugins.has_hook("gallery_target")


def test_the_guide_leads_through_every_step() -> None:
    """The SQL of the manifest's steps stands in the page as well."""
    guide = files("gallery_connector_snowflake").joinpath("setup.md").read_text("utf-8")

    for word in (
        "CREATE ROLE IF NOT EXISTS", "SCIM_CLIENT='GENERIC'", "SYSTEM$GENERATE_SCIM_ACCESS_TOKEN", "MONITOR USER",
        "GRANT OWNERSHIP", "NETWORK_POLICY", "SCIM_ENDPOINT_ID", "snowflakeUserName", "2026_03",
    ):  # fmt: skip
        assert word in guide, word


# -- scenarios: each holds with its quirk, and does not without it -----------------------------------------


async def _made_up_objects_are_left_out(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    report = await target.test()
    assert [step.detail for step in report.steps if step.name.startswith("list")] == ["0 on the first page"] * 2


async def _lists_are_read_to_their_end(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    for number in range(25):
        twin.account.create_user({"userName": f"u{number}"})
    assert await target.count("user") is None
    assert len([one async for page in target.list_objects("user") for one in page.objects]) == 25
    assert target.findings == ()


async def _the_email_is_read_back(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    made = await target.create("user", ADA)
    found = await target.read("user", made.id)
    assert found is not None
    assert found.values.get(WORK) == "ada@x.test"


async def _one_email_is_sent(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    canonical = target.canonical("user")
    values: dict[str, object] = {**ADA, HOME: "ada@home.test"}
    await target.create("user", values if canonical is None else canonical(values))
    assert user(twin)["emails"] == [{"primary": True, "value": "ada@x.test"}]


async def _first_values_are_replacements(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    made = await target.create("user", ADA)
    await target.update("user", made.id, ADA, {**ADA, ROLE: "ANALYST", WORK: "new@x.test"})
    assert (user(twin)[EXTENSION]["defaultRole"], user(twin)["emails"][0]["value"]) == ("ANALYST", "new@x.test")


async def _values_are_cleared(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    made = await target.create("user", {**ADA, WAREHOUSE: "WH"})
    await target.update("user", made.id, {**ADA, WAREHOUSE: "WH"}, ADA)
    assert "defaultWarehouse" not in user(twin)[EXTENSION]


async def _put_is_never_sent(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    made = await target.create("user", {**ADA, TYPE: "service"})
    twin.faults.add(Fault(status=405, methods=("PATCH",)))
    with pytest.raises(TargetFailure):
        await target.update("user", made.id, {**ADA, TYPE: "service"}, {**ADA, TYPE: "service", "displayName": "A"})
    assert twin.stats.by_route["PUT /Users/*"] == 0


async def _a_success_without_a_body_is_looked_into(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    made = await target.create("user", ADA)
    changed = await target.update("user", made.id, ADA, {**ADA, TYPE: "robot"})
    assert changed is not None
    assert [(one.code, one.where) for one in changed.findings] == [("value_not_taken", TYPE)]


async def _members_follow_the_create(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    ada = await target.create("user", ADA)
    made = await target.create("group", {"displayName": "TEAM"}, members=[ada.id])
    assert await target.read_members(made.id) == {ada.id}


async def _nested_groups_are_left_out(target: SnowflakeTarget, twin: SnowflakeTwin) -> None:
    inner = await target.create("group", {"displayName": "INNER"})
    outer = await target.create("group", {"displayName": "OUTER"})
    ada = await target.create("user", ADA)
    outcome = await target.change_members(outer.id, [inner.id, ada.id], [], current_size=0)
    assert (set(outcome.added), outcome.refused) == ({ada.id}, {})


QUIRKS: list[tuple[str, Scenario]] = [
    ("list.ignore_where", _made_up_objects_are_left_out),
    ("page.total_unreliable", _lists_are_read_to_their_end),
    ("email.type_not_returned", _the_email_is_read_back),
    ("multi_valued.max_items", _one_email_is_sent),
    ("patch.replace_only", _first_values_are_replacements),
    ("clear.style", _values_are_cleared),
    ("put.forbidden", _put_is_never_sent),
    ("update.verify", _a_success_without_a_body_is_looked_into),
    ("group.create_without_members", _members_follow_the_create),
    ("group.nested_unsupported", _nested_groups_are_left_out),
]


@pytest.mark.parametrize(("quirk", "scenario"), QUIRKS, ids=[quirk for quirk, _ in QUIRKS])
async def test_a_quirk_is_needed(quirk: str, scenario: Scenario) -> None:
    """With it the promise holds; with it alone switched off it does not."""
    settings: dict[str, Any] = {"lists": "legacy"} if quirk == "list.ignore_where" else {}

    async with connected(page_size=10, **settings) as (target, twin):
        await scenario(target, twin)

    with pytest.raises((AssertionError, TargetFailure, pytest.fail.Exception)):
        async with connected(MANIFEST.without_quirk(quirk), page_size=10, **settings) as (target, twin):
            await scenario(target, twin)


def test_no_quirk_goes_unproven() -> None:
    """Each declared quirk is switched off above."""
    assert {quirk.id for quirk in MANIFEST.quirks} == {quirk for quirk, _ in QUIRKS}


# -- ownership, and what the address is --------------------------------------------------------------------


async def test_members_that_cannot_be_seen_do_not_keep_out_the_others() -> None:
    """The one is refused by name; the group is granted to the rest."""
    hidden = {"userName": "hidden", "id": "90_1", "owner": "SECURITYADMIN"}
    async with connected(users=[hidden]) as (target, _):
        people = [(await target.create("user", {**ADA, "userName": f"u{number}"})).id for number in range(5)]
        made = await target.create("group", {"displayName": "TEAM"})

        outcome = await target.change_members(made.id, [*people[:2], "90_1", *people[2:]], [], current_size=0)

        assert set(outcome.added) == set(people)
        assert {one: why.failure for one, why in outcome.refused.items()} == {"90_1": Failure.MEMBER}
        assert await target.read_members(made.id) == set(people)


async def test_a_created_user_that_another_role_owns_is_a_conflict_that_names_the_grant() -> None:
    """409 stands for every failed create; the advice fits the likely one and says so."""
    async with connected(users=[{"userName": "ada", "owner": "SECURITYADMIN"}]) as (target, _):
        with pytest.raises(TargetFailure) as caught:
            await target.create("user", ADA)

    assert caught.value.failure is Failure.CONFLICT
    assert "GRANT OWNERSHIP ON USER" in caught.value.mend


@pytest.mark.parametrize("lists", ["legacy", "bundle_2026_03"])
async def test_reading_everything_is_offered_where_lists_are_real(lists: str) -> None:
    """Known after opening, by one request."""
    async with connected(lists=lists) as (target, twin):
        assert target.capabilities.can("user", "read") is (lists != "legacy")
        assert twin.stats.requests == 1
