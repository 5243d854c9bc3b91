"""Each quirk of groups, members, reading back and deleting."""

from __future__ import annotations

from typing import Any

import pytest

from gallery_sdk.scim import error_body
from gallery_sdk.targets import Failure, TargetFailure

from .conftest import DEPARTMENT, ENTERPRISE, LooseServer, OpenTarget, list_body, scim


def members(count: int) -> list[str]:
    """Ids of people."""
    return [f"m{number}" for number in range(count)]


async def test_members_max_per_request_splits_create_and_change(server: LooseServer, open_target: OpenTarget) -> None:
    """Seven members at three per request: three with the create, then three, then one."""
    target = open_target(server, {"members.max_per_request": 3})

    created = await target.create("group", {"displayName": "g"}, members=members(7))
    await target.change_members(created.id, [], members(7), current_size=7)

    assert len(server.sent("POST")[0]["members"]) == 3
    sizes = [sum(len(one.get("value", [1])) for one in body["Operations"]) for body in server.sent("PATCH")]
    assert sizes == [3, 1, 3, 3, 1]
    assert created.members == tuple(members(7))
    assert (target.estimate("create", "group", members=7), target.estimate("members", "group", members=7)) == (3, 3)
    plain = open_target(server)
    await plain.create("group", {"displayName": "h"}, members=members(7))
    assert len(server.sent("POST")[1]["members"]) == 7


async def test_members_not_returned_are_never_read(server: LooseServer, open_target: OpenTarget) -> None:
    """What was sent is taken as what is there."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": "m1"}])

    assert await open_target(server, {"members.not_returned": True}).read_members(group_id) == set()
    assert server.seen == []
    assert await open_target(server).read_members(group_id) == {"m1"}


async def test_members_read_via_user_filter_lists_users_of_the_group(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The group itself is not asked."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": "x"}])
    user_id = server.seed("Users", userName="ada", groups=[{"value": group_id}])
    server.seed("Users", userName="bob")

    found = await open_target(server, {"members.read_via_user_filter": True}).read_members(group_id)

    assert found == {user_id}
    assert server.seen[0].query["filter"] == f'groups.value eq "{group_id}"'
    assert await open_target(server).read_members(group_id) == {"x"}


async def test_members_read_on_user_gathers_all_groups_in_one_listing(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Two groups cost one listing of the users, and changes made since count."""
    first, second = server.seed("Groups", displayName="g"), server.seed("Groups", displayName="h")
    user_id = server.seed("Users", userName="ada", groups=[{"value": first}, {"value": second}])
    target = open_target(server, {"members.read_on_user": True})

    assert await target.read_members(first) == await target.read_members(second) == {user_id}
    assert len(server.seen) == 1
    await target.change_members(first, ["m9"], [user_id], current_size=1)
    assert await target.read_members(first) == {"m9"}
    assert await open_target(server).read_members(second) == set()


async def test_group_nested_unsupported_sends_no_group_as_a_member(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Groups that the connection has seen are left out, with a finding."""
    inner, outer = server.seed("Groups", displayName="inner"), server.seed("Groups", displayName="outer")
    for quirks, sent in (({"group.nested_unsupported": True}, ["m1"]), ({}, [inner, "m1"])):
        server.seen.clear()
        target = open_target(server, quirks)
        await target.read("group", inner)

        await target.change_members(outer, [inner, "m1"], [], current_size=0)

        assert [one["value"] for one in server.operations()[0]["value"]] == sent
        assert ("nested_group" in {finding.code for finding in target.findings}) == bool(quirks)


async def test_group_rename_unsupported_turns_a_new_name_into_a_finding(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """No request is sent."""
    group_id = server.seed("Groups", displayName="g")

    changed = await open_target(server, {"group.rename_unsupported": True}).update(
        "group", group_id, {"displayName": "g"}, {"displayName": "h"}
    )

    assert server.seen == []
    assert changed is not None and changed.findings[0].code == "value_left_out"
    await open_target(server).update("group", group_id, {"displayName": "g"}, {"displayName": "h"})
    assert server.resources["Groups"][group_id]["displayName"] == "h"


async def test_group_create_without_members_adds_them_right_after(server: LooseServer, open_target: OpenTarget) -> None:
    """A create and a change, instead of one create."""
    target = open_target(server, {"group.create_without_members": True})

    created = await target.create("group", {"displayName": "g"}, members=["m1"])

    assert "members" not in server.sent("POST")[0]
    assert [one["op"] for one in server.operations()] == ["add"]
    assert created.members == ("m1",)
    assert not target.capabilities.create_with_members
    await open_target(server).create("group", {"displayName": "h"}, members=["m1"])
    assert "members" in server.sent("POST")[1]


async def test_group_create_with_empty_members_says_so(server: LooseServer, open_target: OpenTarget) -> None:
    """An empty array instead of nothing."""
    await open_target(server, {"group.create_with_empty_members": True}).create("group", {"displayName": "g"})
    await open_target(server).create("group", {"displayName": "h"})

    first, second = server.sent("POST")
    assert first["members"] == []
    assert "members" not in second


@pytest.mark.parametrize(
    ("style", "removals"),
    [
        ("filter", [{"op": "remove", "path": f'members[value eq "{one}"]'} for one in ("m1", "m2")]),
        ("value_array", [{"op": "remove", "path": "members", "value": [{"value": "m1"}, {"value": "m2"}]}]),
        ("replace_all", [{"op": "replace", "path": "members", "value": [{"value": "m0"}, {"value": "new"}]}]),
    ],
)  # fmt: skip
async def test_patch_remove_members_style_says_how_members_leave(
    server: LooseServer, open_target: OpenTarget, style: str, removals: list[dict[str, Any]]
) -> None:
    """However they leave, those who stay stay, and `remove members` without value is never sent."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": one} for one in members(3)])
    target = open_target(server, {"patch.remove_members_style": style})

    await target.change_members(group_id, ["new"], ["m1", "m2"], current_size=3)

    assert [one for one in server.operations() if one["op"] != "add"] == removals
    assert {one["value"] for one in server.resources["Groups"][group_id]["members"]} == {"m0", "new"}
    await target.change_members(group_id, [], ["m0", "new"], current_size=2)
    assert all(one["op"] != "remove" or "value" in one or "[" in one["path"] for one in server.operations())


async def test_a_target_without_patch_gets_all_members_by_put(server: LooseServer, open_target: OpenTarget) -> None:
    """Nobody who stays is lost; who cannot be read is not overwritten."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": "m0"}])

    await open_target(server, {"patch.unsupported": True}).change_members(group_id, ["m1"], [], current_size=1)

    assert server.sent("PUT")[0]["members"] == [{"value": "m0"}, {"value": "m1"}]
    blind = open_target(server, {"patch.unsupported": True, "members.not_returned": True})
    with pytest.raises(TargetFailure, match="nobody can read who is there"):
        await blind.change_members(group_id, ["m2"], [], current_size=2)


async def test_create_drops_values_sends_the_missing_ones_once_more(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Slack may drop all profile fields when one is invalid."""

    def drop(seen: Any, resource: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in resource.items() if k != ENTERPRISE} if seen.method == "POST" else resource

    server.after = drop
    values = {"userName": "ada", "title": "Clerk", DEPARTMENT: "Engines"}

    created = await open_target(server, {"create.drops_values": True}).create("user", values)

    assert server.operations() == [{"op": "add", "path": DEPARTMENT, "value": "Engines"}]
    assert [finding.where for finding in created.findings] == [DEPARTMENT]
    server.seen.clear()
    await open_target(server).create("user", {**values, "userName": "eve"})
    assert server.sent("PATCH") == []


async def test_update_verify_finds_what_did_not_take(server: LooseServer, open_target: OpenTarget) -> None:
    """A title that stayed is a finding; an account that stayed active is protected."""
    user_id = server.seed("Users", userName="ada", title="Clerk", active=True)
    server.misbehave = lambda seen: scim(200, {}) if seen.method == "PATCH" else None
    target = open_target(server, {"update.verify": True})
    before = {"userName": "ada", "title": "Clerk", "active": True}

    changed = await target.update("user", user_id, before, {**before, "title": "Head"})

    assert changed is not None
    assert [(one.code, one.where) for one in changed.findings] == [("value_not_taken", "title")]
    with pytest.raises(TargetFailure) as protected:
        await target.update("user", user_id, before, {**before, "active": False})
    assert protected.value.failure is Failure.SKIP
    assert await open_target(server).update("user", user_id, before, {**before, "active": False}) is None


async def test_read_after_write_lag_repeats_reads_until_they_agree(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """A fresh account may be missing, a change invisible, for a while; an old one that is missing is gone."""
    missing = 2
    pauses: list[float] = []

    def lag(seen: Any) -> Any:
        nonlocal missing
        if seen.method == "GET" and missing:
            missing -= 1
            return scim(404, error_body(404, "not yet"))
        return None

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    server.misbehave = lag
    target = open_target(server, {"read.after_write_lag": 3}, sleep=sleep)
    created = await target.create("user", {"userName": "ada"})

    assert (await target.read("user", created.id)) is not None
    assert pauses == [0.25, 0.5]
    assert await target.read("user", "never-made") is None
    assert pauses == [0.25, 0.5]
    missing = 2
    assert await open_target(server).read("user", created.id) is None


async def test_update_verify_waits_for_a_target_that_lags(server: LooseServer, open_target: OpenTarget) -> None:
    """The read that verifies is repeated until the value shows."""
    user_id = server.seed("Users", userName="ada", title="Clerk")
    stale = [{**server.resources["Users"][user_id]}]
    server.misbehave = (
        lambda seen: scim(204, None) if seen.method == "PATCH" and server.answer(seen)
        else scim(200, stale.pop()) if seen.method == "GET" and stale else None
    )  # fmt: skip

    async def sleep(seconds: float) -> None:
        """No time passes."""

    target = open_target(server, {"update.verify": True, "read.after_write_lag": 5}, sleep=sleep)

    changed = await target.update("user", user_id, {"title": "Clerk"}, {"title": "Head"})

    assert changed is not None
    assert (changed.values["title"], changed.findings) == ("Head", ())


@pytest.mark.parametrize("quirk", ["delete.means_deactivate", "delete.unsupported"])
async def test_a_deletion_that_the_target_does_not_know_is_sent_as_deactivation(
    server: LooseServer, open_target: OpenTarget, quirk: str
) -> None:
    """The account stays, inactive; deletion is not offered; one that is gone already is a success."""
    user_id = server.seed("Users", userName="ada", active=True)
    target = open_target(server, {quirk: True})

    await target.delete("user", user_id)
    await target.delete("user", "gone")

    assert server.operations()[0] == {"op": "replace", "path": "active", "value": False}
    assert server.resources["Users"][user_id]["active"] is False
    assert not target.capabilities.can("user", "delete")
    plain = open_target(server)
    assert plain.capabilities.can("user", "delete")
    await plain.delete("user", user_id)
    assert user_id not in server.resources["Users"]


async def test_delete_unsupported_refuses_to_delete_a_group(server: LooseServer, open_target: OpenTarget) -> None:
    """Nothing stands in for the deletion of a group, and nothing is sent."""
    group_id = server.seed("Groups", displayName="g")

    with pytest.raises(TargetFailure) as refused:
        await open_target(server, {"delete.unsupported": True}).delete("group", group_id)

    assert (refused.value.failure, server.seen) == (Failure.OBJECT, [])
    await open_target(server).delete("group", group_id)
    assert server.resources["Groups"] == {}


async def test_a_refused_member_never_holds_up_the_rest(server: LooseServer, open_target: OpenTarget) -> None:
    """One guest among forty is found by halving, in few requests."""

    def no_guests(seen: Any) -> Any:
        sent = str(seen.body) if seen.method == "PATCH" else ""
        return scim(400, error_body(400, "unable_to_add_guest")) if "'m17'" in sent else None

    server.misbehave = no_guests
    group_id = server.seed("Groups", displayName="g", members=[])

    outcome = await open_target(server).change_members(group_id, members(40), [], current_size=0)

    assert set(outcome.refused) == {"m17"}
    assert len(outcome.added) == 39
    assert {one["value"] for one in server.resources["Groups"][group_id]["members"]} == set(members(40)) - {"m17"}
    assert len(server.sent("PATCH")) <= 14


async def test_a_group_that_refuses_everybody_is_not_asked_for_each(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """When members are refused one by one for the same reason, the reason is the group."""
    server.misbehave = lambda seen: scim(400, error_body(400, "locked")) if seen.method == "PATCH" else None
    group_id = server.seed("Groups", displayName="g", members=[])

    outcome = await open_target(server).change_members(group_id, members(500), [], current_size=0)

    assert len(outcome.refused) == 500
    assert len(server.sent("PATCH")) < 40


async def test_a_batch_that_is_too_large_teaches_the_size(server: LooseServer, open_target: OpenTarget) -> None:
    """413 halves the batch, and the smaller size is remembered."""
    server.misbehave = lambda seen: (
        scim(413, error_body(413, "too many"))
        if seen.method == "PATCH" and len(seen.body["Operations"][0]["value"]) > 30
        else None
    )
    group_id = server.seed("Groups", displayName="g", members=[])
    target = open_target(server)

    outcome = await target.change_members(group_id, members(100), [], current_size=0)

    assert (len(outcome.added), outcome.refused) == (100, {})
    assert target.capabilities.members_per_request == 25
    assert "members_limit_found" in {finding.code for finding in target.findings}


async def test_removing_who_is_no_member_succeeds(server: LooseServer, open_target: OpenTarget) -> None:
    """noTarget on a removal says that it has happened already."""
    server.misbehave = lambda seen: scim(400, error_body(400, "none", "noTarget")) if seen.method == "PATCH" else None
    group_id = server.seed("Groups", displayName="g")

    outcome = await open_target(server).change_members(group_id, [], ["m1"], current_size=1)

    assert (outcome.removed, outcome.refused) == (("m1",), {})


async def test_one_member_changed_in_a_large_group_is_one_small_request(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Ten thousand members are neither read nor sent."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": one} for one in members(10_000)])
    server.misbehave = lambda seen: scim(204, None) if seen.method == "PATCH" else None

    await open_target(server).change_members(group_id, ["new"], ["m1"], current_size=10_000)

    (only,) = server.seen
    assert only.size < 300


async def test_a_read_only_listing_of_groups_leaves_members_out(server: LooseServer, open_target: OpenTarget) -> None:
    """Members are asked for only where they are wanted."""
    server.seed("Groups", displayName="g", members=[{"value": "m1"}])
    target = open_target(server)

    bare = [one async for page in target.list_objects("group") for one in page.objects]
    full = [one async for page in target.list_objects("group", members=True) for one in page.objects]

    assert (bare[0].members, full[0].members) == (None, ("m1",))
    assert server.seen[0].query["excludedAttributes"] == "members"
    assert "excludedAttributes" not in server.seen[1].query


def test_list_bodies_count_themselves() -> None:
    """The double's own list is consistent."""
    assert list_body([{"id": "1"}])["totalResults"] == 1


async def test_patch_only_without_members_changes_them_by_put(server: LooseServer, open_target: OpenTarget) -> None:
    """What PATCH is not accepted for goes by PUT, members too."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": "m1"}])

    await open_target(server, {"patch.only": ("active",)}).change_members(group_id, ["m2"], [], current_size=1)

    assert [one.method for one in server.writes()] == ["PUT"]
    await open_target(server, {"patch.only": ("members",)}).change_members(group_id, ["m3"], [], current_size=2)
    assert [one.method for one in server.writes()] == ["PUT", "PATCH"]


async def test_patch_path_omitted_adds_members_and_puts_nobody_out(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """An addition without path is an addition, never a replacement."""
    group_id = server.seed("Groups", displayName="g", members=[{"value": "m1"}, {"value": "m2"}])

    await open_target(server, {"patch.path_omitted": True}).change_members(group_id, ["m3"], ["m1"], current_size=2)

    assert server.operations()[1] == {"op": "add", "value": {"members": [{"value": "m3"}]}}
    assert {one["value"] for one in server.resources["Groups"][group_id]["members"]} == {"m2", "m3"}
