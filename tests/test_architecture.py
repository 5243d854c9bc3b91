"""The house stands: rooms import only downwards, modules hold one idea, and the project speaks of itself alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted([*ROOT.glob("sdk/gallery_sdk/**/*.py"), *ROOT.glob("connectors/**/*.py")])


def tracked() -> list[Path]:
    """Files under version control; all text files where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_rooms_import_only_from_the_floors_below() -> None:
    """The contract of pyproject.toml, checked by import-linter."""
    tool = Path(sys.executable).with_name("lint-imports")
    outcome = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_reads_in_one_sitting(path: Path) -> None:
    """Above 400 lines it holds two ideas."""
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_no_file_names_a_package_index() -> None:
    """Versions are pinned in constraints.txt; where packages come from is the reader's own affair."""
    index = re.compile(r"index-url|https?://[^\s\"']*/simple/|files\.pythonhosted|pypi\.org/simple")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {".txt", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".lock"} or path.name == "Makefile"
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if index.search(line)
    ]

    assert found == []
