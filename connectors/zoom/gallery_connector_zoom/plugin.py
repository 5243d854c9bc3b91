"""Zoom: users, licences and groups over SCIM2. All of it is data in `connector.toml`; the twin is code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gallery_sdk.plugins import hookimpl

if TYPE_CHECKING:
    from gallery_sdk.testing import Twin


@hookimpl
def gallery_twin() -> Twin:
    """Give a Zoom in memory, token endpoint included; its rate limits are the published ones on a faster clock."""
    from .twin import make_twin

    return make_twin()
