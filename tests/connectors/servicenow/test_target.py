"""The connector against its twin, call by call: what it refuses, what it does not believe, what it tells."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_connector_servicenow import connection
from gallery_connector_servicenow.plugin import gallery_target
from gallery_connector_servicenow.quirks import literal, members_by_reference, one_of, spell
from gallery_connector_servicenow.target import ServiceNowTarget
from gallery_connector_servicenow.twin import PASSWORD, USER, ServiceNowTwin
from gallery_sdk.auth import Secret, build_credential
from gallery_sdk.errors import OutcomeUnknownError
from gallery_sdk.manifest import find_problems, read_manifest
from gallery_sdk.targets import Failure, Target, TargetFailure
from gallery_sdk.targets.rest import Said
from gallery_sdk.testing import Fault, Twin, TwinRequest, TwinResponse, serve, twin_of
from gallery_sdk.transport import Response, RetryPolicy, Transport

PATH = str(files("gallery_connector_servicenow").joinpath("connector.toml"))
MANIFEST = read_manifest(PATH)
PATHS = {
    "user": ["user_name", "active", "email", "first_name", "last_name", "title", "department", "manager",
             "employee_number", "mobile_phone"],
    "group": ["name", "description", "members"],
}  # fmt: skip
SETTINGS = {"api": "table", "lock_out": "true", "query_no_domain": "false", "instance": "twin"}
ADA = {"user_name": "ada", "active": True, "first_name": "Ada", "last_name": "L", "email": "ada@acme.test"}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sleeping instance is asked again at once."""
    monkeypatch.setattr(connection, "_PAUSES", (0.01, 0.01))


@asynccontextmanager
async def connected(
    twin: ServiceNowTwin | None = None,
    *,
    paths: dict[str, list[str]] | None = None,
    password: str = PASSWORD,
    **settings: str,
) -> AsyncIterator[tuple[Target, ServiceNowTwin]]:
    """A target over a real connection to a twin."""
    twin = twin or ServiceNowTwin()
    method = next(one for one in MANIFEST.auth_methods if one.id == "basic")
    credential = build_credential(method, inputs={"username": USER}, secrets={"password": Secret(password)})
    with serve(twin) as server:
        transport = Transport(
            server.url, allowed_hosts=["127.0.0.1"], credential=credential, retries=RetryPolicy(base_seconds=0.01),
            default_headers={"Content-Type": "application/json", "Accept": "application/json"},
        )  # fmt: skip
        made: Any = gallery_target(MANIFEST, transport, {**SETTINGS, **settings}, paths or PATHS)
        try:
            await made.open()
            yield made, twin
        finally:
            await made.aclose()
            await transport.aclose()


def codes(target: Target) -> set[tuple[str, str]]:
    return {(one.code, one.where) for one in target.findings}


# -- the manifest --------------------------------------------------------------------------------------------------


def test_the_manifest_has_no_problem() -> None:
    """Neither an error nor a warning."""
    assert [str(problem) for problem in find_problems(MANIFEST)] == []


def test_every_fact_names_a_public_source_and_how_sure_it_is() -> None:
    """Quirks, limits, errors, attributes and mappings alike; quirks also the day."""
    data = tomllib.loads(Path(PATH).read_text("utf-8"))
    facts = [*data["quirk"], *data["limit"], *data["error"], *data["attribute"]["user"], *data["attribute"]["group"]]
    mappings = [*data["mapping"]["user"], *data["mapping"]["group"]]

    assert all(fact["source"].startswith("https://") for fact in facts)
    assert all(mapping["origin"].startswith("https://") for mapping in mappings)
    assert all(fact["mark"] in ("documented", "inferred", "memory") for fact in (*facts, *mappings))
    assert all(quirk["read"].isoformat() == "2026-11-23" for quirk in data["quirk"])


def test_the_connector_brings_a_twin_that_it_can_sign_in_to() -> None:
    """What `gallery twin servicenow` starts."""
    from gallery_sdk.plugins import connection_manager, find_entry

    twin = twin_of(MANIFEST, connection_manager(find_entry("servicenow")))

    assert isinstance(twin, Twin)
    assert isinstance(twin(), ServiceNowTwin)
    method = next(one for one in MANIFEST.auth_methods if one.id == twin.method)
    assert {one.id for one in method.inputs} == set(twin.credentials)


# -- queries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["javascript:gs.getUserID()", " JavaScript:alert()", "ada^ORuser_nameLIKEa", "^EQ"])
async def test_values_that_a_query_would_run_or_break_at_are_not_sent(value: str) -> None:
    """Neither looked for nor, where they are scripts, written."""
    async with connected() as (target, twin):
        with pytest.raises(TargetFailure) as refused:
            await target.find("user", "user_name", value)
        if "^" not in value:
            with pytest.raises(TargetFailure):
                await target.create("user", {**ADA, "title": value})
            with pytest.raises(TargetFailure):
                await target.update("user", twin.integration_user, {}, {"title": value})

        assert refused.value.failure is Failure.OBJECT
        assert value not in str(refused.value)
        assert (twin.stats.requests, twin.table.scripts) == (0, [])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_a_literal_is_the_value_itself_or_nothing(value: str) -> None:
    """No value becomes another one, or a second term."""
    try:
        text = literal(value)
    except TargetFailure:
        assert "^" in value or value.strip().casefold().startswith("javascript:")
    else:
        assert text == value
        assert "^" not in text


def test_an_id_with_a_comma_is_not_put_among_others() -> None:
    """Commas separate the values of IN, and nothing escapes them."""
    assert one_of("user", ["a,b"]) == "user=a,b"
    assert one_of("user", ["a", "b"]) == "userINa,b"
    with pytest.raises(TargetFailure):
        one_of("user", ["a,b", "c"])


async def test_a_filter_that_is_ignored_is_not_believed() -> None:
    """Anybody comes back: the column is not asked for again, and everybody is compared here."""
    twin = ServiceNowTwin()
    for number in range(8):
        twin.instance.seed("sys_user", user_name=f"user{number}", last_name="X", email=f"user{number}@acme.test")
    paths = {**PATHS, "user": [*PATHS["user"], "u_badge"]}
    async with connected(twin, paths=paths) as (target, _):
        target._filterable["user"] |= {"u_badge"}  # type: ignore[attr-defined]  # as an app's own column would be

        assert await target.find("user", "u_badge", "7") == []

        assert "u_badge" not in target.capabilities.filterable("user")
        assert ("filter_ignored", "user u_badge") in codes(target)
        (found,) = await target.find("user", "email", "USER3@acme.test")
        assert found.values["user_name"] == "user3"
        assert "email" in target.capabilities.filterable("user")


@pytest.mark.parametrize("case_sensitive", [True, False])
async def test_letter_case_does_not_hide_an_account(case_sensitive: bool) -> None:
    """Queries are said to mind it; accounts are often in lower case."""
    async with connected() as (target, twin):
        twin.table.case_sensitive = case_sensitive
        there = twin.instance.seed("sys_user", user_name="ada@acme.test", last_name="L")

        (found,) = await target.find("user", "user_name", "Ada@Acme.Test")

        assert found.id == there
        assert await target.find("user", "user_name", "nobody") == []
        assert codes(target) == set()


async def test_who_was_hired_again_is_found_by_the_active_account() -> None:
    """Two rows of one employee number: the active one is meant; two active ones stay ambiguous."""
    async with connected() as (target, twin):
        seed = twin.instance.seed
        seed("sys_user", user_name="old", employee_number="7", active="false")
        now = seed("sys_user", user_name="new", employee_number="7")

        assert [one.id for one in await target.find("user", "employee_number", "7")] == [now]

        seed("sys_user", user_name="newer", employee_number="7")
        assert len(await target.find("user", "employee_number", "7")) == 3


# -- listings ------------------------------------------------------------------------------------------------------


async def test_pages_that_access_rules_empty_do_not_end_a_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit comes before the rules; ids of any form are read."""
    monkeypatch.setattr(ServiceNowTarget, "page_size", 3)
    async with connected() as (target, twin):
        ids = {twin.instance.seed("sys_user", user_name=f"user{number}") for number in range(20)}
        ids |= {twin.instance.seed("sys_user", sys_id="glean_user", user_name="odd"), twin.integration_user}
        hidden = set(sorted(ids)[2:12])
        twin.instance.hidden |= hidden

        found = [one.id async for page in target.list_objects("user") for one in page.objects]

        assert sorted(found) == sorted(ids - hidden)
        assert await target.count("user") == len(ids)


async def test_a_listing_whose_query_is_ignored_ends_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a listing does not pass for a whole one."""
    from gallery_connector_servicenow.twin import query
    from gallery_connector_servicenow.twin.instance import columns_of

    monkeypatch.setattr(ServiceNowTarget, "page_size", 3)
    async with connected() as (target, twin):
        for number in range(9):
            twin.instance.seed("sys_user", user_name=f"user{number}")
        monkeypatch.setattr(query, "columns_of", lambda table: [one for one in columns_of(table) if one != "sys_id"])

        with pytest.raises(TargetFailure) as failure:
            _ = [page async for page in target.list_objects("user")]

        assert failure.value.failure is Failure.RETRY


# -- writing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lock_out", "locked"), [("true", "true"), ("false", "false")])
async def test_an_account_is_locked_with_its_deactivation(lock_out: str, locked: str) -> None:
    """And unlocked on return, unless the app says otherwise; by deletion without the wish to delete as well."""
    async with connected(lock_out=lock_out) as (target, twin):
        ada = (await target.create("user", ADA)).id
        row = twin.instance.tables["sys_user"][ada]

        await target.update("user", ada, ADA, {**ADA, "active": False})
        assert (row["active"], row["locked_out"]) == ("false", locked)
        await target.update("user", ada, {**ADA, "active": False}, ADA)
        assert (row["active"], row["locked_out"]) == ("true", "false")
        await target.delete("user", ada)
        assert await target.read("user", ada) is None
        await target.delete("user", ada)  # gone already


async def test_a_user_name_that_is_taken_is_a_conflict() -> None:
    """The engine looks for whoever has it; a refusal for want of rights is none."""
    async with connected() as (target, twin):
        twin.instance.seed("sys_user", user_name="ADA")
        with pytest.raises(TargetFailure) as taken:
            await target.create("user", ADA)
        assert taken.value.failure is Failure.CONFLICT

        account = twin.credentials.accounts[USER]
        twin.credentials.accounts[USER] = type(account)(USER, PASSWORD, account.user_id, frozenset({"itil"}))
        with pytest.raises(TargetFailure) as refused:
            await target.create("user", {**ADA, "user_name": "eve"})
        assert refused.value.failure is Failure.STOP


async def test_what_the_instance_does_not_take_is_told() -> None:
    """It answers with success, cuts what is too long and ignores columns that it does not have."""
    paths = {**PATHS, "user": [*PATHS["user"], "u_badge"]}
    async with connected(paths=paths) as (target, _):
        await target.create("user", {**ADA, "title": "x" * 200, "u_badge": "7"})

        assert codes(target) == {("value_not_taken", "user title"), ("value_not_taken", "user u_badge")}


async def test_values_are_read_as_what_they_are() -> None:
    """Everything is a text there; names stand for ids, empty texts for nothing."""
    async with connected() as (target, twin):
        sales = twin.instance.seed("cmn_department", name="Sales")
        values = {**ADA, "department": "sales", "manager": twin.integration_user}

        ada = (await target.create("user", values)).id

        row = twin.instance.tables["sys_user"][ada]
        assert (row["active"], row["department"]) == ("true", sales)
        found = await target.read("user", ada)
        assert found is not None
        assert found.values == {**values, "department": "Sales"}
        await target.update("user", ada, found.values, {**ADA, "first_name": ""})
        assert (row["department"], row["manager"], row["first_name"]) == ("", "", "")


class Watching(ServiceNowTwin):
    """A twin that notes how long an address was."""

    longest = 0

    def handle(self, request: TwinRequest) -> TwinResponse:
        address = f"https://a-rather-long-instance.service-now.com{request.path}?{urlencode(request.query)}"
        self.longest = max(self.longest, len(address))
        return super().handle(request)


async def test_members_are_added_once_and_taken_by_their_rows() -> None:
    """No row is made twice, however often it is asked for; rows that are there twice both go; addresses stay short."""
    watching = Watching()
    async with connected(watching) as (target, twin):
        users = [twin.instance.seed("sys_user", user_name=f"user{number}") for number in range(90)]
        group = (await target.create("group", {"name": "Everybody"}, members=users)).id
        rows = twin.instance.tables["sys_user_grmember"]
        again = await target.change_members(group, users, [], current_size=90)
        assert (len(again.added), len(rows)) == (90, 90)
        twin.instance.seed("sys_user_grmember", user=users[0], group=group)

        outcome = await target.change_members(group, [], users[:60], current_size=90)

        assert len(outcome.removed) == 60
        assert await target.read_members(group) == set(users[60:])
        assert 1000 < watching.longest < 2048


# -- an instance that sleeps ---------------------------------------------------------------------------------------


async def test_a_sleeping_instance_is_asked_again_and_then_said_to_sleep() -> None:
    """Pages with status 200 pass for no success; a create is not sent twice blindly."""
    twin = ServiceNowTwin(faults=[Fault("html", status=200, on=(1, 3))])
    async with connected(twin) as (target, _):
        assert await target.count("user") == 1
        with pytest.raises(OutcomeUnknownError):
            await target.create("user", ADA)
        await target.create("user", ADA)
        twin.faults.add(Fault("html", status=200))

        with pytest.raises(TargetFailure, match="asleep") as failure:
            await target.count("user")

        assert failure.value.failure is Failure.STOP


async def test_a_wrong_password_is_tried_twice_and_no_more() -> None:
    """Accounts are locked after a few tries; one that has worked is trusted a little longer."""
    async with connected(password="wrong") as (target, twin):
        with pytest.raises(TargetFailure) as failure:
            await target.count("user")
        assert failure.value.failure is Failure.STOP
        assert twin.stats.requests == 2
    async with connected() as (target, twin):
        await target.count("user")
        twin.forgets = 1
        assert await target.count("user") == 1


# -- by SCIM -------------------------------------------------------------------------------------------------------


async def test_members_go_by_the_users_that_they_refer_to() -> None:
    """Some instances put the id of the membership where the user's should be."""
    async with connected(api="scim") as (target, twin):
        twin.scim.members_by_row = True
        users = [twin.instance.seed("sys_user", user_name=f"user{number}") for number in range(130)]
        group = (await target.create("group", {"name": "Everybody"}, members=users)).id

        assert await target.read_members(group) == set(users)

        outcome = await target.change_members(group, [], users[:1], current_size=130)
        assert outcome.removed == (users[0],)
    assert members_by_reference({"displayName": "x"}) == {"displayName": "x"}


async def test_by_scim_columns_keep_their_names() -> None:
    """The enterprise extension is not used: it is accepted there, and nothing of it is stored."""
    async with connected(api="scim") as (target, twin):
        twin.instance.seed("cmn_department", name="Sales")
        values = {**ADA, "department": "Sales", "manager": twin.integration_user, "employee_number": "7",
                  "mobile_phone": "1"}  # fmt: skip

        ada = (await target.create("user", values)).id

        found = await target.read("user", ada)
        assert found is not None and found.values == values
        changed = {"user_name": "ada", "active": False, "last_name": "L", "email": "new@acme.test"}
        await target.update("user", ada, values, changed)
        again = await target.read("user", ada)
        assert again is not None and again.values == changed
        assert [one.id for one in await target.find("user", "user_name", "ADA")] == [ada]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"error": {"message": "Failed", "detail": "ACL Exception"}}', ("", "Failed: ACL Exception")),
        (b'{"scimType": "invalidValue", "detail": "Manager id : 1"}', ("invalidValue", "Manager id : 1")),
        (b'{"result": []}', None),
        (b"[]", None),
        (b"", None),
    ],
    ids=["table", "scim", "no error", "no object", "empty"],
)  # fmt: skip
def test_errors_of_both_apis_are_read(body: bytes, told: tuple[str, str] | None) -> None:
    """Each in its own shape; what is neither tells nothing."""
    said = spell(Response(403, {"content-type": "application/json"}, body))

    assert said == (None if told is None else Said(*told))


async def test_an_account_that_sees_nobody_is_told_which_right_it_lacks() -> None:
    """Else every person would look new."""
    async with connected() as (target, twin):
        twin.instance.hidden |= set(twin.instance.tables["sys_user"])

        report = await target.test()

    assert not report.ok
    assert "sees no users" in report.steps[-1].detail
    assert "user_admin" in report.steps[-1].mend


async def test_domains_are_left_out_of_queries_where_that_is_chosen() -> None:
    """Documented as sysparm_query_no_domain."""
    async with connected(query_no_domain="true") as (target, _):
        assert (await target.test()).ok
