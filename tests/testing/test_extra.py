"""Without the extra `testing` a connector is used, and acting one is refused at once, with the command to run."""

from __future__ import annotations

import subprocess
import venv
from datetime import date
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from gallery_sdk.scaffold import NewConnector, write_connector

ACME = NewConnector(
    slug="acme", name="Acme", protocol="scim2", category="collaboration", vendor="Acme", maintainer="Ada Byron",
    base_url="https://api.acme.com/scim/v2", docs_url="https://docs.acme.com", day=date(2027, 1, 20),
)  # fmt: skip


def needed(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """A distribution and all that it requires, without any extra."""
    if name not in found:
        found[name] = distribution(name)
        for text in found[name].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed(requirement.name.lower(), found)
    return found


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as `pip install gallery-sdk` leaves it, with a connector that its author has installed."""
    folder = tmp_path_factory.mktemp("lean") / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/*/site-packages")
    for one in needed("gallery-sdk", {}).values():
        for name in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
            if not (site / name).exists():
                (site / name).symlink_to(str(one.locate_file(name)))
    write_connector(ACME, folder)
    (site / "acme.pth").write_text(f"{folder / 'acme'}\n")
    info = site / "gallery_connector_acme-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gallery-connector-acme\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[gallery.connectors]\nacme = gallery_sdk.plugins.declarative:connector\n")
    (folder / "registry").mkdir()
    (folder / "registry" / "catalog.toml").write_text("version = 1\ndate = 2027-01-15\nvalid_days = 90\n")
    return folder


def gallery(lean: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in that environment."""
    program = "from gallery_sdk.cli import main; main()"
    environment = {"HOME": str(lean), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [str(lean / "bin" / "python"), "-c", program, *words],
        cwd=lean, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "words", [("check", "acme", "--contract"), ("submit", "acme", "--dry-run"), ("record", "acme")], ids=" ".join
)
def test_what_acts_a_connector_says_what_to_install(words: tuple[str, ...], lean: Path) -> None:
    """One error, before anything is acted: what is missing, and a command to paste; nothing is written."""
    done = gallery(lean, *words)

    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    problem, mend = done.stderr.splitlines()
    assert "acme" in problem
    assert "needs pytest and vcrpy" in problem
    assert mend == f"  Next: Run `{lean / 'bin' / 'python'} -m pip install 'gallery-sdk[testing]'`"
    assert not (lean / "acme" / "evidence.json").exists()
    assert not (lean / "cassettes").exists()


@pytest.mark.parametrize(
    "words", [("check", "acme"), ("show", "acme"), ("submit", "acme", "--dry-run", "--as-kept"), ("demo", "acme")],
    ids=" ".join,
)  # fmt: skip
def test_what_does_not_act_one_needs_no_extra(words: tuple[str, ...], lean: Path) -> None:
    """Looking, and the demo on the twin."""
    done = gallery(lean, *words)

    assert "pytest" not in done.stderr
    assert "something unexpected" not in done.stderr
    assert done.returncode == (1 if words[0] == "submit" else 0), done.stderr  # nobody has acted it: a draft
