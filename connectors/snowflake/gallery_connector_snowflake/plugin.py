"""Snowflake: users, and groups as roles, over SCIM. What is not data in `connector.toml` is an address and a guard."""

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
) -> Target:
    """Build a SCIM target that knows of the old list API; `target` says what of it."""
    from .target import open_snowflake_target

    return open_snowflake_target(manifest, transport, paths, integration=settings.get("integration", ""))


@hookimpl
def gallery_twin() -> Twin:
    """Give a Snowflake in memory."""
    from .twin import make_twin

    return make_twin()
