"""One request and its answer, over a real socket."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from aiohttp import web

from gallery_sdk.errors import HostNotAllowedError, TransportError
from gallery_sdk.transport import HttpxWire, Request, RequestEvent, Transport

Connect = Callable[..., Transport]


async def test_a_request_reaches_the_target_as_written(target: Any, connect: Connect) -> None:
    """Path below the base URL, query encoded, JSON body, the connection's headers and the request's own."""
    transport = connect(f"{target.base_url}/scim/v2/", default_headers={"Content-Type": "application/scim+json"})

    response = await transport.send(
        Request("POST", "/Users", params=[("filter", 'a eq "b c&d"')], json={"userName": "ada"}, headers={"X-One": "1"})
    )

    method, path, headers, body = target.seen[0]
    assert (method, path) == ("POST", "/scim/v2/Users?filter=a%20eq%20%22b%20c%26d%22")
    assert headers["Content-Type"] == "application/scim+json"
    assert (headers["X-One"], headers["User-Agent"], headers["Accept"]) == ("1", "gallery-sdk", "application/json")
    assert body == b'{"userName":"ada"}'
    assert response.status == 200
    assert response.headers["CONTENT-TYPE"] == "application/json; charset=utf-8"
    assert response.media_type == "application/json"
    assert transport.requests_sent == 1


async def test_a_read_has_no_content_type(target: Any, connect: Connect) -> None:
    """A Content-Type on a request without a body makes some servers refuse it."""
    await connect(target.base_url, default_headers={"Content-Type": "application/scim+json"}).send(Request("GET", "/a"))

    assert "Content-Type" not in target.seen[0][2]


async def test_failures_are_answers_too(target: Any, connect: Connect) -> None:
    """What a 4xx means is the caller's to say."""
    target.answer([lambda: web.json_response({"detail": "no"}, status=409)])

    response = await connect(target.base_url).send(Request("POST", "/Users", json={}))

    assert response.status == 409
    assert response.json() == {"detail": "no"}
    assert len(target.seen) == 1


async def test_compressed_answers_are_read(target: Any, connect: Connect) -> None:
    """Decompression is the wire's affair."""
    body = gzip.compress(b'{"a": 1}')
    target.answer([lambda: web.Response(body=body, headers={"Content-Encoding": "gzip"})])

    assert (await connect(target.base_url).send(Request("GET", "/a"))).json() == {"a": 1}


@pytest.mark.parametrize(
    ("body", "content_type", "told"),
    [
        pytest.param(b"<html>Sign in</html>", "text/html", "HTML", id="html"),
        pytest.param(b"  <!DOCTYPE html>", "application/json", "HTML", id="html called json"),
        pytest.param(b"", "application/json", "without a body", id="nothing"),
        pytest.param(b"{broken", "application/json", "not JSON", id="broken"),
    ],
)
async def test_an_answer_that_is_no_json_is_refused(
    body: bytes, content_type: str, told: str, target: Any, connect: Connect
) -> None:
    """A sign-in page in place of the API must not look like data."""
    target.answer([lambda: web.Response(body=body, headers={"Content-Type": content_type})])
    response = await connect(target.base_url).send(Request("GET", "/Users", params=[("token", "geheim")]))

    with pytest.raises(TransportError) as caught:
        response.json()

    assert told in str(caught.value)
    assert "geheim" not in str(caught.value)


async def test_a_too_large_answer_is_cut_off(target: Any, connect: Connect) -> None:
    """An endless answer must not fill the memory; the length header is not believed either."""
    target.answer([lambda: web.Response(body=b"x" * 5000)])

    with pytest.raises(TransportError, match="larger than 1000 bytes"):
        await connect(target.base_url, max_response_bytes=1000).send(Request("GET", "/a"))

    assert len(target.seen) == 1


async def test_cookies_are_not_kept(target: Any, connect: Connect) -> None:
    """A session cookie would bind later requests to a server's state."""

    async def script(request: web.Request) -> web.StreamResponse:
        response = web.json_response({})
        response.set_cookie("sid", "1")
        return response

    target.script = script
    transport = connect(target.base_url)

    await transport.send(Request("GET", "/a"))
    await transport.send(Request("GET", "/b"))

    assert "Cookie" not in target.seen[1][2]


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.example.com",
        "ftp://example.com",
        "/scim",
        "https://",
        "https://u:geheim@example.com",
        "https://a/?b=c",
    ],
)
def test_an_unsafe_base_url_is_refused(base_url: str) -> None:
    """Credentials only travel encrypted, and never stand in an address."""
    with pytest.raises(TransportError) as caught:
        Transport(base_url)

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        pytest.param("https://evil.example/Users", HostNotAllowedError, id="other host"),
        pytest.param("http://api.example.com/Users?startIndex=2", TransportError, id="unencrypted"),
        pytest.param("https://api.example.com.evil.example/", HostNotAllowedError, id="suffix"),
        pytest.param("https://evil.example/?a=https://api.example.com", HostNotAllowedError, id="host in query"),
        pytest.param("https://api.example.com@evil.example/", HostNotAllowedError, id="host as user"),
        pytest.param("https://user:pw@api.example.com/", TransportError, id="credentials"),
        pytest.param("/Users/..", TransportError, id="climbs"),
        pytest.param("/Users/%2e%2E/admin", TransportError, id="climbs encoded"),
        pytest.param("../admin", TransportError, id="climbs at once"),
    ],
)
async def test_requests_stay_inside_the_allowed_hosts(
    path: str, error: type[TransportError], fake_wire: Any, connect: Connect
) -> None:
    """A next-page link or an identifier from the target cannot lead elsewhere."""
    wire = fake_wire()

    with pytest.raises(error) as caught:
        await connect("https://api.example.com/scim", wire=wire).send(Request("GET", path))

    assert wire.sent == []
    assert ":pw" not in str(caught.value)


async def test_other_allowed_hosts_are_reached_by_absolute_urls(fake_wire: Any, connect: Connect) -> None:
    """Globs admit what the connector declares; the base URL's own host must be among them."""
    wire = fake_wire()
    transport = connect("https://a.example.com/x", allowed_hosts=["*.example.com"], wire=wire)

    await transport.send(Request("GET", "https://content.example.com/next?page=%22two%22"))

    assert wire.sent[0].url == "https://content.example.com/next?page=%22two%22"
    with pytest.raises(HostNotAllowedError):
        connect("https://example.com", allowed_hosts=["*.example.com", "*example.com"])


async def test_identifiers_keep_their_encoding(fake_wire: Any, connect: Connect) -> None:
    """A percent-encoded slash stays one segment; what is not encoded gets encoded."""
    wire = fake_wire()
    transport = connect("https://a.example.com/x", wire=wire)

    await transport.send(Request("GET", "/Users/a%2Fb@c.test"))
    await transport.send(Request("GET", "/Users/ä b"))

    assert [sent.url for sent in wire.sent] == [
        "https://a.example.com/x/Users/a%2Fb@c.test",
        "https://a.example.com/x/Users/%C3%A4%20b",
    ]


async def test_events_tell_each_attempt_without_names_of_people(
    fake_wire: Any, make_answer: Any, connect: Connect
) -> None:
    """Identifiers can be addresses of people, queries can hold anything: neither is in an event."""
    events: list[RequestEvent] = []
    wire = fake_wire([make_answer(500), make_answer(200, b"{}")])
    transport = connect("https://a.example.com/x", wire=wire, events=events.append)

    await transport.send(Request("GET", "/Users/ada@x.test", params=[("q", "ada")], label="read user"))
    await transport.send(Request("PUT", "/Users/ada@x.test", json={}, template="/Users/{id}"))

    assert [(event.status, event.attempt, event.path) for event in events] == [
        (500, 1, "/Users/…"),
        (200, 2, "/Users/…"),
        (200, 1, "/Users/{id}"),
    ]
    assert events[1].waited_seconds == 0.5
    assert (events[2].bytes_sent, events[2].bytes_received, events[2].host) == (2, 2, "a.example.com")
    assert "ada" not in repr(events)


async def test_an_application_in_this_process_can_stand_for_the_target(connect: Connect) -> None:
    """Twins are ASGI applications; what they see is what a server would see."""
    seen: list[tuple[str, bytes]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["method"] + " " + scope["path"], (await receive())["body"]))
        await send({"type": "http.response.start", "status": 201, "headers": [(b"Content-Type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"id": "1"}'})

    transport = connect("https://twin.test/v2", wire=HttpxWire(httpx2.ASGITransport(app)))

    response = await transport.send(Request("POST", "/Users", json={"a": 1}))

    assert seen == [("POST /v2/Users", b'{"a":1}')]
    assert (response.status, response.json(), response.media_type) == (201, {"id": "1"}, "application/json")


async def test_messages_hold_no_identifiers(fake_wire: Any, make_answer: Any, connect: Connect) -> None:
    """An identifier can be a person's address; the engine knows the object, a message need not name it."""
    transport = connect("https://a.example.com/x", wire=fake_wire([make_answer(500), make_answer(200, b"no")]))

    with pytest.raises(TransportError) as unknown:
        await transport.send(Request("PATCH", "/Users/ada@x.test", params=[("q", "ada")], json={}))
    response = await transport.send(Request("GET", "https://a.example.com/x/Users/ada@x.test?q=ada"))
    with pytest.raises(TransportError) as unreadable:
        response.json()

    assert unknown.value.where == "PATCH https://a.example.com/x/Users/…"
    assert unreadable.value.where == "GET https://a.example.com/x/…"
    assert "ada" not in str(unknown.value) + str(unreadable.value)
