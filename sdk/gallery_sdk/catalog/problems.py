"""The two ways in which this room says no; both are read as what, where, how to mend."""

from __future__ import annotations

from ..errors import GalleryError, PluginError


class CatalogError(GalleryError):
    """A catalog that cannot be read, or must not be trusted: altered, replayed, expired, of an unknown key."""


class InstallError(PluginError):
    """A connector that is not installed, upgraded or removed, and why; the environment is as it was before."""
