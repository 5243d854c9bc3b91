"""Sign-in by a person, and the tokens that follow from it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from gallery_sdk.auth import FileTokenStore, MemoryTokenStore, Secret, TokenCredential, build_credential, sign_in
from gallery_sdk.errors import AuthError
from gallery_sdk.manifest.auth import AuthMethod

Declare = Callable[..., AuthMethod]
CODE = "oauth2_authorization_code"


@pytest.fixture
def settings(time: Any) -> dict[str, Any]:
    """What signing in and renewing are both given."""
    return {
        "inputs": {"client_id": "client-17"},
        "secrets": {"client_secret": Secret("s3cret/with+odd=signs")},
        "token_store": MemoryTokenStore(),
        "app": "acme",
        "wall_clock": time.now,
        "timeout_seconds": 3.0,
    }


def _credential(method: AuthMethod, settings: dict[str, Any]) -> TokenCredential:
    credential = build_credential(
        method, **{name: value for name, value in settings.items() if name != "timeout_seconds"}
    )
    assert isinstance(credential, TokenCredential)
    return credential


async def _authorization(credential: TokenCredential) -> str:
    headers: dict[str, str] = {}
    await credential.apply(headers, [])
    return headers["Authorization"]


async def test_a_person_signs_in_and_the_token_is_renewed(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any], time: Any
) -> None:
    """Code with PKCE, stored, used, refreshed with rotation; each refresh token is sent once."""
    method = declare(CODE, refresh={"kind": "refresh_token", "rotation": "single_use"})

    tokens = await sign_in(method, open_url=browser.open, **settings)
    credential = _credential(method, settings)
    first = await _authorization(credential)
    time.time += 4000
    second = await _authorization(credential)
    time.time += 4000
    third = await _authorization(credential)

    assert tokens.access_token == Secret("access-2")
    assert (first, second, third) == ("Bearer access-2", "Bearer access-3", "Bearer access-4")
    assert [item["grant_type"] for item in server.requests] == ["authorization_code", "refresh_token", "refresh_token"]
    assert [item.get("refresh_token") for item in server.requests[1:]] == ["refresh-2", "refresh-3"]
    await browser.close()
    assert browser.pages[0][0] == 200
    assert "access-" not in repr(tokens)


async def test_the_authorization_address_says_what_is_asked(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any]
) -> None:
    """Vendors' own parameters, scopes under the vendor's own name, a challenge and no verifier."""
    method = declare(
        CODE,
        method={
            "scopes": {"base": ["admin"], "when": {"groups": ["groups"]}},
            "authorize": {"scope_param": "user_scope", "params": {"prompt": "consent"}, "redirect_path": "/oauth"},
        },
    )

    await sign_in(method, open_url=browser.open, features=["groups"], **settings)

    query = {name: values[0] for name, values in parse_qs(urlsplit(browser.opened[0]).query).items()}
    assert query["user_scope"] == "admin groups"
    assert query["prompt"] == "consent"
    assert urlsplit(query["redirect_uri"]).hostname == "127.0.0.1"
    assert urlsplit(query["redirect_uri"]).path == "/oauth"
    assert len(query["state"]) >= 32
    assert server.requests[0]["code_verifier"] not in browser.opened[0]


async def test_parameters_that_a_vendor_rejects_are_left_out(
    declare: Declare, settings: dict[str, Any], browser: Any
) -> None:
    """monday refuses `response_type`; a vendor without PKCE gets no challenge."""
    method = declare(CODE, method={"authorize": {"drop_params": ["response_type"], "pkce": "off"}})
    opened: list[str] = []

    with pytest.raises(AuthError, match="nobody answered"):
        await sign_in(method, open_url=opened.append, **settings | {"timeout_seconds": 0.05})

    assert "response_type" not in opened[0]
    assert "code_challenge" not in opened[0]


async def test_an_answer_with_another_state_is_refused(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any]
) -> None:
    """A forged redirect gets a 400, its code is never exchanged, and the right answer still counts."""
    statuses: list[int] = []

    async def forge_then_visit(url: str) -> None:
        redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        async with aiohttp.ClientSession() as session:
            for forged in (f"{redirect}?code=stolen&state=guess", f"{redirect}?code=stolen", redirect + "x?state=1"):
                async with session.get(forged) as response:
                    statuses.append(response.status)
            async with session.post(f"{redirect}?code=stolen") as response:
                statuses.append(response.status)
        await browser.visit(url)

    tasks: list[Any] = []

    tokens = await sign_in(
        declare(CODE), open_url=lambda url: tasks.append(asyncio.ensure_future(forge_then_visit(url))), **settings
    )
    await asyncio.gather(*tasks)

    assert statuses == [400, 400, 404, 405]
    assert tokens.access_token == Secret("access-2")
    assert [item["code"] for item in server.requests] == ["code-1"]


async def test_the_listener_takes_one_answer_and_is_gone(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any]
) -> None:
    """A code that is replayed finds nobody, and would be refused by the server."""
    method = declare(CODE)
    await sign_in(method, open_url=browser.open, **settings)
    await browser.close()

    with pytest.raises(aiohttp.ClientConnectorError):
        await browser.visit(browser.final_url)


async def test_a_refusal_by_the_person_is_told(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any]
) -> None:
    """`access_denied` with its description, and what to do; nothing is exchanged or stored."""
    server.redirect_error = {"error": "access_denied", "error_description": "Ada said no"}

    with pytest.raises(AuthError, match="access_denied: Ada said no") as caught:
        await sign_in(declare(CODE), open_url=browser.open, **settings)

    assert "administrator" in caught.value.mend
    assert server.requests == []
    assert settings["token_store"].read("acme") is None


async def test_a_browser_on_another_machine_can_be_used(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any]
) -> None:
    """The address that the browser ended at is pasted; one of another sign-in is refused."""
    opened: list[str] = []

    async def paste() -> str:
        await asyncio.sleep(0.01)
        async with aiohttp.ClientSession() as session, session.get(opened[-1], allow_redirects=False) as response:
            return response.headers["Location"] + "\n"

    tokens = await sign_in(declare(CODE), open_url=opened.append, read_pasted=paste, **settings)
    assert tokens.access_token == Secret("access-2")

    async def paste_old() -> str:
        return "http://127.0.0.1:1/callback?code=code-1&state=old"

    with pytest.raises(AuthError, match="another sign-in"):
        await sign_in(declare(CODE), open_url=opened.append, read_pasted=paste_old, **settings)


async def test_a_fixed_port_that_is_taken_is_named(declare: Declare, settings: dict[str, Any]) -> None:
    """Some vendors compare the redirect address literally."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(AuthError, match=f"port {port}"):
            await sign_in(
                declare(CODE, method={"authorize": {"redirect_port": port}}), open_url=lambda url: None, **settings
            )


async def test_fields_of_redirect_and_reply_are_kept(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any], time: Any
) -> None:
    """Salesforce tells the instance in the reply, QuickBooks the realm in the redirect; a refresh keeps both."""
    server.reshape = lambda reply: {**reply, "instance_url": "https://eu1.test"} if len(server.requests) == 1 else reply
    method = declare(
        CODE, response={"keep": ["instance_url"]}, method={"authorize": {"redirect_keep": ["state", "realmId"]}}
    )

    await sign_in(method, open_url=browser.open, **settings)
    time.time += 4000
    kept = await _credential(method, settings).fetch_kept()

    assert kept["instance_url"] == "https://eu1.test"
    assert set(kept) == {"instance_url", "state"}


async def test_nobody_signed_in_yet_is_told(declare: Declare, settings: dict[str, Any], server: Any) -> None:
    """Without a stored set there is nothing to send."""
    with pytest.raises(AuthError, match="nobody has signed in yet"):
        await _authorization(_credential(declare(CODE), settings))

    assert server.requests == []


async def test_a_failed_refresh_deletes_nothing(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any], time: Any
) -> None:
    """The set stays, so that a passing refusal does not end in a new sign-in."""
    method = declare(CODE)
    await sign_in(method, open_url=browser.open, **settings)
    before = settings["token_store"].read("acme")
    time.time += 4000
    server.failures = [web.json_response({"error": "invalid_grant"}, status=400)]
    credential = _credential(method, settings)

    with pytest.raises(AuthError, match="invalid_grant") as caught:
        await _authorization(credential)

    assert "Sign in again" in caught.value.mend
    assert settings["token_store"].read("acme") == before
    assert await _authorization(credential) == "Bearer access-3"


async def test_a_lost_reply_to_a_single_use_refresh_is_not_asked_for_again(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any], time: Any
) -> None:
    """The refresh token may be used up: sending it twice can make a vendor revoke the whole grant."""
    method = declare(CODE, refresh={"kind": "refresh_token", "rotation": "single_use"})
    await sign_in(method, open_url=browser.open, **settings)
    time.time += 4000
    server.failures = [web.Response(status=502)]

    with pytest.raises(AuthError, match="reply was lost"):
        await _authorization(_credential(method, settings))

    assert len(server.requests) == 2


async def test_refreshing_at_another_address_keeps_an_unrotated_token(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any], time: Any
) -> None:
    """Figma refreshes elsewhere; a reply without a refresh token leaves the old one in force (RFC 6749 section 6)."""
    server.rotates = False
    method = declare(
        CODE, refresh={"kind": "refresh_token", "url": f"{server.url}/elsewhere/token", "params": {"extra": "1"}}
    )
    await sign_in(method, open_url=browser.open, **settings)
    credential = _credential(method, settings)

    for _ in range(2):
        time.time += 4000
        await _authorization(credential)

    assert server.paths == ["/token", "/elsewhere/token", "/elsewhere/token"]
    assert [item["refresh_token"] for item in server.requests[1:]] == ["refresh-2", "refresh-2"]
    assert server.requests[1]["extra"] == "1"


async def test_two_processes_refresh_once(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any], time: Any, tmp_path: Path
) -> None:
    """Each has its own store on the same directory: the second waits for the lock and takes what the first stored."""
    server.delay = 0.05
    method = declare(CODE, refresh={"kind": "refresh_token", "rotation": "single_use"})
    shared = [settings | {"token_store": FileTokenStore(tmp_path / "tokens")} for _ in range(3)]
    await sign_in(method, open_url=browser.open, **shared[0])
    time.time += 4000

    tokens = await asyncio.gather(*(_authorization(_credential(method, item)) for item in shared))

    assert set(tokens) == {"Bearer access-3"}
    assert len(server.requests) == 2


async def test_a_loser_without_the_lock_takes_the_winners_tokens(
    server: Any, declare: Declare, browser: Any, settings: dict[str, Any], time: Any
) -> None:
    """Another tool refreshed with the same token and stored the result while ours was refused."""
    method, store = declare(CODE), settings["token_store"]
    tokens = await sign_in(method, open_url=browser.open, **settings)
    time.time += 4000
    server.delay = 0.05
    server.failures = [web.json_response({"error": "invalid_grant"}, status=400)]
    losing = asyncio.ensure_future(_authorization(_credential(method, settings)))
    await asyncio.sleep(0.02)

    store.write("acme", replace(tokens, access_token=Secret("access-won"), expires_at=time.time + 3600))

    assert await losing == "Bearer access-won"
