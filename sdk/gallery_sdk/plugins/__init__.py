"""Plugins: hook specifications, the index of installed connectors, one manager per connection.

Names are imported at first use: a search loads the index and neither pluggy nor pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use

if TYPE_CHECKING:
    from .declarative import ManifestPlugin
    from .entries import IndexEntry
    from .index import find_entry, load_index
    from .manager import ConnectionPlugins, HostPlugins, connection_manager, host_manager
    from .markers import hookimpl
    from .protocols import AsgiApp, SecretResolver, SourceFactory, TargetLike, TwinFactory
    from .ranking import match_entries, nearest_entry

__all__ = [
    "AsgiApp",
    "ConnectionPlugins",
    "HostPlugins",
    "IndexEntry",
    "ManifestPlugin",
    "SecretResolver",
    "SourceFactory",
    "TargetLike",
    "TwinFactory",
    "connection_manager",
    "find_entry",
    "hookimpl",
    "host_manager",
    "load_index",
    "match_entries",
    "nearest_entry",
]

_HOME = {
    "AsgiApp": "protocols",
    "ConnectionPlugins": "manager",
    "HostPlugins": "manager",
    "IndexEntry": "entries",
    "ManifestPlugin": "declarative",
    "SecretResolver": "protocols",
    "SourceFactory": "protocols",
    "TargetLike": "protocols",
    "TwinFactory": "protocols",
    "connection_manager": "manager",
    "find_entry": "index",
    "hookimpl": "markers",
    "host_manager": "manager",
    "load_index": "index",
    "match_entries": "ranking",
    "nearest_entry": "ranking",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
