"""Groups, their members, and PATCH (RFC 7644 section 3.5.2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.scim import PatchOperation, patch_body, urns
from gallery_sdk.testing import Patching, ScimServer, TwinBehaviour, TwinClient

USERS = [{"schemas": [urns.USER], "id": f"u{n}", "userName": f"user{n}"} for n in range(6)]
GROUP = {"schemas": [urns.GROUP], "id": "g", "displayName": "Team", "members": [{"value": "u0"}, {"value": "u1"}]}

_members = st.lists(st.integers(0, 5).map(lambda n: f"u{n}"), max_size=4)
_changes = st.tuples(st.sampled_from(["add", "replace", "remove", "filter", "put"]), _members)


def _listed(members: list[str]) -> list[dict[str, str]]:
    return [{"value": member} for member in members]


@given(st.lists(_changes, max_size=6))
@settings(max_examples=40, deadline=None)
async def test_memberships_are_the_same_seen_from_either_side(changes: list[tuple[str, list[str]]]) -> None:
    """After any changes the group has the members that a set would have, and each user knows the group."""
    server = ScimServer(TwinBehaviour(users=USERS, groups=[GROUP]))
    client = TwinClient(server, base_path="/scim/v2")
    expected = {"u0", "u1"}

    for change, members in changes:
        if change == "put":
            body = {"schemas": [urns.GROUP], "displayName": "Team", "members": _listed(members)}
            answer = await client.put("/Groups/g", body)
        elif change == "filter":
            operations = [PatchOperation("remove", f'members[value eq "{member}"]') for member in members]
            answer = await client.patch("/Groups/g", patch_body(operations))
        else:
            answer = await client.patch("/Groups/g", patch_body([PatchOperation(change, "members", _listed(members))]))
        assert answer.status == 200
        if change in ("put", "replace"):
            expected = set(members)
        elif change == "add":
            expected |= set(members)
        elif change == "remove" and not members:
            expected = set()
        else:
            expected -= set(members)

    group = await client.get("/Groups/g")
    users = await client.get("/Users")
    assert {member["value"] for member in group.body.get("members", [])} == expected
    assert {user["id"] for user in users["Resources"] if user.get("groups")} == expected


async def test_a_refused_patch_changes_nothing(connect: Any) -> None:
    """All or nothing: the good operations before the bad one are not done."""
    client = connect(users=USERS, groups=[GROUP])
    operations = [
        PatchOperation("replace", "displayName", "New"),
        PatchOperation("add", "members", _listed(["u2"])),
        PatchOperation("add", "members", _listed(["nobody"])),
    ]

    answer = await client.patch("/Groups/g", patch_body(operations))
    group = await client.get("/Groups/g")

    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert (group["displayName"], [member["value"] for member in group["members"]]) == ("Team", ["u0", "u1"])


async def test_a_deleted_user_leaves_groups_and_a_deleted_group_leaves_users(connect: Any) -> None:
    """No reference to what is gone stays behind."""
    client = connect(users=USERS, groups=[GROUP])

    await client.delete("/Users/u0")
    group = await client.get("/Groups/g")
    await client.delete("/Groups/g")
    user = await client.get("/Users/u1")

    assert [member["value"] for member in group["members"]] == ["u1"]
    assert "groups" not in user.body


@pytest.mark.parametrize(
    ("patching", "operations", "status"),
    [
        (Patching("refused"), [PatchOperation("replace", "title", "x")], 501),
        (Patching(only=("active",)), [PatchOperation("replace", "title", "x")], 400),
        (Patching(only=("active",)), [PatchOperation("replace", None, {"active": False})], 200),
        (Patching(max_operations=1), [PatchOperation("replace", "title", "x")] * 2, 400),
        (Patching(returns="nothing"), [PatchOperation("replace", "title", "x")], 204),
        (Patching("strict"), [PatchOperation("replace", "active", "False")], 400),
        (Patching("compat"), [PatchOperation("Replace", "active", "False")], 200),
        (Patching(), [PatchOperation("replace", "userName", "")], 400),
        (Patching("strict"), [PatchOperation("replace", "name", "Ada")], 400),
    ],
    ids=["refused", "other path", "its path", "too many", "nothing back", "strict", "habits", "required", "wrong type"],
)
async def test_a_server_may_patch_its_own_way(
    connect: Any, patching: Patching, operations: list[PatchOperation], status: int
) -> None:
    """Each of the dialects that real servers show."""
    answer = await connect(users=USERS, patching=patching).patch("/Users/u0", patch_body(operations))

    assert answer.status == status


async def test_limits_of_what_a_patch_may_change_are_for_users(connect: Any) -> None:
    """Groups change as ever where PATCH of a user takes `active` alone."""
    client = connect(users=USERS, groups=[GROUP], patching=Patching(only=("active",)))

    answer = await client.patch("/Groups/g", patch_body([PatchOperation("add", "members", _listed(["u2"]))]))

    assert (answer.status, len(answer["members"])) == (200, 3)


async def test_members_may_be_limited_hidden_or_unchecked(connect: Any) -> None:
    """Limits count in creates and patches; a server that does not return members still has them."""
    limited = connect(users=USERS, groups=[GROUP], max_members=2, returns_members=False)
    trusting = connect(known_members_only=False)
    three = _listed(["u2", "u3", "u4"])

    refusals = [
        await limited.post("/Groups", {"schemas": [urns.GROUP], "displayName": "Big", "members": three}),
        await limited.patch("/Groups/g", patch_body([PatchOperation("add", "members", three)])),
    ]
    shown = await limited.get("/Groups/g")
    made = await trusting.post("/Groups", {"schemas": [urns.GROUP], "displayName": "X", "members": _listed(["who"])})

    assert [(answer.status, answer["scimType"]) for answer in refusals] == [(400, "tooMany")] * 2
    assert "members" not in shown.body
    assert made["members"] == [{"value": "who"}]


async def test_bulk_resolves_what_it_made(connect: Any) -> None:
    """RFC 7644 section 3.7.2: a group in the same request holds the user that was made before it."""
    client = connect()
    user = {"schemas": [urns.USER], "userName": "ada"}
    group = {"schemas": [urns.GROUP], "displayName": "Team", "members": [{"value": "bulkId:1"}]}
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": user},
        {"method": "POST", "path": "/Groups", "bulkId": "2", "data": group},
        {"method": "POST", "path": "/Users", "bulkId": "3", "data": user},
        {"method": "DELETE", "path": "/Users/bulkId:9"},
    ]

    answer = await client.post("/Bulk", {"schemas": [urns.BULK_REQUEST], "Operations": operations})

    assert [each["status"] for each in answer["Operations"]] == ["201", "201", "409", "400"]
    made = await client.get("/Groups")
    location = answer["Operations"][0]["location"]
    assert made["Resources"][0]["members"] == [{"value": location.rpartition("/")[2]}]


async def test_bulk_stops_at_its_limits(connect: Any) -> None:
    """413 beyond maxOperations; failOnErrors ends the work early; without Bulk 501."""
    client = connect()
    bad = {"method": "DELETE", "path": "/Users/nobody"}

    stopped = await client.post("/Bulk", {"schemas": [urns.BULK_REQUEST], "failOnErrors": 2, "Operations": [bad] * 5})
    large = await client.post("/Bulk", {"schemas": [urns.BULK_REQUEST], "Operations": [bad] * 1001})
    without = await connect(bulk=None).post("/Bulk", {"schemas": [urns.BULK_REQUEST], "Operations": []})

    assert [each["status"] for each in stopped["Operations"]] == ["404", "404"]
    assert (large.status, without.status) == (413, 501)
