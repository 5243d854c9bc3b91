"""What the target's own configuration decides: PATCH or PUT, how lists are paged, how large pages are.

Asked only where the manifest leaves features to be discovered; what a manifest says has been read by a person and
outranks it. Whether filters work is not asked here: a look-up shows it, and configurations under-report it.

Family: config.missing, config.endpoint, config.lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ScimError
from ..scim import parse_service_provider_config
from ..transport import Request
from .connection import Connection
from .failure import TargetFailure

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..scim import ServiceProviderConfig


@dataclass(frozen=True, slots=True)
class ProviderFeatures:
    """The features that steer the client.

    Attributes:
        patch: PATCH is implemented.
        by_cursor: Lists are paged by cursor only (RFC 9865).
        page_size: Objects to ask for per page.
    """

    patch: bool = True
    by_cursor: bool = False
    page_size: int = 100


async def fetch_features(connection: Connection, manifest: Manifest) -> ProviderFeatures | None:
    """Read the service provider configuration; None where nobody wants to know or the target serves none."""
    if not manifest.capabilities.discovered:
        return None
    config = await fetch_config(connection, manifest)
    if config is None:
        return None
    pagination = config.pagination
    sizes = [size for size in (pagination.max_page_size, config.filter.max_results) if size]
    return ProviderFeatures(
        patch=config.patch,
        by_cursor=pagination.cursor and not pagination.index,
        page_size=min([manifest.transport.page_size, *sizes]),
    )


async def fetch_config(connection: Connection, manifest: Manifest) -> ServiceProviderConfig | None:
    """The configuration, corrected where the manifest knows better; None where it is not served."""
    quirks = manifest.quirks_for("user")
    if quirks.has("config.missing"):
        return None
    path = quirks.value("config.endpoint", str, "/ServiceProviderConfig")
    try:
        response = await connection.send(Request("GET", path, label="read configuration"), "read", "user")
        config = parse_service_provider_config(connection.json(response, "read"))
    except (TargetFailure, ScimError) as error:
        connection.log.add("discovery_missing", path, str(getattr(error, "status", None) or "no configuration"))
        return None
    connection.log.take(config.findings)
    return _corrected(config, quirks.value("config.lies", dict, {}))


def _corrected(config: ServiceProviderConfig, truth: dict[str, Any]) -> ServiceProviderConfig:
    changes: dict[str, object] = {}
    for name, supported in truth.items():
        key = {"changePassword": "change_password"}.get(name, name)
        known = getattr(config, key, None)
        if isinstance(known, bool):
            changes[key] = supported
        elif known is not None:
            changes[key] = known.model_copy(update={"supported": supported})
    return config.model_copy(update=changes)
