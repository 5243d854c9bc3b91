"""Credentials reach the target that was meant, over a connection that is trusted."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from gallery_sdk.errors import HostNotAllowedError, TlsError, TransportError
from gallery_sdk.transport import Request, TlsSettings, Transport

Connect = Callable[..., Transport]


def _redirect(status: int, location: str) -> Callable[[], web.Response]:
    return lambda: web.Response(status=status, headers={"Location": location})


@pytest.mark.parametrize(
    ("status", "method", "location"),
    [
        (301, "GET", "/moved?page=2"),
        (302, "GET", "moved?page=2"),
        (307, "POST", "/moved?page=2"),
        (308, "PATCH", "/moved?page=2#part"),
    ],
)
async def test_a_redirect_on_the_same_host_is_followed(
    status: int, method: str, location: str, target: Any, connect: Connect
) -> None:
    """A read may move, a write only where the status promises to repeat it as it was (RFC 9110 section 15.4)."""
    target.answer([_redirect(status, location), lambda: web.json_response({"here": 1})])
    body = None if method == "GET" else {"a": 1}

    response = await connect(target.base_url).send(Request(method, "/Users", json=body))

    assert response.json() == {"here": 1}
    assert target.seen[1][:2] == (method, "/moved?page=2")
    assert target.seen[1][3] == target.seen[0][3]


@pytest.mark.parametrize(
    "location", ["https://evil.example/", "//evil.example/x", "http://localhost:1/", "https://localhost/"]
)
@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_to_another_host_is_refused(status: int, location: str, target: Any, connect: Connect) -> None:
    """Nothing is sent there, so neither is the credential; other ports and schemes are other hosts."""
    target.answer([_redirect(status, location)])

    with pytest.raises(HostNotAllowedError, match="redirected to host"):
        await connect(target.base_url, allowed_hosts=["*"]).send(Request("GET", "/Users"))

    assert len(target.seen) == 1


async def test_a_redirect_that_would_drop_a_write_is_refused(target: Any, connect: Connect) -> None:
    """A 302 turns a POST into a GET; the user would silently not be created."""
    target.answer([_redirect(302, "/login")])

    with pytest.raises(TransportError, match="does not carry a write"):
        await connect(target.base_url).send(Request("POST", "/Users", json={}))

    assert len(target.seen) == 1


async def test_redirects_end(target: Any, connect: Connect) -> None:
    """A circle is left after five turns."""
    target.answer([_redirect(307, "/again")])

    with pytest.raises(TransportError, match="more than 5 times"):
        await connect(target.base_url).send(Request("GET", "/Users"))

    assert len(target.seen) == 6


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def _server_context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    return context


async def test_an_untrusted_certificate_is_refused(authority: trustme.CA, serve_tls: Any, connect: Connect) -> None:
    """Nothing is sent, nothing is retried, and the message says how to trust a private authority."""
    target = await serve_tls(_server_context(authority, "localhost"))

    with pytest.raises(TlsError, match="CA bundle"):
        await connect(target.base_url).send(Request("POST", "/Users", json={}))

    assert target.seen == []


async def test_https_to_a_port_without_tls_is_told_apart_from_a_certificate(target: Any, connect: Connect) -> None:
    """No bundle helps there; the URL is wrong."""
    url = target.base_url.replace("http://", "https://")

    with pytest.raises(TlsError, match="does not speak TLS"):
        await connect(url).send(Request("GET", "/Users"))


async def test_a_private_authority_can_be_trusted(
    authority: trustme.CA, serve_tls: Any, connect: Connect, tmp_path: Path
) -> None:
    """With its bundle the same target is reached; a wrong host name still is not."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    target = await serve_tls(_server_context(authority, "localhost"))
    other = await serve_tls(_server_context(authority, "other.test"))
    tls = TlsSettings(ca_bundle=bundle)

    assert (await connect(target.base_url, tls=tls).send(Request("GET", "/Users"))).status == 200
    with pytest.raises(TlsError, match="Hostname mismatch"):
        await connect(other.base_url, tls=tls).send(Request("GET", "/Users"))


async def test_a_client_certificate_is_shown(
    authority: trustme.CA, serve_tls: Any, connect: Connect, tmp_path: Path
) -> None:
    """Mutual TLS works with a certificate. The server hangs up without one, and the message says what to look at.

    In TLS 1.3 it hangs up after the handshake, when a request may be on its way; 1.2 here, where none can be.
    """
    bundle, identity = tmp_path / "ca.pem", tmp_path / "client.pem"
    authority.cert_pem.write_to_path(bundle)
    authority.issue_cert("client.test").private_key_and_cert_chain_pem.write_to_path(identity)
    context = _server_context(authority, "localhost")
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    authority.configure_trust(context)
    target = await serve_tls(context)

    with_identity = TlsSettings(ca_bundle=bundle, client_certificate=identity)
    assert (await connect(target.base_url, tls=with_identity).send(Request("GET", "/a"))).status == 200
    with pytest.raises(TransportError, match=r"nothing was sent.*client certificate"):
        await connect(target.base_url, tls=TlsSettings(ca_bundle=bundle)).send(Request("GET", "/a"))


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    """The file that cannot be read is in the message."""
    with pytest.raises(TransportError, match=r"absent\.pem"):
        TlsSettings(ca_bundle=tmp_path / "absent.pem").context()
