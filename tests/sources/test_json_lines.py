"""JSON Lines keep their types, become flat, and are refused for the same reasons as CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.errors import SourceError

Open = Callable[..., Any]
Read = Callable[..., Any]


def test_objects_become_flat_and_keep_their_types(open_files: Open, read_all: Read) -> None:
    """Nested names are joined by dots, below a schema URN by a colon; null and blank are absent."""
    line = (
        '{"id": 7, "active": true, "level": 3, "x": null, "y": " ", "name": {"givenName": "Ada", "more": {"n": 1}},'
        ' "emails": [{"value": "a@x.test"}, null], "tags": [],'
        ' "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "R&D"}}\n'
    )

    [one], problems = read_all(open_files("jsonl", users=line))

    assert problems == []
    assert one.id == "7"
    assert one.attributes == {
        "id": 7,
        "active": True,
        "level": 3,
        "name.givenName": "Ada",
        "name.more.n": 1,
        "emails": [{"value": "a@x.test"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "R&D",
    }


def test_a_bad_line_is_reported_with_its_key_where_it_can_be_read(open_files: Open, read_all: Read) -> None:
    """Also from a line that is not JSON any more."""
    lines = (
        '{"id": "1"}\n{"id": "2", "name": }\n[1]\n{"id": true}\n{"name": "d"}\n'
        '{"id": "6", "a": {"b": 1}, "a.b": 2}\n{"id": "7", "appRoleAssignments": [1]}\n{oops\n{"id": "9"}\n'
    )

    objects, problems = read_all(open_files("jsonl", users=lines))

    assert [one.id for one in objects] == ["1", "9"]
    assert [(one.where, one.id) for one in problems] == [
        ("users, line 2", "2"),
        ("users, line 3", None),
        ("users, line 4", None),
        ("users, line 5", None),
        ("users, line 6", "6"),
        ("users, line 7", "7"),
        ("users, line 8", None),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b'[{"id": 1}]', "one JSON array"),
        (b'{"id": "1"}\n{"id": "2", "na', "line 2: the last row is incomplete"),
        (b'{"id": "1"}\n\n{"id": "1"}\n', "line 1 and line 3 have the same 'id'"),
        (b'{"id": "1", "n": "\xe4"}\n{"id": 2}\n', "not utf-8 text at line 1"),
        (b'{"mail": "a"}\n', "source.key"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(
    content: bytes, says: str, open_files: Open, read_all: Read
) -> None:
    """As for CSV."""
    with pytest.raises(SourceError, match=says):
        read_all(open_files("jsonl", users=content))


def test_members_are_an_array_of_ids_or_of_objects(open_files: Open, read_all: Read) -> None:
    """An empty array is a group without members; no array at all says nothing, so members are left alone."""
    lines = '{"id": "a", "members": ["1", {"id": "2"}, {"value": 3}, "1"]}\n{"id": "b", "members": []}\n{"id": "c"}\n'
    lines += '{"id": "d", "members": [{}]}\n{"id": "e"}\n'

    groups, problems = read_all(open_files("jsonl", groups=lines), "group")

    assert [(one.id, one.members) for one in groups] == [("a", ("1", "2", "3")), ("b", ()), ("c", None), ("e", None)]
    assert [one.id for one in problems] == ["d"]
    assert all("members" not in one.attributes for one in groups)
