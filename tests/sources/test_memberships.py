"""Memberships: a column of the groups, or a file of pairs in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.errors import ConfigError, SourceError
from gallery_sdk.sources.memberships import membership_columns

Open = Callable[..., Any]
Read = Callable[..., Any]


def test_a_column_of_the_groups_file_holds_members(open_files: Open, read_all: Read) -> None:
    """A blank cell is a group without members."""
    groups, _ = read_all(open_files(groups="id,name,members\ng,G,1|2|1\nh,H,\n"), "group")

    assert [(one.id, one.members) for one in groups] == [("g", ("1", "2")), ("h", ())]


def test_without_members_anywhere_they_are_unknown(open_files: Open, read_all: Read) -> None:
    """Unknown is not empty: the engine leaves memberships alone."""
    [group], _ = read_all(open_files(groups="id,name\ng,G\n"), "group")

    assert group.members is None


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_file_of_pairs_may_be_in_any_order(kind: str, open_files: Open, read_all: Read) -> None:
    """Each member comes once; a group without a row has none."""
    pairs = [("g", "1"), ("h", "2"), ("g", "3"), ("g", "1")]
    if kind == "csv":
        files = {
            "groups": "id,name\ng,G\nh,H\ni,I\n",
            "members": "userId,groupId\n" + "".join(f"{user},{group}\n" for group, user in pairs),
        }
    else:
        files = {
            "groups": "".join(f'{{"id": "{name}"}}\n' for name in "ghi"),
            "members": "".join(f'{{"groupId": "{group}", "userId": {user}}}\n' for group, user in pairs),
        }

    groups, problems = read_all(open_files(kind, **files), "group")

    assert problems == []
    assert {one.id: set(one.members) for one in groups} == {"g": {"1", "3"}, "h": {"2"}, "i": set()}
    assert all(len(one.members) == len(set(one.members)) for one in groups)


def test_a_broken_membership_makes_the_members_of_its_group_unknown(open_files: Open, read_all: Read) -> None:
    """Else a person would lose a group to a broken row. A row without a group could be of any."""
    groups = "id,name\ng,G\nh,H\n"

    known, problems = read_all(open_files(groups=groups, members="groupId,userId\ng,1\ng\nh,2\n"), "group")
    unknown, more = read_all(open_files(groups=groups, members="groupId,userId\ng,1\n,3\nh,2\n"), "group")

    assert [one.members for one in known] == [None, ("2",)]
    assert [(one.id, one.where) for one in problems] == [("g", "members, row 3")]
    assert [one.members for one in unknown] == [None, None]
    assert [one.id for one in more] == [None]


def test_a_membership_of_an_unknown_group_is_reported(open_files: Open, read_all: Read) -> None:
    """The two files do not fit together; the group is named so that nobody deletes it."""
    _, problems = read_all(open_files(groups="id,name\ng,G\n", members="groupId,userId\ng,1\nx,1\n"), "group")

    assert [(one.id, "does not have" in one.what) for one in problems] == [("x", True)]


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ("groupId,userId\n", "holds no rows"),
        ("groupId,userId\ng,1\ng\n", "incomplete"),
        ("a,b,c\n1,2,3\n", "groupId and userId"),
    ],
    ids=["empty", "cut-off", "columns"],
)
def test_memberships_that_cannot_be_trusted_refuse_the_read(
    members: str, says: str, open_files: Open, read_all: Read
) -> None:
    """Else every group would lose its members."""
    with pytest.raises(SourceError, match=says):
        read_all(open_files(groups="id,name\ng,G\n", members=members), "group")


def test_columns_are_told_by_name_and_else_by_place() -> None:
    """The first of two unnamed columns is the group."""
    assert membership_columns(("member", "note", "Group"), "m") == ("Group", "member")
    assert membership_columns(("team", "who"), "m") == ("team", "who")


def test_memberships_without_groups_are_refused(open_files: Open) -> None:
    """They would be read for nothing."""
    with pytest.raises(ConfigError, match="need groups"):
        open_files(users="id\n1\n", members="g,u\n")


def test_many_memberships_come_out_as_they_went_in(open_files: Open, read_all: Read) -> None:
    """The index gives every pair back, and nothing else."""
    pairs = [(f"g{number % 37}", f"u{number * 7919 % 5003}") for number in range(20_000)]
    source = open_files(
        groups="id,x\n" + "".join(f"g{number},\n" for number in range(37)),
        members="groupId,userId\n" + "".join(f"{group},{user}\n" for group, user in pairs),
    )

    groups, _ = read_all(source, "group")

    assert {(one.id, user) for one in groups for user in one.members} == set(pairs)
