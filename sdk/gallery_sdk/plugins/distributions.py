"""Installed distributions that offer connectors, found as installers lay them out in the folders of `sys.path`.

A distribution is a folder `NAME-VERSION.dist-info` (recording installed projects, PyPA specification) or, of older
tools, `NAME.egg-info`, beside its packages; its entry points are in `entry_points.txt` there. importlib.metadata reads
the same files, but to load it takes longer than to read three hundred connectors. It is asked for what lies on
`sys.path` and is no folder, and for what other finders know of.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Final, NamedTuple

from .heads import parse_metadata

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_KINDS: Final = (".dist-info", ".egg-info")
_HEAD_BYTES: Final = 4096  # name and version are the first lines of METADATA


class Offer(NamedTuple):
    """One entry point of a distribution.

    Attributes:
        name: The entry point's name, and `value` what it names: `package.module` or `package.module:object`.
        dist: The distribution's name, and `version` its version; "" where its metadata does not tell.
        folder: Where its packages lie, unless it is installed editable.
        info: Its folder of metadata; "" where it has none of its own.
    """

    name: str
    value: str
    dist: str
    version: str
    folder: str
    info: str


def find_offers(group: str) -> Iterator[Offer]:
    """The entry points of a group in every installed distribution.

    Of two distributions of one name the first on `sys.path` counts, as it does for imports.
    """
    seen: set[str] = set()
    for path in dict.fromkeys(sys.path):
        folder = os.path.abspath(path)  # noqa: PTH100 - pathlib would take longer than the search
        try:
            infos = sorted(name for name in os.listdir(folder) if name.lower().endswith(_KINDS))  # noqa: PTH208
        except NotADirectoryError:
            yield from _asked_for(group, seen, folder)
            continue
        except OSError:
            continue  # not there, or not to be read: nothing can be imported from it either
        for info in infos:
            name = _normal(info.lower().rpartition(".")[0].partition("-")[0])
            if name not in seen:
                seen.add(name)
                yield from _offers(group, folder, f"{folder}{os.sep}{info}")
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        yield from _asked_for(group, seen)


def recorded_files(offer: Offer) -> Iterator[str]:
    """The paths in a distribution's list of files (RECORD), relative to its folder; none where there is no list."""
    for line in _text(f"{offer.info}{os.sep}RECORD").splitlines() if offer.info else ():
        yield line.rsplit(",", 2)[0].strip('"')


def _offers(group: str, folder: str, info: str) -> Iterator[Offer]:
    text = _text(f"{info}{os.sep}entry_points.txt")
    if group not in text:
        return
    points = list(_points(group, text))
    if points:
        dist, version = _identity(info)
        yield from (Offer(name, value, dist, version, folder, info) for name, value in points)


def _points(group: str, text: str) -> Iterator[tuple[str, str]]:
    """Name and value of the entry points of one group (entry points, PyPA specification)."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section == group and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()  # without extras, which no tool asks for any more


def _identity(info: str) -> tuple[str, str]:
    for file in ("METADATA", "PKG-INFO"):
        text = _text(f"{info}{os.sep}{file}", _HEAD_BYTES)
        name, version = parse_metadata(text)
        if len(text) >= _HEAD_BYTES and not (name and version):
            name, version = parse_metadata(_text(f"{info}{os.sep}{file}"))
        if name:
            return name, version
    return "", ""


def _text(path: str, most: int = -1) -> str:
    """The beginning of a file; "" for one that cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(most).decode("utf-8", "replace")
    except OSError:
        return ""


def _asked_for(group: str, seen: set[str], path: str | None = None) -> Iterator[Offer]:
    """What importlib.metadata knows: of one entry of `sys.path`, or of all."""
    from importlib.metadata import distributions

    for dist in distributions() if path is None else distributions(path=[path]):
        name, version = _identity_of(dist)
        if _normal(name) not in seen:
            seen.add(_normal(name))
            folder = str(dist.locate_file(""))
            for point in _of_group(dist, group):
                yield Offer(*point, name, version, folder, "")


def _identity_of(dist: Distribution) -> tuple[str, str]:
    try:
        return parse_metadata(dist.read_text("METADATA") or dist.read_text("PKG-INFO") or "")
    except Exception:  # other people's code, whose failure is to cost this distribution alone
        return "", ""


def _of_group(dist: Distribution, group: str) -> Iterable[tuple[str, str]]:
    try:
        return list(_points(group, dist.read_text("entry_points.txt") or ""))
    except Exception:
        return ()


def _normal(name: str) -> str:
    """In one spelling, for comparing (names and versions in file names, PyPA binary distribution format)."""
    return name.lower().replace("-", "_").replace(".", "_")
