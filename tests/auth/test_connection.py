"""From an app's file to a connection: settings, kept fields and certificates reach where they are needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.apps import AppConfig, parse_app
from gallery_sdk.errors import AuthError, HostNotAllowedError
from gallery_sdk.manifest import Manifest, parse_manifest
from gallery_sdk.runner import open_transport
from gallery_sdk.transport import Request

Connector = Callable[..., Manifest]
HEAD = """\
schema = 1
slug = "fabrikam"
name = "Fabrikam"
version = "1.0.0"
[transport]
base_url = "{base_url}"
allowed_hosts = [{hosts}]
[[config.input]]
id = "tenant"
required = true
[[auth.method]]
id = "m"
kind = "oauth2_client_credentials"
[[auth.method.input]]
id = "login"
type = "url"
[[auth.method.input]]
id = "client_id"
[[auth.method.input]]
id = "client_secret"
type = "secret"
[auth.method.token]
url = "{{login}}/token"
params = {{ audience = "{{tenant}}" }}
[auth.method.token.response]
keep = ["instance_url"]
[auth.method.scopes]
separator = ","
base = ["read"]
when.users_write = ["write"]
when.groups = ["groups"]
"""


@pytest.fixture
def app(server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppConfig]:
    """An app of the connector, its secret in the environment, its tokens in a folder of the test."""
    monkeypatch.setenv("FABRIKAM_SECRET", "s3cret/with+odd=signs")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path)

    def build(name: str = "fabrikam-prod", **fields: Any) -> AppConfig:
        auth = {"login": server.url, "client_id": "client-17", "client_secret": "env:FABRIKAM_SECRET"}
        document = {
            "connector": "fabrikam",
            "settings": {"tenant": "acme"},
            "auth": {**auth, **fields.pop("auth", {})},
            "source": {"kind": "csv", "users": "people.csv"},
            **fields,
        }
        return parse_app(document, name)

    return build


@pytest.fixture
def connector() -> Connector:
    """The manifest with a base address and allowed hosts."""

    def build(base_url: str, *hosts: str) -> Manifest:
        return parse_manifest(HEAD.format(base_url=base_url, hosts=", ".join(f'"{one}"' for one in hosts)))

    return build


async def test_the_token_tells_where_the_api_is(
    server: Any, app: Callable[..., AppConfig], connector: Connector
) -> None:
    """Salesforce's `instance_url`: one token request, and the connection goes where its reply says."""
    server.reshape = lambda reply: {**reply, "instance_url": server.url}
    manifest = connector("{instance_url}/api/{tenant}", "127.0.0.1")

    async with await open_transport(app(), manifest) as transport:
        answer = await transport.send(Request("GET", "/Users"))

    assert (answer.status, answer.json()) == (200, {"path": "/api/acme/Users"})
    assert [item["audience"] for item in server.requests] == ["acme"]


async def test_a_reply_cannot_send_the_connection_elsewhere(
    server: Any, app: Callable[..., AppConfig], connector: Connector
) -> None:
    """What the reply says is held to the connector's hosts."""
    server.reshape = lambda reply: {**reply, "instance_url": "https://evil.example"}

    with pytest.raises(HostNotAllowedError, match=r"evil\.example"):
        await open_transport(app(), connector("{instance_url}/api", "127.0.0.1"))


async def test_an_address_that_no_token_tells_costs_no_request(
    server: Any, app: Callable[..., AppConfig], connector: Connector
) -> None:
    """The token is fetched with the first request; an input of the method may be part of the address too."""
    transport = await open_transport(app(), connector("{login}/api/{tenant}", "{login_host}"))

    assert server.requests == []
    assert (await transport.send(Request("GET", "/Users"))).status == 200
    await transport.aclose()


async def test_scopes_follow_the_features_that_are_switched_on(
    server: Any, app: Callable[..., AppConfig], connector: Connector
) -> None:
    """An app without groups asks for no right over them."""
    server.reshape = lambda reply: {**reply, "instance_url": server.url}
    manifest = connector("{instance_url}/api", "127.0.0.1")

    for enabled, name in ((True, "with"), (False, "without")):
        await (await open_transport(app(name, groups={"enabled": enabled}), manifest)).aclose()

    assert [item["scope"] for item in server.requests] == ["read,write,groups", "read,write"]


async def test_a_twin_plays_the_token_endpoint_as_well(
    server: Any, app: Callable[..., AppConfig], connector: Connector
) -> None:
    """Nothing goes to the vendor, although the settings name its hosts."""
    twin = app(url=f"{server.url}/api", auth={"login": "https://login.fabrikam.example"})

    async with await open_transport(twin, connector("{instance_url}/api", "*.fabrikam.example")) as transport:
        assert (await transport.send(Request("GET", "/Users"))).status == 200

    assert server.paths == ["/token"]


async def test_a_missing_certificate_is_told_before_anything_is_sent(
    server: Any, app: Callable[..., AppConfig], connector: Connector
) -> None:
    """Where the connector requires one."""
    manifest = connector("{instance_url}/api", "127.0.0.1")
    method = manifest.auth_methods[0].model_copy(update={"client_certificate": "required"})
    manifest = manifest.model_copy(update={"auth": manifest.auth.model_copy(update={"method": (method,)})})

    with pytest.raises(AuthError, match="'client_certificate' is missing"):
        await open_transport(app(), manifest)

    assert server.requests == []
