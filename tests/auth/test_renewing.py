"""What holds for every kind whose token is fetched: one request for all, stored before use, nothing told."""

from __future__ import annotations

import asyncio
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.auth import FileTokenStore, MemoryTokenStore, Secret, TokenCredential
from gallery_sdk.errors import AuthError
from gallery_sdk.transport import Request, Transport, redact


async def _authorization(credential: TokenCredential) -> str:
    headers: dict[str, str] = {}
    await credential.apply(headers, [])
    return headers["Authorization"]


async def test_fifty_calls_at_expiry_cause_one_renewal(server: Any, renewing: Any, time: Any) -> None:
    """All wait for the same token; the one before served until a minute before its end."""
    server.delay = 0.02
    credential = renewing.credential(time)
    first = await _authorization(credential)
    asked = len(server.requests)
    time.time += server.lifetime - 61
    assert credential.headers_now() == {"Authorization": first}
    time.time += 2

    tokens = await asyncio.gather(*(_authorization(credential) for _ in range(50)))

    assert len(set(tokens)) == 1
    assert tokens[0] != first
    assert asked == 1
    assert len(server.requests) == 2


async def test_fifty_refused_calls_renew_once(server: Any, renewing: Any, time: Any) -> None:
    """A token that the target ended before its time: each call is sent again once, with one new token for all."""
    credential = renewing.credential(time)
    await credential.fetch_kept()
    server.live_tokens = set()

    async with Transport(f"{server.url}/api", credential=credential) as transport:
        responses = await asyncio.gather(*(transport.send(Request("GET", "/Users")) for _ in range(50)))

    assert {response.status for response in responses} == {200}
    assert transport.requests_sent == 100
    assert len(server.requests) == 2


async def test_a_stored_token_serves_the_next_run(server: Any, renewing: Any, time: Any, tmp_path: Path) -> None:
    """One request for two processes, whatever the kind; everything that the proof is made of is stored."""
    first = renewing.credential(time, token_store=FileTokenStore(tmp_path))
    second = renewing.credential(time, token_store=FileTokenStore(tmp_path))

    assert await _authorization(first) == await _authorization(second)
    assert await first.fetch_kept() == await second.fetch_kept()
    assert len(server.requests) == 1


async def test_nothing_secret_is_told_when_it_works(
    server: Any, renewing: Any, time: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by the log nor by any object's text; tokens and assertions count as secrets."""
    caplog.set_level(logging.DEBUG)
    store = MemoryTokenStore()
    credential = renewing.credential(time, token_store=store)

    token = await _authorization(credential)

    sent = [value for request in server.requests for name, value in request.items() if name.endswith("assertion")]
    sent += [headers.get("Authorization", "").partition(" ")[2] for headers in server.headers]
    told = (
        caplog.text + repr(credential) + repr(credential._issuer) + repr(store.read("default")) + repr(renewing.given)
    )
    seen = [token.removeprefix("Bearer "), *filter(None, sent)]
    assert not [secret for secret in [*renewing.secrets, *seen] if secret in told]
    assert not [secret for secret in seen if secret in redact(f"sent {secret} there")]


async def test_nothing_secret_is_told_when_it_is_refused(
    server: Any, renewing: Any, time: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The server's refusal quotes what was sent; our error, its causes and the log do not."""
    caplog.set_level(logging.DEBUG)
    wrong = {"client_secret": "falsch-0815", "refresh_token": "falsch-0816", "password": "falsch-0817"}
    given = renewing.given["secrets"]
    renewing.given["secrets"] = {name: Secret(wrong.get(name, value.reveal())) for name, value in given.items()}
    server.assertions.claims = server.client_assertions.claims = {"iss": "another"}
    credential = renewing.credential(time)

    with pytest.raises(AuthError, match="refused") as caught:
        await _authorization(credential)

    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert not [secret for secret in [*renewing.secrets, *wrong.values(), "eyJ"] if secret in told]
    assert caught.value.mend


async def test_a_stored_token_is_not_used_for_somebody_else(
    server: Any, renewing: Any, time: Any, tmp_path: Path
) -> None:
    """A stored set is not used for another client, user or key: whatever names the account is in the fingerprint."""
    store = FileTokenStore(tmp_path)
    await _authorization(renewing.credential(time, token_store=store))
    for name in ("client_id", "user"):
        if name in renewing.given["inputs"]:
            renewing.given["inputs"][name] = "somebody-else"

    with pytest.raises(AuthError):
        await _authorization(renewing.credential(time, token_store=store))
