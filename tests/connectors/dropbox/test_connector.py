"""Dropbox: its manifest, ways to sign in, and each departure from the usual with what answers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gallery_connector_dropbox
from gallery_connector_dropbox import plugin
from gallery_connector_dropbox.quirks import check_member, named_ids, spell, tag_of
from gallery_connector_dropbox.target import DropboxTarget
from gallery_connector_dropbox.twin import ADMIN, READS, TOKEN, DropboxTwin, Group
from gallery_connector_dropbox.twin.signing_in import CLIENT, REFRESH_TOKEN, Principal
from gallery_connector_dropbox.twin.team import WINDOW_SECONDS
from gallery_sdk.auth import MemoryTokenStore, Secret, StaticCredential, build_credential, open_token_http, sign_in
from gallery_sdk.errors import AuthError, ConfigError, OutcomeUnknownError
from gallery_sdk.expressions import EvaluationContext
from gallery_sdk.manifest import Manifest, find_problems, read_manifest
from gallery_sdk.plugins import ConnectionPlugins
from gallery_sdk.provisioning import ObjectMapping
from gallery_sdk.targets import Failure, TargetFailure, open_target
from gallery_sdk.targets.rest import Said
from gallery_sdk.testing import Fault, ManualClock, TwinServer, serve
from gallery_sdk.transport import Request, Response, RetryPolicy, Transport

from ..conftest import on_any_port

SETTINGS = {
    "send_welcome_email": "false", "invited_leavers": "remove", "wipe_devices": "false", "keep_account": "false",
    "adopt_user_managed_groups": "false",
}  # fmt: skip
ADA = {"email": "ada@acme.test", "active": True, "given_name": "Ada", "surname": "Byron", "external_id": "a1"}
PATHS = {
    "user": (*ADA, "role", "is_directory_restricted", "persistent_id"),
    "group": ("group_external_id", "group_name", "members"),
}
MANIFEST = read_manifest(Path(str(files(gallery_connector_dropbox) / "connector.toml")))


@pytest.fixture
def manifest() -> Manifest:
    return MANIFEST


@pytest.fixture
def twin() -> DropboxTwin:
    return DropboxTwin(clock=ManualClock(), joins_at_once=True)


@pytest.fixture
def server(twin: DropboxTwin) -> Iterator[TwinServer]:
    with serve(twin) as server:
        yield server


@pytest.fixture
async def connect(
    manifest: Manifest, server: TwinServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., DropboxTarget]]:
    """`connect(paths=, token=, **settings)`: a target on the twin."""
    monkeypatch.setattr("gallery_connector_dropbox.calls._FIRST_PAUSE", 0.001)
    plugins = ConnectionPlugins("dropbox")
    plugins.register(plugin, "dropbox", "tests")
    opened: list[Transport] = []

    def make(*, paths: Mapping[str, Any] = PATHS, token: str = TOKEN, **settings: str) -> DropboxTarget:
        credential = StaticCredential({"Authorization": f"Bearer {token}"})
        opened.append(Transport(server.url, credential=credential, retries=RetryPolicy(tries=1)))
        target = open_target(
            manifest, plugins, transport=opened[-1], settings={**SETTINGS, **settings}, paths=paths
        )  # fmt: skip
        assert isinstance(target, DropboxTarget)
        return target

    yield make
    for transport in opened:
        await transport.aclose()


def calls(twin: DropboxTwin, route: str) -> int:
    """How often a route was called."""
    return twin.stats.by_route[f"POST /team/{route}"]


# -- the manifest ------------------------------------------------------------------------------------------


def test_the_manifest_has_no_problem(manifest: Manifest) -> None:
    """Not even a warning."""
    assert [str(problem) for problem in find_problems(manifest)] == []


def test_every_fact_of_the_manifest_names_its_source(manifest: Manifest) -> None:
    """Mappings, attributes and errors, each with its mark."""
    facts: list[Any] = [*manifest.errors, *manifest.limits, *manifest.quirks]
    for kind in ("user", "group"):
        facts += manifest.target_schema[kind]
        assert all(one.origin and one.mark for one in manifest.mappings[kind])
    assert all(one.source and one.mark for one in facts)


@given(given_name=st.text(min_size=1, max_size=120), surname=st.text(min_size=1, max_size=120))
def test_mapped_names_are_names_that_dropbox_takes(given_name: str, surname: str) -> None:
    """Whatever the source holds, what is refused is taken out and the rest is kept in order."""
    schema = {one.name: one for one in MANIFEST.target_schema["user"]}
    mapping = ObjectMapping("user", MANIFEST.mappings["user"], schema, columns=("mail", "givenName", "surname"))
    source = {"mail": "a@b.test", "givenName": given_name, "surname": surname}

    mapped = mapping.for_create(source, EvaluationContext(now=datetime(2026, 11, 23, tzinfo=UTC), default_domain=None))

    check_member(mapped.values)
    kept = "".join(one for one in given_name if one not in '/:?*<>"|')[:50]
    assert mapped.values.get("given_name", "") == kept


@pytest.mark.parametrize(
    "settings",
    [{"transfer_files_to": ADMIN}, {"transfer_admin": ADMIN}, {"keep_account": "true", "wipe_devices": "true"},
     {"keep_account": "true", "transfer_files_to": ADMIN, "transfer_admin": ADMIN}],
    ids=["no admin", "no heir", "kept and wiped", "kept and given away"],
)  # fmt: skip
def test_settings_that_dropbox_would_refuse_are_refused_before(
    connect: Callable[..., DropboxTarget], settings: dict[str, str]
) -> None:
    """Else every removal would fail, one after the other."""
    with pytest.raises(ConfigError, match=r"transfer|keep_account"):
        connect(**settings)


# -- signing in --------------------------------------------------------------------------------------------


def method_of(manifest: Manifest, method_id: str) -> Any:
    return next(one for one in manifest.auth_methods if one.id == method_id)


async def ask(url: str, credential: Any) -> Response:
    """A call with a credential."""
    async with Transport(url, credential=credential) as transport:
        return await transport.send(Request("POST", "/2/team/get_info", content=b"null"))


def test_the_port_of_the_redirect_is_the_one_that_is_registered(manifest: Manifest) -> None:
    """Dropbox compares redirect URIs as a whole."""
    ports = {one.authorize.redirect_port for one in manifest.auth_methods if one.authorize is not None}

    assert ports == {53682}
    assert any("http://127.0.0.1:53682/callback" in step.text for step in manifest.setup)


@pytest.mark.parametrize("method_id", ["authorization_code", "pkce"])
async def test_an_admin_signs_in_once_and_the_job_renews(
    manifest: Manifest, twin: DropboxTwin, server: TwinServer, method_id: str
) -> None:
    """By the app's secret or by PKCE; offline, so that there is a refresh token, which stays the same."""
    method, clock = on_any_port(method_of(manifest, method_id)), twin.clock
    client_id, client_secret = CLIENT
    common: dict[str, Any] = {
        "inputs": {"client_id": client_id},
        "secrets": {"client_secret": Secret(client_secret)} if method_id == "authorization_code" else {},
        "settings": SETTINGS,
        "token_store": MemoryTokenStore(),
        "http": open_token_http(origin=server.url),
        "features": {"users_read", "users_write", "groups"},
    }
    opened: list[str] = []

    def agree(url: str) -> None:
        opened.append(url)
        at_twin = f"{server.url}/oauth2/authorize?{url.partition('?')[2]}"
        asyncio.get_running_loop().run_in_executor(None, lambda: urlopen(UrlRequest(at_twin)).read())

    await sign_in(method, open_url=agree, **common)
    credential = build_credential(method, **common)

    assert opened[0].startswith("https://www.dropbox.com/oauth2/authorize?")
    assert "token_access_type=offline" in opened[0]
    assert "members.delete" in opened[0] and "groups.write" in opened[0]
    assert ("code_challenge=" in opened[0]) is (method_id == "pkce")
    assert (await ask(server.url, credential)).status == 200
    assert isinstance(clock, ManualClock)
    clock.advance(14400)  # the access token ends
    assert (await ask(server.url, credential)).status == 200
    assert twin.stats.by_route["POST /oauth2/token"] == 2


async def test_a_refresh_token_from_elsewhere_is_enough(
    manifest: Manifest, twin: DropboxTwin, server: TwinServer
) -> None:
    """And one that was revoked says so."""
    client_id, client_secret = CLIENT

    def credential() -> Any:
        return build_credential(
            method_of(manifest, "refresh_token"),
            inputs={"client_id": client_id},
            secrets={"client_secret": Secret(client_secret), "refresh_token": Secret(REFRESH_TOKEN)},
            settings=SETTINGS,
            token_store=MemoryTokenStore(),
            http=open_token_http(origin=server.url),
        )

    assert (await ask(server.url, credential())).status == 200
    twin.desk.refresh_tokens.clear()
    with pytest.raises(AuthError, match="revoked"):
        await ask(server.url, credential())


async def test_a_missing_scope_stops_the_job_and_is_named(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Scopes are not gained by a token that is there."""
    twin.tokens["reader"] = Principal(frozenset({"team_info.read", "members.read"}))

    report = await connect(token="reader").test()

    assert [step.ok for step in report.steps] == [True, True, True, False]
    assert "members.write" in report.steps[-1].detail
    assert "sign in again" in report.steps[-1].mend


# -- what Dropbox says -------------------------------------------------------------------------------------


def response(status: int, content: bytes, media_type: str = "application/json") -> Response:
    return Response(status, {"content-type": media_type, "x-dropbox-request-id": "abc"}, content)


@pytest.mark.parametrize(
    ("given_response", "said"),
    [
        (response(409, b'{"error_summary":"xy/...","error":{".tag":"xy"}}'), Said("xy", "(request abc)")),
        (response(409, b'{"error_summary":"last_admin/.."}'), Said("last_admin", "(request abc)")),
        (response(429, b'{"error":{"reason":{".tag":"too_many_requests"},"retry_after":9}}'),
         Said("too_many_requests", "(request abc)")),
        (response(401, b'{"error":{".tag":"missing_scope","required_scope":"members.write"}}'),
         Said("missing_scope", "members.write (request abc)")),
        (response(409, b'{"error":{".tag":"x"},"user_message":{"text":"No.","locale":"en"}}'),
         Said("x", "No. (request abc)")),
        (response(400, b"<html>", "text/html"), Said("html_page", "a page of HTML instead of an error")),
        (response(400, b"Error in call", "text/plain"), None),
        (response(409, b"[1]"), None),
        (response(409, b"{}"), None),
    ],
    ids=["union", "summary", "struct", "scope", "message", "page", "text", "list", "empty"],
)  # fmt: skip
def test_errors_are_read_by_their_tag(given_response: Response, said: Said | None) -> None:
    """Never by the summary, whose tail varies; the request's id is for Dropbox's support."""
    assert spell(given_response) == said


def test_unions_may_stand_there_as_their_tag_alone_and_list_ids() -> None:
    """What is no union has no tag."""
    assert [tag_of(one) for one in ({".tag": "a"}, "b", {}, None, 3)] == ["a", "b", "", "", ""]
    assert named_ids(response(409, b'{"error":{".tag":"users_not_found","users_not_found":["x"]}}')) == ("x",)
    assert named_ids(response(409, b'{"error":{".tag":"duplicate_user"}}')) == ()


async def test_an_unknown_word_is_a_failure_of_the_object(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unions are open: inside a success and as an error."""
    target = connect()
    made = await target.create("user", ADA)
    twin.faults.add(Fault(status=409, word="invented_yesterday", times=1))
    with pytest.raises(TargetFailure) as caught:
        await target.update("user", made.id, ADA, {**ADA, "surname": "L"})
    assert (caught.value.code, caught.value.failure) == ("invented_yesterday", Failure.OBJECT)

    monkeypatch.setattr(twin.team, "add", lambda one: {".tag": "new_word", "new_word": one["member_email"]})
    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {**ADA, "email": "eve@acme.test", "external_id": "e1"})
    assert (caught.value.code, caught.value.failure) == ("new_word", Failure.OBJECT)


async def test_a_page_of_html_is_no_answer(connect: Callable[..., DropboxTarget], twin: DropboxTwin) -> None:
    """Nobody is taken for absent, and nothing for done, because of it."""
    target = connect()
    for work in (target.find("user", "email", "a@b.test"), target.update("user", "dbmid:1", {}, {"surname": "L"})):
        twin.faults.add(Fault("html", status=200, times=1))
        with pytest.raises(TargetFailure) as caught:
            await work
        assert caught.value.failure is Failure.STOP


# -- new members -------------------------------------------------------------------------------------------


async def test_members_who_are_added_at_the_same_time_share_a_request(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Twenty at most, no address twice; each caller is told what became of its own."""
    target = connect()
    people = [{**ADA, "email": f"a{n}@acme.test", "external_id": f"a{n}"} for n in range(25)]
    twice = {**people[3], "email": "A3@acme.test"}

    made = await asyncio.gather(*(target.create("user", one) for one in [*people, twice]), return_exceptions=True)

    failure = made.pop()
    assert isinstance(failure, TargetFailure) and failure.failure is Failure.CONFLICT
    assert [twin.team.members[one.id].email for one in made if not isinstance(one, BaseException)] == [
        one["email"] for one in people
    ]
    assert calls(twin, "members/add_v2") == 2
    assert twin.team.mailed == []
    await target.aclose()


async def test_one_malformed_member_holds_up_nobody_else(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Dropbox refuses the whole request with 400; the others are sent again alone."""
    target = connect()
    twin.faults.add(Fault(status=400, times=1))
    people = [{**ADA, "email": f"a{n}@acme.test", "external_id": f"a{n}"} for n in range(3)]

    await asyncio.gather(*(target.create("user", one) for one in people))

    assert len(twin.team.members) == 4
    for bad in ({"email": "ascii-only!@acme.test"}, {"email": "a@acme"}, {"given_name": "A/B"}, {"surname": "x" * 51}):
        with pytest.raises(TargetFailure):
            await target.create("user", {**ADA, **bad})
    assert calls(twin, "members/add_v2") == 4
    assert await target.find("user", "email", "ascii-only!@acme.test") == []
    assert await target.find("user", "external_id", "x" * 65) == []


async def test_a_job_that_fails_leaves_open_what_it_did(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Whoever asked for it must look."""
    target = connect()
    twin.jobs.every, twin.jobs.fails = 1, True
    with pytest.raises(OutcomeUnknownError, match="failed"):
        await target.create("user", ADA)
    assert len(await target.find("user", "email", "ADA@acme.test")) == 1

    twin.faults.add(Fault(status=409, word="internal_error", path="job_status", times=1))
    twin.jobs.fails = False
    with pytest.raises(OutcomeUnknownError, match="internal_error"):
        await target.delete("user", (await target.find("user", "external_id", "a1"))[0].id)
    assert await target.find("user", "email", "ada@acme.test") == []


async def test_no_more_members_are_tried_once_no_licence_is_free(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """The first refusal asks for the numbers, and the others are told them without a request; a removal frees one."""
    target = connect()
    made = await target.create("user", ADA)
    twin.team.licences = 2
    for number in range(3):
        with pytest.raises(TargetFailure) as caught:
            await target.create("user", {**ADA, "email": f"a{number}@acme.test", "external_id": f"x{number}"})
        assert (caught.value.code, caught.value.failure) == ("team_license_limit", Failure.OBJECT)
    assert "2 of 2 are used" in caught.value.what
    assert calls(twin, "members/add_v2") == 2

    await target.delete("user", made.id)

    await target.create("user", {**ADA, "email": "eve@acme.test", "external_id": "e1"})


async def test_a_removed_member_in_the_way_is_recovered(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """By its address or its external id, and brought up to date; a living one is a conflict."""
    target = connect()
    first = await target.create("user", ADA)
    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {**ADA, "external_id": "other"})
    assert caught.value.failure is Failure.CONFLICT
    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {**ADA, "email": "lovelace@acme.test"})
    assert caught.value.failure is Failure.CONFLICT

    await target.delete("user", first.id)
    again = await target.create("user", {**ADA, "email": "lovelace@acme.test", "surname": "Lovelace"})

    assert again.id == first.id
    assert (twin.team.members[first.id].email, twin.team.members[first.id].surname) == (
        "lovelace@acme.test", "Lovelace",
    )  # fmt: skip
    assert calls(twin, "members/recover") == 1
    twin.team.members[first.id].before = "suspended"
    await target.delete("user", first.id)
    assert isinstance(twin.clock, ManualClock)
    twin.clock.advance(WINDOW_SECONDS)
    assert (await target.create("user", ADA)).id != first.id


async def test_an_address_that_was_given_to_somebody_else_recovers_nobody(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """A new colleague does not get the files of the one before."""
    target = connect()
    await target.delete("user", (await target.create("user", ADA)).id)

    with pytest.raises(TargetFailure, match="somebody else") as caught:
        await target.create("user", {**ADA, "external_id": "b2", "given_name": "Adam"})

    assert caught.value.failure is Failure.OBJECT
    assert calls(twin, "members/recover") == 0


async def test_values_that_the_team_has_switched_off_are_attributes_to_leave_out(
    connect: Callable[..., DropboxTarget],
) -> None:
    """The engine sends the rest."""
    target = connect()
    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {**ADA, "persistent_id": "p"})
    assert (caught.value.failure, caught.value.attributes) == (Failure.ATTRIBUTE, ("persistent_id",))
    made = await target.create("user", ADA)
    with pytest.raises(TargetFailure) as caught:
        await target.update("user", made.id, ADA, {**ADA, "is_directory_restricted": True})
    assert (caught.value.failure, caught.value.attributes) == (Failure.ATTRIBUTE, ("is_directory_restricted",))


# -- changes, leaving, returning ---------------------------------------------------------------------------


async def test_an_update_takes_a_request_for_each_route_and_the_address_goes_alone(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """An address that is taken fails after everything else was written; the estimate tells the most it can cost."""
    target = connect()
    made = await target.create("user", ADA)
    twin.team.elsewhere.add("taken@acme.test")
    after = {**ADA, "surname": "Lovelace", "email": "taken@acme.test", "role": "support ADMIN"}

    with pytest.raises(TargetFailure) as caught:
        await target.update("user", made.id, ADA, after)

    assert (caught.value.code, caught.value.failure) == ("email_reserved_for_other_user", Failure.OBJECT)
    held = twin.team.members[made.id]
    assert (held.surname, held.role_ids, held.email) == ("Lovelace", ["pid_dbtmr:4567"], "ada@acme.test")
    assert calls(twin, "members/set_profile_v2") == 2
    await target.update("user", made.id, ADA, {name: value for name, value in ADA.items() if name != "external_id"})
    assert held.external_id is None  # cleared by the empty text
    assert target.estimate("update", "user") == 4
    assert connect(paths={"user": ("email", "surname"), "group": ()}).estimate("update", "user") == 2
    assert (target.estimate("create", "group", members=401), target.estimate("update", "group")) == (4, 1)


async def test_roles_wait_for_the_member_to_be_active(connect: Callable[..., DropboxTarget], twin: DropboxTwin) -> None:
    """Whoever returns is unsuspended first, whoever leaves suspended last; an emptied role makes a plain member."""
    target = connect()
    made = await target.create("user", {**ADA, "role": "Support admin"})
    held = twin.team.members[made.id]
    off = {**ADA, "active": False}

    await target.update("user", made.id, {**ADA, "role": "Support admin"}, off)
    assert (held.status, held.role_ids) == ("suspended", [])
    await target.update("user", made.id, off, {**ADA, "role": "Billing admin"})
    assert (held.status, held.role_ids) == ("active", ["pid_dbtmr:5678"])
    found = await target.read("user", made.id)
    assert found is not None and found.values["role"] == "Billing admin"
    with pytest.raises(TargetFailure, match="no admin role 'Emperor'"):
        await target.update("user", made.id, ADA, {**ADA, "role": "Emperor"})


async def test_devices_are_wiped_only_where_that_was_chosen(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Dropbox's default is to wipe; it never decides."""
    for wipes in ("false", "true"):
        target = connect(wipe_devices=wipes)
        made = await target.create("user", {**ADA, "email": f"{wipes}@acme.test", "external_id": wipes})
        held = twin.team.members[made.id]
        await target.update("user", made.id, ADA, {**ADA, "active": False})
        assert held.wiped is (wipes == "true")
        held.wiped = None
        await target.delete("user", made.id)
        assert held.wiped is (wipes == "true")
        assert "wipe_data" in held.removal


async def test_removed_members_keep_a_personal_account_where_that_was_chosen(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Their files stay with them."""
    target = connect(keep_account="true")
    made = await target.create("user", ADA)

    await target.delete("user", made.id)

    assert twin.team.members[made.id].removal["keep_account"] is True
    await target.delete("user", made.id)  # gone already is a success


async def test_suspending_and_returning_twice_is_once(connect: Callable[..., DropboxTarget], twin: DropboxTwin) -> None:
    """An answer may have been lost; invitations are told apart by looking."""
    target = connect()
    made = await target.create("user", ADA)
    off = {**ADA, "active": False}
    for _ in range(2):
        await target.update("user", made.id, ADA, off)
    assert twin.team.members[made.id].status == "suspended"
    for _ in range(2):
        await target.update("user", made.id, off, ADA)
    assert twin.team.members[made.id].status == "active"

    twin.team.members[made.id].status = "invited"
    found = await target.read("user", made.id)
    assert found is not None and found.values["active"] is True
    with pytest.raises(TargetFailure) as caught:
        await connect(invited_leavers="keep").update("user", made.id, ADA, off)
    assert caught.value.failure is Failure.SKIP
    with pytest.raises(TargetFailure) as caught:
        await target.update("user", made.id, ADA, off)
    assert (caught.value.code, caught.value.failure) == ("invitation_withdrawn", Failure.GONE)
    assert await target.read("user", made.id) is None


async def test_nobody_is_added_suspended(connect: Callable[..., DropboxTarget], twin: DropboxTwin) -> None:
    """Dropbox has no such call."""
    with pytest.raises(TargetFailure, match="suspended"):
        await connect().create("user", {**ADA, "active": False})
    assert calls(twin, "members/add_v2") == 0


# -- listings ----------------------------------------------------------------------------------------------


async def test_a_listing_whose_cursor_becomes_void_begins_anew(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody twice, nobody left out; after three times it is given up, since half a listing is none."""
    monkeypatch.setattr(DropboxTarget, "page_size", 2)
    for number in range(5):
        twin.team.seed(f"a{number}@acme.test")
    target = connect()
    twin.faults.add(Fault(status=409, word="invalid_cursor", path="continue", on=(2,)))

    listed = [one.id async for page in target.list_objects("user") for one in page.objects]

    assert sorted(listed) == sorted(twin.team.members)
    twin.faults.add(Fault(status=409, word="invalid_cursor", path="continue"))
    with pytest.raises(TargetFailure) as caught:
        [page async for page in target.list_objects("user")]
    assert caught.value.failure is Failure.RETRY


async def test_where_the_second_version_finds_nobody_the_first_one_is_asked(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """An empty listing would have everybody made again."""
    twin.members.second_version_is_empty = True
    twin.team.seed("ada@acme.test", role_ids=["pid_dbtmr:4567"])
    target = connect()

    listed = [one async for page in target.list_objects("user") for one in page.objects]

    assert [one.values.get("role") for one in listed] == ["Team admin", "Support admin"]
    assert any(one.code == "listing_incomplete" for one in target.findings)


async def test_an_answer_without_what_it_must_hold_stops_the_job(
    connect: Callable[..., DropboxTarget], monkeypatch: pytest.MonkeyPatch, twin: DropboxTwin
) -> None:
    """Something else answers; nothing is concluded from it."""
    monkeypatch.setattr(twin.team, "info", lambda one: {"profile": {}})
    with pytest.raises(TargetFailure) as caught:
        await connect().find("user", "email", ADMIN)
    assert caught.value.failure is Failure.STOP


# -- groups ------------------------------------------------------------------------------------------------


async def test_groups_that_others_manage_are_left_alone(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Those of Dropbox always, those of members unless they are to be taken over."""
    for management in ("system_managed", "user_managed", "company_managed"):
        twin.team.groups[management] = Group(management, management, f"id-{management}", management)

    async def seen(target: DropboxTarget) -> list[str]:
        by_name = [
            one.id for name in twin.team.groups for one in await target.find("group", "group_name", name.upper())
        ]
        by_id = [one.id for name in twin.team.groups
                 for one in await target.find("group", "group_external_id", f"id-{name}")]  # fmt: skip
        listed = [one.id async for page in target.list_objects("group") for one in page.objects]
        assert by_id == listed
        assert by_name == []  # names are case exact
        assert await target.count("group") == len(listed)
        return listed

    assert await seen(connect()) == ["company_managed"]
    assert await seen(connect(adopt_user_managed_groups="true")) == ["user_managed", "company_managed"]
    with pytest.raises(TargetFailure) as caught:
        await connect().create("group", {"group_name": "user_managed"})
    assert caught.value.failure is Failure.CONFLICT
    assert "adopt_user_managed_groups" in caught.value.mend


async def test_groups_are_found_by_name_in_a_listing_that_is_read_once(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """And anew after a group changed."""
    target = connect()
    made = await target.create("group", {"group_name": "Team", "group_external_id": "g1"})
    for _ in range(3):
        assert [one.id for one in await target.find("group", "group_name", "Team")] == [made.id]
    assert calls(twin, "groups/list") == 1

    await target.update("group", made.id, {"group_name": "Team", "group_external_id": "g1"}, {"group_name": "Crew"})

    assert await target.find("group", "group_name", "Team") == []
    assert [one.id for one in await target.find("group", "group_name", "Crew")] == [made.id]
    assert twin.team.groups[made.id].group_external_id is None  # cleared by the empty text


async def group_of(target: DropboxTarget, twin: DropboxTwin, *members: int) -> tuple[str, list[str]]:
    """A group with some of five members of the team; its id and theirs."""
    people = [twin.team.seed(f"a{n}@acme.test").team_member_id for n in range(5)]
    made = await target.create("group", {"group_name": "Team"}, members=[people[n] for n in members])
    twin.stats.by_route.clear()
    return made.id, people


async def test_a_member_who_is_there_already_does_not_hold_up_the_others(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """Dropbox refuses the whole request; the members are read, and what is left is sent."""
    target = connect()
    group, people = await group_of(target, twin, 0, 1)

    outcome = await target.change_members(group, people[:4], [], current_size=2)

    assert (set(outcome.added), outcome.refused) == (set(people[:4]), {})
    assert await target.read_members(group) == set(people[:4])
    assert calls(twin, "groups/members/add") == 2
    outcome = await target.change_members(group, [], people[2:], current_size=4)
    assert (set(outcome.removed), outcome.refused) == (set(people[2:]), {})
    assert await target.read_members(group) == set(people[:2])
    assert calls(twin, "groups/members/remove") == 2
    await target.change_members(group, people[:1], [people[4]], current_size=2)  # there, and gone, one alone
    assert await target.read_members(group) == set(people[:2])


async def test_who_is_no_member_of_the_team_is_refused_alone(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """They are named by the answer; whoever is not in the team is in none of its groups."""
    target = connect()
    group, people = await group_of(target, twin, 4)

    outcome = await target.change_members(group, [people[0], "dbmid:x", people[1], "dbmid:y"], [], current_size=1)

    assert outcome.added == (people[0], people[1])
    assert {one: why.failure for one, why in outcome.refused.items()} == dict.fromkeys(
        ("dbmid:x", "dbmid:y"), Failure.MEMBER
    )
    outcome = await target.change_members(group, [], [people[4], "dbmid:x"], current_size=3)
    assert (outcome.removed, outcome.refused) == ((people[4], "dbmid:x"), {})
    assert await target.read_members(group) == set(people[:2])


async def test_members_whom_the_answer_does_not_name_are_found_by_trying(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin
) -> None:
    """How Dropbox names them is not documented."""
    target = connect()
    group, people = await group_of(target, twin)
    twin.faults.add(Fault(status=409, word="users_not_found", path="members/add", on=(1, 3)))

    outcome = await target.change_members(group, people[:3], [], current_size=0)

    assert outcome.added == (people[0], people[2])
    assert outcome.refused[people[1]].failure is Failure.MEMBER


async def test_a_group_that_is_gone_says_so(connect: Callable[..., DropboxTarget], twin: DropboxTwin) -> None:
    """The engine matches it once more."""
    target = connect()
    group, people = await group_of(target, twin, 0)
    await target.delete("group", group)
    await target.delete("group", group)

    assert await target.read("group", group) is None
    with pytest.raises(TargetFailure) as caught:
        await target.change_members(group, people[:2], [], current_size=1)
    assert caught.value.failure is Failure.GONE
    with pytest.raises(TargetFailure) as caught:
        await target.update("group", group, {"group_name": "Team"}, {"group_name": "Crew"})
    assert caught.value.failure is Failure.GONE


async def test_large_groups_travel_in_parts(
    connect: Callable[..., DropboxTarget], twin: DropboxTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their members are read in pages, and are never sent back by Dropbox."""
    monkeypatch.setattr("gallery_connector_dropbox.membership._PAGE", 100)
    people = [twin.team.seed(f"a{n}@acme.test").team_member_id for n in range(250)]
    target = connect()

    made = await target.create("group", {"group_name": "All"}, members=people)
    (page,) = [page async for page in target.list_objects("group", members=True)]

    assert set(made.members or ()) == set(page.objects[0].members or ()) == set(people)
    assert calls(twin, "groups/members/add") == 2
    assert calls(twin, "groups/members/list/continue") == 2


def test_every_route_that_changes_nothing_is_known_as_such(twin: DropboxTwin) -> None:
    """The twin's count of writes rests on it."""
    routes = {**twin.members.table(), **twin.groups.table()}
    assert routes.keys() >= READS
    reading = {name for name, (scope, *_) in routes.items() if scope.endswith(".read")}
    assert reading <= READS
    assert all("job_status" in name for name in READS - reading)
