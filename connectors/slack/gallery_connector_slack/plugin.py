"""Slack: members and groups over Slack's SCIM API. What is not data in `connector.toml` is version 1 and the twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gallery_sdk.plugins import hookimpl

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.targets import Target
    from gallery_sdk.testing import Twin
    from gallery_sdk.transport import Transport


@hookimpl
def gallery_target(
    manifest: Manifest, transport: Transport, settings: Mapping[str, str], paths: Mapping[str, Sequence[str]]
) -> Target | None:
    """Put a translator under the SCIM target where version 1 is asked for; `v1` says what it translates."""
    if settings.get("api_version") != "v1":
        return None
    from .v1 import open_v1_target

    return open_v1_target(manifest, transport, paths)


@hookimpl
def gallery_twin() -> Twin:
    """Give a Slack in memory; its rate limits are the published ones on a faster clock."""
    from .twin import make_twin

    return make_twin()
