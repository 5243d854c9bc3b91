"""Client certificates, towards the token endpoint and the API (RFC 8705)."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import ValidationError

from gallery_sdk.auth import MemoryTokenStore, Secret, TokenCredential, build_credential, build_tls, open_token_http
from gallery_sdk.errors import AuthError, TransportError
from gallery_sdk.manifest.auth import AuthMethod
from gallery_sdk.transport import Request, RetryPolicy, TlsSettings, Transport

INPUTS: list[dict[str, Any]] = [
    {"id": "client_id"},
    {"id": "client_certificate", "type": "secret"},
    {"id": "client_key", "type": "secret"},
    {"id": "key_password", "type": "secret", "required": False},
]


@dataclass
class Guarded:
    """A server that lets nobody in without a certificate of its authority.

    Attributes:
        peers: Common names of the certificates that were shown.
    """

    url: str
    authority: trustme.CA
    bundle: Path
    peers: list[str]


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    peers: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        shown = request.get_extra_info("peercert")
        peers.append(shown["subjectAltName"][0][1])
        return web.json_response({"access_token": "access-1", "expires_in": 3600})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    yield Guarded(f"https://localhost:{runner.addresses[0][1]}", authority, bundle, peers)
    await runner.cleanup()


def _method(url: str, use: str = "required", **fields: Any) -> AuthMethod:
    inputs = [{**one, "required": False} for one in INPUTS[1:]] if use == "optional" else list(INPUTS[1:])
    return AuthMethod.model_validate(
        {
            "id": "mtls",
            "kind": "oauth2_client_credentials",
            "input": [INPUTS[0], *inputs],
            "token": {"url": f"{url}/token", "client_auth": "none"},
            "client_certificate": use,
            "certificate": {"password_input": "key_password"},
            **fields,
        }
    )


def _secrets(authority: trustme.CA, *, password: str = "", together: bool = False) -> dict[str, Secret]:
    issued = authority.issue_cert("acme.test")
    chain = "".join(blob.bytes().decode() for blob in issued.cert_chain_pems)
    key = issued.private_key_pem.bytes().decode()
    if password:
        hidden = BestAvailableEncryption(password.encode())
        private = load_pem_private_key(key.encode(), None)
        key = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden).decode()
    if together:
        return {"client_certificate": Secret(chain + key)}
    return {
        "client_certificate": Secret(chain.replace("\n", "\\n")),
        "client_key": Secret(key),
        "key_password": Secret(password),
    }


@pytest.mark.parametrize("form", ["apart", "encrypted", "together"])
async def test_the_certificate_is_shown_to_token_endpoint_and_api(form: str, guarded: Guarded, time: Any) -> None:
    """ADP asks for it on both; key apart from the certificate, encrypted, or in the same text."""
    secrets = _secrets(
        guarded.authority, password="geheim-4711" if form == "encrypted" else "", together=form == "together"
    )
    method = _method(guarded.url, "optional" if form == "together" else "required")
    tls = build_tls(method, secrets)
    assert tls is not None
    tls = replace(tls, ca_bundle=guarded.bundle)
    credential = build_credential(
        method, inputs={"client_id": "c"}, secrets=secrets, http=open_token_http(tls=tls),
        token_store=MemoryTokenStore(), wall_clock=time.now,
    )  # fmt: skip

    async with Transport(guarded.url, credential=credential, tls=tls) as transport:
        answer = await transport.send(Request("GET", "/Users"))

    assert answer.status == 200
    assert guarded.peers == ["acme.test", "acme.test"]


async def test_nobody_is_let_in_without(guarded: Guarded) -> None:
    """What proves that the test above proves anything."""
    tls = TlsSettings(ca_bundle=guarded.bundle)
    async with Transport(guarded.url, tls=tls, retries=RetryPolicy(tries=1)) as transport:
        with pytest.raises(TransportError):
            await transport.send(Request("GET", "/Users"))

    assert guarded.peers == []


async def test_a_key_of_another_certificate_is_told_and_not_quoted(guarded: Guarded) -> None:
    """When it is first used; no key, no password and no path of a key in the message or in any text."""
    secrets = _secrets(guarded.authority) | {"client_key": _secrets(guarded.authority)["client_key"]}
    for given in (secrets, _secrets(guarded.authority, password="geheim-4711") | {"key_password": Secret("falsch")}):
        tls = build_tls(_method(guarded.url), given)
        async with Transport(guarded.url, tls=tls) as transport:
            with pytest.raises(TransportError, match="client certificate or its key cannot be used") as caught:
                await transport.send(Request("GET", "/Users"))

        told = repr(tls) + str(tls) + str(caught.value) + str(caught.value.__cause__)
        key = given["client_key"].reveal().splitlines()[1]
        assert not [secret for secret in (key, "geheim-4711", "falsch") if secret in told]


def test_the_key_is_nowhere_on_disk_afterwards(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in a file for the moment that the system's library reads it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    tls = build_tls(_method(guarded.url), _secrets(guarded.authority))

    assert tls is not None
    assert isinstance(tls.context(), ssl.SSLContext)
    assert list(folder.iterdir()) == []


def test_what_is_required_must_be_there(guarded: Guarded) -> None:
    """A certificate; a key alone is no use either. Where it is optional, none is fine."""
    key = {"client_key": Secret("geheim-4711")}

    for use, given in (("required", {}), ("required", key), ("optional", key)):
        with pytest.raises(AuthError, match="'client_certificate' is missing"):
            build_tls(_method(guarded.url, use), given)
    assert build_tls(_method(guarded.url, "optional"), {}) is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"client_certificate": "optional"}, "says otherwise"),
        ({"certificate": {"key_input": "nothing"}}, "'nothing' is not a declared input"),
        ({"certificate": {"key_input": "client_id"}}, "'client_id' is not of type 'secret'"),
    ],
)
def test_a_certificate_that_cannot_be_given_is_refused_when_read(fields: dict[str, Any], told: str) -> None:
    """Its inputs are declared, secret, and required as the method says."""
    with pytest.raises(ValidationError) as caught:
        _method("https://a.test", **fields)

    assert told in str(caught.value)


async def test_the_usual_way_to_token_endpoints_shows_the_certificate(
    guarded: Guarded, time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any client given, the method's own certificate is used."""
    monkeypatch.setenv("SSL_CERT_FILE", str(guarded.bundle))
    credential = build_credential(
        _method(guarded.url), inputs={"client_id": "c"}, secrets=_secrets(guarded.authority),
        token_store=MemoryTokenStore(), wall_clock=time.now,
    )  # fmt: skip
    assert isinstance(credential, TokenCredential)

    await credential.fetch_kept()

    assert guarded.peers == ["acme.test"]
