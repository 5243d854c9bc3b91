"""A site's files on disk: only what changed is written, and what a site no longer has is removed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..errors import UsageError

_MARK: Final = ".gallery-site"


def write_files(files: Mapping[str, bytes], out: Path) -> int:
    """Make the folder hold exactly these files; how many were written or removed.

    Raises:
        UsageError: The folder holds something already, and was not made by this.
    """
    if out.exists() and not out.is_dir():
        raise UsageError("this is a file", str(out), "Name a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / _MARK).is_file():
        raise UsageError(
            "the folder holds something that is no site, and a site's folder is cleared of everything else",
            str(out),
            "Choose another folder, or empty this one",
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).write_text("Made by `gallery site build`, which removes from here whatever the site does not have.\n")
    changed = 0
    for name, data in files.items():
        path = out / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            changed += 1
    kept = {out / name for name in files} | {out / _MARK}
    for path in sorted(out.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in kept:
            path.unlink()
            changed += 1
    return changed
