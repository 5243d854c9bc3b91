"""CSV is read as it is meant, and refused where it could make people look absent."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import SourceError

Open = Callable[..., Any]
Read = Callable[..., Any]


def test_rows_become_objects_with_text_attributes_and_nothing_blank(open_files: Open, read_all: Read) -> None:
    """Leading zeros survive, booleans stay text, blank cells are absent, quoted cells keep their line breaks."""
    users = 'id,name,employeeId,accountEnabled,note\n1,"Smith, Ada",007,True,  \n\n2,Bo,,false,"two\nlines"\n'

    objects, problems = read_all(open_files(users=users))

    assert problems == []
    assert [one.attributes for one in objects] == [
        {"id": "1", "name": "Smith, Ada", "employeeId": "007", "accountEnabled": "True"},
        {"id": "2", "name": "Bo", "accountEnabled": "false", "note": "two\nlines"},
    ]
    assert [(one.kind, one.id, one.members) for one in objects] == [("user", "1", None), ("user", "2", None)]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"\xef\xbb\xbfid,name\r\n1,\xc3\x84nne\r\n", {}),
        ("id;name\n1;Änne\n".encode(), {"delimiter": ";"}),
        ("id\tname\n1\tÄnne\n".encode(), {"delimiter": "tab"}),
        ("id,name\n1,Änne\n".encode("utf-16"), {"encoding": "utf-16"}),
        (b"\xff\xfe" + "id,name\n1,Änne\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
        ("id,name\n1,Änne\n".encode("utf-16-be"), {"encoding": "utf-16-be"}),
        ("id,name\n1,Änne\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("id,name,,\n1,Änne,,\n".encode(), {}),
        ("id,name\n 1 ,Änne,,,\n".encode(), {}),
        ("id,name\n1,Änne".encode(), {}),
    ],
    ids=[
        "bom-crlf",
        "semicolon",
        "tab",
        "utf-16",
        "utf-16-le with a mark",
        "utf-16-be",
        "cp1252",
        "empty-columns",
        "empty-cells",
        "no-last-newline",
    ],
)
def test_what_spreadsheets_and_exports_write_is_accepted(
    content: bytes, options: dict[str, str], open_files: Open, read_all: Read
) -> None:
    """Byte order marks, delimiters, encodings and empty columns at the right are not errors."""
    [one], problems = read_all(open_files(users=content, options=options))

    assert (one.id, one.attributes["name"], problems) == ("1", "Änne", [])


@pytest.mark.parametrize(
    ("content", "configured", "says"),
    [
        (b"\xff\xfe" + "id,name\n1,Änne\n".encode("utf-16-le"), "utf-8", "UTF-16 text, not utf-8.*= 'utf-16'"),
        (b"\xfe\xff" + "id,name\n1,a\n".encode("utf-16-be"), "cp1252", "UTF-16 text, not cp1252.*= 'utf-16'"),
        ("id,name\n1,Änne\n".encode("utf-16-le"), "utf-8", "UTF-16 text.*Set source.encoding = 'utf-16-le'"),
        ("id,name\n1,ānne\n".encode("utf-16-be"), "utf-8", "UTF-16 text.*Set source.encoding = 'utf-16-be'"),
        ("id,name\n1,a\n".encode("utf-16-le"), "utf-16", "UTF-16 text without a byte order mark.*= 'utf-16-le'"),
        ("id,name\n1,Änne\n".encode(), "utf-16", "without a byte order mark. Remove source.encoding"),
        (codecs.BOM_UTF32_LE + "id\n1\n".encode("utf-32-le"), "utf-8", "UTF-32 text.*= 'utf-32'"),
        (b"\xff\xfe" + "id\n1\n".encode("utf-16-le"), "utf-16-be", "UTF-16 text, not utf-16-be.*= 'utf-16'"),
    ],
    ids=["little mark", "big mark", "little", "big", "no mark", "utf-8 for utf-16", "utf-32", "another order"],
)
def test_another_encoding_than_the_configured_one_is_recognised(
    content: bytes, configured: str, says: str, open_files: Open
) -> None:
    """By its mark or its zeros, whatever else the bytes could be taken for; the setting to write is said."""
    with pytest.raises(SourceError, match=says):
        open_files(users=content, options={"encoding": configured})


@pytest.mark.parametrize(
    ("header", "options", "says"),
    [
        ("Id,name", {}, "Did you mean 'Id'. Then set source.key = \"Id\""),
        ("employee_id,name", {}, "Did you mean 'employee_id'.* source.key = \"employee_id\""),
        ("WorkerId,name", {"key": "worker id"}, "no column 'worker id' .*Did you mean 'WorkerId'"),
        ("bid,name", {}, "Name the one that never changes with source.key"),
    ],
    ids=["case", "underscore", "configured", "another word"],
)
def test_a_key_in_another_spelling_is_named_with_its_setting(
    header: str, options: dict[str, str], says: str, open_files: Open
) -> None:
    """It is not taken silently: which column is the key decides who is who."""
    with pytest.raises(SourceError, match=says):
        open_files(users=f"{header}\n1,a\n", options=options)


def test_a_file_of_memberships_with_another_delimiter_says_so(open_files: Open) -> None:
    """As the file of people does."""
    with pytest.raises(SourceError, match=r"members: the cells .* separated by ';'"):
        open_files(users="id\n1\n", groups="id\n1\n", members="groupId;userId\n1;1\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty|no header"),
        (b"\n", "no header"),
        (b"id,name\n", "holds no rows"),
        (b"id,name,id\n1,a,b\n", "two columns are named 'id'"),
        (b"id,,name\n1,a,b\n", "column 2 has no name"),
        (b"mail,name\na@x.test,a\n", "source.key"),
        (b"id;name\n1;a\n", "separated by ';', not by ','. Set source.delimiter = \";\""),
        (b'"id";"name"\n"1";"a"\n', 'Set source.delimiter = ";"'),
        (b"id\tname\n1\ta\n", 'separated by tabs.* Set source.delimiter = "tab"'),
        (b"id,name\n1,a\n2\n", "row 3: the last row is incomplete"),
        (b"id,name\n1,a\n2\n\n\n", "row 3: the last row is incomplete"),
        (b'id,name\n1,"a\n2,b\n', "row 2: a quotation mark is opened"),
        (b'id,name\n1,"a"b\n2,c\n', "row 2: is not CSV"),
        (b"id,name\n1,a\x00b\n", "NUL character on line 2"),
        (b"id,name\n1,\xe4nne\n", r"not utf-8 text at line 2, byte 10\. .*source\.encoding"),
        (b"id,name\n1,a\n2,b\xc3", "not utf-8 text at line 3, byte 15"),
        (b"id,name\n1,a\n2,b\n3,c\n2,d\n", "row 3 and row 5 have the same 'id'"),
        (b"id,name\n1,a\n1,d\n2\n3,c\n", "row 2 and row 3 have the same 'id'"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(
    content: bytes, says: str, open_files: Open, read_all: Read
) -> None:
    """The error says where and what to do; keys and names are personal data and stay out."""
    with pytest.raises(SourceError, match=says) as caught:
        read_all(open_files(users=content))

    assert "users" in caught.value.where
    assert "nne" not in str(caught.value)


def test_a_bad_row_is_reported_with_its_key_and_stops_nobody(open_files: Open, read_all: Read) -> None:
    """The key keeps the engine from taking the person for gone."""
    users = "id,name,mail\n1,a,m\n2,b\n3,c,m,x\n,d,m\n5,e,m\n"

    objects, problems = read_all(open_files(users=users))

    assert [one.id for one in objects] == ["1", "5"]
    assert [(one.id, one.where.removeprefix("users, ")) for one in problems] == [
        ("2", "row 3"),
        ("3", "row 4"),
        (None, "row 5"),
    ]
    assert "2 cells" in problems[0].what


def test_multi_valued_columns_and_roles_become_lists(open_files: Open, read_all: Read) -> None:
    """A role is given by its name, or as a JSON array of names and objects."""
    users = (
        "id,otherMails,appRoleAssignments\n1,a@x.test| b@x.test |,Admin|User\n"
        '2,,"[""Admin"", {""id"": ""7"", ""displayName"": ""Reader""}]"\n3,|,\n4,,[oops\n5,,\n'
    )

    objects, problems = read_all(open_files(users=users, options={"multi_valued": ["otherMails", "unused"]}))

    assert objects[0].attributes["otherMails"] == ["a@x.test", "b@x.test"]
    assert objects[0].attributes["appRoleAssignments"] == [
        {"id": "Admin", "value": "Admin", "displayName": "Admin"},
        {"id": "User", "value": "User", "displayName": "User"},
    ]
    assert objects[1].attributes["appRoleAssignments"][1] == {"id": "7", "value": "Reader", "displayName": "Reader"}
    assert objects[2].attributes == {"id": "3"}
    assert [(one.id, one.where) for one in problems] == [("4", "users, row 5")]


def test_a_missing_key_column_is_answered_with_the_columns_and_the_nearest(open_files: Open) -> None:
    """Most such errors are typing slips."""
    with pytest.raises(SourceError, match=r"has no column 'workerid'.*Did you mean 'workerId'"):
        open_files(users="workerId,name\n1,a\n", options={"key": "workerid"})


def test_the_name_says_which_key_was_chosen(open_files: Open) -> None:
    """A configured key is taken, else the first of id, objectId and employeeId."""
    assert open_files(users="employeeId,objectId,name\n1,2,a\n").name == "csv users (key objectId)"
    assert open_files(users="id,name\n1,a\n", options={"key": "name"}).name == "csv users (key name)"


def test_a_very_long_cell_is_read(open_files: Open, read_all: Read) -> None:
    """A group of 10,000 members fits into one cell."""
    members = "|".join(f"{number:036d}" for number in range(10_000))

    [group], problems = read_all(open_files(groups=f"id,members\ng,{members}\n"), "group")

    assert len(group.members) == 10_000
    assert problems == []


_cell = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(_cell, _cell), min_size=1, max_size=6))
def test_reading_undoes_writing(rows: list[tuple[str, str]], open_files: Open, read_all: Read) -> None:
    """Whatever text a cell holds comes back, but for blanks alone."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("id", "a", "b"), *((number, *row) for number, row in enumerate(rows))])

    objects, problems = read_all(open_files(users=text.getvalue()))

    assert problems == []
    assert [(one.attributes.get("a", ""), one.attributes.get("b", "")) for one in objects] == [
        tuple("" if cell.isspace() else cell for cell in row) for row in rows
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(1, 80))
def test_a_file_cut_anywhere_is_refused_or_loses_only_whole_rows(cut: int, open_files: Open, read_all: Read) -> None:
    """Every object that is read from a cut-off file is one of the file, or differs in its last cell alone."""
    whole = "id,mail,name\n" + "".join(f'{number},u{number}@x.test,"N {number}"\n' for number in range(1, 6))
    expected = {one.id: one.attributes for one in read_all(open_files(users=whole))[0]}
    try:
        objects, problems = read_all(open_files(users=whole[: len(whole) - cut]))
    except SourceError:
        return

    assert problems == []
    assert all(one.attributes == expected[one.id] for one in objects[:-1])
    assert all(one.attributes["mail"] == expected[one.id]["mail"] for one in objects)
