"""Where the files of wheels would go, and whether these places are free: an installer asks nobody whose file it is.

Looked at before anything is installed, so that no distribution, whoever made it, writes over the SDK, another
connector, the `gallery` command or the interpreter.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.metadata import PathDistribution
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import Path as ZipPath
from zipfile import ZipFile

from .documents import digest
from .problems import InstallError
from .wheels import UNREADABLE

_SCRIPTS: Final = frozenset({"console_scripts", "gui_scripts"})


def places_of(wheel: Path, scheme: Mapping[str, str]) -> dict[Path, str]:
    """Every file that an installer would write for a wheel, with its SHA-256; "" for what the installer makes up.

    Args:
        wheel: The wheel.
        scheme: The environment's folders by their names (sysconfig).

    Raises:
        InstallError: It is no wheel, or a command's name leads elsewhere.
    """
    try:
        with ZipFile(wheel) as archive:
            return dict(_places(archive, wheel.name, scheme))
    except UNREADABLE as error:
        raise InstallError(f"this is no wheel that can be read ({error})", wheel.name, "Tell its publisher") from error


def check_free(wheel: Path, places: Mapping[Path, str], own: Collection[str]) -> None:
    """Refuse to write over files of others; of two equal files it is no matter whose stands there.

    Args:
        own: Files that go before, those of the versions that are replaced, as real paths.

    Raises:
        InstallError: One is there.
    """
    for path, sha256 in places.items():
        if os.path.realpath(path) in own or not (path.exists() or path.is_symlink()):
            continue
        if not (sha256 and path.is_file() and digest(path.read_bytes()) == sha256):
            raise InstallError(
                f"it would write over {str(path)!r}, which is not its own", wheel.name, "Tell its publisher"
            )


def check_modest(wheel: Path) -> None:
    """Refuse what comes along with a connector, and is a connector or a host plugin itself: nobody chose it.

    Raises:
        InstallError: It is.
    """
    with ZipFile(wheel) as archive:
        tops = {PurePosixPath(name).parts[0] for name in archive.namelist()}
        groups = {group for group, _ in _points(archive)}
    claimed = sorted(one for one in tops if one == "gallery_sdk" or one.startswith("gallery_connector_"))
    claimed += sorted(one for one in groups if one.startswith("gallery."))
    if claimed:
        raise InstallError(
            f"a connector needs it, and it would add to {', '.join(map(repr, claimed))}",
            wheel.name,
            "Install that by its own name first, if it is what you want; else tell the connector's publisher",
        )


def _places(archive: ZipFile, where: str, scheme: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    names = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
    info = _info(names)
    pure = b"root-is-purelib: true" in archive.read(f"{info}/WHEEL").lower()
    root = scheme["purelib" if pure else "platlib"]
    for name in names:
        sha256 = digest(archive.read(str(name)))
        if name.parts[0].endswith(".data") and len(name.parts) > 2:
            # Scripts are changed as they are written: their first line names the interpreter.
            known = "" if name.parts[1] == "scripts" else sha256
            yield Path(scheme.get(name.parts[1], root), *name.parts[2:]), known
        else:
            yield Path(root, *name.parts), sha256
    for group, command in _points(archive):
        if group in _SCRIPTS:
            if PurePosixPath(command).name != command or "\\" in command:
                raise InstallError(f"its command {command!r} leads elsewhere", where, "Tell its publisher")
            yield from ((Path(scheme["scripts"], command + ending), "") for ending in ("", ".exe"))


def _points(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """Group and name of the entry points."""
    info = _info(map(PurePosixPath, archive.namelist()))
    for one in PathDistribution(ZipPath(archive, f"{info}/")).entry_points:
        yield one.group, one.name


def _info(names: Iterable[PurePosixPath]) -> str:
    return next(name.parts[0] for name in names if len(name.parts) == 2 and name.parts[0].endswith(".dist-info"))
