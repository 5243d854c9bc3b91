"""An app to try a connector on: the connector's twin, served on a port of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..plugins import ConnectionPlugins
    from ..testing import Twin, TwinServer

_BASE_PATH: Final = "/scim/v2"
_TOKEN: Final = "demo-token-of-a-twin"  # noqa: S105 - opens a simulator on this machine, and nothing else


@contextmanager
def served_twin(plugins: ConnectionPlugins) -> Iterator[tuple[Twin, TwinServer]]:
    """Serve a new twin of the connector with nothing in it, until the block is left.

    Raises:
        UsageError: The connector has no twin.
    """
    from ..testing import serve

    twin = find_twin(plugins)
    with serve(twin()) as server:
        yield twin, server


def find_twin(plugins: ConnectionPlugins) -> Twin:
    """The connector's own twin; of a SCIM connector without one, the in-memory SCIM server.

    Raises:
        UsageError: It has none, and does not speak SCIM 2.0.
    """
    from ..errors import UsageError
    from ..testing import ScimServer, Twin, TwinBehaviour

    given = plugins.hook.gallery_twin() if plugins.has_hook("gallery_twin") else None
    if isinstance(given, Twin):
        return given
    manifest = plugins.manifest
    method = next((one for one in manifest.auth_methods if one.kind == "bearer_token"), None)
    if given is not None or manifest.transport.kind != "scim2" or method is None:
        raise UsageError(
            "the connector brings no twin to try it on", f"connector {manifest.slug!r}", "Try `gallery demo slack`"
        )
    credentials = {one.id: _TOKEN for one in method.inputs if one.type == "secret"}
    behaviour = TwinBehaviour(base_path=_BASE_PATH, tokens={_TOKEN: "demo"})
    return Twin(lambda: ScimServer(behaviour), _BASE_PATH, method=method.id, credentials=credentials)
