"""Every operation against scim2-server: what we send is SCIM in somebody else's reading of it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from gallery_sdk.targets import Failure, ScimTarget, TargetFailure

from .conftest import DEPARTMENT, MANAGER, WORK, OpenTarget


@pytest.fixture
def target(peer: str, open_target: OpenTarget) -> ScimTarget:
    """A target of the peer."""
    return open_target(peer)


def person(**changes: object) -> dict[str, object]:
    """Flat values of a person nobody has seen before."""
    name = f"ada-{uuid4().hex[:8]}"
    return {
        "userName": name,
        "active": True,
        "displayName": "Ada Lovelace",
        "title": "Clerk",
        "name.givenName": "Ada",
        "name.familyName": "Lovelace",
        WORK: f"{name}@example.com",
        DEPARTMENT: "Engines",
        **changes,
    }


async def test_a_created_user_is_read_back_as_it_was_sent(target: ScimTarget) -> None:
    """Flat values survive the way through JSON and the peer's storage."""
    values = person()

    created = await target.create("user", values)
    read = await target.read("user", created.id)

    assert read is not None
    assert (read.id, read.values) == (created.id, values)


async def test_a_user_is_found_by_each_filterable_path_whatever_the_letter_case(target: ScimTarget) -> None:
    """userName and e-mail are not case exact (RFC 7643 section 4.1)."""
    values = person()
    created = await target.create("user", values)

    for path in ("userName", WORK):
        (hit,) = await target.find("user", path, str(values[path]).upper())
        assert hit.id == created.id


async def test_nobody_is_found_by_a_value_nobody_has(target: ScimTarget) -> None:
    """An empty list is an answer; quotes and backslashes in the value do no harm."""
    assert await target.find("user", "userName", 'nobody "at\\all" äö &x=1') == []


async def test_a_duplicate_is_a_conflict(target: ScimTarget) -> None:
    """409 means that matching has to look again."""
    values = person()
    await target.create("user", values)

    with pytest.raises(TargetFailure) as refused:
        await target.create("user", values)

    assert (refused.value.failure, refused.value.status, refused.value.code) == (Failure.CONFLICT, 409, "uniqueness")


async def test_an_update_changes_what_differs_and_nothing_else(target: ScimTarget) -> None:
    """Set, changed and cleared values, lists and extensions, in one PATCH."""
    manager = await target.create("user", person())
    before = person()
    created = await target.create("user", before)
    after = {**before, "title": "Head", WORK: "new@example.com", MANAGER: manager.id, "active": False}
    del after["displayName"], after[DEPARTMENT]
    sent = target.requests_sent

    await target.update("user", created.id, before, after)

    assert target.requests_sent == sent + 1
    read = await target.read("user", created.id)
    assert read is not None
    assert read.values == after


async def test_a_changed_and_a_removed_manager_arrive(target: ScimTarget) -> None:
    """A reference is an object, and goes as a whole."""
    first, second = await target.create("user", person()), await target.create("user", person())
    values = person(**{MANAGER: first.id})
    created = await target.create("user", values)

    await target.update("user", created.id, values, {**values, MANAGER: second.id})
    changed = await target.read("user", created.id)
    await target.update("user", created.id, {**values, MANAGER: second.id}, person(userName=values["userName"]))
    removed = await target.read("user", created.id)

    assert changed is not None and changed.values[MANAGER] == second.id
    assert removed is not None and MANAGER not in removed.values


async def test_a_target_without_patch_gets_the_same_change_by_put(peer: str, open_target: OpenTarget) -> None:
    """PUT of what was read with the change laid over it ends in the same resource."""
    target = open_target(peer, {"patch.unsupported": True})
    before = person(externalId="x-1")
    created = await target.create("user", before)
    after = {**before, "title": "Head", WORK: "new@example.com"}
    del after["displayName"]

    await target.update("user", created.id, before, after)

    read = await target.read("user", created.id)
    assert read is not None
    assert read.values == after


async def test_members_come_and_go(target: ScimTarget) -> None:
    """A group made with members, changed by one request, read back as a set."""
    ada, bob, eve = [(await target.create("user", person())).id for _ in range(3)]
    group = await target.create("group", {"displayName": f"g-{uuid4().hex}"}, members=[ada, bob])
    assert await target.read_members(group.id) == {ada, bob}
    sent = target.requests_sent

    outcome = await target.change_members(group.id, [eve], [ada], current_size=2)

    assert target.requests_sent == sent + 1
    assert (outcome.added, outcome.removed, outcome.refused) == ((eve,), (ada,), {})
    assert await target.read_members(group.id) == {bob, eve}


async def test_a_group_is_renamed_and_keeps_its_members(target: ScimTarget) -> None:
    """A change of attributes never touches who belongs."""
    ada = (await target.create("user", person())).id
    name = f"g-{uuid4().hex}"
    group = await target.create("group", {"displayName": name}, members=[ada])

    await target.update("group", group.id, {"displayName": name}, {"displayName": f"{name}-new"})

    (found,) = await target.find("group", "displayName", f"{name}-NEW")
    assert found.id == group.id
    assert await target.read_members(group.id) == {ada}


async def test_a_deleted_object_is_gone_and_deleting_it_again_succeeds(target: ScimTarget) -> None:
    """404 on DELETE is what was wanted; a read says None, a write says GONE."""
    values = person()
    created = await target.create("user", values)

    await target.delete("user", created.id)
    await target.delete("user", created.id)

    assert await target.read("user", created.id) is None
    with pytest.raises(TargetFailure) as gone:
        await target.update("user", created.id, values, {**values, "title": "Head"})
    assert gone.value.failure is Failure.GONE


async def test_a_listing_gives_everybody_once(target: ScimTarget, peer: str, open_target: OpenTarget) -> None:
    """Pages of three, and the announced total."""
    ids = {(await target.create("user", person())).id for _ in range(7)}
    small = open_target(peer, transport={"page_size": 3})

    pages = [page async for page in small.list_objects("user")]
    listed = [one.id for page in pages for one in page.objects]

    assert ids <= set(listed)
    assert len(listed) == len(set(listed)) == pages[-1].total == await target.count("user")


async def test_the_connection_test_succeeds_without_findings_of_weight(target: ScimTarget) -> None:
    """The peer keeps the standard: list and look-up work for both kinds."""
    report = await target.test()

    assert report.ok
    assert [step.name for step in report.steps] == [
        "list users", "look users up", "list groups", "look groups up",
    ]  # fmt: skip
    assert report.findings == ()
