"""Groups and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checking import ANYWHERE, check
from ..stage import Stage

if TYPE_CHECKING:
    from ..subject import Subject


@check("MUST", venues=ANYWHERE, needs=("group:create",))
async def create_group(stage: Stage) -> None:
    """A created group has an id and its name, and is matched by it.

    Source: RFC 7644 section 3.3 and RFC 7643 section 4.2.
    """
    values = stage.group()
    path = stage.matching("group")

    made = await stage.create("group", values)
    found = await stage.target.find("group", path, values[path])

    assert [one.id for one in found] == [made.id]


def _renames(subject: Subject) -> bool:
    """Whether groups can be renamed; the quirk's own check tells of the others."""
    return not subject.manifest.quirks_for("group").has("group.rename_unsupported")


@check("MUST", venues=ANYWHERE, needs=("group:create", "group:update"), applies=_renames)
async def rename_group(stage: Stage) -> None:
    """A renamed group keeps its id and its members.

    Source: RFC 7644 section 3.5.2.
    """
    path = stage.matching("group")
    values, renamed = stage.group(), stage.group("Crew")
    user, _ = await stage.user()
    made = await stage.create("group", values, members=[user] if _keeps_members(stage) else [])

    await stage.target.update("group", made.id, values, renamed)

    assert [one.id for one in await stage.target.find("group", path, renamed[path])] == [made.id]
    if _keeps_members(stage) and stage.target.capabilities.members_readable:
        assert await stage.target.read_members(made.id) == {user}


@check("MUST", venues=ANYWHERE, needs=("group:create", "group:members", "user:create"))
async def add_members(stage: Stage) -> None:
    """Members are added, and those who are there stay.

    Source: RFC 7644 section 3.5.2.1.
    """
    first, second = [(await stage.user(number))[0] for number in (1, 2)]
    group = (await stage.create("group", stage.group(), members=[first])).id

    outcome = await stage.target.change_members(group, [second], [], current_size=1)

    assert not outcome.refused
    if stage.target.capabilities.members_readable:
        assert await stage.target.read_members(group) == {first, second}


@check("MUST", venues=ANYWHERE, needs=("group:create", "group:members", "user:create"))
async def remove_members(stage: Stage) -> None:
    """Members are removed, and nobody else with them.

    Source: RFC 7644 section 3.5.2.2: a removal of `members` without a selection would empty the group.
    """
    first, second, third = [(await stage.user(number))[0] for number in (1, 2, 3)]
    group = (await stage.create("group", stage.group(), members=[first, second, third])).id

    outcome = await stage.target.change_members(group, [], [first, third], current_size=3)

    assert not outcome.refused
    if stage.target.capabilities.members_readable:
        assert await stage.target.read_members(group) == {second}


@check("SHOULD", needs=("group:create", "group:members", "user:create"))
async def same_members_twice(stage: Stage) -> None:
    """Adding who is there already, and removing who is not, are successes.

    Source: RFC 7644 section 3.5.2.1: a value that exists already is left as it is.
    """
    first, second = [(await stage.user(number))[0] for number in (1, 2)]
    group = (await stage.create("group", stage.group(), members=[first])).id

    added = await stage.target.change_members(group, [first], [], current_size=1)
    removed = await stage.target.change_members(group, [], [second], current_size=1)

    assert not added.refused and not removed.refused
    if stage.target.capabilities.members_readable:
        assert await stage.target.read_members(group) == {first}


@check("MUST", venues=ANYWHERE, needs=("group:create", "group:delete"))
async def delete_group(stage: Stage) -> None:
    """A deleted group is gone, and deleting it once more is a success.

    Source: RFC 7644 section 3.6.
    """
    made = await stage.create("group", stage.group())

    await stage.target.delete("group", made.id)
    gone = await stage.target.read("group", made.id)
    await stage.target.delete("group", made.id)

    assert gone is None


def _keeps_members(stage: Stage) -> bool:
    return stage.subject.can("group", "members")
