"""All pages, each made at its first use."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final

PAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hooks": "Everything that the code of a connector or of a host plugin may do",
        "quirks": "The ways in which targets depart from the standards, and what the client does about each",
        "manifest": "Every field of `connector.toml`",
        "expressions": "The functions of the mapping expression language",
        "errors": "What can go wrong, as a tree",
        "commands": "The help of every command",
    }
)
"""Name of a page to what it holds."""


def render(page: str) -> str:
    """One page as Markdown."""
    text: str = import_module(f".{page}", __package__).page()
    return f"{text.strip()}\n"


def build(folder: Path) -> list[Path]:
    """Write all pages and an index, in UTF-8; their paths.

    Raises:
        OSError: The folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = "".join(f"- [{name.capitalize()}]({name}.md): {about}\n" for name, about in PAGES.items())
    written = []
    for name, text in {"README": f"# Reference\n\n{index}", **{name: render(name) for name in PAGES}}.items():
        path = folder / f"{name}.md"
        path.write_text(text, "utf-8")
        written.append(path)
    return written
