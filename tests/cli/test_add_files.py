"""The source files that `gallery add` is given: there or not yet, with the key or not, as spreadsheets write them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Gallery

Install = Callable[..., Path]
Add = Callable[..., Any]


def _file(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "apps" / "a.toml").read_text())


@pytest.fixture
def add(gallery: Gallery, workspace: Path, install: Install, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Add the app `a` of the connector acme, with more options."""
    install("acme")
    monkeypatch.setenv("T", "s3cret")
    return lambda *words: gallery("add", "acme", "--name", "a", "--set", "region=eu", "--set", "token=env:T", *words)


def test_files_that_are_not_there_yet_are_the_first_next_step(add: Add, workspace: Path) -> None:
    """The export may come later, so the app is written; a file that was probably meant is named."""
    (workspace / "people.csv").write_text("id,userPrincipalName\n1,ada@example.com\n")

    done = add("--source", "peple.csv", "--groups", "groups.csv")

    assert done.exit_code == 0
    assert _file(workspace)["source"]["users"] == "peple.csv"
    assert done.stdout.splitlines()[1:] == [
        "Next: put the export at peple.csv, where there is no file yet; did you mean people.csv?",
        "Then: put the export at groups.csv, where there is no file yet",
        "Then: `gallery test a`, then `gallery plan a`",
    ]


@pytest.mark.parametrize(
    ("header", "key", "message"),
    [
        ("id,userPrincipalName", ("--key", "nokey"), "no column 'nokey'; it has id, userPrincipalName"),
        ("id,userPrincipalName", ("--key", "ID"), "Did you mean --key id"),
        ("Id,userPrincipalName", (), "Did you mean --key Id"),
        ("number,userPrincipalName", (), "--key COLUMN"),
        ("Id;userPrincipalName", (), "Did you mean --key Id"),
    ],
    ids=["none of them", "another case", "usual in another case", "no usual one", "another delimiter"],
)
def test_a_key_that_is_no_column_is_refused(
    add: Add, workspace: Path, header: str, key: tuple[str, ...], message: str
) -> None:
    """With the columns that are there; nothing is written."""
    (workspace / "people.csv").write_text(f"{header}\n1,2\n")

    answer = add("--source", "people.csv", *key)

    assert answer.exit_code == 2
    assert message in answer.stderr
    assert "userPrincipalName" in answer.stderr
    assert not list((workspace / "apps").glob("*"))


def test_a_key_of_json_lines_is_looked_for_too(add: Add, workspace: Path) -> None:
    """Among the attributes of the first lines."""
    (workspace / "people.jsonl").write_text('{"workerId": 1, "userPrincipalName": "a@example.com"}\n')

    refused = add("--source", "people.jsonl", "--key", "worker_id")
    done = add("--source", "people.jsonl", "--key", "workerId")

    assert (refused.exit_code, done.exit_code) == (2, 0)
    assert "Did you mean --key workerId" in refused.stderr
    assert _file(workspace)["source"] == {"kind": "jsonl", "users": "people.jsonl", "key": "workerId"}


def test_a_delimiter_and_an_encoding_that_a_file_shows_are_written_down(
    add: Add, gallery: Gallery, workspace: Path
) -> None:
    """And said; the file is then read by them."""
    text = "id;userPrincipalName\n1;\u00e4da@example.com\n"
    (workspace / "people.csv").write_bytes(text.encode("utf-16"))

    done = add("--source", "people.csv")

    assert done.exit_code == 0
    assert "source.encoding = 'utf-16' and source.delimiter = ';'" in done.stderr
    assert _file(workspace)["source"] == {
        "kind": "csv", "users": "people.csv", "key": "id", "encoding": "utf-16", "delimiter": ";"
    }  # fmt: skip
    assert "source csv people.csv (key id)" in gallery("doctor").stdout


@pytest.mark.parametrize(
    ("groups", "members", "message"),
    [
        ("gid,displayName\n1,x\n", None, "groups.csv: has none of the usual keys"),
        ("id;displayName\n1;x\n", None, 'Set source.delimiter = ";"'),
        ("id,displayName\n1,x\n", "a,b,c\n1,2,3\n", "members.csv: which columns hold group and member"),
    ],
    ids=["key", "delimiter", "memberships"],
)
def test_what_is_wrong_with_the_other_files_is_a_next_step(
    add: Add, workspace: Path, groups: str, members: str | None, message: str
) -> None:
    """The file or a setting of the app mends it, so the app is written."""
    (workspace / "people.csv").write_text("id,userPrincipalName\n1,ada@example.com\n")
    (workspace / "groups.csv").write_text(groups)
    words = ["--source", "people.csv", "--groups", "groups.csv"]
    if members is not None:
        (workspace / "members.csv").write_text(members)
        words += ["--members", "members.csv"]

    done = add(*words)

    assert done.exit_code == 0
    [step] = [line for line in done.stdout.splitlines() if line.startswith("Next: ")]
    assert message in step


def test_misspelt_columns_are_noted_when_the_app_is_added(add: Add, workspace: Path) -> None:
    """As `gallery test` does, before anything is sent; without the column to match by it is the next step."""
    people = workspace / "people.csv"
    people.write_text("id,userPrincipalName,jobtitel\n1,ada@example.com,x\n")
    noted = add("--source", "people.csv")
    people.write_text("id,UPN\n1,ada@example.com\n")
    unmatched = add("--source", "people.csv", "--force")

    assert "no column 'jobTitle' for title (did you mean 'jobtitel'?)" in noted.stderr
    assert "Next: people.csv: has no column 'userPrincipalName'" in unmatched.stdout
    assert "Did you mean 'UPN'?" in unmatched.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--source", "people.csv", "--members", "m.csv"), "--members: memberships need groups"),
        (("--source", "people.jsonl", "--groups", "groups.csv"), "people.jsonl and groups.csv are of different kinds"),
        (("--source", "p.csv", "--groups", "g.csv", "--members", "m.ndjson"), "p.csv and m.ndjson are of different"),
        (("--source", "data/people.json"), "jq -c '.[]' data/people.json > data/people.jsonl"),
        (("--source", "people.csv", "--groups", "Groups.XLSX"), "Save it as CSV"),
    ],
    ids=["no groups", "groups of another kind", "members of another kind", "one JSON array", "spreadsheet"],
)
def test_files_that_no_source_can_be_made_of_are_refused_by_their_names(
    add: Add, workspace: Path, words: tuple[str, ...], message: str
) -> None:
    """Before they are there; nothing is written."""
    answer = add(*words)

    assert answer.exit_code == 2
    assert message in answer.stderr
    assert not list((workspace / "apps").glob("*"))
