"""Twins on a loopback port: HTTP/1.1 as clients speak it, stopped without a trace."""

from __future__ import annotations

import json
import socket
import threading
import time
from functools import partial
from http.client import HTTPConnection
from typing import Any

import httpx2
import pytest

from gallery_sdk.scim import urns
from gallery_sdk.testing import Fault, ScimServer, TwinBehaviour, serve, serve_in_process

BODY = json.dumps({"schemas": [urns.USER], "userName": "ada"}).encode()


def _raw(port: int, *pieces: bytes) -> bytes:
    """Everything that comes back for bytes that are sent piece by piece, until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.01)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_a_served_twin_answers_an_ordinary_client() -> None:
    """Create, look up and count through a real HTTP client with a kept connection."""
    with serve(ScimServer()) as server, httpx2.Client(base_url=f"{server.url}/scim/v2") as client:
        made = client.post("/Users", content=BODY)
        found = client.get("/Users", params={"filter": 'userName eq "ada"'})

        assert (made.status_code, made.headers["location"]) == (201, f"{server.url}/scim/v2/Users/{made.json()['id']}")
        assert found.json()["totalResults"] == 1
        assert server.stats()["requests"] == 2
        assert [user["userName"] for user in server.state()["users"]] == ["ada"]  # type: ignore[attr-defined]  # JSON


def test_a_twin_may_run_in_a_process_of_its_own() -> None:
    """Its state is asked for over HTTP; stopping it ends the process and frees the port."""
    server = serve_in_process(partial(ScimServer, TwinBehaviour(tokens={"t": "x"})))
    try:
        refused = httpx2.get(f"{server.url}/scim/v2/Users")
        made = httpx2.post(f"{server.url}/scim/v2/Users", content=BODY, headers={"Authorization": "Bearer t"})
        state = server.state()
    finally:
        server.stop()
        server.stop()

    assert (refused.status_code, made.status_code) == (401, 201)
    assert state["users"]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_stopping_leaves_no_thread_and_no_open_port() -> None:
    """Also while a client holds its connection open."""
    server = serve(ScimServer())
    held = HTTPConnection("127.0.0.1", server.port, timeout=5)
    held.request("GET", "/scim/v2/Users")
    held.getresponse().read()

    server.stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "twin"]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)
    held.close()


def test_stopping_ends_what_is_being_answered() -> None:
    """A slow answer is given up at once, and its connection closed."""
    twin = ScimServer(TwinBehaviour(faults=[Fault("slow", seconds=60)]))
    server = serve(twin)
    held = HTTPConnection("127.0.0.1", server.port, timeout=5)
    held.request("GET", "/scim/v2/Users")
    while not twin.stats.requests:
        time.sleep(0.005)

    server.stop()

    with pytest.raises(ConnectionError):
        held.getresponse()
    held.close()


def test_a_taken_port_is_an_error() -> None:
    """Rather than a server that nobody reaches."""
    with serve(ScimServer()) as server, pytest.raises(OSError):
        serve(ScimServer(), server.port)


@pytest.mark.parametrize(
    "pieces",
    [
        [
            b"POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY),
            BODY[:10],
            BODY[10:],
        ],
        [
            b"POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            b"5\r\n" + BODY[:5] + b"\r\n",
            b"%x;note=1\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\n\r\n",
        ],
        [
            b"POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n" % len(BODY),
            BODY,
        ],
    ],
    ids=["in pieces", "chunked", "expect"],
)
def test_a_body_arrives_however_it_is_sent(pieces: list[bytes]) -> None:
    """RFC 9112 sections 6 and 7."""
    with serve(ScimServer()) as server:
        answer = _raw(server.port, *pieces)

    assert b"HTTP/1.1 201 Created" in answer
    assert b'"userName":"ada"' in answer


def test_pipelined_requests_are_answered_in_order() -> None:
    """The second waits for the first, though the first is slow."""
    slow = Fault("slow", seconds=0.05, on=(1,))
    first = b"GET /scim/v2/Users/first HTTP/1.1\r\nHost: x\r\n\r\n"
    second = b"GET /scim/v2/Users/second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with serve(ScimServer(TwinBehaviour(faults=[slow]))) as server:
        answer = _raw(server.port, first + second)

    assert answer.index(b"Resource first") < answer.index(b"Resource second")


def test_what_is_no_http_is_refused() -> None:
    """With 400, and the connection is closed."""
    with serve(ScimServer()) as server:
        answer = _raw(server.port, b"HELLO\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(("kind", "stored"), [("reset", 0), ("lost_response", 1)])
def test_a_lost_connection_is_seen_as_one(kind: Any, stored: int) -> None:
    """The client gets no answer; whether the write was done differs."""
    behaviour = TwinBehaviour(faults=[Fault(kind, times=1)])
    with serve(ScimServer(behaviour)) as server:
        with pytest.raises(httpx2.TransportError):
            httpx2.post(f"{server.url}/scim/v2/Users", content=BODY)
        users = server.state()["users"]

    assert isinstance(users, list)
    assert len(users) == stored
