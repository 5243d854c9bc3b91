"""The workspace that a command works in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..apps import Workspace


def current_workspace() -> Workspace:
    """The workspace of the current folder.

    Raises:
        ConfigError: Neither this folder nor one above it is a workspace.
    """
    from ..apps import Workspace

    return Workspace.find(Path.cwd())


def chosen_apps(workspace: Workspace, names: tuple[str, ...]) -> tuple[str, ...]:
    """The named apps, or all; each exists.

    Raises:
        ConfigError: There is no such app, or none at all.
    """
    from ..errors import ConfigError
    from ..manifest.problems import did_you_mean

    known = workspace.app_names()
    for name in names:
        if name not in known:
            otherwise = f"The apps here are {', '.join(known)}" if known else "Add one with `gallery add`"
            raise ConfigError(f"there is no app '{name}'", str(workspace.root), did_you_mean(name, known, otherwise))
    if not known:
        raise ConfigError("there is no app yet", str(workspace.root), "Add one with `gallery add`")
    return tuple(dict.fromkeys(names)) or known
