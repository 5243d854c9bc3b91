"""A connector as commands need it: found by name, loaded alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..plugins import ConnectionPlugins


def load_connector(slug: str) -> ConnectionPlugins:
    """The plugins of one installed connector.

    Raises:
        UsageError: No connector of that name is installed.
        PluginError: It is installed and broken.
    """
    from ..errors import PluginError, UsageError
    from ..plugins import connection_manager, find_entry, load_index

    entries = load_index()
    try:
        entry = find_entry(slug, entries)
    except PluginError as error:
        if any(one.slug == slug for one in entries):
            raise
        raise UsageError(error.what, error.where, error.mend) from error
    return connection_manager(entry)


def load_manifest(slug: str) -> Manifest:
    """The manifest of an installed connector; errors as of `load_connector`."""
    return load_connector(slug).manifest
