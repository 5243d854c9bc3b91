"""What a person types most starts at once: no model, no database, no terminal library on its way."""

from __future__ import annotations

import subprocess
import sys

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


def _imported(*words: str) -> set[str]:
    code = _LIST_MODULES.format(words=", ".join(map(repr, words)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
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
