"""Dropbox by the team routes of its API v2: every call is a POST, and errors may come inside a success."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gallery_sdk.plugins import hookimpl

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.plugins.protocols import TargetLike, TwinFactory
    from gallery_sdk.transport import Transport


@hookimpl
def gallery_target(
    manifest: Manifest, transport: Transport, settings: Mapping[str, str], paths: Mapping[str, Sequence[str]]
) -> TargetLike:
    """Build the target."""
    from .target import DropboxTarget

    return DropboxTarget(manifest, transport, paths, settings)


@hookimpl
def gallery_twin() -> TwinFactory:
    """Give the simulator."""
    from .twin import TWIN

    return TWIN
