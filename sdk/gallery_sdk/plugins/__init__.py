"""Plugins: hook specifications, the index of installed connectors, one manager per connection.

Names are imported at first use: a search loads the index and neither pluggy nor pydantic.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .declarative import ManifestPlugin
    from .entries import IndexEntry
    from .index import find_entry, load_index
    from .manager import ConnectionPlugins, HostPlugins, connection_manager, host_manager
    from .markers import hookimpl
    from .protocols import AsgiApp, SecretResolver, SourceFactory, TargetLike, TwinFactory
    from .ranking import match_entries

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
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)
