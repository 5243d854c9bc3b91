"""Columns that mappings read and a file lacks: found by every command that looks, offline where it can be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Gallery, Team


def _renamed(team: Team, **columns: str) -> None:
    """Write the people with other names of columns."""
    rows = [{columns.get(name, name): cell for name, cell in row.items()} for row in team.rows()]
    team.write(rows)


def test_a_misspelt_column_is_noted_by_test_plan_and_doctor(gallery: Gallery, team: Team) -> None:
    """The near miss first, with what it fills; then what else is absent and what is unread. It is no failure."""
    _renamed(team, jobTitle="jobtitel", city="Büro")

    tested, planned, looked = gallery("test", "desk"), gallery("plan", "desk"), gallery("doctor")

    note = "people.csv has no column 'jobTitle' for title (did you mean 'jobtitel'?); nor "
    assert (tested.exit_code, planned.exit_code, looked.exit_code) == (0, 0, 0)
    for said in (tested.stderr, planned.stderr, looked.stdout):
        [line] = [one for one in said.splitlines() if note in one]
        assert "city" in line
        assert "Nothing reads its columns " in line
        assert "Büro" in line
    assert "1 warning" in looked.stdout
    assert "map the attribute from it in apps/desk.toml" in looked.stdout


def test_notes_are_fields_for_programs(gallery: Gallery, team: Team) -> None:
    """Of `test` and `plan` alike, on stdout with the rest."""
    _renamed(team, userPrincipalName="UPN")
    team.configure('\n[[mapping.user]]\ntarget = "userName"\nsource = "mail"\n')
    team.configure('\n[[mapping.user]]\ntarget = "nickName"\nsource = "userPrincipalName"\n')

    tested = json.loads(gallery("test", "desk", "--json").stdout)
    planned = json.loads(gallery("plan", "desk", "--json").stdout)

    assert tested["ok"] is True
    assert tested["notes"] == planned["notes"]
    [people] = [one for one in tested["notes"] if one["file"] == "people.csv"]
    assert people["missing"][0]["column"] == "userPrincipalName"
    assert people["missing"][0]["did_you_mean"] == "UPN"
    assert people["missing"][0]["read_by"] == ["nickName"]
    assert "UPN" in people["unread"]
    assert "did you mean 'UPN'?" in people["sentence"]


def test_a_column_that_is_only_spelt_in_another_case_is_no_matter(gallery: Gallery, team: Team) -> None:
    """The engine reads it, so nothing is said of it; a directory extension in another case it does not read."""
    _renamed(team, jobTitle="JOBTITLE", city="Extension_1_city")
    team.configure('\n[[mapping.user]]\ntarget = "nickName"\nsource = "extension_1_city"\n')

    notes: list[dict[str, Any]] = json.loads(gallery("test", "desk", "--json").stdout)["notes"]
    planned = json.loads(gallery("plan", "desk", "--json").stdout)["actions"]

    missing = {one["column"]: one["did_you_mean"] for note in notes for one in note["missing"]}
    changed = {one["attribute"] for action in planned for one in action["changes"]}
    assert "jobTitle" not in missing
    assert "title" in changed
    assert missing["extension_1_city"] == "Extension_1_city"
    assert "nickName" not in changed


def test_absent_columns_that_nothing_resembles_are_one_line_and_no_warning(gallery: Gallery, team: Team) -> None:
    """A file need not have all that a connector could send."""
    rows = team.rows()
    team.write(rows, [name for name in rows[0] if name not in ("jobTitle", "telephoneNumber")])

    looked = gallery("doctor")

    [line] = [one for one in looked.stdout.splitlines() if "people.csv has no columns " in one]
    assert line.startswith("  note  ")
    assert "jobTitle" in line
    assert "Nothing reads" not in line
    assert "0 errors, 0 warnings" in looked.stdout


def test_what_has_a_fallback_or_a_default_is_not_missed(gallery: Gallery, team: Team) -> None:
    """A value is sent all the same; a mapping that is switched off reads nothing."""
    rows = team.rows()
    team.write(rows, [name for name in rows[0] if name not in ("jobTitle", "city", "department")])
    team.configure(
        "\n[[mapping.user]]\ntarget = \"title\"\nexpression = 'Coalesce([jobTitle], [mail])'\n"
        '\n[[mapping.user]]\ntarget = "addresses[type eq \\"work\\"].locality"\ndefault = "Berlin"\n'
    )
    before = json.loads(gallery("test", "desk", "--json").stdout)["notes"]
    [of_department] = [
        path for note in before for one in note["missing"] if one["column"] == "department" for path in one["read_by"]
    ]
    team.configure(f"\n[[mapping.user]]\ntarget = '{of_department}'\nenabled = false\n")

    after = json.loads(gallery("test", "desk", "--json").stdout)["notes"]

    missing = {one["column"] for note in after for one in note["missing"]}
    assert not missing & {"jobTitle", "city", "department"}


def test_json_lines_are_noted_for_near_misses_alone(gallery: Gallery, team: Team) -> None:
    """Their objects need not have every attribute."""
    (team.folder / "people.jsonl").write_text('{"id": "1", "userPrincipalName": "a@example.com", "jobtitel": "x"}\n')
    path = team.folder / "apps" / "desk.toml"
    path.write_text(path.read_text().split("[source]")[0] + '[source]\nkind = "jsonl"\nusers = "people.jsonl"\n')

    [note] = json.loads(gallery("test", "desk", "--json").stdout)["notes"]

    assert [(one["column"], one["did_you_mean"]) for one in note["missing"]] == [("jobTitle", "jobtitel")]


@pytest.mark.parametrize(
    ("columns", "configuration", "message"),
    [
        ({"userPrincipalName": "UPN"}, "", "has no column 'userPrincipalName', which 'userName'"),
        ({}, '\n[[scope.user]]\nclauses = ["departmnt EQUALS Sales"]\n', "has no column 'departmnt', which the scope"),
        (
            {},
            '\n[[scope.group]]\nclauses = ["displayNam EQUALS Sales"]\n',
            "has no column 'displayNam', which the scope",
        ),
    ],
    ids=["matching", "scope of people", "scope of groups"],
)
def test_doctor_refuses_the_columns_that_test_refuses(
    gallery: Gallery, team: Team, columns: dict[str, str], configuration: str, message: str
) -> None:
    """With the same words and the near miss, and without a request."""
    _renamed(team, **columns)
    team.configure(configuration)

    tested, looked = gallery("test", "desk"), gallery("doctor")

    assert (tested.exit_code, looked.exit_code) == (1, 1)
    assert message in tested.stderr
    assert message in looked.stdout
    assert "id you mean" in looked.stdout
    assert team.app.server.stats.requests == 0


def test_the_test_tells_rows_that_cannot_be_read_and_reads_groups_too(gallery: Gallery, team: Team) -> None:
    """They keep their accounts, so it is no failure; but somebody should mend them."""
    lines = team.people.read_text("utf-8").splitlines()
    lines[2] += ",one,cell,too,many"
    lines[5] += ",one,cell,too,many"
    team.people.write_text("\n".join(lines) + "\n", "utf-8")

    tested = gallery("test", "desk")
    (team.folder / "memberships.csv").write_text("groupId,userId\n")
    refused = gallery("test", "desk")

    assert tested.exit_code == 0, tested.stderr
    assert "28 people in csv people.csv" in tested.stdout
    assert ", 5 groups; 2 rows cannot be read, the first: people.csv, row 3 has 22 cells" in tested.stdout
    assert refused.exit_code == 1
    assert "memberships.csv: holds no rows" in refused.stdout
