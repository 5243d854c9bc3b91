"""The workspace that a command works in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..apps import AppConfig, Workspace
    from ..manifest import Problem


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

    for name in names:
        workspace.refuse_unknown(name)
    known = workspace.app_names()
    if not known:
        raise ConfigError("there is no app yet", str(workspace.root), "Add one with `gallery add`")
    return tuple(dict.fromkeys(names)) or known


def read_app(workspace: Workspace, name: str) -> AppConfig:
    """The configuration of an app; plugins that resolve secrets are looked for where a reference is not understood.

    Raises:
        ConfigError: There is no such app, or its file has problems.
    """
    from ..errors import ConfigError

    try:
        return workspace.read_app(name)
    except ConfigError:
        schemes = secret_schemes()
        return workspace.read_app(name, schemes=schemes)


def secret_schemes() -> tuple[str, ...]:
    """Schemes of secret references that can be resolved here; those of plugins are made known for `auth.resolve`."""
    from .. import auth
    from ..plugins import host_manager

    return auth.register_resolvers(host_manager().secret_resolvers())


def find_app_problems(workspace: Workspace, name: str) -> tuple[Problem, ...]:
    """Why an app cannot run, whatever its target says: its file has problems, or its connector is not there.

    Nothing is resolved and no connector is loaded; `gallery doctor` looks further.
    """
    from ..errors import GalleryError
    from ..manifest import Problem
    from ..plugins import find_entry

    try:
        app = read_app(workspace, name)
    except GalleryError as error:
        found: tuple[Problem, ...] = getattr(error, "problems", ())
        return found or (Problem(error.where, error.what, error.mend),)
    try:
        find_entry(app.connector)
    except GalleryError as error:
        return (Problem(f"{app.where}, {error.where}", error.what, error.mend),)
    return ()
