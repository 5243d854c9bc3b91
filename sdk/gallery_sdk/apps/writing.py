"""Writing an app's file without losing a person's comments."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit

from gallery_sdk.errors import ConfigError


def write_toml(path: Path, values: Mapping[str, Any], *, where: str, replace: bool) -> None:
    """Write tables to a file; one that exists keeps its comments, order and layout where values stay.

    Args:
        values: The whole content: keys that are missing here are removed from the file.
        where: What the file is called in messages.
        replace: Whether the file may exist already.

    Raises:
        ConfigError: The file exists and `replace` is False, or it cannot be written.
    """
    document = tomlkit.document()
    if path.exists():
        if not replace:
            raise ConfigError("exists already", where, "Choose another name, or replace it with --force")
        document = tomlkit.parse(path.read_text("utf-8"))
    _merge(document, values)
    write_whole(path, tomlkit.dumps(document), where)


def write_whole(path: Path, text: str, where: str) -> None:
    """Put a text in place of a file at once: readers see the old content or the new, never a part.

    Raises:
        ConfigError: It cannot be written; the old content is still there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where, "Check who may write to the folder") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(name).unlink()
        raise ConfigError(f"cannot be written: {error.strerror}", where, "Make room on the disk") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _merge(table: MutableMapping[str, Any], values: Mapping[str, Any]) -> None:
    for key in [key for key in table if key not in values]:
        del table[key]
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
            continue
        present = table.get(key)
        if isinstance(value, Mapping) and isinstance(present, MutableMapping):
            _merge(present, value)
        elif present is not None and _are_tables(value) and _are_tables(present) and len(value) == len(present):
            for old, new in zip(present, value, strict=True):
                _merge(old, new)
        elif present is None or _plain(value) != _plain(present):
            table[key] = _item(value)


def _plain(value: Any) -> Any:
    """A value without its layout, for comparing."""
    value = value.unwrap() if hasattr(value, "unwrap") else value
    return list(value) if isinstance(value, tuple) else value


def _are_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _item(value: Any) -> Any:
    if _are_tables(value):
        tables = tomlkit.aot()
        for each in value:
            tables.append(_item(each))
        return tables
    if isinstance(value, Mapping):
        table = tomlkit.table()
        _merge(table, value)
        return table
    return tomlkit.item(list(value) if isinstance(value, tuple) else value)
