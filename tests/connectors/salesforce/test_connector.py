"""Salesforce: its manifest, ways to sign in, and each departure from the usual with and without what answers it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gallery_connector_salesforce
from gallery_connector_salesforce import plugin
from gallery_connector_salesforce.quirks import developer_name, literal, shape_group, spell, used_requests
from gallery_connector_salesforce.scim import NAMES
from gallery_connector_salesforce.target import SalesforceTarget
from gallery_connector_salesforce.twin import TOKEN, SalesforceTwin
from gallery_connector_salesforce.twin.soql import parse
from gallery_sdk.auth import MemoryTokenStore, Secret, StaticCredential, build_credential, open_token_http
from gallery_sdk.errors import AuthError, GalleryError
from gallery_sdk.manifest import Manifest, find_problems, read_manifest
from gallery_sdk.plugins import ConnectionPlugins
from gallery_sdk.scim import PatchOperation
from gallery_sdk.targets import Failure, Target, TargetFailure, open_target
from gallery_sdk.targets.rest import Said
from gallery_sdk.testing import TwinResponse, TwinServer, serve
from gallery_sdk.transport import Request, Response, RetryPolicy, Transport

SETTINGS = {
    "my_domain": "acme", "api": "rest", "api_version": "60.0", "daily_reserve_percent": "5",
    "send_password_mail": "false", "freeze_when_refused": "false",
}  # fmt: skip
ADA = {
    "Username": "ada@acme.test", "IsActive": True, "Alias": "ada", "Email": "ada@acme.test", "LastName": "Byron",
    "FirstName": "Ada", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US", "LocaleSidKey": "en_GB",
    "TimeZoneSidKey": "Europe/London", "ProfileName": "Standard User", "Title": "Countess", "Phone": "+44 1",
}  # fmt: skip
PATHS = {"user": (*ADA, "MobilePhone", "ManagerId", "Department", "UserRoleName"), "group": ("Name", "members")}


@pytest.fixture
def manifest() -> Manifest:
    return read_manifest(Path(str(files(gallery_connector_salesforce) / "connector.toml")))


@pytest.fixture
def twin() -> SalesforceTwin:
    return SalesforceTwin()


@pytest.fixture
def server(twin: SalesforceTwin) -> Iterator[TwinServer]:
    with serve(twin) as server:
        yield server


@pytest.fixture
async def connect(manifest: Manifest, server: TwinServer) -> AsyncIterator[Callable[..., Target]]:
    """`connect(without=, paths=, **settings)`: a target on the twin, one quirk switched off."""
    credential = StaticCredential({"Authorization": f"Bearer {TOKEN}"})
    transport = Transport(server.url, credential=credential, retries=RetryPolicy(tries=1))
    plugins = ConnectionPlugins("salesforce")
    plugins.register(plugin, "salesforce", "tests")

    def make(*, without: str | None = None, paths: Mapping[str, Any] = PATHS, **settings: str) -> Target:
        declared = manifest if without is None else manifest.without_quirk(without)
        return open_target(declared, plugins, transport=transport, settings={**SETTINGS, **settings}, paths=paths)

    yield make
    await transport.aclose()


# -- the manifest ------------------------------------------------------------------------------------------


def test_the_manifest_has_no_problem(manifest: Manifest) -> None:
    """Not even a warning."""
    assert [str(problem) for problem in find_problems(manifest)] == []


def test_every_fact_of_the_manifest_names_its_source(manifest: Manifest) -> None:
    """Mappings, attributes, errors, limits and quirks, each with its mark."""
    facts: list[Any] = [*manifest.errors, *manifest.limits, *manifest.quirks]
    for kind in ("user", "group"):
        facts += manifest.target_schema[kind]
        assert all(one.origin and one.mark for one in manifest.mappings[kind])
    assert all(one.source and one.mark for one in facts)


def test_by_scim_there_is_a_path_for_every_column_that_scim_knows(manifest: Manifest) -> None:
    """No pair names a column that the manifest does not declare, and no path twice."""
    for kind, table in NAMES.items():
        assert set(table) <= {one.name for one in manifest.target_schema[kind]}
        assert len(set(table.values())) == len(table)


# -- signing in --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def private_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def limits_by(manifest: Manifest, server: TwinServer, method_id: str, **given: str) -> Response:
    """What the twin answers when it is asked with a method's credential."""
    method = next(one for one in manifest.auth_methods if one.id == method_id)
    secret = {one.id for one in method.inputs if one.type == "secret"}
    credential = build_credential(
        method,
        inputs={name: value for name, value in given.items() if name not in secret},
        secrets={name: Secret(value) for name, value in given.items() if name in secret},
        settings=SETTINGS,
        token_store=MemoryTokenStore(),
        http=open_token_http(origin=server.url),
    )
    async with Transport(server.url, credential=credential) as transport:
        return await transport.send(Request("GET", "/services/data/v60.0/limits"))


async def test_client_credentials_sign_in(manifest: Manifest, server: TwinServer) -> None:
    """Id and secret in the body."""
    answer = await limits_by(
        manifest, server, "client_credentials", client_id="twin-client", client_secret="twin-client-secret"
    )

    assert answer.status == 200


async def test_a_jwt_signs_in_and_one_that_is_not_approved_does_not(
    manifest: Manifest, server: TwinServer, private_key: str
) -> None:
    """Issuer, subject, audience and three minutes."""
    given = {"client_id": "twin-client", "private_key": private_key}

    answer = await limits_by(manifest, server, "jwt_bearer", username="integration@twin.example", **given)

    assert answer.status == 200
    with pytest.raises(AuthError, match="hasn't approved"):
        await limits_by(manifest, server, "jwt_bearer", username="eve@acme.test", **given)


async def test_a_session_that_ended_is_renewed_once(manifest: Manifest, twin: SalesforceTwin) -> None:
    """401 INVALID_SESSION_ID is the one sign of it; the job notices nothing."""
    with serve(twin) as server:
        method = next(one for one in manifest.auth_methods if one.id == "client_credentials")
        credential = build_credential(
            method,
            inputs={"client_id": "twin-client"},
            secrets={"client_secret": Secret("twin-client-secret")},
            settings=SETTINGS,
            token_store=MemoryTokenStore(),
            http=open_token_http(origin=server.url),
        )
        async with Transport(server.url, credential=credential) as transport:
            request = Request("GET", "/services/data/v60.0/limits")
            assert (await transport.send(request)).status == 200
            for token in [one for one in twin.tokens if one != TOKEN]:
                del twin.tokens[token]

            assert (await transport.send(request)).status == 200


# -- quirks of SCIM, each with and without -----------------------------------------------------------------


async def test_user_names_that_are_no_addresses_are_not_sent(
    connect: Callable[..., Target], twin: SalesforceTwin
) -> None:
    """Quirk username.is_email, by either API."""
    for api in ("rest", "scim"):
        target = connect(api=api)
        with pytest.raises(TargetFailure, match="e-mail address"):
            await target.create("user", {**ADA, "Username": "ada"})
    assert not any(route.startswith("POST") for route in twin.stats.by_route)

    for api, status in (("rest", 400), ("scim", 409)):
        with pytest.raises(TargetFailure) as caught:
            await connect(without="username.is_email", api=api).create("user", {**ADA, "Username": "ada"})
        assert caught.value.status == status


async def test_changes_travel_in_one_operation_without_path(connect: Callable[..., Target]) -> None:
    """Quirk patch.path_omitted: a value that is no object is an internal error."""
    target = connect(api="scim")
    ada = (await target.create("user", ADA)).id
    after = {**ADA, "Title": "Analyst", "LastName": "Lovelace", "ProfileName": "System Administrator"}

    await target.update("user", ada, ADA, after)

    found = await target.read("user", ada)
    assert found is not None
    assert (found.values["Title"], found.values["LastName"]) == ("Analyst", "Lovelace")
    assert found.values["ProfileName"] == "System Administrator"
    with pytest.raises(GalleryError):
        await connect(without="patch.path_omitted", api="scim").update("user", ada, after, ADA)


async def test_members_leave_by_value(connect: Callable[..., Target], twin: SalesforceTwin) -> None:
    """Quirk patch.remove_members_style, and members nested once more."""
    group = twin.org.seed("Group", Name="All", DeveloperName="All", Type="Regular")
    target = connect(api="scim")
    ada = (await target.create("user", ADA)).id

    await target.change_members(group, [ada], [], current_size=0)
    assert await target.read_members(group) == {ada}
    await target.change_members(group, [], [ada], current_size=1)
    assert await target.read_members(group) == set()

    await target.change_members(group, [ada], [], current_size=0)
    other = connect(without="patch.remove_members_style", api="scim")
    try:
        outcome = await other.change_members(group, [], [ada], current_size=1)
        assert outcome.refused
    except GalleryError:
        pass
    assert await target.read_members(group) == {ada}


async def test_one_phone_number_is_sent(connect: Callable[..., Target]) -> None:
    """Quirk multi_valued.max_items."""
    both = {**ADA, "MobilePhone": "+44 2"}

    created = await connect(api="scim").create("user", both)

    found = await connect(api="scim").read("user", created.id)
    assert found is not None
    assert found.values["Phone"] == "+44 1"
    with pytest.raises(TargetFailure, match="only one phone"):
        await connect(without="multi_valued.max_items", api="scim").create(
            "user", {**both, "Username": "eve@acme.test"}
        )


async def test_a_deleted_user_is_deactivated(connect: Callable[..., Target], twin: SalesforceTwin) -> None:
    """Quirk delete.means_deactivate, and the same by REST."""
    for api in ("rest", "scim"):
        target = connect(api=api)
        made = (await target.create("user", {**ADA, "Username": f"{api}@acme.test", "Email": "x@acme.test"})).id
        await target.delete("user", made)
        assert twin.org.tables["User"][made]["IsActive"] is False
    assert "DELETE /scim/Users/*" not in twin.stats.by_route


async def test_a_group_is_renamed_by_scim(connect: Callable[..., Target], twin: SalesforceTwin) -> None:
    """The new name travels in an object; PUT, which answers without a body, is not sent."""
    group = twin.org.seed("Group", Name="All", DeveloperName="All", Type="Regular")

    await connect(api="scim").update("group", group, {"Name": "All"}, {"Name": "Everybody"})

    assert twin.org.tables["Group"][group]["Name"] == "Everybody"
    assert not any(route.startswith("PUT") for route in twin.stats.by_route)


async def test_groups_are_neither_made_nor_deleted_by_scim(connect: Callable[..., Target]) -> None:
    """The capabilities say so, so that the engine does not try."""
    able = connect(api="scim").capabilities
    assert not able.can("group", "create")
    assert not able.can("group", "delete")
    assert able.can("group", "members")
    assert connect().capabilities.can("group", "create")


# -- by REST -----------------------------------------------------------------------------------------------


async def test_a_group_gets_an_api_name_of_its_own(connect: Callable[..., Target], twin: SalesforceTwin) -> None:
    """Names that fold to the same letters stay apart."""
    target = connect()
    for name in ("R&D", "R/D", "R D", "Ärzte", "42"):
        await target.create("group", {"Name": name})

    names = {one["Name"]: one["DeveloperName"] for one in twin.org.tables["Group"].values()}
    assert len(set(names.values())) == 5
    assert names["R D"] == "R_D"


async def test_a_read_right_after_a_create_is_not_needed(connect: Callable[..., Target], twin: SalesforceTwin) -> None:
    """New records are missed by reads for a moment; the id of the answer is all that is used."""
    twin.org.misses_after_create = 3

    created = await connect().create("user", ADA)

    assert created.id == "005000000000001AAA"


async def test_a_profile_that_is_not_there_fails_the_object_with_its_name(connect: Callable[..., Target]) -> None:
    """Before anything is sent."""
    with pytest.raises(TargetFailure, match="no profile 'Emperor'") as caught:
        await connect().create("user", {**ADA, "ProfileName": "Emperor"})

    assert caught.value.failure is Failure.OBJECT


async def test_a_locale_that_is_not_listed_gives_way_to_the_default(
    connect: Callable[..., Target], twin: SalesforceTwin
) -> None:
    """A person's language must not keep them out; any other required value that is refused fails the object."""
    target = connect()

    created = await target.create("user", {**ADA, "LocaleSidKey": "tlh-KX"})

    assert twin.org.tables["User"][created.id]["LocaleSidKey"] == "en_US"
    assert [finding.code for finding in target.findings] == ["value_left_out"]
    with pytest.raises(TargetFailure, match="TimeZoneSidKey") as caught:
        await target.create("user", {**ADA, "Username": "eve@acme.test", "TimeZoneSidKey": "Mars"})
    assert caught.value.failure is Failure.OBJECT


async def test_an_answer_of_something_else_stops_the_job(connect: Callable[..., Target], twin: SalesforceTwin) -> None:
    """JSON that is not this API's is told, not tripped over."""

    def elsewhere(request: object) -> TwinResponse:
        return TwinResponse(200, {"hello": "world"})

    twin.handle = elsewhere  # type: ignore[method-assign]  # something else answers at this address
    target = connect()

    with pytest.raises(TargetFailure) as caught:
        await target.count("user")

    assert caught.value.failure is Failure.STOP
    report = await target.test()
    assert not report.ok


async def test_role_objects_of_expressions_name_permission_sets(
    connect: Callable[..., Target], twin: SalesforceTwin
) -> None:
    """What AppRoleAssignmentsComplex yields is compared with, and sent as, names."""
    target = connect(paths={"user": (*ADA, "PermissionSets", "PermissionSetGroups"), "group": ()})
    roles = [{"primary": False, "type": "Role", "display": "Survey_Creator", "value": "Survey_Creator"}]
    canonical = target.canonical("user")
    assert canonical is not None

    wanted = canonical({**ADA, "PermissionSets": roles, "PermissionSetGroups": ["Sales_Team"]})
    created = await target.create("user", wanted)

    found = await target.read("user", created.id)
    assert found is not None
    assert (found.values["PermissionSets"], found.values["PermissionSetGroups"]) == (["Survey_Creator"], ["Sales_Team"])
    await target.update("user", created.id, wanted, {**wanted, "PermissionSetGroups": []})
    found = await target.read("user", created.id)
    assert found is not None
    assert "PermissionSetGroups" not in found.values


async def test_short_ids_are_the_same_as_long_ones(connect: Callable[..., Target]) -> None:
    """What a person copies from an address bar is no difference."""
    canonical = connect(paths={"user": ("Username", "ProfileId"), "group": ()}).canonical("user")
    assert canonical is not None

    assert canonical({"ProfileId": "00e000000000001"}) == {"ProfileId": "00e000000000001AAA"}


async def test_only_people_are_listed(connect: Callable[..., Target], twin: SalesforceTwin) -> None:
    """Guests and automated processes are no accounts of the directory; their user names are found all the same."""
    target = connect()
    guest = (await target.create("user", ADA)).id
    twin.org.tables["User"][guest]["UserType"] = "Guest"

    listed = [one.values["Username"] async for page in target.list_objects("user") for one in page.objects]

    assert listed == ["integration@twin.example"]
    assert await target.count("user") == 1
    assert [one.id for one in await target.find("user", "Username", "ADA@acme.test")] == [guest]


async def test_rights_that_lack_are_told_with_the_way_to_mend(
    connect: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection test asks whether users may be made, before a cycle finds out."""
    monkeypatch.setattr("gallery_connector_salesforce.twin.rest.REQUIRED", {})

    report = await connect().test()

    assert [step.name for step in report.steps if not step.ok] == ["right to make and change users"]
    assert "Manage Users" in report.steps[-1].mend


def test_members_cost_a_request_for_each_200(connect: Callable[..., Target]) -> None:
    """The plan says so."""
    target = connect()
    assert isinstance(target, SalesforceTarget)
    assert [target.estimate("members", "group", members=count) for count in (0, 1, 200, 201)] == [0, 1, 1, 2]


# -- pure functions ----------------------------------------------------------------------------------------


def _response(status: int, body: bytes, media_type: str = "application/json") -> Response:
    return Response(status, {"content-type": media_type}, body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(
            b'[{"message": "Duplicate.<br>Choose", "errorCode": "DUPLICATE_USERNAME", "fields": ["Username"]}]',
            Said("DUPLICATE_USERNAME", "Duplicate. Choose", ("Username",)),
            id="array of REST",
        ),
        pytest.param(
            b'{"message": "Processing", "errorCode": "UNKNOWN_EXCEPTION"}',
            Said("UNKNOWN_EXCEPTION", "Processing"),
            id="object of an internal fault",
        ),
        pytest.param(
            b'{"schemas": "[]", "detail": "REQUIRED_FIELD_MISSING:user_must;", "status": 409}',
            Said("REQUIRED_FIELD_MISSING", "user_must"),
            id="SCIM",
        ),
        pytest.param(b'{"detail": "Sorry: no"}', Said("", "Sorry: no"), id="SCIM without a code"),
        pytest.param(b"[]", None, id="empty array"),
        pytest.param(b"[7]", None, id="something else"),
    ],
)
def test_errors_are_read_in_every_shape(body: bytes, said: Said | None) -> None:
    """Four envelopes are seen on the wire."""
    assert spell(_response(400, body)) == said


def test_a_page_of_html_is_no_error_of_salesforce() -> None:
    """It is left to be read as what it is."""
    assert spell(_response(503, b"<html>", "text/html")) is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_literal_is_read_back_as_it_was(value: str) -> None:
    """Quotes, backslashes and line ends cannot leave the quotes."""
    query = parse(f"SELECT Id FROM User WHERE Username = {literal(value)} AND Alias = 'x'")

    assert query.conditions == [("Username", "=", value), ("Alias", "=", "x")]


@given(st.text(max_size=60))
def test_an_api_name_is_one(name: str) -> None:
    """Letters, digits and single underscores, a letter first, none at the end."""
    made = developer_name(name, mark="0123abcd")

    assert len(made) <= 80
    assert made.isascii()
    assert made[0].isalpha()
    assert made.replace("_", "").isalnum()
    assert "__" not in made
    assert not made.endswith("_")


def test_the_first_number_of_the_usage_header_is_what_was_used() -> None:
    """One open connector takes it for what remains."""
    assert used_requests("api-usage=18/5000; per-app-api-usage=17/250(appName=x)") == (18, 5000)
    assert used_requests("nothing") is None


def test_values_of_group_operations_are_objects() -> None:
    """Members nested under their name, a name in an object without path."""
    rename = PatchOperation("replace", "displayName", "x")
    add = PatchOperation("add", "members", [{"value": "005"}])

    assert shape_group([rename, add]) == [
        PatchOperation("replace", None, {"displayName": "x"}),
        PatchOperation("add", "members", {"members": [{"value": "005"}]}),
    ]
