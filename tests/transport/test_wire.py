"""The wire over sockets: recordings, proxies, connections kept."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import vcr  # type: ignore[import-untyped]  # ships no types
from aiohttp import web

from gallery_sdk.errors import TransportError
from gallery_sdk.transport import Request, Transport

Connect = Callable[..., Transport]


async def test_recordings_replay_without_the_network(target: Any, connect: Connect, tmp_path: Path) -> None:
    """What a cassette holds is enough; the target is not asked again."""
    target.answer([lambda: web.json_response({"id": "7"}, status=201, headers={"Location": "/Users/7"})])
    recorder = vcr.VCR()
    request = Request("POST", "/Users", json={"userName": "ada"})

    with recorder.use_cassette(str(tmp_path / "create_user.yaml")):
        recorded = await connect(target.base_url).send(request)
    with recorder.use_cassette(str(tmp_path / "create_user.yaml"), record_mode="none"):
        replayed = await connect(target.base_url).send(request)

    assert len(target.seen) == 1
    assert replayed.status == recorded.status == 201
    assert replayed.json() == {"id": "7"}
    assert replayed.headers["location"] == "/Users/7"


async def test_connections_are_kept(target: Any, connect: Connect) -> None:
    """A new connection per request would cost several round trips each."""
    ports: set[object] = set()

    async def script(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername"))
        return web.json_response({})

    target.script = script
    transport = connect(target.base_url)

    for _ in range(5):
        await transport.send(Request("POST", "/a", json={}))

    assert len(ports) == 1


async def test_the_proxy_of_the_environment_is_used(
    target: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that lets nothing through means that nothing was sent; this machine is reached without it."""
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    proxy = await asyncio.start_server(refuse, "127.0.0.1", 0)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    with pytest.raises(TransportError, match="proxy") as caught:
        await connect("https://api.acme.test").send(Request("POST", "/Users", json={}))

    assert "nothing was sent" in str(caught.value)
    assert set(asked) == {b"CONNECT api.acme.test:443 HTTP/1.1\r\n"}
    assert (await connect(target.base_url).send(Request("GET", "/a"))).status == 200
    proxy.close()
    await proxy.wait_closed()


async def test_an_unknown_host_is_told_as_such(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most likely a typing error in the base URL."""

    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setenv("no_proxy", "*")

    with pytest.raises(TransportError, match=r"does not resolve.*nothing was sent"):
        await connect("https://acme.invalid").send(Request("POST", "/Users", json={}))
