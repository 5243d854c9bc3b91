"""The kinds of source that can be opened; plugins add theirs."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

from gallery_sdk.errors import ConfigError

from .config import SourceConfig
from .interface import Source

SourceFactory = Callable[[SourceConfig, Path, bool], Source]
"""Opens a source: its configuration, the team's folder, and whether it may be empty."""


class SourceRegistry:
    """Kinds of source by name. A new registry knows the built-in kinds csv and jsonl."""

    def __init__(self) -> None:
        self._factories: dict[str, SourceFactory] = {"csv": _open_csv, "jsonl": _open_json_lines}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names, sorted."""
        return tuple(sorted(self._factories))

    def register(self, kind: str, factory: SourceFactory) -> None:
        """Add a kind.

        Raises:
            ConfigError: The name is taken; two plugins must not fight over where people are read from.
        """
        if kind in self._factories:
            raise ConfigError(f"the kind '{kind}' is already registered", "sources", "Register it under another name")
        self._factories[kind] = factory

    def open(self, config: SourceConfig, base: Path, *, allow_empty: bool = False) -> Source:
        """Open the source that `config` describes; see `open_source`."""
        factory = self._factories.get(config.kind)
        if factory is None:
            near = difflib.get_close_matches(config.kind, self._factories, n=1)
            mend = f"Did you mean '{near[0]}'" if near else f"Use one of {', '.join(self.kinds)}"
            raise ConfigError(f"'{config.kind}' is not a kind of source", "source.kind", mend)
        return factory(config, base, allow_empty)


def open_source(
    config: SourceConfig, base: Path, registry: SourceRegistry | None = None, *, allow_empty: bool = False
) -> Source:
    """Open a source and look at it, without reading it: its files exist and have a key.

    Args:
        config: The `[source]` table.
        base: The team's folder, which relative paths start from.
        registry: Kinds beyond csv and jsonl.
        allow_empty: Whether a file without any object is believed (`safety.allow_empty`).

    Raises:
        ConfigError: An unknown kind, or a table that does not fit its kind.
        SourceError: A file is missing or cannot be read.
    """
    return (registry or SourceRegistry()).open(config, base, allow_empty=allow_empty)


def file_columns(config: SourceConfig, base: Path, file: str) -> tuple[str, ...]:
    """The columns of one file of a csv source; of a jsonl source the attributes of its first lines.

    Args:
        file: As the configuration names it, relative to `base`.

    Raises:
        SourceError: It is missing, or cannot be read as it is configured.
    """
    from .csv_format import CsvFormat
    from .files import SourceFile
    from .json_lines_format import JsonLinesFormat

    file_format = CsvFormat(config) if config.kind == "csv" else JsonLinesFormat()
    return file_format.columns(SourceFile(base / file, file, config.encoding))


def _open_csv(config: SourceConfig, base: Path, allow_empty: bool) -> Source:
    from .csv_format import CsvFormat
    from .file_source import FileSource

    return FileSource(config, base, CsvFormat(config), allow_empty=allow_empty)


def _open_json_lines(config: SourceConfig, base: Path, allow_empty: bool) -> Source:
    from .file_source import FileSource
    from .json_lines_format import JsonLinesFormat

    return FileSource(config, base, JsonLinesFormat(), allow_empty=allow_empty)
