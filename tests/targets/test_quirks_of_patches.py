"""Each quirk of writing changes what is sent as it says; without it the request is RFC 7644's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gallery_sdk.scim import error_body
from gallery_sdk.targets import Failure, TargetFailure

from .conftest import DEPARTMENT, ENTERPRISE, HOME, MANAGER, WORK, LooseServer, OpenTarget, scim

ADA: dict[str, object] = {"userName": "ada", "active": True, "title": "Clerk", WORK: "ada@x.test"}


async def change(
    server: LooseServer,
    open_target: OpenTarget,
    quirks: Mapping[str, object],
    before: Any = ADA,  # flat values; Any, so that ** of other values is not taken for it
    **changes: object,
) -> list[dict[str, Any]]:
    """The operations that a change of Ada came to."""
    target = open_target(server, quirks)
    created = await target.create("user", before)
    server.seen.clear()
    after = {path: value for path, value in {**before, **changes}.items() if value is not None}
    await target.update("user", created.id, before, after)
    await target.delete("user", created.id)
    return server.operations()


async def test_patch_unsupported_sends_the_whole_resource_by_put(server: LooseServer, open_target: OpenTarget) -> None:
    """What was read is sent back with the change laid over it, read-only attributes left out."""
    target = open_target(server, {"patch.unsupported": True})
    user_id = server.seed("Users", userName="ada", nickName="kept", title="Clerk", groups=[{"value": "g1"}])

    await target.update("user", user_id, {"userName": "ada", "title": "Clerk"}, {"userName": "ada", "title": "Head"})

    (body,) = server.sent("PUT")
    assert (body["title"], body["nickName"], body["userName"]) == ("Head", "kept", "ada")
    assert not {"meta", "groups", "id"} & set(body)
    assert not server.sent("PATCH")
    assert await change(server, open_target, {}, {**ADA, "userName": "eve"}, title="Head")


async def test_patch_only_patches_the_listed_paths_and_puts_the_others_first(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Zoom takes `active` by PATCH and everything else by PUT."""
    target = open_target(server, {"patch.only": ("active",)})
    user_id = server.seed("Users", userName="ada", active=True, title="Clerk")
    before = {"userName": "ada", "active": True, "title": "Clerk"}

    await target.update("user", user_id, before, {"userName": "ada", "active": False, "title": "Head"})

    first, second = server.writes()
    assert (first.method, first.body["title"], first.body["active"]) == ("PUT", "Head", True)
    assert second.body["Operations"] == [{"op": "replace", "path": "active", "value": False}]
    assert len(await change(server, open_target, {}, {**ADA, "userName": "eve"}, title="Head", active=False)) == 2


async def test_patch_path_omitted_sends_one_partial_resource(server: LooseServer, open_target: OpenTarget) -> None:
    """Okta's way: no path, a nested value; removals keep their path."""
    (removal, rest) = await change(
        server, open_target, {"patch.path_omitted": True}, title="Head", active=None,
        **{DEPARTMENT: "Engines", "name.givenName": "Ada", HOME: "home@x.test"},
    )  # fmt: skip

    assert removal == {"op": "remove", "path": "active"}
    assert "path" not in rest
    assert rest["value"]["title"] == "Head"
    assert rest["value"]["name"] == {"givenName": "Ada"}
    assert rest["value"][ENTERPRISE] == {"department": "Engines"}
    assert {item["value"] for item in rest["value"]["emails"]} == {"ada@x.test", "home@x.test"}


async def test_patch_replace_only_never_adds(server: LooseServer, open_target: OpenTarget) -> None:
    """A first value is a replacement, and a list that grows is sent whole, lest the rest be lost."""
    news: dict[str, object] = {DEPARTMENT: "Engines", HOME: "home@x.test", "name.givenName": "Ada"}
    replaced = await change(server, open_target, {"patch.replace_only": True}, **news)
    (emails,) = [one["value"] for one in replaced if one["path"] == "emails"]

    assert {one["op"] for one in replaced} == {"replace"}
    assert {item["value"] for item in emails} == {"ada@x.test", "home@x.test"}
    assert "add" in {one["op"] for one in await change(server, open_target, {}, **news)}

    target = open_target(server, {"patch.replace_only": True})
    group = await target.create("group", {"displayName": "Team"})
    server.seen.clear()
    await target.change_members(group.id, ["u1"], [], current_size=0)
    assert server.operations() == [{"op": "add", "path": "members", "value": [{"value": "u1"}]}]


async def test_patch_path_required_outranks_operations_without_path(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """A team's override may demand paths of a connector that leaves them out."""
    required = {"patch.path_omitted": True, "patch.path_required": True}
    with_path = await change(server, open_target, required, title="Head", active=False)
    without = await change(server, open_target, {"patch.path_omitted": True}, title="Head", active=False)

    assert [one.get("path") for one in with_path] == ["active", "title"]
    assert [one.get("path") for one in without] == [None]


async def test_patch_op_case_writes_capital_operations(server: LooseServer, open_target: OpenTarget) -> None:
    """`Replace` for the old flavour of Entra ID."""
    assert [one["op"] for one in await change(server, open_target, {"patch.op_case": "title"}, title="B")] == [
        "Replace"
    ]
    assert [one["op"] for one in await change(server, open_target, {}, title="B")] == ["replace"]


async def test_patch_max_ops_splits_a_change_over_several_requests(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """In order, and the first refusal stops the rest."""
    await change(server, open_target, {"patch.max_ops": 1}, title="B", active=False)
    assert [len(body["Operations"]) for body in server.sent("PATCH")] == [1, 1]
    server.seen.clear()
    await change(server, open_target, {}, title="B", active=False)
    assert [len(body["Operations"]) for body in server.sent("PATCH")] == [2]


async def test_patch_bool_as_string_writes_booleans_as_texts(server: LooseServer, open_target: OpenTarget) -> None:
    """In PATCH only; a create keeps JSON booleans."""
    target = open_target(server, {"patch.bool_as_string": True})
    created = await target.create("user", ADA)
    await target.update("user", created.id, ADA, {**ADA, "active": False})

    assert server.sent("POST")[0]["active"] is True
    assert server.operations() == [{"op": "replace", "path": "active", "value": "False"}]
    assert (await change(server, open_target, {}, {**ADA, "userName": "eve"}, active=False))[0]["value"] is False


async def test_patch_no_complex_value_splits_objects(server: LooseServer, open_target: OpenTarget) -> None:
    """One operation per sub-attribute, each with its own path."""
    names: dict[str, object] = {"name.givenName": "Ada", "name.familyName": "Lovelace"}
    split = await change(server, open_target, {"patch.no_complex_value": True}, **names)
    whole = await change(server, open_target, {}, **names)

    assert [one["path"] for one in split] == ["name.givenName", "name.familyName"]
    assert [one["path"] for one in whole] == ["name"]


async def test_patch_no_filtered_path_replaces_the_whole_list(server: LooseServer, open_target: OpenTarget) -> None:
    """All mapped items travel, since an item has no path of its own."""
    before = {**ADA, HOME: "home@x.test"}
    (whole,) = await change(server, open_target, {"patch.no_filtered_path": True}, before, **{WORK: "new@x.test"})
    (filtered,) = await change(server, open_target, {}, before, **{WORK: "new@x.test"})

    assert whole["path"] == "emails"
    assert [item["value"] for item in whole["value"]] == ["new@x.test", "home@x.test"]
    assert "[" in filtered["path"]


async def test_patch_extension_as_object_sends_one_operation_per_extension(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """`path` is the URN, the value an object."""
    changes: dict[str, object] = {DEPARTMENT: "Engines", MANAGER: "u9"}
    (joined,) = await change(server, open_target, {"patch.extension_as_object": True}, **changes)
    apart = await change(server, open_target, {}, **changes)

    assert joined["path"] == ENTERPRISE
    assert joined["value"] == {"department": "Engines", "manager": {"value": "u9"}}
    assert [one["path"] for one in apart] == [DEPARTMENT, MANAGER]


async def test_patch_extension_remove_separator_joins_by_a_dot(server: LooseServer, open_target: OpenTarget) -> None:
    """In removals only."""
    before = {**ADA, DEPARTMENT: "Engines"}
    server.misbehave = lambda seen: scim(200, {}) if seen.method == "PATCH" else None
    dotted = await change(
        server, open_target, {"patch.extension_remove_separator": "dot"}, before, **{DEPARTMENT: None}
    )
    colon = await change(server, open_target, {}, before, **{DEPARTMENT: None})

    assert dotted == [{"op": "remove", "path": f"{ENTERPRISE}.department"}]
    assert colon == [{"op": "remove", "path": DEPARTMENT}]
    slack = {"patch.extension_remove_separator": "dot", "manager.sub_attribute": "managerId"}
    manager = await change(server, open_target, slack, {**ADA, MANAGER: "u9"}, **{MANAGER: None})
    assert manager == [{"op": "remove", "path": f"{ENTERPRISE}.manager.managerId"}]


@pytest.mark.parametrize(
    ("style", "value"), [("null", None), ("empty_string", ""), ("space", " ")], ids=["null", "empty", "space"]
)
async def test_clear_style_says_how_a_value_is_cleared(
    server: LooseServer, open_target: OpenTarget, style: str, value: object
) -> None:
    """Single-valued attributes only: an item of a list is removed."""
    before = {**ADA, MANAGER: "u9", HOME: "home@x.test"}
    cleared = await change(
        server, open_target, {"clear.style": style}, before, title=None, **{MANAGER: None, HOME: None}
    )
    removed = await change(server, open_target, {}, before, title=None, **{MANAGER: None, HOME: None})

    by_path = {one["path"]: one for one in cleared}
    assert by_path["title"] == {"op": "replace", "path": "title", "value": value}
    assert by_path[MANAGER if value is None else f"{MANAGER}.value"]["value"] == value
    assert by_path['emails[type eq "home"]']["op"] == "remove"
    assert {one["op"] for one in removed} == {"remove"}


async def test_put_forbidden_keeps_a_refused_patch_a_failure(server: LooseServer, open_target: OpenTarget) -> None:
    """Without it a target that answers 501 gets PUT from then on, and the finding says so."""
    server.misbehave = lambda seen: scim(501, error_body(501, "no PATCH")) if seen.method == "PATCH" else None
    user_id = server.seed("Users", userName="ada", title="Clerk")
    before, after = {"userName": "ada", "title": "Clerk"}, {"userName": "ada", "title": "Head"}

    with pytest.raises(TargetFailure) as refused:
        await open_target(server, {"put.forbidden": True}).update("user", user_id, before, after)
    assert (refused.value.status, server.sent("PUT")) == (501, [])

    target = open_target(server)
    await target.update("user", user_id, before, after)
    await target.update("user", user_id, after, {**after, "title": "Chief"})
    assert [body["title"] for body in server.sent("PUT")] == ["Head", "Chief"]
    assert len(server.sent("PATCH")) == 2
    assert "patch_not_implemented" in {finding.code for finding in target.findings}


async def test_put_keeps_omitted_sends_only_what_changed(server: LooseServer, open_target: OpenTarget) -> None:
    """Changed and required attributes, cleared ones as null, and nothing is read first."""
    quirks = {"patch.unsupported": True, "put.keeps_omitted": True}
    user_id = server.seed("Users", userName="ada", title="Clerk", nickName="x")
    target = open_target(server, quirks)
    before = {**ADA, "displayName": "Ada", MANAGER: "u9"}

    await target.update(
        "user", user_id, before, {"userName": "ada", "active": True, "title": "Head", WORK: "ada@x.test"}
    )

    (only,) = server.seen
    assert {name: value for name, value in only.body.items() if name != "schemas"} == {
        "userName": "ada", "title": "Head", "displayName": None, ENTERPRISE: {"manager": None},
    }  # fmt: skip


async def test_attribute_update_refused_is_left_out_and_the_rest_is_written(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """Slack keeps display names to itself: the title arrives all the same."""

    def refuse(seen: Any) -> Any:
        paths = [one["path"] for one in seen.body["Operations"]] if seen.method == "PATCH" else []
        return scim(400, error_body(400, "invalid_display_name")) if "displayName" in paths else None

    server.misbehave = refuse
    user_id = server.seed("Users", userName="ada", displayName="Ada", title="Clerk")
    before = {"userName": "ada", "displayName": "Ada", "title": "Clerk"}
    after = {"userName": "ada", "displayName": "Countess", "title": "Head"}

    changed = await open_target(server, {"attribute.update_refused": ("displayName",)}).update(
        "user", user_id, before, after
    )

    assert changed is not None
    assert [finding.code for finding in changed.findings] == ["update_refused"]
    assert server.resources["Users"][user_id]["title"] == "Head"
    with pytest.raises(TargetFailure) as refused:
        await open_target(server).update("user", user_id, {**before, "title": "Head"}, after)
    assert refused.value.failure is Failure.OBJECT


async def test_etag_required_sends_the_version_and_reads_it_anew_when_it_is_old(
    server: LooseServer, open_target: OpenTarget
) -> None:
    """The second version is right; without the quirk no If-Match is sent."""
    user_id = server.seed("Users", userName="ada", title="Clerk")
    versions = iter(['W/"old"', 'W/"new"'])

    def guard(seen: Any) -> Any:
        if seen.method == "GET":
            return scim(200, {**server.resources["Users"][user_id], "meta": {"version": next(versions)}})
        return None if seen.headers.get("If-Match") == 'W/"new"' else scim(412, error_body(412, "old"))

    server.misbehave = guard
    before, after = {"userName": "ada", "title": "Clerk"}, {"userName": "ada", "title": "Head"}

    await open_target(server, {"etag.required": True}).update("user", user_id, before, after)

    assert [one.headers.get("If-Match") for one in server.writes()] == ['W/"old"', 'W/"new"']
    server.misbehave = lambda seen: None
    server.seen.clear()
    await open_target(server).update("user", user_id, after, before)
    assert "If-Match" not in server.seen[0].headers
