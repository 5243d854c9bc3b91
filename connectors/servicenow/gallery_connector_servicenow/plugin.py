"""ServiceNow: by its Table API, or with `api = "scim"` by its SCIM plugin under the same mapping."""

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
    """Build the target of the API that the app's settings choose."""
    if settings.get("api") == "scim":
        from .scim import open_scim_target

        return open_scim_target(manifest, transport, paths)
    from .target import ServiceNowTarget

    return ServiceNowTarget(manifest, transport, paths, settings)


@hookimpl
def gallery_twin() -> TwinFactory:
    """Give the simulator of both APIs."""
    from .twin import TWIN

    return TWIN
