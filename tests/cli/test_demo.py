"""`gallery demo`: the whole story, by the commands that a person would type."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from gallery_sdk.apps import write_sample_directory
from gallery_sdk.cli.connectors import load_connector
from gallery_sdk.cli.demo_story import change_directory, first_person
from gallery_sdk.cli.demo_twin import find_twin
from gallery_sdk.errors import UsageError

from .conftest import MANIFEST, Gallery


def test_the_demo_types_what_a_team_types(gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command is shown before its own output, each ends well, and the folder is kept when asked."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = Path.cwd()

    shown = gallery("demo", "scim", "--people", "30", "--keep")

    assert shown.exit_code == 0, shown.stderr
    typed = [line.split()[2] for line in shown.stdout.splitlines() if line.startswith("$ gallery ")]
    assert typed == ["show", "add", "test", "plan", "provision", "run", "plan", "run", "log", "status"]
    for words in ("initial cycle 2", "incremental cycle 3", '"Lindqvist-Moreau"', "disabled 1", "Yours next"):
        assert words in shown.stdout, words
    folder = Path(shown.stdout.partition("The folder is ")[2].partition(". Its app")[0])
    assert (folder / "apps" / "scim-demo.toml").is_file()
    assert "demo-token" not in (folder / "apps" / "scim-demo.toml").read_text()
    assert Path.cwd() == before


def test_the_demo_leaves_nothing_behind(gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --keep the folder is gone, and the environment as it was."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    seen = []

    def play(*_: object) -> bool:
        seen.append((Path.cwd().name, os.environ["GALLERY_DEMO_TOKEN"]))
        return True

    monkeypatch.setattr("gallery_sdk.cli.demo._play", play)

    assert gallery("demo", "scim").exit_code == 1  # a command in it found problems

    assert seen[0][0].startswith("gallery-demo-")
    assert list(tmp_path.glob("gallery-demo-*")) == []
    assert "GALLERY_DEMO_TOKEN" not in os.environ


def test_the_story_changes_four_people_and_nothing_else(tmp_path: Path) -> None:
    """Renamed, moved, left, joined; the memberships follow."""
    write_sample_directory(tmp_path, people=60, groups=12)
    before = _by_id(tmp_path)

    story = change_directory(tmp_path)

    after = _by_id(tmp_path)
    assert len(set(before) - set(after)) == 1
    assert len(set(after) - set(before)) == 1
    changed = [key for key in set(before) & set(after) if before[key] != after[key]]
    assert len(changed) == 2
    assert len(story.sentences) == 4
    assert story.renamed in {after[key]["userPrincipalName"] for key in changed}
    with (tmp_path / "memberships.csv").open(encoding="utf-8") as file:
        assert {row["userId"] for row in csv.DictReader(file)} <= set(after)
    assert first_person(tmp_path) in {one["userPrincipalName"] for one in after.values()}


def test_a_connector_without_a_twin_says_so(
    gallery: Gallery, tmp_path: Path, install: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app with an API of its own cannot be played by the SCIM server."""
    assert callable(install)
    install("odd", MANIFEST.format(slug="odd", name="Odd").replace("[transport]", '[transport]\nkind = "rest"'))

    answer = gallery("demo", "odd")

    assert answer.exit_code == 2
    assert "brings no twin" in answer.stderr
    with pytest.raises(UsageError):
        find_twin(load_connector("odd"))


def _by_id(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}
