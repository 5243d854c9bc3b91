"""`gallery demo`: the whole story, by the commands that a person would type."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gallery_sdk.apps import write_sample_directory
from gallery_sdk.cli.connectors import load_connector
from gallery_sdk.cli.demo import lacking_on_the_path
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
    for words in (
        "initial cycle 2",
        "incremental cycle 3",
        '"Lindqvist-Moreau"',
        "disabled 1",
        "Yours next",
        "pending: a manager",
    ):
        assert words in shown.stdout, words
    folder = Path(shown.stdout.partition("The folder is ")[2].partition(". Its app")[0])
    assert (folder / "apps" / "scim-demo.toml").is_file()
    assert "demo-token" not in (folder / "apps" / "scim-demo.toml").read_text()
    assert Path.cwd() == before


def test_a_signal_ends_the_whole_demo(gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not the command alone that it met; nothing stays behind."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def stopped(*_: object, **_more: object) -> None:
        raise SystemExit(143)

    monkeypatch.setattr("gallery_sdk.cli.running.on_job", stopped)

    shown = gallery("demo", "scim", "--people", "10")

    assert shown.exit_code == 143
    assert shown.stdout.rstrip().splitlines()[-1].startswith("$ gallery test")
    assert list(tmp_path.glob("gallery-demo-*")) == []


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


def test_the_demo_says_how_a_shell_finds_gallery(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `make demo` it lies off the PATH: the line to type comes first, and works; then it is not shown again."""
    bare = f"{tmp_path}:/usr/bin:/bin"
    monkeypatch.setenv("PATH", bare)
    (line,) = next_steps(gallery("demo", "scim", "--people", "10").stdout, before="gallery init")
    shell = ["sh", "-c", f"{line}\ncommand -v gallery; gallery --version"]
    found = subprocess.run(shell, env={"PATH": bare}, capture_output=True, text=True, check=False)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{bare}")
    later = next_steps(gallery("demo", "scim", "--people", "10").stdout, before="gallery init")

    assert str(Path(sys.executable).parent) in line
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[0] == str(Path(sys.executable).with_name("gallery"))
    assert later == []


def test_another_gallery_on_the_path_is_not_the_one_that_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is; and a folder without `activate` is put on the PATH by hand."""
    other, scripts = tmp_path / "other", tmp_path / "my scripts"
    for folder in (other, scripts):
        folder.mkdir()
        (folder / "gallery").write_text("#!/bin/sh\n")
        (folder / "gallery").chmod(0o755)
    monkeypatch.setenv("PATH", str(other))

    assert lacking_on_the_path(scripts) == f"export PATH='{scripts}':\"$PATH\""
    (scripts / "activate").touch()
    assert lacking_on_the_path(scripts) == f". '{scripts}/activate'"
    assert lacking_on_the_path(other) == ""


def next_steps(shown: str, *, before: str) -> list[str]:
    """Commands that the demo ends with, up to one."""
    lines = [line.strip() for line in shown.partition("Yours next\n")[2].splitlines() if not line.startswith("   ")]
    return lines[: next(place for place, line in enumerate(lines) if line.startswith(before))]


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
