"""What can be wrong with a recording."""

from __future__ import annotations

from ...errors import GalleryError


class CassetteError(GalleryError):
    """A recording that cannot be made, read or published."""
