"""Every way to sign in that a connector declares, and the call that proves it, on its twin."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gallery_connector_dropbox.twin import TOKEN as DROPBOX_TOKEN
from gallery_connector_dropbox.twin import DropboxTwin
from gallery_connector_dropbox.twin.signing_in import CLIENT as DROPBOX_CLIENT
from gallery_connector_dropbox.twin.signing_in import REFRESH_TOKEN
from gallery_connector_salesforce.twin import TOKEN as SALESFORCE_TOKEN
from gallery_connector_salesforce.twin import SalesforceTwin
from gallery_connector_servicenow.twin import PASSWORD, USER, ServiceNowTwin
from gallery_connector_slack.twin import SlackSettings, SlackTwin
from gallery_connector_snowflake.twin import Grant, SnowflakeSettings, SnowflakeTwin
from gallery_connector_zoom.twin import ZoomSettings, ZoomTwin
from gallery_sdk import auth
from gallery_sdk.catalog.folders import connector_folders
from gallery_sdk.errors import GalleryError
from gallery_sdk.manifest import Manifest, read_manifest
from gallery_sdk.testing import TwinApplication, TwinClient, TwinRequest, TwinResponse, serve
from gallery_sdk.transport import Request, Transport

from .conftest import on_any_port

SLUGS = [one.name for one in connector_folders(Path(__file__).parents[2]) if one.name != "scim"]


class Authority(TwinApplication):
    """An authorization server of somebody else's, or of another host: gives one token to its one client."""

    def __init__(self, reply: Mapping[str, object]) -> None:
        super().__init__()
        self.reply = reply

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Agree at once; exchange whatever a client of the right secret brings."""
        if request.method == "GET":
            back = urlencode({"code": "code", "state": request.query["state"]})
            return TwinResponse(302, None, {"Location": f"{request.query['redirect_uri']}?{back}"})
        form = dict(parse_qsl(request.body.decode()))
        basic = (request.header("authorization") or "").removeprefix("Basic ")
        if "secret" not in (form.get("client_secret"), b64decode(basic).decode().partition(":")[2]):
            return TwinResponse(401, {"error": "invalid_client"})
        return TwinResponse(200, dict(self.reply))


@cache
def private_key() -> str:
    """Of a certificate that was uploaded."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Way:
    """One way to sign in.

    Attributes:
        authority: Answers its token requests where the twin does not.
        base: What follows the twin's address.
    """

    slug: str
    method: str
    twin: Callable[[], TwinApplication]
    inputs: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    authority: Callable[[], Authority] | None = None
    base: str = ""


@cache
def manifest_of(slug: str) -> Manifest:
    return read_manifest(Path(str(files(f"gallery_connector_{slug}") / "connector.toml")))


async def proof(way: Way, *, secrets: Mapping[str, str] | None = None) -> int:
    """The status of the declared call, asked with the method's credential; a person agrees where one is asked."""
    method = on_any_port(next(one for one in manifest_of(way.slug).auth_methods if one.id == way.method))
    twin = way.twin()
    opened: list[str] = []
    with ExitStack() as stack:
        server = stack.enter_context(serve(twin))
        authority = way.authority() if way.authority is not None else None
        tokens = server if authority is None else stack.enter_context(serve(authority))
        given: dict[str, Any] = {
            "inputs": {**{one.id: one.default for one in method.inputs if one.default}, **way.inputs},
            "secrets": {name: auth.Secret(value) for name, value in (secrets or way.secrets).items()},
            "settings": way.settings,
            "token_store": auth.MemoryTokenStore(),
            "http": lambda _origin: Transport(tokens.url),
        }

        async def agree() -> str:
            there = urlsplit(opened[0])
            page = await TwinClient(authority or twin).request("GET", there.path, query=dict(parse_qsl(there.query)))
            return str(page.headers["location"])

        if method.authorize is not None:
            await auth.sign_in(method, open_url=opened.append, read_pasted=agree, **given)
        assert method.verify is not None
        body = None if method.verify.body is None else method.verify.body.encode()
        call = Request(method.verify.method, method.verify.path, content=body)
        credential = auth.build_credential(method, **given)
        async with Transport(f"{server.url}{way.base}", credential=credential) as transport:
            answer = await transport.send(call)
    return 0 if answer.status in method.verify.expect else answer.status


def _snowflake() -> SnowflakeTwin:
    return SnowflakeTwin(SnowflakeSettings(tokens={"pat": Grant("other")}))


def _bearer() -> Authority:
    return Authority({"access_token": "pat", "token_type": "Bearer", "expires_in": 3600})


def _slack_authority() -> Authority:
    return Authority({"ok": True, "authed_user": {"access_token": "xoxp-twin", "scope": "admin"}})


SALESFORCE = {"my_domain": "acme"}
SALESFORCE_CLIENT = ({"client_id": "twin-client"}, {"client_secret": "twin-client-secret"})
INSTANCE = {"instance": "acme"}
ANYBODY = ({"client_id": "client"}, {"client_secret": "secret"})
WAYS = [
    Way("dropbox", "access_token", DropboxTwin, {}, {"token": DROPBOX_TOKEN}),
    Way("dropbox", "refresh_token", DropboxTwin, {"client_id": DROPBOX_CLIENT[0]},
        {"client_secret": DROPBOX_CLIENT[1], "refresh_token": REFRESH_TOKEN}),
    Way("salesforce", "client_credentials", SalesforceTwin, *SALESFORCE_CLIENT, SALESFORCE),
    Way("salesforce", "authorization_code", SalesforceTwin, *SALESFORCE_CLIENT, SALESFORCE),
    Way("salesforce", "jwt_bearer", SalesforceTwin,
        {"client_id": "twin-client", "username": "integration@twin.example"}, {"private_key": ""}, SALESFORCE),
    Way("salesforce", "access_token", SalesforceTwin, {}, {"token": SALESFORCE_TOKEN}, SALESFORCE),
    Way("servicenow", "client_credentials", ServiceNowTwin, *SALESFORCE_CLIENT, INSTANCE),
    Way("servicenow", "basic", ServiceNowTwin, {"username": USER}, {"password": PASSWORD}, INSTANCE),
    Way("servicenow", "authorization_code", ServiceNowTwin, *SALESFORCE_CLIENT, INSTANCE),
    Way("servicenow", "jwt_bearer", ServiceNowTwin, {"client_id": "twin-client", "username": USER, "key_id": "k1"},
        {"client_secret": "twin-client-secret", "private_key": ""}, INSTANCE),
    Way("servicenow", "api_key", ServiceNowTwin, {}, {"api_key": "twin-api-key"}, INSTANCE),
    Way("slack", "user_token", lambda: SlackTwin(SlackSettings(limits=())), {}, {"token": "xoxp-twin"},
        base="/scim/v2"),
    Way("slack", "oauth", lambda: SlackTwin(SlackSettings(limits=())), *ANYBODY, authority=_slack_authority,
        base="/scim/v2"),
    Way("snowflake", "scim_token", SnowflakeTwin, {}, {"token": next(iter(SnowflakeSettings().tokens))},
        base="/scim/v2"),
    Way("snowflake", "programmatic_access_token", _snowflake, {}, {"token": "pat"}, base="/scim/v2"),
    Way("snowflake", "entra_oauth", _snowflake,
        {"client_id": "client", "tenant": "acme.test", "resource_scope": "api://snowflake/.default"},
        {"client_secret": "secret"}, authority=_bearer, base="/scim/v2"),
    Way("snowflake", "okta_oauth", _snowflake,
        {"client_id": "client", "okta_org": "acme", "resource_scope": "session:role:generic_scim_provisioner"},
        {"client_secret": "secret"}, authority=_bearer, base="/scim/v2"),
    Way("zoom", "server_to_server", lambda: ZoomTwin(ZoomSettings(limits={})),
        {"account_id": "A1", "client_id": "twin-client"}, {"client_secret": "twin-secret"}, base="/scim2"),
]  # fmt: skip
# A fixed redirect port is one test's at a time; these sign in where their connector's own tests are.
ELSEWHERE = {("dropbox", "authorization_code"), ("dropbox", "pkce"), ("zoom", "sign_in")}


def given(way: Way) -> Way:
    """With a key, which takes too long to make where nobody asks for it."""
    if "private_key" not in way.secrets:
        return way
    return Way(**{**vars(way), "secrets": {**way.secrets, "private_key": private_key()}})


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.slug}-{way.method}")
async def test_a_credential_is_proved_by_the_declared_call(way: Way) -> None:
    """Whatever was exchanged for it before."""
    assert await proof(given(way)) == 0


@pytest.mark.parametrize(
    "way", [one for one in WAYS if "private_key" not in one.secrets],
    ids=lambda way: f"{way.slug}-{way.method}",
)  # fmt: skip
async def test_a_wrong_one_is_not(way: Way) -> None:
    """Refused by the token endpoint or by the call itself: a call that anybody may make would prove nothing."""
    try:
        status = await proof(way, secrets=dict.fromkeys(way.secrets, "wrong"))
    except GalleryError as error:
        assert "wrong" not in str(error)
    else:
        assert status == 401


def test_no_declared_way_goes_untried() -> None:
    """A method that is added gets its test."""
    declared = {(slug, one.id) for slug in SLUGS for one in manifest_of(slug).auth_methods}

    assert {(one.slug, one.method) for one in WAYS} | ELSEWHERE == declared
