"""What `gallery new` writes is sound before its first edit, in an environment that knows nothing of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from datetime import date
from pathlib import Path

import pytest

from gallery_sdk.errors import UsageError
from gallery_sdk.manifest import find_problems
from gallery_sdk.scaffold import PROTOCOLS, NewConnector, write_connector


def asked(**changed: str) -> NewConnector:
    """A connector to write."""
    given = {
        "slug": "acme-desk", "name": "Acme Desk", "protocol": "scim2", "category": "collaboration", "vendor": "Acme",
        "maintainer": "Ada Byron", "base_url": "https://api.acme.com/scim/v2", "docs_url": "https://docs.acme.com",
    }  # fmt: skip
    return NewConnector(**{**given, **changed}, day=date(2027, 1, 20))  # type: ignore[arg-type]  # protocol is a text


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """The Python of a new environment, which sees the libraries of this one and no connector of its own."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    (site,) = folder.glob("lib/*/site-packages")
    here = sysconfig.get_paths()["purelib"]
    # addsitedir also follows the .pth files there, which an editable SDK is found by
    (site / "libraries.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    return python


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command, its output kept."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_new_connector_reaches_bronze_and_keeps_its_contract_at_once(
    protocol: str, clean: Path, tmp_path: Path
) -> None:
    """`gallery new`, `gallery check`, then, installed, its own tests: no edit in between."""
    python = str(clean)
    gallery = (python, "-c", "from gallery_sdk.cli import main; main()")
    made = run(*gallery, "new", "acme-desk", "--protocol", protocol, cwd=tmp_path)
    graded = run(
        *gallery, "check", "acme-desk", "--contract", "--at-least", "bronze", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    installed = run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps",
        "--no-build-isolation", "./acme-desk",
        cwd=tmp_path,
    )  # fmt: skip
    acted = json.loads((tmp_path / "acme-desk" / "evidence.json").read_text())["contract"]
    some = "connection_test or create_user"  # all were acted by `check`; here, that they are found and run
    tested = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", some, cwd=tmp_path / "acme-desk")

    assert made.returncode == 0, made.stderr
    assert graded.returncode == 0, graded.stdout + graded.stderr
    assert json.loads(graded.stdout)["connectors"][0]["tier"] == "bronze"
    assert len(acted) > 25
    assert [one for one in acted if one["outcome"] == "failed"] == []
    assert installed.returncode == 0, installed.stderr
    assert tested.returncode == 0, tested.stdout
    assert "acme-desk" in tested.stdout and "failed" not in tested.stdout


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_new_manifest_has_nothing_wrong(protocol: str, tmp_path: Path) -> None:
    """Neither an error nor a warning."""
    write_connector(asked(protocol=protocol), tmp_path)

    assert find_problems(tmp_path / "acme-desk" / "gallery_connector_acme_desk") == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_new_python_is_in_the_house_format(protocol: str, tmp_path: Path) -> None:
    """Types and style, as in this repository."""
    root = Path(__file__).parents[2]
    write_connector(asked(protocol=protocol), tmp_path)
    tools = Path(sys.executable).parent
    package = str(tmp_path / "acme-desk" / "gallery_connector_acme_desk")

    typed = run(str(tools / "mypy"), "--strict", "--config-file", str(root / "pyproject.toml"), package, cwd=root)
    linted = run(str(tools / "ruff"), "check", "--config", str(root / "pyproject.toml"), package, cwd=root)

    assert typed.returncode == 0, typed.stdout
    assert linted.returncode == 0, linted.stdout


def test_the_next_steps_are_commands_to_paste(tmp_path: Path) -> None:
    """The install step first: by a path, never a name to look up, and with the extra that acts it."""
    program = (sys.executable, "-c", "from gallery_sdk.cli import main; main()")
    made = run(*program, "new", "acme", "--dir", "our apps", cwd=tmp_path)

    commands = [line.strip() for line in made.stdout.splitlines() if line.startswith("  ")]
    install = commands.index("pip install -e './our apps/acme[test]'")
    assert commands.index("gallery check 'our apps/acme' --contract") > install
    project = tomllib.loads((tmp_path / "our apps/acme/pyproject.toml").read_text("utf-8"))["project"]
    assert project["optional-dependencies"]["test"] == ["gallery-sdk[testing]>=0.1,<1"]


def test_what_is_asked_stands_in_what_is_written(tmp_path: Path) -> None:
    """Names, addresses and hosts, in every file that needs them."""
    files = write_connector(asked(name="Åcme & Søn", slug="acme2"), tmp_path)
    manifest = tomllib.loads((tmp_path / "acme2/gallery_connector_acme2/connector.toml").read_text("utf-8"))
    project = tomllib.loads((tmp_path / "acme2/pyproject.toml").read_text("utf-8"))

    assert manifest["name"] == "Åcme & Søn"
    assert manifest["transport"]["base_url"] == "https://api.acme.com/scim/v2"
    assert manifest["transport"]["allowed_hosts"] == ["api.acme.com"]
    assert list(project["project"]["entry-points"]["gallery.connectors"]) == ["acme2"]
    assert all("{{" not in path.read_text("utf-8") and "{%" not in path.read_text("utf-8") for path in files)


@pytest.mark.parametrize(
    ("field", "value"),
    [("slug", "Acme"), ("slug", "../up"), ("category", "nothing"), ("base_url", "http://api.acme.com"),
     ("docs_url", "docs"), ("name", 'A"\nslug = "b'), ("maintainer", " ")],
)  # fmt: skip
def test_what_no_manifest_can_hold_is_refused(field: str, value: str, tmp_path: Path) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError):
        write_connector(asked(**{field: value}), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    """Not as something unexpected."""
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="cannot be written: Not a directory"):
        write_connector(asked(), tmp_path / "file")


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """Nobody's work is written over."""
    (tmp_path / "acme-desk").mkdir()

    with pytest.raises(UsageError, match="already"):
        write_connector(asked(), tmp_path)

    assert list((tmp_path / "acme-desk").iterdir()) == []
