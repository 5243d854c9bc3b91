"""What a person types most starts at once: no model, no database, no terminal library on its way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_HEAVY = (
    "rich",
    "pydantic",
    "sqlalchemy",
    "pluggy",
    "asyncio",
    "orjson",
    "aiohttp",
    "httpx2",
    "tomllib",
    "importlib.metadata",
    "pathlib",
    "urllib.parse",
)
_LIST_MODULES = """
import sys
from gallery_sdk.cli import main
sys.argv = ["gallery", {words}]
try:
    main()
except SystemExit:
    pass
print("\\n".join(sys.modules), file=sys.stderr)
"""


def _imported(*words: str, folder: Path | None = None) -> set[str]:
    code = _LIST_MODULES.format(words=", ".join(map(repr, words)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=folder)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [("--help",), ("search",), ("search", "chat"), ("search", "--json")], ids=" ".join)
def test_help_and_search_import_nothing_heavy(words: tuple[str, ...]) -> None:
    """Once the index is remembered, neither help nor a search loads what only work needs."""
    _imported("search")

    imported = _imported(*words)

    assert not imported & set(_HEAVY)


def test_help_imports_no_command() -> None:
    """Names and short helps are known without the modules of the commands."""
    imported = _imported("--help")

    commands = {"search", "show", "add", "plan", "run", "log", "doctor", "demo"}
    assert not {f"gallery_sdk.cli.{name}" for name in commands} & imported


def test_a_command_runs_with_the_garbage_collector_on() -> None:
    """It is off only while the command line itself is loaded."""
    code = (
        "import gc, sys; from gallery_sdk.cli import main; from gallery_sdk.cli.root import cli\n"
        "import gallery_sdk.cli.schema as loaded\n"
        "loaded.command.callback = lambda **_: print('collecting', gc.isenabled())\n"
        "sys.argv = ['gallery', 'schema', 'manifest']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert done.stdout == "collecting True\n", done.stderr


_APP = """\
connector = "scim"
url = "https://app.example.com/scim/v2"
[auth]
method = "none"
[source]
kind = "csv"
users = "people.csv"
"""


@pytest.mark.parametrize(
    ("words", "models"), [(("status",), {"pydantic", "regex"}), (("log", "acme"), set())], ids=["status", "log"]
)
def test_looking_at_what_happened_loads_neither_manifests_nor_the_wire(
    words: tuple[str, ...], models: set[str], tmp_path: Path
) -> None:
    """State is read without mappings or anything that sends requests; only status reads apps, to tell broken ones."""
    (tmp_path / "gallery.toml").write_text("schema = 1\n")
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "acme.toml").write_text(_APP)

    imported = _imported(*words, folder=tmp_path)

    assert "sqlalchemy" in imported
    heavy = {"pydantic", "aiohttp", "httpx2", "pluggy", "regex", "rich", "cryptography", "gallery_sdk.manifest.model"}
    assert not imported & (heavy - models)
