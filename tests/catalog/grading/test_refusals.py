"""Code of a connector that cannot be acted is told by file, line and next step, and hides no other connector."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from gallery_sdk.catalog.building import build
from gallery_sdk.catalog.grading import grade
from gallery_sdk.catalog.grading.grade import grader
from gallery_sdk.cli.root import cli
from gallery_sdk.errors import PluginError

from .conftest import DAY, Workshop

_PLUGIN = '''"""Hooks of Acme."""

from gallery_sdk import hookimpl
'''


@pytest.fixture(autouse=True)
def unacted(workshop: Workshop) -> None:
    """Nobody has acted it."""
    (workshop.path / "evidence.json").unlink()


def coded(workshop: Workshop, text: str, entry_point: str = "gallery_connector_acme.plugin") -> None:
    """Give the connector code, and an entry point."""
    (workshop.package / "plugin.py").write_text(_PLUGIN + text, "utf-8")
    workshop.edit("pyproject.toml", '"gallery_connector_acme.plugin"', f'"{entry_point}"')


def broken_import(workshop: Workshop) -> None:
    """A module of its own imports what is not there."""
    (workshop.package / "speaking.py").write_text("import json\nimport jsonn\n", "utf-8")
    coded(workshop, "from . import speaking\n")


CASES: dict[str, tuple[Callable[[Workshop], None], str, str, str]] = {
    "a module that is not there": (
        lambda shop: coded(shop, "", "gallery_connector_acme.plugins"),
        "pyproject.toml, project.entry-points",
        "the entry point names 'gallery_connector_acme.plugins', and there is no module",
        "Name the module that has the hooks; ",
    ),
    "an object that is not there": (
        lambda shop: coded(shop, "", "gallery_connector_acme.plugin:connector"),
        "pyproject.toml, project.entry-points",
        "the entry point names 'gallery_connector_acme.plugin:connector': module",
        "Name what is there; ",
    ),
    "a module of its own that imports what is not there": (
        broken_import, "gallery_connector_acme/speaking.py, line 2", "ModuleNotFoundError: No module named 'jsonn'",
        "Mend the line",
    ),
    "code that fails as it is imported": (
        lambda shop: coded(shop, "LIMIT = limit\n"), "gallery_connector_acme/plugin.py, line 4",
        "NameError: name 'limit' is not defined", "Mend the line",
    ),
    "code that is no Python": (
        lambda shop: coded(shop, "def gallery_twin(:\n"), "gallery_connector_acme/plugin.py, line 4",
        "this is no Python: invalid syntax", "Mend the line",
    ),
    "a hook that is misspelt": (
        lambda shop: coded(shop, "@hookimpl\ndef gallery_twins(): ...\n"), "", "'gallery_twins' is not a hook",
        "Did you mean 'gallery_twin'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_author_is_told_where_to_mend_it(case: str, workshop: Workshop) -> None:
    """One problem of the author's own file, exit status 1, and no evidence."""
    spoil, place, what, mend = CASES[case]
    spoil(workshop)

    shown = CliRunner().invoke(cli, ["check", str(workshop.path), "--contract", "--json", "--date", str(DAY)])

    assert shown.exit_code == 1, shown.output
    (told,) = json.loads(shown.stdout)["problems"]
    assert Path(told["where"]) == workshop.path / place
    assert what in told["what"] and told["mend"].startswith(mend)
    assert not (workshop.path / "evidence.json").exists()


def test_no_python_in_one_connector_hides_no_other(workshop: Workshop) -> None:
    """Neither in `gallery check` nor in the catalog."""
    sound = workshop.path.parent / "sound"
    shutil.copytree(workshop.path, sound)
    coded(workshop, "def gallery_twin(:\n")

    shown = CliRunner().invoke(cli, ["check", str(workshop.path), str(sound), "--date", str(DAY)])

    assert shown.exit_code == 1
    assert "plugin.py, line 4: this is no Python" in shown.stderr
    assert f"{sound}  draft" in shown.stdout
    with pytest.raises(PluginError, match="this is no Python"):
        grade(workshop.path, day=DAY)


def test_the_catalog_tells_the_line_and_is_built(workshop: Workshop) -> None:
    """As everywhere else where a connector cannot be graded."""
    root = workshop.path.parents[1]
    (root / "registry").mkdir(exist_ok=True)
    (root / "registry" / "catalog.toml").write_text(f"version = 1\ndate = {DAY}\n", "utf-8")
    coded(workshop, "def gallery_twin(:\n")

    built = build(root, grade=grader(DAY))

    (problem,) = built.problems
    assert problem.where.endswith("gallery_connector_acme/plugin.py, line 4")
    assert built.catalog


def test_rules_that_wait_for_one_thing_are_told_in_one_line(workshop: Workshop) -> None:
    """What nobody has acted stands once, with the rules that ask for it."""
    shown = CliRunner().invoke(cli, ["check", str(workshop.path), "--date", str(DAY)])

    assert shown.stdout.count("nobody has acted it") == 1
    assert "  P01 P03 P04 C01 T01  nobody has acted it: run `gallery check --contract`\n" in shown.stdout
