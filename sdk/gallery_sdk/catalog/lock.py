"""`gallery.lock`: which connectors a workspace runs, pinned to the byte.

The same connectors give the same file, whatever the order in which they were installed. It is written by commands and
meant to be committed.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError

from ..errors import ConfigError
from ..manifest import Frozen, ProblemsError, problems_of
from .models import Dist, Sha256, Slug, VersionText, WheelName

LOCK_NAME: Final = "gallery.lock"
_INTRODUCTION: Final = "# Written by `gallery install`, `upgrade` and `remove`. Commit it; do not edit it.\n"


class InvalidLockError(ProblemsError, ConfigError):
    """A lock file with one problem or more."""


class LockedFile(Frozen):
    """One wheel that may be installed."""

    name: WheelName
    sha256: Sha256


class LockedConnector(Frozen):
    """`[[connector]]`.

    Attributes:
        catalog_version: Number of the catalog that it was chosen from.
        manifest_sha256: Of its connector.toml.
        files: The release's wheels.
        index: Package index that has it; None for the one that the installer is set up with.
        needs: Other distributions that it brought along, by name; each is a `[[package]]`.
    """

    slug: Slug
    dist: Dist
    version: VersionText
    catalog_version: int = Field(ge=1)
    manifest_sha256: Sha256
    files: tuple[LockedFile, ...] = Field(min_length=1)
    index: str | None = None
    needs: tuple[Dist, ...] = ()


class LockedPackage(Frozen):
    """`[[package]]`: a distribution that connectors need besides the SDK."""

    dist: Dist
    version: VersionText
    files: tuple[LockedFile, ...] = Field(min_length=1)


class Lock(Frozen):
    """The whole file."""

    schema_level: Literal[1] = Field(default=1, alias="schema")
    connector: tuple[LockedConnector, ...] = ()
    package: tuple[LockedPackage, ...] = ()

    def find(self, slug: str) -> LockedConnector | None:
        """The pinned connector of that name."""
        return next((one for one in self.connector if one.slug == slug), None)

    def needed_by(self, connectors: Iterable[LockedConnector]) -> tuple[LockedPackage, ...]:
        """The packages that these connectors need."""
        names = {name for one in connectors for name in one.needs}
        return tuple(one for one in self.package if one.dist in names)

    def with_connectors(self, connectors: Iterable[LockedConnector], packages: Iterable[LockedPackage]) -> Lock:
        """The lock with these pinned, in place of what was pinned under their names."""
        by_slug = {one.slug: one for one in (*self.connector, *connectors)}
        by_dist = {one.dist: one for one in (*self.package, *packages)}
        return _orderly(by_slug.values(), by_dist.values())

    def without(self, slugs: Iterable[str]) -> Lock:
        """The lock without these connectors and what only they needed."""
        gone = set(slugs)
        return _orderly((one for one in self.connector if one.slug not in gone), self.package)


def read_lock(path: Path) -> Lock:
    """Read a lock file; an absent one pins nothing.

    Raises:
        ConfigError: It cannot be read.
        InvalidLockError: It does not say what it must.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Lock()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"cannot be read: {error}", str(path), "Restore it from version control, or delete it and install anew"
        ) from error
    try:
        return Lock.model_validate(data)
    except ValidationError as error:
        raise InvalidLockError(problems_of(error, Lock, str(path))) from None


def write_lock(path: Path, lock: Lock) -> None:
    """Write the file at once, so that no reader finds half of it.

    Raises:
        ConfigError: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        # A new file: a link that lies there, in a workspace from elsewhere, would be written through.
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(lock_text(lock))
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ConfigError(f"cannot be written: {error.strerror}", str(path), "Check who may write there") from error


def lock_text(lock: Lock) -> str:
    """The file's text."""
    blocks = [f"{_INTRODUCTION}schema = {lock.schema_level}\n"]
    for one in lock.connector:
        lines = [f"{name} = {_toml(getattr(one, name))}" for name in ("slug", "dist", "version", "catalog_version")]
        lines += [f"manifest_sha256 = {_toml(one.manifest_sha256)}", *_files(one.files)]
        lines += [f"index = {_toml(one.index)}"] if one.index is not None else []
        lines += [f"needs = [{', '.join(map(_toml, one.needs))}]"] if one.needs else []
        blocks.append("\n".join(["[[connector]]", *lines, ""]))
    for package in lock.package:
        lines = [f"dist = {_toml(package.dist)}", f"version = {_toml(package.version)}", *_files(package.files)]
        blocks.append("\n".join(["[[package]]", *lines, ""]))
    return "\n".join(blocks)


def _files(files: Sequence[LockedFile]) -> list[str]:
    rows = [f"    {{ name = {_toml(one.name)}, sha256 = {_toml(one.sha256)} }}," for one in files]
    return ["files = [", *rows, "]"]


def _toml(value: object) -> str:
    # JSON's texts and whole numbers are TOML's as well; what is outside ASCII is escaped alike.
    return json.dumps(value)


def _orderly(connectors: Iterable[LockedConnector], packages: Iterable[LockedPackage]) -> Lock:
    kept = sorted(connectors, key=lambda one: one.slug)
    needed = {name for one in kept for name in one.needs}
    return Lock(
        connector=tuple(kept),
        package=tuple(sorted((one for one in packages if one.dist in needed), key=lambda one: one.dist)),
    )
