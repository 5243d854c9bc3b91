"""Tokens that the client asks for by itself, in every vendor's own way."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from gallery_sdk.auth import MemoryTokenStore, Secret, TokenCredential, build_credential
from gallery_sdk.errors import AuthError
from gallery_sdk.manifest.auth import AuthMethod
from gallery_sdk.transport import Request, Transport

Declare = Callable[..., AuthMethod]
SECRET = "s3cret/with+odd=signs"


def _credential(method: AuthMethod, time: Any, *, secret: str = SECRET, **options: Any) -> TokenCredential:
    inputs = {"client_id": "client-17"} | options.pop("inputs", {})
    options.setdefault("token_store", MemoryTokenStore())
    credential = build_credential(
        method, inputs=inputs, secrets={"client_secret": Secret(secret)}, wall_clock=time.now, **options
    )
    assert isinstance(credential, TokenCredential)
    return credential


async def _authorization(credential: TokenCredential) -> str:
    headers: dict[str, str] = {}
    await credential.apply(headers, [])
    return headers["Authorization"]


@pytest.mark.parametrize("client_auth", ["basic", "post"])
@pytest.mark.parametrize("body", ["form", "json", "query"])
async def test_a_token_is_fetched_and_used_until_it_ends(
    client_auth: str, body: str, server: Any, declare: Declare, time: Any
) -> None:
    """One request for its whole life, however the vendor wants it written; a minute before the end comes the next."""
    server.client_auth = client_auth
    credential = _credential(declare(client_auth=client_auth, body=body), time)

    assert credential.headers_now() is None
    first = await _authorization(credential)
    time.time += 3500
    assert credential.headers_now() == {"Authorization": first}
    time.time += 45
    second = await _authorization(credential)

    assert (first, second) == ("Bearer access-1", "Bearer access-2")
    assert credential.generation == 2
    assert [item["grant_type"] for item in server.requests] == ["client_credentials"] * 2


async def test_a_public_client_sends_its_id_alone(server: Any, declare: Declare, time: Any) -> None:
    """Client authentication `none`."""
    server.client_auth = "none"

    assert await _authorization(_credential(declare(client_auth="none"), time)) == "Bearer access-1"
    assert server.requests == [{"grant_type": "client_credentials", "client_id": "client-17"}]


async def test_a_vendors_own_grant_and_parameters_are_sent(server: Any, declare: Declare, time: Any) -> None:
    """Zoom's grant word with an account id; a standard parameter that is not wanted; a header of its own."""
    server.grants = {"account_credentials"}
    method = declare(
        grant="account_credentials",
        params={"account_id": "{account_id}", "audience": "api"},
        headers={"apikey": "{account_id}"},
        drop_params=["scope"],
        method={"input": [{"id": "account_id"}], "scopes": {"base": ["a"]}},
    )

    await _authorization(_credential(method, time, inputs={"account_id": "acc-1"}))

    assert server.requests == [{"grant_type": "account_credentials", "account_id": "acc-1", "audience": "api"}]
    assert server.headers[0]["apikey"] == "acc-1"


async def test_scopes_follow_what_is_switched_on(server: Any, declare: Declare, time: Any) -> None:
    """Least privilege, joined by the vendor's separator, each once."""
    scopes = {"separator": ",", "base": ["base"], "when": {"users_write": ["w", "base"], "groups": ["g"]}}
    method = declare(method={"scopes": scopes})

    await _authorization(_credential(method, time, features=["users_write"]))

    assert server.requests[0]["scope"] == "base,w"


@pytest.mark.parametrize(
    ("response", "reply", "lifetime"),
    [
        pytest.param({"expires_kind": "in_ms"}, {"expires_in": 1000_000}, 1000, id="milliseconds"),
        pytest.param({"expires_in": "until", "expires_kind": "at_s"}, {"until": 1_800_001_000}, 1000, id="epoch"),
        pytest.param({"expires_kind": "at_ms"}, {"expires_in": "1800001000000"}, 1000, id="epoch ms as text"),
        pytest.param({"expires_kind": "at_iso"}, {"expires_in": "2027-01-15T08:16:40Z"}, 1000, id="date"),
        pytest.param({"default_lifetime_seconds": 1000}, {"expires_in": None}, 1000, id="assumed"),
        pytest.param({}, {"expires_in": None}, None, id="never"),
    ],
)
async def test_expiry_is_read_in_every_form(
    response: Any, reply: Any, lifetime: int | None, server: Any, declare: Declare, time: Any
) -> None:
    """A duration, a point in time, or nothing at all."""
    server.reshape = lambda standard: {**standard, **reply}
    credential = _credential(declare(response=response, refresh={"skew_s": 0}), time)
    await credential.fetch_kept()

    time.time += 999 if lifetime else 10**9
    assert credential.headers_now() is not None
    time.time += 1 if lifetime else 0
    assert (credential.headers_now() is None) is (lifetime is not None)


async def test_nested_tokens_and_kept_fields_are_found(server: Any, declare: Declare, time: Any) -> None:
    """Slack nests the token, Salesforce tells the address to use; kept fields serve placements too."""
    server.reshape = lambda reply: {
        "ok": True,
        "authed_user": {"access_token": reply["access_token"]},
        "instance": {"api_url": "https://eu.api.test"},
    }
    method = declare(
        response={"access_token": "authed_user.access_token", "ok": "ok", "keep": ["instance.api_url"]},
        method={"apply": [{"scheme": "token"}, {"header": "X-Instance", "value": "{api_url}"}]},
    )
    credential = _credential(method, time)

    assert await credential.fetch_kept() == {"api_url": "https://eu.api.test"}
    assert credential.headers_now() == {"Authorization": "token access-1", "X-Instance": "https://eu.api.test"}


@pytest.mark.parametrize(
    ("response", "reply"),
    [
        ({"ok": "ok"}, {"ok": False, "error": "invalid_auth"}),
        ({}, {"error": "invalid_auth"}),
        ({"error": "problem.code"}, {"problem": {"code": "invalid_auth"}}),
    ],
)
async def test_a_refusal_with_status_200_is_a_refusal(
    response: Any, reply: Any, server: Any, declare: Declare, time: Any
) -> None:
    """Slack says `{"ok": false}` with status 200."""
    server.reshape = lambda _: reply

    with pytest.raises(AuthError, match="invalid_auth"):
        await _authorization(_credential(declare(response=response), time))


@pytest.mark.parametrize(
    ("reply", "told"),
    [({"access": "x"}, "no text at 'access_token'"), ([1], "not an object"), ({"access_token": 5}, "no text")],
)
async def test_a_reply_without_a_token_says_so(reply: Any, told: str, server: Any, declare: Declare, time: Any) -> None:
    """Most likely the connector looks in the wrong place."""
    server.reshape = lambda _: reply

    with pytest.raises(AuthError, match=told):
        await _authorization(_credential(declare(), time))


@pytest.mark.parametrize("client_auth", ["basic", "post"])
async def test_a_wrong_secret_is_refused_without_being_told(
    client_auth: str, server: Any, declare: Declare, time: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the message, not in the causes behind it, not in the log, though the server echoes the request."""
    server.client_auth = client_auth
    caplog.set_level(logging.DEBUG)
    credential = _credential(declare(client_auth=client_auth), time, secret="falsch-4711-geheim")

    with pytest.raises(AuthError, match="invalid_client") as caught:
        await _authorization(credential)

    told = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(credential) + repr(vars(credential))
    assert "falsch-4711-geheim" not in told
    assert "Check the client id" in caught.value.mend
    assert len(server.requests) == 1


async def test_fifty_calls_at_expiry_cause_one_token_request(server: Any, declare: Declare, time: Any) -> None:
    """All wait for the same one."""
    server.delay = 0.02
    credential = _credential(declare(), time)
    await _authorization(credential)
    time.time += 4000

    tokens = await asyncio.gather(*(_authorization(credential) for _ in range(50)))

    assert set(tokens) == {"Bearer access-2"}
    assert len(server.requests) == 2


async def test_fifty_refused_calls_renew_once(server: Any, declare: Declare, time: Any) -> None:
    """A token revoked before its time: every request is sent again once, with one new token for all."""
    credential = _credential(declare(), time)
    transport = Transport(f"{server.url}/api", credential=credential)
    await credential.fetch_kept()
    server.live_tokens = set()

    responses = await asyncio.gather(*(transport.send(Request("GET", "/Users")) for _ in range(50)))
    await transport.aclose()

    assert {response.status for response in responses} == {200}
    assert len(server.requests) == 2
    assert transport.requests_sent == 100


async def test_a_refused_token_is_not_renewed_where_that_is_declared_useless(
    server: Any, declare: Declare, time: Any
) -> None:
    """`on_401 = "fail"`: the 401 is the answer."""
    credential = _credential(declare(refresh={"kind": "reissue", "on_401": "fail"}), time)
    await credential.fetch_kept()

    assert not await credential.renew(credential.generation)
    assert len(server.requests) == 1


async def test_a_token_request_survives_a_passing_failure(server: Any, declare: Declare, time: Any) -> None:
    """Asking twice for a client's own token is harmless, so 5xx and 429 are tried again."""
    server.failures = [web.Response(status=503), web.Response(status=429, headers={"Retry-After": "0"})]
    credential = _credential(declare(), time, http=lambda origin: Transport(origin, random=lambda: 0.0))

    assert await _authorization(credential) == "Bearer access-1"
    assert len(server.requests) == 3


async def test_a_failed_fetch_is_tried_anew_by_the_next_call(server: Any, declare: Declare, time: Any) -> None:
    """One failure does not spoil the credential; everybody who waited gets the error."""
    server.failures = [web.Response(status=400, text="<html>oops")]
    server.delay = 0.02
    credential = _credential(declare(), time)

    outcomes = await asyncio.gather(*(_authorization(credential) for _ in range(3)), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [AuthError] * 3
    assert await _authorization(credential) == "Bearer access-1"


async def test_a_short_life_is_used_by_half_at_least(server: Any, declare: Declare, time: Any) -> None:
    """A token that lives shorter than the margin would otherwise be fetched for every request."""
    server.lifetime = 30
    credential = _credential(declare(refresh={"kind": "reissue", "skew_s": 60}), time)
    await credential.fetch_kept()

    time.time += 14
    assert credential.headers_now() is not None
    time.time += 2
    assert credential.headers_now() is None


async def test_a_used_up_refresh_token_is_no_end_where_the_client_can_ask_anew(
    server: Any, declare: Declare, time: Any
) -> None:
    """Some vendors give one with a client's own grant as well."""
    refresh = {"kind": "refresh_token"}
    server.reshape = lambda reply: {**reply, "refresh_token": "refresh-unknown"}
    credential = _credential(declare(refresh=refresh), time)
    await credential.fetch_kept()
    time.time += 4000

    assert await _authorization(credential) == "Bearer access-2"
    assert [item["grant_type"] for item in server.requests] == [
        "client_credentials", "refresh_token", "client_credentials",
    ]  # fmt: skip


async def test_cancelling_the_caller_does_not_lose_the_token(server: Any, declare: Declare, time: Any) -> None:
    """The reply may hold a refresh token that cannot be had twice, so the request runs to its end and is stored."""
    server.delay = 0.05
    store = MemoryTokenStore()
    credential = _credential(declare(), time, token_store=store, app="a")
    asking = asyncio.ensure_future(_authorization(credential))
    await asyncio.sleep(0.02)

    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await asyncio.sleep(0.15)

    stored = store.read("a")
    assert stored is not None
    assert stored.access_token.reveal() == "access-1"
    assert credential.headers_now() is not None
