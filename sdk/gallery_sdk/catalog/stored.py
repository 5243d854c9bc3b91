"""The catalog that this machine has: kept so that searching, comparing and installing from a folder work offline.

    <data folder>/gallery/catalog/state.json      which files hold, where they came from, which keys are trusted
                                  <sha>.json      the catalog; <sha>.json.sig its signature
                                  details/<sha>.json   detail documents, by their hash

`state.json` is replaced last and at once, so a reader sees the old catalog or the new one. The folder is not a cache:
it remembers the newest version seen, without which a rollback could not be told.

A search reads the state and the catalog by way of this module, which therefore leaves pathlib (a tenth of what a bare
interpreter takes to start) to those functions that do more.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_VARIABLE: Final = "GALLERY_CATALOG_HOME"

HOW_TO_GET: Final = "`gallery catalog update URL`, where URL is the address or path that the catalog's publisher names"
"""How a machine that knows of no catalog comes to one; once it has one, `gallery catalog update` alone asks there."""

NONE_KEPT: Final = f"Tiers and newest versions come from a catalog, and none is kept here. Get one: {HOW_TO_GET}"
"""Below a list in which they are missing for that reason."""


class State(NamedTuple):
    """What is known of the stored catalog.

    Attributes:
        source: Address or path that it came from; "" when there is none yet.
        version: Its number; 0 when there is none yet.
        sha256: Of its bytes, which is also its file's name.
        signed: Whether it is held to a signature.
        keys: Public keys that were trusted on this machine, in hexadecimal.
        seen_version: The highest number of a signed catalog that was ever believed here, and `seen_sha256` that
            catalog's hash. They outlive a catalog of one's own that is looked at in between.
    """

    source: str = ""
    version: int = 0
    sha256: str = ""
    signed: bool = True
    keys: tuple[str, ...] = ()
    seen_version: int = 0
    seen_sha256: str = ""


def catalog_folder() -> str:
    """Where the catalog is kept: GALLERY_CATALOG_HOME, else the user's data folder.

    A text, and without platformdirs where its rule is two lines (XDG Base Directory Specification 0.8): a search reads
    this.
    """
    chosen = os.environ.get(FOLDER_VARIABLE, "").strip()
    if chosen:
        return chosen
    if sys.platform in ("win32", "darwin") or "ANDROID_DATA" in os.environ:
        from platformdirs import user_data_dir

        return os.path.join(user_data_dir("gallery", False), "catalog")  # noqa: PTH118
    base = os.environ.get("XDG_DATA_HOME", "").strip() or os.path.expanduser("~/.local/share")  # noqa: PTH111
    return os.path.join(base, "gallery", "catalog")  # noqa: PTH118


def read_state() -> State:
    """What is known; a state that cannot be read is as none."""
    data = _read("state.json")
    if data is None:
        return State()
    try:
        row = json.loads(data)
        state = State(**{**row, "keys": tuple(row["keys"])})
    except (ValueError, KeyError, TypeError):
        return State()
    return state if all(type(value) is type(usual) for value, usual in zip(state, State(), strict=True)) else State()


def stored_bytes(state: State) -> bytes | None:
    """The stored catalog, unchecked; None when there is none."""
    return _read(f"{state.sha256}.json") if state.sha256 else None


def stored_signature(state: State) -> bytes | None:
    """The stored signature; None when there is none."""
    return _read(f"{state.sha256}.json.sig")


def store(state: State, data: bytes | None = None, signature: bytes | None = None) -> None:
    """Keep a state, and the catalog that it names where one is given; files of older catalogs go.

    Raises:
        CatalogError: The folder cannot be written to.
    """
    from pathlib import Path

    folder = Path(catalog_folder())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if data is not None:
            _write(folder / f"{state.sha256}.json", data)
            if signature is not None:
                _write(folder / f"{state.sha256}.json.sig", signature)
        _write(folder / "state.json", json.dumps(state._asdict(), indent=1).encode())
        for path in folder.glob(f"{'[0-9a-f]' * 64}.json*"):  # by their names; others may keep files in that folder
            if not path.name.startswith(state.sha256 or "-"):
                path.unlink(missing_ok=True)
    except OSError as error:
        from .problems import CatalogError

        raise CatalogError(
            f"cannot be written: {error.strerror}",
            str(folder),
            f"Free space, or name another place in {FOLDER_VARIABLE}",
        ) from error


def stored_detail(sha256: str) -> bytes | None:
    """A kept detail document; None when it is not here or is not what its name says."""
    from .documents import digest

    data = _read("details", f"{sha256}.json")
    return data if data is not None and digest(data) == sha256 else None


def store_detail(sha256: str, data: bytes) -> None:
    """Keep a detail document; a folder that cannot be written to is let be, since it can be had again."""
    from pathlib import Path

    folder = Path(catalog_folder(), "details")
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / f"{sha256}.json", data)


def _read(*place: str) -> bytes | None:
    """A file of the folder; None when it cannot be read."""
    try:
        with open(os.path.join(catalog_folder(), *place), "rb") as file:  # noqa: PTH118, PTH123
            return file.read()
    except OSError:
        return None


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
