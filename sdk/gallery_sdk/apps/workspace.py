"""A team's folder on disk."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gallery_sdk.errors import ConfigError
from gallery_sdk.manifest.problems import Problem, did_you_mean, nearest

from .secret_references import REFERENCE_SCHEMES
from .tables import read_toml

if TYPE_CHECKING:
    from .models import AppConfig

SETTINGS: Final = "gallery.toml"
SCHEMA_LEVEL: Final = 1
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_NAME_RULE: Final = "lower-case letters, digits, '-', '_' and '.'"

_GALLERY_TOML: Final = """\
# This folder is a gallery workspace: one file for each app in apps/, no secret in any of them.
schema = 1
"""
_IGNORED: Final = (".gallery/", "*.plan")  # state and plans hold what is known of people
_README: Final = """\
# Provisioning

Accounts of our apps are kept in step with our directory by the files in `apps/`.

    gallery search crm                        find a connector
    gallery add slack --name slack-prod       connect an app: writes apps/slack-prod.toml
    gallery test slack-prod                   can it be reached?
    gallery plan slack-prod                   what would change?
    gallery run                               keep all apps in step

Secrets stay outside: a file says `token = "env:SLACK_SCIM_TOKEN"`. The state (`.gallery/`) is not committed.
"""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with gallery.toml; see `find` and `create_workspace`."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """The workspace that `start` is in, which may be a folder above it.

        Raises:
            ConfigError: There is none, or its gallery.toml is of another level or has unknown fields.
        """
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / SETTINGS).is_file():
                _check_settings(folder / SETTINGS)
                return cls(folder)
        raise ConfigError(
            f"there is no {SETTINGS} here or in a folder above", str(start), "Make a workspace with `gallery init`"
        )

    @property
    def state_path(self) -> Path:
        """The state database; its folder is made by whoever opens it."""
        return self.root / ".gallery" / "state.db"

    @property
    def lock_folder(self) -> Path:
        """Where a running job keeps other processes away."""
        return self.root / ".gallery" / "locks"

    @property
    def apps_path(self) -> Path:
        """The folder of the apps' files."""
        return self.root / "apps"

    def app_names(self) -> tuple[str, ...]:
        """Names of the apps, sorted; a file whose name is not usable is left out."""
        return tuple(sorted(path.stem for path in self._app_files() if _NAME.fullmatch(path.stem)))

    def misnamed(self) -> tuple[Problem, ...]:
        """Files beside the apps' whose names no app can have, so that nothing reads them."""
        return tuple(
            Problem(f"apps/{path.name}", f"'{path.stem}' cannot be the name of an app", f"Rename it: {_NAME_RULE}")
            for path in sorted(self._app_files())
            if not _NAME.fullmatch(path.stem)
        )

    def _app_files(self) -> Iterator[Path]:
        # Temporary files of a write that is going on begin with a dot.
        return (path for path in self.apps_path.glob("[!.]*.toml") if path.is_file())

    def app_path(self, name: str) -> Path:
        """The file of an app, which need not exist.

        Raises:
            ConfigError: It is not a usable name.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(f"'{name}' cannot be the name of an app", "apps", f"Use {_NAME_RULE}")
        return self.apps_path / f"{name}.toml"

    def read_app(self, name: str, *, schemes: Collection[str] = REFERENCE_SCHEMES) -> AppConfig:
        """Read an app; see `reading.read_app`.

        Raises:
            ConfigError: There is no such app, or its file has problems.
        """
        from .reading import read_app

        self.refuse_unknown(name)
        path = self.app_path(name)
        return read_app(path, where=f"apps/{path.name}", schemes=schemes)

    def refuse_unknown(self, name: str) -> None:
        """Let the name of an app pass.

        Raises:
            ConfigError: There is no such app; the nearest, or all of them, are named. Or there can be none.
        """
        names = self.app_names()
        if name in names:
            return
        near = nearest(name, names)
        if near is None:
            self.app_path(name)  # refuses what cannot be a name
        known = f"The apps here are {', '.join(names)}" if names else "Add one with `gallery add`"
        mend = f"Did you mean '{near}'" if near is not None else known
        raise ConfigError(f"there is no app '{name}'", f"apps/{name}.toml", mend)

    def write_app(
        self,
        name: str,
        values: Mapping[str, Any],
        *,
        replace: bool = False,
        schemes: Collection[str] = REFERENCE_SCHEMES,
    ) -> Path:
        """Write an app's file at once; an existing one keeps its comments.

        Args:
            values: The whole content, as tables of TOML.
            replace: Whether an existing app may be changed.

        Raises:
            ConfigError: The app exists and `replace` is False, or the file cannot be written.
            InvalidConfigError: The values would not be read back; nothing was written.
        """
        from .reading import parse_app
        from .writing import write_toml  # tomlkit is loaded only to write

        path = self.app_path(name)
        where = f"apps/{path.name}"
        parse_app(values, name, where=where, schemes=schemes)
        write_toml(path, values, where=where, replace=replace)
        return path


def create_workspace(root: Path) -> Workspace:
    """Make a folder a workspace: gallery.toml, apps/, lines in .gitignore, a README if there is none.

    Raises:
        ConfigError: It is one already, or cannot be written.
    """
    from .writing import write_whole

    if (root / SETTINGS).exists():
        raise ConfigError("this folder is a workspace already", str(root / SETTINGS), "Add apps with `gallery add`")
    try:
        (root / "apps").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot be made: {error.strerror}", str(root), "Check who may write there") from error
    ignored = root / ".gitignore"
    lines = ignored.read_text("utf-8").splitlines() if ignored.exists() else []
    if lacking := [one for one in _IGNORED if one not in lines]:
        write_whole(ignored, "\n".join([*lines, *lacking, ""]), str(ignored))
    if not (root / "README.md").exists():
        write_whole(root / "README.md", _README, str(root / "README.md"))
    write_whole(root / SETTINGS, _GALLERY_TOML, str(root / SETTINGS))
    return Workspace(root.resolve())


def _check_settings(path: Path) -> None:
    content = read_toml(path, SETTINGS)
    level = content.pop("schema", None)
    if level != SCHEMA_LEVEL:
        found = "is missing" if level is None else f"is {level!r}"
        raise ConfigError(
            f"the level of the workspace {found}, and this version reads {SCHEMA_LEVEL}",
            f"{SETTINGS}, schema",
            f"Write schema = {SCHEMA_LEVEL}, or update the gallery if a newer one made it",
        )
    for key in content:
        mend = did_you_mean(key, ["schema"], "Remove it")
        raise ConfigError(f"'{key}' is not a known field", f"{SETTINGS}, {key}", mend)
