"""A connector as commands need it: found by name, loaded alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..catalog.listings import Listing
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
        raise UsageError(error.what, error.where, _mend_unknown(slug, add=True)) from error
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

    try:
        return find_subject(slug).manifest, False
    except UsageError as error:
        known = {one.slug for one in _known()}
        if slug in known:
            raise
        raise UsageError(error.what, error.where, _mend_unknown(slug, add=False)) from error


def _known() -> list[Listing]:
    from ..catalog.listings import kept_catalog, listings
    from ..plugins import load_index

    return listings(kept_catalog(), load_index())


def _mend_unknown(slug: str, *, add: bool) -> str:
    """The next step for a connector that is not here, by what is installed and what the kept catalog lists.

    Args:
        add: Whether it has to be installed to be used, and not only to be known.
    """
    from pathlib import Path
    from shlex import quote

    from ..catalog.stored import HOW_TO_GET
    from ..plugins import nearest_entry

    if Path(slug, "pyproject.toml").is_file():  # as `gallery new` has just written it
        return f"Install the folder of that name: `pip install -e {quote(f'./{slug}[test]')}`"
    known = _known()
    near = nearest_entry(slug, known)
    if near is None:
        if any(one.installed is None for one in known):
            return "Find one with `gallery search`"
        return f"Find one with `gallery search`, after {HOW_TO_GET}"
    install = f"`gallery install {near.slug}`" if add and near.installed is None else ""
    if near.slug == slug:
        return f"Run {install}"
    return f"Did you mean {near.slug!r}" + (f"? Then run {install}" if install else "")
