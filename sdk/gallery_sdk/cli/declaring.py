"""How commands are declared, so that all of them have the same options and the same help."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])


class GalleryCommand(click.Command):
    """A command that also takes `--debug`, wherever it stands on the line."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """As click's."""
        super().__init__(*args, **options)
        self.params.append(
            click.Option(["--debug"], is_flag=True, expose_value=False, hidden=True)  # read by `exits_in_our_manner`
        )


def declare(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command; its docstring is the help."""
    return click.command(name, cls=GalleryCommand)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")(function)


def app_argument(function: F) -> F:
    """`APP`, completed from the workspace."""
    return click.argument("app", shell_complete=complete_apps)(function)


def complete_apps(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of the apps of this workspace, for shells."""
    from pathlib import Path

    from click.shell_completion import CompletionItem

    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "gallery.toml").is_file():
            names = sorted(path.stem for path in (folder / "apps").glob("*.toml"))
            return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return []


def complete_connectors(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Slugs of the installed connectors, for shells."""
    from click.shell_completion import CompletionItem

    from ..plugins import load_index

    return [
        CompletionItem(entry.slug, help=entry.summary)
        for entry in load_index()
        if entry.slug.startswith(incomplete) and entry.broken is None
    ]
