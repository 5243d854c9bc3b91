"""Connectors that are data alone: their entry point names this module's `connector`.

    [project.entry-points."gallery.connectors"]
    fabrikam-desk = "gallery_sdk.plugins.declarative:connector"

Such an entry point does not say which package holds the manifest. It is found, without importing anything, as

1. `gallery_connector_<slug, dashes as underscores>/connector.toml` in the distribution's own folder, else
2. the one `<package>/connector.toml` that the distribution's list of files (RECORD) names, else
3. for an editable install, `connector.toml` in the package `gallery_connector_<slug>` where the import system finds it.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .markers import hookimpl

if TYPE_CHECKING:
    from ..manifest import Manifest


class ManifestPlugin:
    """The SDK's own plugin of every connection, asked last: it reads the manifest that the index found."""

    def __init__(self, path: Path | str) -> None:
        self._path = path

    @cached_property
    def _manifest(self) -> Manifest:
        from ..manifest import read_manifest

        return read_manifest(self._path)

    @hookimpl
    def gallery_manifest(self) -> Manifest:
        """Read `connector.toml`, once."""
        return self._manifest


class _NoCode:
    """Stands where a connector's code would; it implements no hook."""


connector: Final = _NoCode()
"""What the entry point of a connector without code names."""
