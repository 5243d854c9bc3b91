"""The remembered index: one JSON file per set of `sys.path` folders, good as long as none of them changed.

Installing, upgrading or removing a distribution adds, renames or removes its dist-info folder, which changes the
modification time of the folder it lies in. An editable connector's manifest lies elsewhere; each manifest's own time is
compared too.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Final

from .._version import __version__
from .entries import IndexEntry

_TEXTS: Final = slice(IndexEntry._fields.index("categories"), IndexEntry._fields.index("capabilities") + 1)
_PRIME: Final = 2**64 - 59
# Raised whenever `IndexEntry`, or how it is read from a manifest, changes.
INDEX_LEVEL: Final = 1
# The level of the manifest format, said again so that this module need not import the models; a test compares them.
SCHEMA_LEVEL: Final = 1


def read_cached(key: list[object]) -> tuple[IndexEntry, ...] | None:
    """The remembered index, or None when there is none that still holds."""
    try:
        with open(_path(), "rb") as file:  # noqa: PTH123 - pathlib is not loaded yet, and need not be
            stored = json.loads(file.read())
        if stored["key"] != key:
            return None
        entries = tuple(_entry(row) for row in stored["entries"])
        if any(_mtime_ns(entry.manifest) != entry.manifest_mtime_ns for entry in entries if entry.manifest):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # absent, torn, of another hand: it is only a copy, and is made anew
    return entries


def write_cached(key: list[object], entries: tuple[IndexEntry, ...]) -> None:
    """Remember the index; a folder that cannot be written to is let be."""
    path = _path()
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(temporary, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump({"key": key, "entries": entries}, file, separators=(",", ":"))
        os.replace(temporary, path)  # noqa: PTH105 - readers see the old file or the new one, never half of one
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108


def index_key() -> list[object]:
    """What the index depends on. Compared as JSON, so it holds lists, texts and numbers only."""
    folders = [[path, _mtime_ns(path or os.curdir)] for path in dict.fromkeys(sys.path)]
    return [INDEX_LEVEL, SCHEMA_LEVEL, __version__, list(sys.version_info[:3]), folders]


def _path() -> str:
    # A remainder tells the sets of folders apart as well as a checksum would, and needs no module. Should two fall
    # together they only take turns, since what is remembered is held against the whole key.
    folders = int.from_bytes(repr([sys.executable, sys.path]).encode("utf-8", "surrogateescape"), "big") % _PRIME
    return os.path.join(cache_folder(), f"connectors-{folders:016x}.json")  # noqa: PTH118


def cache_folder() -> str:
    """The user's cache folder, as platformdirs gives it.

    On Linux and its kin the rule is two lines (XDG Base Directory Specification 0.8), and importing platformdirs for
    them would take longer than all the rest of a warm search.
    """
    if sys.platform in ("win32", "darwin") or "ANDROID_DATA" in os.environ:
        from platformdirs import user_cache_dir

        return user_cache_dir("gallery", False)
    base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")  # noqa: PTH111
    return os.path.join(base, "gallery")  # noqa: PTH118


def _mtime_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0


def _entry(row: list[object]) -> IndexEntry:
    row[_TEXTS] = map(tuple, row[_TEXTS])  # type: ignore[arg-type]  # JSON knows no tuples
    entry = IndexEntry._make(row)
    # Enough of a look to refuse a file of another shape; the fields were written by this program.
    if type(entry.slug) is not str or type(entry.manifest) is not str or type(entry.code) is not bool:
        raise TypeError("not an index entry")
    return entry
