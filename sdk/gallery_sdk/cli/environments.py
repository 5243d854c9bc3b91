"""Where connectors are installed, as the commands that change it are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..catalog.environment import Environment

F = TypeVar("F", bound=Callable[..., Any])


def environment_options(function: F) -> F:
    """`--offline`, `--index-url`, `--python` and `--lock`."""
    path = click.Path(path_type=Path)
    for option in (
        click.option("--lock", "lock", type=path, help="Lock file; gallery.lock of the workspace by default."),
        click.option("--python", type=path, help="Python of the environment; the one that runs gallery by default."),
        click.option("--index-url", metavar="URL", help="Package index; the installer's own setting by default."),
        click.option(
            "--offline",
            metavar="FOLDER",
            type=click.Path(path_type=Path, file_okay=False, exists=True),
            help="Take all wheels from a folder, without any network.",
        ),
    ):
        function = option(function)
    return function


def environment_of(python: Path | None, index_url: str | None, offline: Path | None) -> Environment:
    """The environment that the options name."""
    from ..catalog.environment import Environment

    return Environment(python, index_url=index_url, offline=offline)


def lock_path(given: Path | None) -> Path:
    """The lock file: as given, beside gallery.toml of the workspace, or in the current folder."""
    from ..catalog.lock import LOCK_NAME

    if given is not None:
        return given
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "gallery.toml").is_file()), here)
    return root / LOCK_NAME
