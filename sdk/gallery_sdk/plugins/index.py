"""The index of installed connectors: read from metadata and manifests, and remembered. It imports no connector.

Whatever a search needs is here, so this module and what it imports at once stay small: no pydantic, no pluggy, and
while the remembered index is good, no importlib.metadata.
"""

from __future__ import annotations

import os

from .cache import index_key, read_cached, write_cached
from .entries import IndexEntry


def load_index(*, refresh: bool = False) -> tuple[IndexEntry, ...]:
    """Every installed connector, broken ones included, by slug.

    The index is remembered in the user's cache folder and made anew when a folder of `sys.path` or a manifest changed,
    or another Python or SDK asks. A remembered index that cannot be read or written is no error, only slower.

    Args:
        refresh: Make it anew whatever is remembered. `GALLERY_NO_CACHE=1` in the environment does so every time, and
            remembers nothing.
    """
    remember = os.environ.get("GALLERY_NO_CACHE", "") in ("", "0")
    # Taken first: what is installed while the index is being made must make this one out of date.
    key = index_key() if remember else []
    if remember and not refresh:
        cached = read_cached(key)
        if cached is not None:
            return cached
    from .discovery import discover

    entries = discover()
    if remember:
        write_cached(key, entries)
    return entries


def find_entry(slug: str, entries: tuple[IndexEntry, ...] | None = None) -> IndexEntry:
    """The installed connector of that name, fit for use.

    Args:
        slug: The connector's name.
        entries: Where to look; `load_index()` when left out.

    Raises:
        PluginError: It is not installed, or it is broken; the message says why.
    """
    from ..errors import PluginError

    entries = load_index() if entries is None else entries
    found = [entry for entry in entries if entry.slug == slug]
    if not found:
        from .ranking import nearest_entry

        near = nearest_entry(slug, entries)
        mend = (
            f"Did you mean {near.slug!r}" if near else f"Run `gallery install {slug}`, or `gallery search` to find one"
        )
        raise PluginError("no such connector is installed", f"connector {slug!r}", mend)
    entry = found[0]
    if entry.broken is not None:
        raise PluginError(
            f"the connector is broken: {entry.broken}",
            f"connector {slug!r} of distribution {entry.dist!r}",
            "Run `gallery doctor`, then mend or reinstall the distribution",
        )
    return entry
