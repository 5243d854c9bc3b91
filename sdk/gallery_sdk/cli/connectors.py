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


def look_up(slug: str) -> tuple[Manifest, bool]:
    """The manifest of a connector that is installed, else of the catalog's, and whether it is installed.

    Raises:
        UsageError: Neither has it.
        PluginError: It is installed and broken.
        CatalogError: The catalog has it, and must not be believed or lacks its details.
    """
    from ..errors import UsageError

    try:
        return load_manifest(slug), True
    except UsageError:
        from ..catalog.subjects import find_subject

        return find_subject(slug).manifest, False
