"""The connector for any SCIM endpoint: what it asks for, and that it works on one without being told more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

import gallery_connector_scim
from gallery_sdk.manifest import Manifest, find_problems, read_manifest
from gallery_sdk.plugins import ConnectionPlugins
from gallery_sdk.targets import Target, discover, open_target
from gallery_sdk.transport import Transport


@pytest.fixture
def manifest() -> Manifest:
    """The connector's manifest."""
    return read_manifest(Path(str(files(gallery_connector_scim) / "connector.toml")))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Some application's SCIM endpoint: scim2-server, in a thread."""
    from scim2_server.applications.wsgi import WSGIApplication
    from scim2_server.memory import InMemoryStorage
    from scim2_server.utils import load_default_provider

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    application = WSGIApplication(InMemoryStorage(), load_default_provider())
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/v2"
        httpd.shutdown()
        thread.join()


def open_with(manifest: Manifest, transport: Transport) -> Target:
    """The target with every mapping that is on."""
    paths = {kind: [one.target for one in of_kind if one.enabled] for kind, of_kind in manifest.mappings.items()}
    plugins = ConnectionPlugins(manifest.slug)
    return open_target(manifest, plugins, transport=transport, settings={}, paths=paths)


def test_the_manifest_has_no_problems(manifest: Manifest) -> None:
    """But one that lies in the matter: the administrator types the token URL, so its host cannot be listed before."""
    assert [str(one) for one in find_problems(manifest) if not one.where.endswith("token.url")] == []


def test_every_way_to_sign_in_is_offered_the_token_first(manifest: Manifest) -> None:
    """Bearer, client credentials, basic, a key, and nothing for test servers."""
    assert [method.kind for method in manifest.auth_methods] == [
        "bearer_token", "oauth2_client_credentials", "basic", "api_key", "none",
    ]  # fmt: skip
    assert manifest.auth_methods[0].status == "preferred"


@pytest.mark.parametrize("discovered", [False, True], ids=["as written", "discovered"])
async def test_people_and_groups_are_provisioned_to_an_endpoint_nobody_described(
    manifest: Manifest, endpoint: str, discovered: bool
) -> None:
    """With the mappings of the file, and with those that discovery proposes."""
    async with Transport(endpoint, default_headers={"Content-Type": "application/scim+json"}) as transport:
        if discovered:
            manifest = (await discover(transport, manifest)).apply_to(manifest)
        target = open_with(manifest, transport)
        await target.open()
        name = f"ada-{uuid4().hex[:8]}"
        values: dict[str, object] = {
            "userName": name, "active": True, "name.givenName": "Ada", 'emails[type eq "work"].value': f"{name}@x.test",
        }  # fmt: skip

        ada = await target.create("user", values)
        group = await target.create("group", {"displayName": f"g-{name}"}, members=[ada.id])
        await target.update("user", ada.id, values, {**values, "active": False, "title": "Countess"})

        (found,) = await target.find("user", "userName", name.upper())
        assert found.values == {**values, "active": False, "title": "Countess"}
        assert await target.read_members(group.id) == {ada.id}
        assert (await target.test()).ok


async def test_the_endpoint_s_own_configuration_is_read_once_at_opening(manifest: Manifest, endpoint: str) -> None:
    """One request, and its page size is kept to."""
    async with Transport(endpoint) as transport:
        target = open_with(manifest, transport)

        await target.open()

        assert target.requests_sent == 1
        assert target.capabilities.page_size <= manifest.transport.page_size
