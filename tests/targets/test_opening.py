"""A manifest and a transport become a target; a connector's own target stands before SCIM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gallery_sdk.targets
from gallery_sdk.errors import PluginError
from gallery_sdk.manifest import VOCABULARY, Manifest
from gallery_sdk.plugins import ConnectionPlugins, hookimpl
from gallery_sdk.targets import ScimTarget, Target, open_target
from gallery_sdk.transport import Transport

from .conftest import USER_PATHS, LooseServer, manifest_with

ROOM = Path(gallery_sdk.targets.__file__).parent


class OwnTarget:
    """A connector's code that builds what it is given."""

    def __init__(self, made: object) -> None:
        self.made = made

    @hookimpl
    def gallery_target(self, manifest: Manifest) -> Any:
        """Build the target."""
        return self.made


def opened(url: str, manifest: Manifest, *plugins: object) -> Target:
    """Open a target with plugins."""
    connection = ConnectionPlugins(manifest.slug)
    for place, plugin in enumerate(plugins):
        connection.register(plugin, f"plugin {place}", "test")
    return open_target(manifest, connection, transport=Transport(url), settings={}, paths={"user": USER_PATHS})


async def test_a_manifest_of_scim_opens_the_scim_target(server: LooseServer) -> None:
    """It is a target in every respect, and sends nothing by being opened."""
    target = opened(server.url, manifest_with())

    await target.open()

    assert isinstance(target, ScimTarget)
    assert isinstance(target, Target)
    assert (target.requests_sent, server.seen, target.findings) == (0, [], ())


async def test_a_connector_s_own_target_stands_before_scim(server: LooseServer) -> None:
    """Whatever its transport kind; None leaves SCIM in place."""
    rest = manifest_with(transport={"kind": "rest"})
    own = opened(server.url, manifest_with())

    assert opened(server.url, rest, OwnTarget(own)) is own
    assert isinstance(opened(server.url, manifest_with(), OwnTarget(None)), ScimTarget)


@pytest.mark.parametrize("kind", ["rest", "scim1"])
async def test_a_protocol_that_nobody_speaks_is_refused_with_the_next_step(server: LooseServer, kind: str) -> None:
    """The connector has to bring a target for it."""
    with pytest.raises(PluginError, match="gallery_target"):
        opened(server.url, manifest_with(transport={"kind": kind}))


async def test_what_is_no_target_is_refused(server: LooseServer) -> None:
    """A hook that returns something else is told at once, not at the first object."""
    with pytest.raises(PluginError, match="no target"):
        opened(server.url, manifest_with(), OwnTarget("a target, honestly"))


@pytest.mark.parametrize("quirk", sorted(VOCABULARY))
def test_every_quirk_of_the_vocabulary_has_its_code_path(quirk: str) -> None:
    """Its id is asked for in this room, and a test of this folder declares it."""
    asked = "".join(path.read_text() for path in [*ROOM.glob("*.py"), *ROOM.glob("quirks/*.py")])
    tested = "".join(path.read_text() for path in Path(__file__).parent.glob("test_quirks_*.py"))

    assert f'("{quirk}"' in asked
    assert f'"{quirk}"' in tested


async def test_capabilities_are_what_the_manifest_says_less_what_quirks_take_away(server: LooseServer) -> None:
    """Filterable paths are mapped ones only; features outrank the usual guess."""
    manifest = manifest_with(
        {"members.max_per_request": 50},
        capabilities={"user": ["read", "create"], "features": ["filter:displayName-eq", "filter:nickName-eq", "bulk"]},
    )

    capabilities = opened(server.url, manifest).capabilities

    assert capabilities.can("user", "create") and not capabilities.can("user", "delete")
    assert capabilities.filterable("user") == {"displayName"}
    assert (capabilities.members_per_request, capabilities.bulk) == (50, True)
