"""Wheels of connectors: built so that two builds are equal, and looked into before anything of them is installed.

A wheel is a zip file (PyPA binary distribution format 1.0). Looking into one reads three of its files and writes none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from configparser import ConfigParser
from configparser import Error as _ConfigError
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile

from ..plugins.entries import GROUP
from .documents import digest
from .names import normal_dist
from .problems import CatalogError, InstallError

_MANIFEST: Final = "connector.toml"
_LARGEST_FILE: Final = 4_000_000
_BUILD_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class WheelFacts:
    """What a wheel says of itself.

    Attributes:
        dist: Distribution name, in normal form.
        connectors: Slug to entry point value: what it offers as connectors.
        requires: Requirements (PEP 508).
        manifest: Bytes of its connector.toml.
    """

    dist: str
    version: str
    connectors: dict[str, str]
    requires: tuple[str, ...]
    manifest: bytes


def look_into(path: Path, sha256: str) -> WheelFacts:
    """Check a wheel's hash, then read what it says of itself.

    A connector's wheel holds one package and its metadata. One that would put files elsewhere (scripts, `.pth` files
    that run at every start, a package of somebody else) is refused.

    Args:
        path: The wheel.
        sha256: What the catalog or the lock pins.

    Raises:
        InstallError: The hash differs, or the wheel is not a connector's.
    """
    data = path.read_bytes()
    if digest(data) != sha256:
        raise InstallError(
            f"the file is not the one that was pinned: its SHA-256 is {digest(data)}, and {sha256} was expected",
            path.name,
            "Do not install it. Get it again; if it stays so, tell the connector's publisher",
        )
    try:
        with ZipFile(path) as wheel:
            return _facts(wheel, path.name)
    except (BadZipFile, KeyError, UnicodeDecodeError, NotImplementedError, _ConfigError) as error:
        raise InstallError(f"this is no wheel that can be read ({error})", path.name, "Tell its publisher") from error


def _facts(wheel: ZipFile, where: str) -> WheelFacts:
    names = [PurePosixPath(name) for name in wheel.namelist() if not name.endswith("/")]
    for name in names:
        if name.is_absolute() or ".." in name.parts or "\\" in str(name):
            raise InstallError(f"it holds {str(name)!r}, which lies outside of it", where, "Tell its publisher")
    infos = {name.parts[0] for name in names if name.parts[0].endswith(".dist-info") and len(name.parts) > 1}
    manifests = [name for name in names if name.name == _MANIFEST and len(name.parts) == 2]
    if len(infos) != 1 or len(manifests) != 1:
        raise InstallError(f"it holds {len(manifests)} connector manifests, not one", where, "Tell its publisher")
    info, package = infos.pop(), manifests[0].parts[0]
    foreign = sorted({name.parts[0] for name in names} - {info, package})
    if foreign:
        raise InstallError(
            f"besides {package!r} it would install {', '.join(map(repr, foreign))}",
            where,
            "A connector's wheel holds one package; tell its publisher",
        )
    metadata = HeaderParser().parsestr(_text(wheel, f"{info}/METADATA"))
    return WheelFacts(
        dist=normal_dist(str(metadata["Name"])),
        version=str(metadata["Version"]),
        connectors=_connectors(wheel, f"{info}/entry_points.txt"),
        requires=tuple(str(one) for one in metadata.get_all("Requires-Dist", [])),
        manifest=_bytes(wheel, str(manifests[0])),
    )


def _connectors(wheel: ZipFile, name: str) -> dict[str, str]:
    parser = ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign] # names keep their case
    parser.read_string(_text(wheel, name))
    return dict(parser[GROUP]) if parser.has_section(GROUP) else {}


def _text(wheel: ZipFile, name: str) -> str:
    return _bytes(wheel, name).decode("utf-8")


def _bytes(wheel: ZipFile, name: str) -> bytes:
    with wheel.open(name) as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise BadZipFile(f"{name} is larger than {_LARGEST_FILE} bytes")
    return data


def build_wheel(folder: Path, out: Path, *, epoch: int) -> Path:
    """Build a connector's wheel; two builds of the same files with the same tools are equal to the byte.

    The build backend runs in this environment where it is installed, else in one that pip makes for it.

    Args:
        folder: The connector's folder.
        out: Where the wheel goes.
        epoch: The time that is written into it (SOURCE_DATE_EPOCH), seconds since 1970.

    Raises:
        CatalogError: It does not build; the message ends with what the build said.
    """
    from importlib.util import find_spec

    out.mkdir(parents=True, exist_ok=True)
    before = set(out.glob("*.whl"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "wheel",
        "--quiet",
        "--no-deps",
    ]
    command += ["--no-cache-dir", *(["--no-build-isolation"] if find_spec("hatchling") else [])]
    command += ["--wheel-dir", str(out), str(folder)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603 - a command of our own
        command, env=environment, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False
    )
    made = sorted(set(out.glob("*.whl")) - before)
    if done.returncode != 0 or len(made) != 1:
        said = (done.stderr.strip() or "no wheel was made").splitlines()[-1]
        raise CatalogError(f"the wheel does not build: {said}", str(folder), "Run `pip wheel` there to see everything")
    return made[0]


def read_requirements(path: Path) -> tuple[str, ...]:
    """The requirements of any wheel (PEP 508).

    Raises:
        InstallError: It is no wheel.
    """
    try:
        with ZipFile(path) as wheel:
            name = next(one for one in wheel.namelist() if one.endswith(".dist-info/METADATA") and one.count("/") == 1)
            metadata = HeaderParser().parsestr(_text(wheel, name))
    except (BadZipFile, StopIteration, UnicodeDecodeError) as error:
        raise InstallError(f"this is no wheel that can be read ({error})", path.name, "Tell its publisher") from error
    return tuple(str(one) for one in metadata.get_all("Requires-Dist", []))
