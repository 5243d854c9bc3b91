"""Wheels of connectors: built so that two builds are equal, and looked into before anything of them is installed.

A wheel is a zip file (PyPA binary distribution format 1.0). Looking into one reads four of its files and writes none.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import EntryPoint, PathDistribution
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile
from zipfile import Path as ZipPath

from packaging.requirements import Requirement
from packaging.version import Version

from ..plugins.entries import GROUP
from .documents import digest
from .names import normal_dist
from .problems import CatalogError, InstallError

_MANIFEST: Final = "connector.toml"
_DECLARATIVE: Final = "gallery_sdk.plugins.declarative"
_LARGEST_FILE: Final = 4_000_000
_LARGEST_WHEEL: Final = 100_000_000  # unpacked
UNREADABLE: Final = (BadZipFile, KeyError, ValueError, RuntimeError, EOFError, StopIteration, zlib.error)
"""What reading a wheel raises that is torn, or none."""
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

    @property
    def code(self) -> bool:
        """Whether running the connector runs code of its own."""
        return any(value.partition(":")[0].strip() != _DECLARATIVE for value in self.connectors.values())


def look_into(path: Path, sha256: str) -> WheelFacts:
    """Check a wheel's hash, then read what it says of itself.

    A connector's wheel holds one package, named after its distribution or its slug, and its metadata; it offers a
    connector and nothing else. One that would put files elsewhere (scripts, `.pth` files that run at every start, a
    package of somebody else), or take files of others along when it is removed, is refused.

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
    except UNREADABLE as error:
        raise InstallError(f"this is no wheel that can be read ({error})", path.name, "Tell its publisher") from error


def _facts(wheel: ZipFile, where: str) -> WheelFacts:
    names = _plain_names(wheel, where)
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
    if compiled := sorted(str(name) for name in names if name.suffix == ".pyc" or "__pycache__" in name.parts):
        # Run in place of the source beside it, which is what a person would read.
        raise InstallError(f"it holds byte code, {compiled[0]!r}", where, "Tell its publisher; source is enough")
    _check_record(wheel, info, names, where)
    metadata = HeaderParser().parsestr(_text(wheel, f"{info}/METADATA"))
    # Read as installers and Python itself read it: what another reader takes for one long value may be a second group.
    points = list(PathDistribution(ZipPath(wheel, f"{info}/")).entry_points)
    facts = WheelFacts(
        dist=normal_dist(str(metadata["Name"])),
        version=str(metadata["Version"]),
        connectors={one.name: one.value for one in points if one.group == GROUP},
        requires=tuple(str(one) for one in metadata.get_all("Requires-Dist", [])),
        manifest=_bytes(wheel, str(manifests[0])),
    )
    _check_identity(facts, info, package, where)
    _check_offers(facts, points, package, where)
    return facts


def _plain_names(wheel: ZipFile, where: str) -> list[PurePosixPath]:
    """The wheel's files, each named once and in one spelling: of two that fall together, one would hide the other."""
    files = [one for one in wheel.infolist() if not one.filename.endswith("/")]
    if sum(one.file_size for one in files) > _LARGEST_WHEEL:
        raise InstallError(f"unpacked it is larger than {_LARGEST_WHEEL} bytes", where, "Tell its publisher")
    names = [PurePosixPath(one.filename) for one in files]
    for one, name in zip(files, names, strict=True):
        if name.is_absolute() or ".." in name.parts or "\\" in one.filename:
            raise InstallError(f"it holds {str(name)!r}, which lies outside of it", where, "Tell its publisher")
    spelled = {one.filename.casefold() for one in files if one.filename == str(PurePosixPath(one.filename))}
    if len(spelled) != len(files):
        raise InstallError("it holds two files of one name, or an odd name", where, "Tell its publisher")
    return names


def _check_record(wheel: ZipFile, info: str, names: Sequence[PurePosixPath], where: str) -> None:
    """Hold the list of files against the files: by that list an installer removes the wheel again."""
    listed = {row[0] for row in csv.reader(_text(wheel, f"{info}/RECORD").splitlines()) if row}
    if odd := sorted(listed ^ set(map(str, names))):
        raise InstallError(
            f"its list of files (RECORD) and its files differ: {', '.join(map(repr, odd[:3]))}",
            where,
            "Tell its publisher; what is listed would go when the connector is removed",
        )


def _check_identity(facts: WheelFacts, info: str, package: str, where: str) -> None:
    name, _, version = info.removesuffix(".dist-info").partition("-")
    if normal_dist(name) != facts.dist or Version(version) != Version(facts.version):
        raise InstallError(f"{info!r} is not the metadata of {facts.dist} {facts.version}", where, "Tell its publisher")
    # Whatever else a package is called, somebody may import it for something else, or find it at every start.
    own = {f"gallery_connector_{slug.replace('-', '_')}" for slug in facts.connectors}
    if package not in own | {facts.dist.replace("-", "_")}:
        raise InstallError(
            f"its package is named {package!r}, after neither its slug nor its distribution",
            where,
            f"Its publisher must name it {min(own, default=facts.dist)}",
        )
    if direct := [line for line in facts.requires if Requirement(line).url]:
        raise InstallError(
            f"it needs {direct[0]!r}, which is fetched past the package index",
            where,
            "Tell its publisher: a requirement is a name and a range of versions",
        )


def _check_offers(facts: WheelFacts, points: Sequence[EntryPoint], package: str, where: str) -> None:
    """A connector is asked when its own app is run. It adds no command, and no hook into what others do."""
    if others := sorted({one.group for one in points} - {GROUP}):
        raise InstallError(
            f"besides a connector it would add to {', '.join(map(repr, others))}",
            where,
            "Tell its publisher; a command or a host plugin is a distribution of its own",
        )
    if len(points) != len(facts.connectors):
        raise InstallError("it claims one slug twice", where, "Tell its publisher")
    for value in facts.connectors.values():
        module = value.partition(":")[0].strip()
        if module != _DECLARATIVE and module.partition(".")[0] != package:
            raise InstallError(f"its entry point names {value!r}, which it does not hold", where, "Tell its publisher")


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
        "-P",
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
    except UNREADABLE as error:
        raise InstallError(f"this is no wheel that can be read ({error})", path.name, "Tell its publisher") from error
    return tuple(str(one) for one in metadata.get_all("Requires-Dist", []))
