"""From a manifest and a transport to the target of one connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import PluginError
from .base import Target
from .hooks import hooks_of
from .scim_target import ScimTarget

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..plugins import ConnectionPlugins
    from ..transport import Transport


def open_target(
    manifest: Manifest,
    plugins: ConnectionPlugins | None,
    *,
    transport: Transport,
    settings: Mapping[str, str],
    paths: Mapping[str, Sequence[str]],
) -> Target:
    """The target of a connection; nothing is sent before its `open`.

    Args:
        plugins: The connection's hooks: a target of the connector's own (`gallery_target`) stands before SCIM.
        transport: Signed in and bound to the allowed hosts; it stays the caller's to close.
        settings: The values of `[[config.input]]`, defaults filled in.
        paths: By kind ("user", "group"), the target paths that the app's mappings use.

    Raises:
        PluginError: The connector's protocol is not SCIM 2.0, and it brings no target of its own.
        PathError: A mapped path is no attribute path.
    """
    if plugins is not None and plugins.has_hook("gallery_target"):
        made = plugins.hook.gallery_target(manifest=manifest, transport=transport, settings=settings, paths=paths)
        if isinstance(made, Target):
            return made
        if made is not None:
            raise PluginError(
                f"gallery_target gave {type(made).__name__}, which is no target",
                f"connector {manifest.slug!r}",
                "Return an object with every method of gallery_sdk.targets.Target",
            )
    if manifest.transport.kind != "scim2":
        raise PluginError(
            f"transport.kind is {manifest.transport.kind!r}, and the connector brings no target for it",
            f"connector {manifest.slug!r}",
            'Implement the hook gallery_target, or declare kind = "scim2"',
        )
    return ScimTarget(manifest, transport, paths, hooks=hooks_of(plugins))
