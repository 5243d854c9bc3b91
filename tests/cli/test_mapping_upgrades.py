"""What an upgrade of a connector means for a team's own mappings, as a person decides on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Gallery, Team

TITLE = '\n[[mapping.user]]\ntarget = "title"\nsource = "department"\n'


@pytest.fixture
def upgraded(gallery: Gallery, team: Team) -> Path:
    """An app that ran with an override of `title`, and whose connector then changed that default: the snapshot."""
    team.configure(TITLE)
    assert gallery("run", "desk", "--once").exit_code == 0
    path = team.folder / "apps" / "defaults" / "desk.toml"
    text = path.read_text("utf-8")
    assert 'title = {source = "jobTitle"}' in text
    path.write_text(text.replace('title = {source = "jobTitle"}', 'title = {source = "position"}'), "utf-8")
    return path


def test_a_conflict_is_shown_and_stops_the_app(gallery: Gallery, team: Team, upgraded: Path) -> None:
    """Old default, new default and override side by side; status 1, and 2 for a run."""
    shown = gallery("mappings", "desk", "--upgrade")
    document = json.loads(gallery("mappings", "desk", "--upgrade", "--json").stdout)
    ran = gallery("run", "desk", "--once")
    planned = gallery("plan", "desk")

    assert shown.exit_code == 1
    for text in ("conflict", "default: [jobTitle]", "before: [position]", "override: source = 'department'"):
        assert text in shown.stdout
    assert "apps/desk.toml, mapping.user[0]" in shown.stderr
    (one,) = [one for one in document["mappings"] if one["status"] == "conflict"]
    assert (one["name"], one["old"]["source"], one["new"]["source"]) == ("title", "position", "jobTitle")
    assert (ran.exit_code, planned.exit_code) == (2, 2)
    assert "gallery mappings desk --keep 'title'" in ran.stderr


def test_keeping_the_override_lets_the_app_run(gallery: Gallery, team: Team, upgraded: Path) -> None:
    """The decision is in a file to be committed."""
    kept = gallery("mappings", "desk", "--keep", "title")

    assert kept.exit_code == 0
    assert 'title = {source = "jobTitle"}' in upgraded.read_text("utf-8")
    assert gallery("run", "desk", "--once").exit_code == 0


def test_removing_the_override_takes_the_new_default(gallery: Gallery, team: Team, upgraded: Path) -> None:
    """Editing the app's file is enough."""
    path = team.folder / "apps" / "desk.toml"
    path.write_text(path.read_text("utf-8").replace(TITLE, ""), "utf-8")

    assert gallery("mappings", "desk", "--upgrade").exit_code == 0
    assert gallery("run", "desk", "--once").exit_code == 0
    assert not upgraded.exists()


def test_what_is_in_no_conflict_cannot_be_kept(gallery: Gallery, team: Team, upgraded: Path) -> None:
    """Status 2, and what could be meant."""
    answer = gallery("mappings", "desk", "--keep", "titel")

    assert answer.exit_code == 2
    assert "Did you mean 'title'" in answer.stderr


def test_before_the_first_run_nothing_is_remembered(gallery: Gallery, team: Team) -> None:
    """Which is said, and no error."""
    answer = gallery("mappings", "desk", "--upgrade")

    assert answer.exit_code == 0
    assert "Nothing is remembered of desk yet" in answer.stdout
