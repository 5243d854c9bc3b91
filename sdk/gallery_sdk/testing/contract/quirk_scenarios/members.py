"""Quirks of groups and their members."""

from __future__ import annotations

from typing import Any, Final

from ..stage import Stage
from ..wires import Exchange, answer
from .acting import created, list_answer, scenario, value

_GROUP: Final = "a-group"


async def _team(stage: Stage, people: int) -> tuple[str, list[str]]:
    """A group with so many members."""
    ids = [(await stage.user(number))[0] for number in range(1, people + 1)]
    made = await stage.create("group", stage.group(), members=ids)
    stage.forget()
    return made.id, ids


@scenario("patch.remove_members_style")
async def patch_remove_members_style(stage: Stage) -> None:
    """Members leave in the target's way, and whoever stays stays."""
    group, (first, second, third) = await _team(stage, 3)
    await stage.target.change_members(group, [], [first, third], current_size=3)
    style = value(stage)
    if style == "replace_all":
        assert {one["op"].lower() for one in stage.operations()} == {"replace"}, stage.operations()
    else:
        removals = [one for one in stage.operations() if one["op"].lower() == "remove"]
        filtered = ["[" in one.get("path", "") for one in removals]
        assert removals and all(one is (style == "filter") for one in filtered), stage.operations()
        assert style == "filter" or all(one.get("value") for one in removals), "the whole group would be emptied"
    if stage.target.capabilities.members_readable:
        assert await stage.target.read_members(group) == {second}


@scenario("members.max_per_request")
async def members_max_per_request(stage: Stage) -> None:
    """No request carries more members than allowed, though more are to be added."""
    most: int = value(stage)
    people = [f"m{number}" for number in range(most + 1)]
    stage.wire.misbehave = lambda one: answer(204) if one.is_write else list_answer()
    await stage.target.change_members(_GROUP, people, [], current_size=0)
    sizes = [_members_in(one) for one in stage.writes()]
    assert sum(sizes) == most + 1
    assert max(sizes) <= most, sizes


def _members_in(exchange: Exchange) -> int:
    def count(item: Any) -> int:
        if isinstance(item, dict):
            here = 1 if isinstance(item.get("value"), str) and item["value"].startswith("m") else 0
            return here + sum(count(one) for one in item.values())
        return sum(count(one) for one in item) if isinstance(item, list) else 0

    return count(exchange.json)


@scenario("members.not_returned")
async def members_not_returned(stage: Stage) -> None:
    """Who is in a group is never asked."""
    group, _ = await _team(stage, 1)
    assert not stage.target.capabilities.members_readable
    assert await stage.target.read_members(group) == set()
    assert stage.seen == []


@scenario("members.read_via_user_filter")
async def members_read_via_user_filter(stage: Stage) -> None:
    """A group's members are the users that a filter on `groups` finds."""
    stage.wire.misbehave = lambda one: (
        list_answer({"id": "u1"}) if "groups.value" in one.query.get("filter", "") else None
    )
    assert await stage.target.read_members(_GROUP) == {"u1"}


@scenario("members.read_on_user")
async def members_read_on_user(stage: Stage) -> None:
    """Members of two groups are gathered from one listing of the users."""
    stage.wire.misbehave = lambda one: (
        list_answer({"id": "u1", "groups": [{"value": _GROUP}, {"value": "b"}]}) if "Users" in one.path else None
    )
    assert await stage.target.read_members(_GROUP) == await stage.target.read_members("b") == {"u1"}
    assert not [one for one in stage.seen if "Groups" in one.path]


@scenario("group.nested_unsupported")
async def group_nested_unsupported(stage: Stage) -> None:
    """A group is not sent as a member of another; people are."""
    inner = (await stage.create("group", stage.group("Inner"))).id
    outer, _ = await _team(stage, 0)
    user = (await stage.user())[0]
    await stage.target.read("group", inner)
    stage.wire.misbehave = lambda one: answer(204) if one.method == "PATCH" else None
    stage.forget()
    await stage.target.change_members(outer, [inner, user], [], current_size=0)
    sent = " ".join(str(one.json) for one in stage.writes())
    assert f"'{user}'" in sent
    assert f"'{inner}'" not in sent


@scenario("group.rename_unsupported")
async def group_rename_unsupported(stage: Stage) -> None:
    """A new name is no request."""
    made = await stage.create("group", stage.group())
    stage.forget()
    await stage.target.update(
        "group", made.id, stage.group(), {**stage.group(), stage.name("displayName", "group"): "Crew"}
    )
    assert not stage.writes()


@scenario("group.create_without_members")
async def group_create_without_members(stage: Stage) -> None:
    """A create carries no members; they follow."""
    user = (await stage.user())[0]
    stage.forget()
    await stage.create("group", stage.group(), members=[user])
    assert "members" not in created(stage, "Groups")
    assert len(stage.writes()) > 1


@scenario("group.create_with_empty_members")
async def group_create_with_empty_members(stage: Stage) -> None:
    """A create of an empty group says that it is empty."""
    await stage.create("group", stage.group())
    assert created(stage, "Groups").get("members") == []
