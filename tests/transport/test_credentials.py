"""How the proof of identity gets on a request, and what happens when it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gallery_sdk.errors import AuthError
from gallery_sdk.transport import Request, Transport

Connect = Callable[..., Transport]


class Rotating:
    """A credential that counts its renewals; `may_wait` False makes every request ask `apply`."""

    def __init__(self, *, renewals: int = 1, at_once: bool = True) -> None:
        self.generation, self.renewals, self.at_once = 1, renewals, at_once
        self.headers: Mapping[str, str] = {"Authorization": "Bearer token-1"}

    def headers_now(self) -> Mapping[str, str] | None:
        return self.headers if self.at_once else None

    async def apply(self, headers: dict[str, str], params: list[tuple[str, str]]) -> None:
        headers.update(self.headers)
        params.append(("api key", "a&b"))

    async def renew(self, rejected_generation: int) -> bool:
        if self.generation == rejected_generation and self.renewals:
            self.renewals -= 1
            self.generation += 1
            self.headers = {"Authorization": f"Bearer token-{self.generation}"}
            return True
        return self.generation != rejected_generation


async def test_headers_at_hand_are_sent(fake_wire: Any, connect: Connect) -> None:
    """They follow the credential when it changes, and a request's own headers come on top."""
    wire, credential = fake_wire(), Rotating()
    transport = connect("https://a.test", wire=wire, credential=credential)

    await transport.send(Request("GET", "/a"))
    await credential.renew(1)
    await transport.send(Request("POST", "/a", json={}, headers={"X-One": "1"}))
    await transport.send(Request("GET", "/a"))

    assert [sent.headers["Authorization"] for sent in wire.sent] == [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-2",
    ]
    assert wire.sent[1].headers["X-One"] == "1"
    assert "X-One" not in wire.sent[2].headers


async def test_a_credential_may_use_the_query(fake_wire: Any, connect: Connect) -> None:
    """It is added behind the request's own pairs, encoded."""
    wire = fake_wire()
    transport = connect("https://a.test", wire=wire, credential=Rotating(at_once=False))

    response = await transport.send(Request("GET", "/a", params=[("b", "c")]))

    assert wire.sent[0].url == "https://a.test/a?b=c&api%20key=a%26b"
    assert "key" not in response.request_line


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_401_renews_once_and_sends_again(
    at_once: bool, fake_wire: Any, make_answer: Any, connect: Connect
) -> None:
    """A refused request was not executed, so even a POST is sent again, with the new proof."""
    wire = fake_wire([make_answer(401), make_answer(201)])
    transport = connect("https://a.test", wire=wire, credential=Rotating(at_once=at_once))

    assert (await transport.send(Request("POST", "/a", json={"b": 1}))).status == 201
    assert [sent.headers["Authorization"] for sent in wire.sent] == ["Bearer token-1", "Bearer token-2"]
    assert wire.sent[1].content == b'{"b":1}'


async def test_a_second_401_is_the_answer(fake_wire: Any, make_answer: Any, connect: Connect) -> None:
    """A new token that is refused as well will not get better."""
    wire = fake_wire([make_answer(401)])
    transport = connect("https://a.test", wire=wire, credential=Rotating(renewals=5))

    assert (await transport.send(Request("GET", "/a"))).status == 401
    assert len(wire.sent) == 2


async def test_a_401_that_cannot_be_renewed_is_the_answer(fake_wire: Any, make_answer: Any, connect: Connect) -> None:
    """A static token is sent once."""
    wire = fake_wire([make_answer(401)])

    assert (await connect("https://a.test", wire=wire).send(Request("GET", "/a"))).status == 401
    assert len(wire.sent) == 1


async def test_no_token_means_no_request(fake_wire: Any, connect: Connect) -> None:
    """The failure is the credential's, and nothing was put on the wire."""

    class Failing(Rotating):
        async def apply(self, headers: dict[str, str], params: list[tuple[str, str]]) -> None:
            raise AuthError("nobody has signed in yet", "app", "Sign in")

    wire = fake_wire()
    transport = connect("https://a.test", wire=wire, credential=Failing(at_once=False))

    with pytest.raises(AuthError):
        await transport.send(Request("GET", "/a"))

    assert (wire.sent, transport.requests_sent) == ([], 0)
