"""The connector against its twin: each quirk is needed, and both versions come to the same accounts."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import pytest

from gallery_connector_slack.plugin import gallery_target
from gallery_connector_slack.twin import SlackSettings, SlackTwin, records
from gallery_connector_slack.v1 import merge_document, to_v1, to_v2
from gallery_sdk.manifest import Manifest, read_manifest
from gallery_sdk.scim import urns
from gallery_sdk.targets import Failure, Target, TargetFailure, open_target
from gallery_sdk.testing import Fault, serve
from gallery_sdk.transport import Transport

MANIFEST = read_manifest(str(files("gallery_connector_slack").joinpath("connector.toml")))
WORK = 'emails[type eq "work"].value'
MOBILE, MAIN = 'phoneNumbers[type eq "mobile"].value', 'phoneNumbers[type eq "work"].value'
PHOTO = 'photos[type eq "photo"].value'
OTHER = 'emails[type eq "other"].value'
HOME = 'emails[type eq "home"].value'
CITY = 'addresses[type eq "untyped"].locality'
START = "urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User:startDate"
DEPARTMENT, MANAGER = f"{urns.ENTERPRISE_USER}:department", f"{urns.ENTERPRISE_USER}:manager"
PATHS = {
    "user": [
        *("userName", WORK, HOME, OTHER, "active", "displayName", "title", "externalId", MOBILE, MAIN, PHOTO, CITY),
        *("locale", START, DEPARTMENT, MANAGER),
    ],
    "group": ["displayName", "members"],
}
ADA = {"userName": "ada", WORK: "ada@acme.test", "active": True, "displayName": "Ada L"}

Scenario = Callable[[Target, SlackTwin], Awaitable[None]]


class _Translating:
    """The connection's plugins as `open_target` asks them."""

    hook = type("Hook", (), {"gallery_target": staticmethod(gallery_target)})

    @staticmethod
    def has_hook(name: str) -> bool:
        return name == "gallery_target"


@asynccontextmanager
async def connected(
    manifest: Manifest = MANIFEST, *, version: str = "v2", **settings: Any
) -> AsyncIterator[tuple[Target, SlackTwin]]:
    """A target over a real connection to a twin without rate limits."""
    twin = SlackTwin(SlackSettings(**{"limits": (), "tokens": {}, **settings}))
    with serve(twin) as server:
        transport = Transport(
            f"{server.url}/scim/{version}",
            allowed_hosts=["127.0.0.1"],
            default_headers={"Content-Type": manifest.transport.content_type},
        )
        plugins: Any = _Translating()
        target = open_target(manifest, plugins, transport=transport, settings={"api_version": version}, paths=PATHS)
        try:
            await target.open()
            yield target, twin
        finally:
            await target.aclose()
            await transport.aclose()


def users_of(twin: SlackTwin) -> list[dict[str, Any]]:
    users: Any = twin.state()["users"]
    return list(users)


async def differing(target: Target, kind: str, target_id: str, wanted: Mapping[str, object]) -> set[str]:
    """The paths at which the next cycle would find a difference."""
    canonical, comparer = target.canonical(kind), target.comparer(kind)
    desired = dict(wanted) if canonical is None else canonical(dict(wanted))
    found = await target.read(kind, target_id)
    assert found is not None
    held = found.values
    return {
        path
        for path in desired.keys() | held.keys()
        if desired.get(path) != held.get(path)
        and not (comparer is not None and comparer(path, held.get(path), desired.get(path)))
    }


async def create(target: Target, **more: object) -> str:
    canonical = target.canonical("user")
    wanted: dict[str, object] = {**ADA, **more}
    return (await target.create("user", wanted if canonical is None else canonical(wanted))).id


# -- scenarios: each holds with its quirk, and does not without it -----------------------------------------


async def _names_settle(target: Target, twin: SlackTwin) -> None:
    made = await create(target, userName="Zoë.Müller@acme.test")
    assert users_of(twin)[0]["userName"] == "zoe.muller"
    assert not await differing(target, "user", made, {**ADA, "userName": "Zoë.Müller@acme.test"})


async def _emails_settle(target: Target, twin: SlackTwin) -> None:
    made = await create(target)
    assert not await differing(target, "user", made, ADA)


async def _phones_arrive(target: Target, twin: SlackTwin) -> None:
    made = await create(target, **{MOBILE: "+1 555 0100", MAIN: "+1 555 0199"})
    numbers = users_of(twin)[0]["phoneNumbers"]
    assert numbers == [{"value": "+1 555 0100", "type": "mobile"}, {"value": "+1 555 0199", "primary": True}]
    assert not await differing(target, "user", made, {**ADA, MOBILE: "+1 555 0100", MAIN: "+1 555 0199"})


async def _addresses_settle(target: Target, twin: SlackTwin) -> None:
    made = await create(target, **{CITY: "London"})
    assert not await differing(target, "user", made, {**ADA, CITY: "London"})
    await target.update("user", made, {**ADA, CITY: "London"}, {**ADA, CITY: "Paris"})
    assert users_of(twin)[0]["addresses"][0]["locality"] == "Paris"


async def _photos_settle(target: Target, twin: SlackTwin) -> None:
    made = await create(target)
    found = await target.read("user", made)
    assert found is not None
    assert PHOTO not in found.values


async def _external_ids_settle(target: Target, twin: SlackTwin) -> None:
    made = await create(target, externalId="e1")
    assert not await differing(target, "user", made, {**ADA, "externalId": "e1"})


async def _refused_names_do_not_stop_updates(target: Target, twin: SlackTwin) -> None:
    made = await create(target)
    await target.update("user", made, ADA, {**ADA, "displayName": "Countess", "title": "Boss"})
    assert (users_of(twin)[0]["title"], users_of(twin)[0]["displayName"]) == ("Boss", "Ada L")


async def _at_signs_go(target: Target, twin: SlackTwin) -> None:
    await create(target, displayName="@da")
    assert users_of(twin)[0]["displayName"] == "da"


async def _emoji_go(target: Target, twin: SlackTwin) -> None:
    await create(target, title="Boss \U0001f451")
    assert users_of(twin)[0]["title"] == "Boss"


async def _managers_are_set_and_cleared(target: Target, twin: SlackTwin) -> None:
    boss = await create(target, userName="boss", **{WORK: "boss@acme.test"})
    made = await create(target, **{MANAGER: boss, DEPARTMENT: "R&D"})
    assert users_of(twin)[1][urns.ENTERPRISE_USER]["manager"] == {"managerId": boss}
    assert not await differing(target, "user", made, {**ADA, MANAGER: boss, DEPARTMENT: "R&D"})
    await target.update("user", made, {**ADA, MANAGER: boss, DEPARTMENT: "R&D"}, {**ADA, DEPARTMENT: "R&D"})
    assert users_of(twin)[1][urns.ENTERPRISE_USER]["manager"] == {"managerId": None}


async def _locales_settle(target: Target, twin: SlackTwin) -> None:
    made = await create(target, locale="en-US")
    assert users_of(twin)[0]["locale"] == "en_US"
    assert not await differing(target, "user", made, {**ADA, "locale": "en-US"})


async def _members_leave_by_value(target: Target, twin: SlackTwin) -> None:
    first, second = await create(target), await create(target, userName="bob", **{WORK: "bob@acme.test"})
    group = (await target.create("group", {"displayName": "Team"}, members=[first, second])).id
    twin.stats.by_route.clear()
    await target.change_members(group, [], [first, second], current_size=2)
    assert await target.read_members(group) == set()
    assert twin.stats.by_route["PATCH /Groups/*"] == 1


async def _members_travel_in_batches(target: Target, twin: SlackTwin) -> None:
    members = [f"U{number}" for number in range(5001)]
    for number, member in enumerate(members):
        user = {"userName": f"u{number}", "emails": [{"value": f"u{number}@acme.test"}], "id": member}
        twin.workspace.users.put(member, {**records.blank(), **user})
    made = await target.create("group", {"displayName": "All"}, members=members)
    assert len(await target.read_members(made.id)) == 5001
    assert twin.stats.by_route["PATCH /Groups/*"] == 1


async def _deletions_deactivate(target: Target, twin: SlackTwin) -> None:
    made = await create(target)
    await target.delete("user", made)
    assert users_of(twin)[0]["active"] is False
    assert not twin.stats.by_route["DELETE /Users/*"]


async def _extension_values_change_and_clear(target: Target, twin: SlackTwin) -> None:
    made = await create(target, **{DEPARTMENT: "R&D", "locale": "en_US"})
    held = {**ADA, "locale": "en_US"}
    await target.update("user", made, {**held, DEPARTMENT: "R&D"}, {**held, DEPARTMENT: "Ops"})
    assert users_of(twin)[0][urns.ENTERPRISE_USER]["department"] == "Ops"
    await target.update("user", made, {**held, DEPARTMENT: "Ops"}, held)
    assert users_of(twin)[0][urns.ENTERPRISE_USER]["department"] is None


async def _the_primary_email_stays(target: Target, twin: SlackTwin) -> None:
    made = await create(target)
    await target.update("user", made, ADA, {path: value for path, value in ADA.items() if path != WORK})
    assert users_of(twin)[0]["emails"] == [{"value": "ada@acme.test", "primary": True}]


async def _two_emails_are_sent(target: Target, twin: SlackTwin) -> None:
    emails = {HOME: "home@acme.test", OTHER: "other@acme.test"}
    made = await create(target, **emails)
    assert not await differing(target, "user", made, {**ADA, **emails})


async def _blanks_settle(target: Target, twin: SlackTwin) -> None:
    made = await create(target, title=" ")
    assert not await differing(target, "user", made, {**ADA, "title": " "})


async def _dropped_values_are_sent_again(target: Target, twin: SlackTwin) -> None:
    await create(target, userName="spoiled", **{DEPARTMENT: "R&D"})
    assert users_of(twin)[0].get(urns.ENTERPRISE_USER, {}).get("department") == "R&D"


async def _put_is_never_sent(target: Target, twin: SlackTwin) -> None:
    made = await create(target)
    twin.faults.add(Fault(status=405, methods=("PATCH",)))
    with contextlib.suppress(TargetFailure):
        await target.update("user", made, ADA, {**ADA, "title": "Boss"})
    assert not twin.stats.by_route["PUT /Users/*"]


async def _empty_groups_are_made(target: Target, twin: SlackTwin) -> None:
    await target.create("group", {"displayName": "Team"})
    assert twin.state()["groups"]


async def _new_accounts_are_waited_for(target: Target, twin: SlackTwin) -> None:
    made = await create(target)
    assert await target.read("user", made) is not None


async def _long_names_are_told_by_their_word(target: Target, twin: SlackTwin) -> None:
    with pytest.raises(TargetFailure) as caught:
        await target.create("user", {**ADA, "userName": "everyone"})
    assert caught.value.failure is Failure.OBJECT
    assert caught.value.code == "username_not_allowed"


QUIRKS: list[tuple[str, Scenario]] = [
    ("username.normalize", _names_settle),
    ("email.type_not_returned", _emails_settle),
    ("phone.types_inverted", _phones_arrive),
    ("multi_valued.type_not_returned", _addresses_settle),
    ("attribute.not_compared", _photos_settle),
    ("external_id.not_stored", _external_ids_settle),
    ("attribute.update_refused", _refused_names_do_not_stop_updates),
    ("attribute.strip_characters", _at_signs_go),
    ("text.emoji_refused", _emoji_go),
    ("manager.sub_attribute", _managers_are_set_and_cleared),
    ("locale.separator", _locales_settle),
    ("patch.remove_members_style", _members_leave_by_value),
    ("members.max_per_request", _members_travel_in_batches),
    ("delete.means_deactivate", _deletions_deactivate),
    ("patch.extension_as_object", _extension_values_change_and_clear),
    ("patch.extension_remove_separator", _extension_values_change_and_clear),
    ("email.primary_required", _the_primary_email_stays),
    ("multi_valued.max_items", _two_emails_are_sent),
    ("empty_string.means_unset", _blanks_settle),
    ("create.drops_values", _dropped_values_are_sent_again),
    ("put.forbidden", _put_is_never_sent),
    ("group.create_with_empty_members", _empty_groups_are_made),
    ("read.after_write_lag", _new_accounts_are_waited_for),
    ("error.word_prefix", _long_names_are_told_by_their_word),
]


@pytest.mark.parametrize(("quirk", "scenario"), QUIRKS, ids=[quirk for quirk, _ in QUIRKS])
async def test_a_quirk_is_needed(quirk: str, scenario: Scenario) -> None:
    """With it the promise holds; with it alone switched off it does not."""
    settings: dict[str, Any] = {"spoiled": ["spoiled"]}
    if quirk == "read.after_write_lag":
        settings["lag_seconds"] = 0.3

    async with connected(**settings) as (target, twin):
        await scenario(target, twin)

    with pytest.raises((AssertionError, TargetFailure, pytest.fail.Exception)):
        async with connected(MANIFEST.without_quirk(quirk), **settings) as (target, twin):
            await scenario(target, twin)


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_an_account_lives_through_everything_in_either_version(version: str) -> None:
    """Created, found, changed, cleared, deactivated, brought back; then a group with it."""
    async with connected(version=version) as (target, twin):
        made = await create(target, **{DEPARTMENT: "R&D", "title": "Clerk", MOBILE: "1", MAIN: "2"})
        found = await target.find("user", "userName", "ada")
        before = {**ADA, DEPARTMENT: "R&D", "title": "Clerk", MOBILE: "1", MAIN: "2"}
        after = {**ADA, WORK: "countess@acme.test", MOBILE: "1", MAIN: "3", "title": "Boss"}
        await target.update("user", made, before, after)
        changed = users_of(twin)[0]
        drift = await differing(target, "user", made, after)
        await target.update("user", made, after, {**after, "active": False})
        inactive = users_of(twin)[0]["active"]
        await target.update("user", made, {**after, "active": False}, after)
        group = (await target.create("group", {"displayName": "Team"}, members=[made])).id
        await target.update("group", group, {"displayName": "Team"}, {"displayName": "Crew"})
        added = await target.change_members(group, [], [made], current_size=1)
        state: Any = twin.state()

    assert [one.id for one in found] == [made]
    assert (changed["title"], changed["emails"]) == ("Boss", [{"value": "countess@acme.test", "primary": True}])
    assert changed[urns.ENTERPRISE_USER]["department"] is None
    assert [phone["value"] for phone in changed["phoneNumbers"]] == ["1", "3"]
    assert drift == set()
    assert (inactive, state["users"][0]["active"]) == (False, True)
    assert (state["groups"][0]["displayName"], state["groups"][0]["members"]) == ("Crew", [])
    assert set(added.removed) == {made}


async def test_user_names_are_looked_up_and_nothing_else() -> None:
    """By filter, although the service provider configuration denies that there are any."""
    async with connected(users=[{"userName": "ada", "emails": ["ada@acme.test"]}]) as (target, twin):
        found = await target.find("user", "userName", "ada")
        filterable = target.capabilities.filterable("user")

    assert [one.values["userName"] for one in found] == ["ada"]
    assert twin.stats.by_route == {"GET /Users?filter": 1}
    assert filterable == {"userName"}


async def test_groups_are_found_by_listing() -> None:
    """No filter on groups is documented, and none is sent."""
    async with connected(groups=[{"id": "S1", "displayName": "Team"}]) as (target, twin):
        found = await target.find("group", "displayName", "Team")

    assert [one.id for one in found] == ["S1"]
    assert not twin.stats.by_route["GET /Groups?filter"]


def test_no_quirk_goes_unproven() -> None:
    """Each declared quirk is switched off above; nested groups are the engine's to leave out."""
    proven = {mark for mark, _ in QUIRKS}

    assert {quirk.id for quirk in MANIFEST.quirks} - proven == {"group.nested_unsupported"}


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("settings", "failure"),
    [
        ({"tokens": {"other": None}}, Failure.STOP),
        ({"plan": "pro"}, Failure.STOP),
    ],
    ids=["token", "plan"],
)
async def test_what_concerns_the_whole_connection_stops_it(
    version: str, settings: dict[str, Any], failure: Failure
) -> None:
    """The credential and the plan are nobody's data."""
    async with connected(version=version, **settings) as (target, _):
        report = await target.test()
        with pytest.raises(TargetFailure) as caught:
            await create(target)

    assert not report.ok
    assert caught.value.failure is failure


async def test_taken_and_protected_accounts_are_told_apart() -> None:
    """A taken name is a conflict to be matched, a protected account is left alone."""
    owner = {"id": "U1", "userName": "owner", "emails": [{"value": "o@acme.test"}], "role": "primary_owner"}
    async with connected(users=[owner]) as (target, _):
        with pytest.raises(TargetFailure) as taken:
            await create(target, userName="owner")
        with pytest.raises(TargetFailure) as protected:
            await target.update("user", "U1", {"title": None}, {"title": "x"})

    assert taken.value.failure is Failure.CONFLICT
    assert protected.value.failure is Failure.SKIP


async def test_refused_members_do_not_keep_out_the_others() -> None:
    """Deactivated people cannot join; the rest of the batch does."""
    users = [
        {"id": f"U{n}", "userName": f"u{n}", "emails": [{"value": f"u{n}@acme.test"}], "active": n != 2}
        for n in (1, 2, 3)
    ]
    async with connected(users=users, groups=[{"id": "S1", "displayName": "T"}]) as (target, _):
        outcome = await target.change_members("S1", ["U1", "U2", "U3"], [], current_size=0)
        members = await target.read_members("S1")

    assert members == {"U1", "U3"}
    assert set(outcome.refused) == {"U2"}


def test_a_merge_document_says_what_the_operations_say() -> None:
    """Values nest, removals are named in meta.attributes by dotted path, members that leave are marked."""
    operations: list[dict[str, object]] = [
        {"op": "replace", "path": "title", "value": "Boss"},
        {"op": "replace", "path": "name.givenName", "value": "Ada"},
        {"op": "add", "path": urns.ENTERPRISE_USER, "value": {"division": "EU"}},
        {"op": "remove", "path": f"{urns.ENTERPRISE_USER}.department"},
        {"op": "remove", "path": "addresses"},
        {"op": "add", "path": "members", "value": [{"value": "U1"}]},
        {"op": "remove", "path": "members", "value": [{"value": "U2"}]},
    ]

    assert merge_document(operations) == {
        "schemas": [urns.SCIM1_CORE],
        "title": "Boss",
        "name": {"givenName": "Ada"},
        urns.SCIM1_ENTERPRISE_USER: {"division": "EU"},
        "members": [{"value": "U1"}, {"value": "U2", "operation": "delete"}],
        "meta": {"attributes": [f"{urns.SCIM1_ENTERPRISE_USER}.department", "addresses"]},
    }


def test_translating_to_version_1_and_back_changes_nothing() -> None:
    """Resources and lists alike."""
    user = {"schemas": [urns.USER, urns.ENTERPRISE_USER], "userName": "ada", urns.ENTERPRISE_USER: {"division": "EU"}}
    page = {"schemas": [urns.LIST_RESPONSE], "totalResults": 1, "Resources": [user]}

    assert to_v2(to_v1(user), urns.USER) == user
    assert to_v2({**to_v1(page), "Resources": [to_v1(user)]}, urns.USER) == page


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_the_first_day_is_kept_in_slacks_own_extension(version: str) -> None:
    """Made, changed and cleared by either version."""
    async with connected(version=version) as (target, _):
        made = await create(target, **{START: "2026-12-01"})
        first = await target.read("user", made)
        await target.update("user", made, {**ADA, START: "2026-12-01"}, {**ADA, START: "2027-01-04"})
        later = await target.read("user", made)
        await target.update("user", made, {**ADA, START: "2027-01-04"}, dict(ADA))
        gone = await target.read("user", made)

    assert first is not None and first.values[START] == "2026-12-01"
    assert later is not None and later.values[START] == "2027-01-04"
    assert gone is not None and not gone.values.get(START)


async def test_a_translated_connection_is_reached_at_the_same_address() -> None:
    """And an answer that is no object passes through as it came."""
    async with connected(version="v1") as (target, _):
        assert (await target.test()).ok

    assert to_v2(["no", "object"], urns.USER) == ["no", "object"]
