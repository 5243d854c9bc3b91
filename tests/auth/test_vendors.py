"""Token exchanges as vendors' pages show them, departures included."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest

from gallery_sdk.auth import MemoryTokenStore, Secret, TokenCredential, build_credential, sign_in
from gallery_sdk.errors import AuthError
from gallery_sdk.manifest.auth import AuthMethod
from gallery_sdk.transport import Request, Transport

Declare = Callable[..., AuthMethod]
CODE = "oauth2_authorization_code"


@pytest.fixture
def given(time: Any) -> dict[str, Any]:
    """What signing in and renewing are both given."""
    return {
        "inputs": {"client_id": "client-17"},
        "secrets": {"client_secret": Secret("s3cret/with+odd=signs")},
        "token_store": MemoryTokenStore(),
        "wall_clock": time.now,
    }


def _credential(method: AuthMethod, given: dict[str, Any], **inputs: str) -> TokenCredential:
    credential = build_credential(method, **given | {"inputs": given["inputs"] | inputs})
    assert isinstance(credential, TokenCredential)
    return credential


async def test_zoom_server_to_server(server: Any, declare: Declare, given: dict[str, Any]) -> None:
    """A grant word of its own with the account's id, in the query; the reply tells the API's address.

    https://developers.zoom.us/docs/internal-apps/s2s-oauth/
    """
    server.grants = {"account_credentials"}
    server.reshape = lambda reply: {**reply, "token_type": "bearer", "api_url": "https://api-eu.zoom.us"}
    method = declare(
        grant="account_credentials",
        body="query",
        params={"account_id": "{account_id}"},
        response={"keep": ["api_url"]},
        method={"input": [{"id": "account_id"}]},
    )

    kept = await _credential(method, given, account_id="acc-1").fetch_kept()

    assert kept == {"api_url": "https://api-eu.zoom.us"}
    assert server.requests == [{"grant_type": "account_credentials", "account_id": "acc-1"}]


async def test_zoom_rotates_refresh_tokens(
    server: Any, declare: Declare, browser: Any, given: dict[str, Any], time: Any
) -> None:
    """Each works once: fifty calls at the end of the hour refresh once, and the newest one is kept."""
    server.reshape = lambda reply: {**reply, "api_url": "https://api-eu.zoom.us"}
    method = declare(
        CODE,
        response={"keep": ["api_url"]},
        refresh={"kind": "refresh_token", "rotation": "single_use"},
        method={"scopes": {"separator": ",", "base": ["user:read"], "when": {"users_write": ["user:write"]}}},
    )
    await sign_in(method, open_url=browser.open, features=["users_write"], timeout_seconds=3, **given)
    credential = _credential(method, given)

    for _ in range(3):
        time.time += 3600
        await asyncio.gather(*(credential.fetch_kept() for _ in range(50)))

    refreshes = [item["refresh_token"] for item in server.requests if item["grant_type"] == "refresh_token"]
    assert refreshes == ["refresh-2", "refresh-3", "refresh-4"]
    assert await credential.fetch_kept() == {"api_url": "https://api-eu.zoom.us"}
    assert "scope=user:read,user:write" in browser.opened[0].replace("%2C", ",")


async def test_ariba_and_greenhouse_write_the_grant_elsewhere(
    server: Any, declare: Declare, given: dict[str, Any]
) -> None:
    """`openapi_2lo` with a key in a header (SAP Ariba); a grant that stands in the address (Greenhouse)."""
    server.grants = {"openapi_2lo", "client_credentials"}
    ariba = declare(
        grant="openapi_2lo",
        headers={"apikey": "{api_key}"},
        method={"input": [{"id": "api_key", "type": "secret"}]},
    )
    secrets = given["secrets"] | {"api_key": Secret("ariba-key-0815")}
    await _credential(ariba, given | {"secrets": secrets, "app": "ariba"}).fetch_kept()
    greenhouse = declare(
        url=f"{server.url}/token?grant_type=client_credentials",
        params={"sub": "{user}"},
        drop_params=["grant_type"],
        method={"input": [{"id": "user"}]},
    )
    await _credential(greenhouse, given, user="7").fetch_kept()

    assert server.headers[0]["apikey"] == "ariba-key-0815"
    assert server.requests == [{"grant_type": "openapi_2lo"}, {"grant_type": "client_credentials", "sub": "7"}]


async def test_workday_takes_a_refresh_token_from_a_page(
    server: Any, declare: Declare, given: dict[str, Any], time: Any
) -> None:
    """It was issued once and does not end; client authentication has the word `ID` in place of `Basic`."""
    server.client_auth, server.rotates = "scheme:ID", False
    method = declare(
        "oauth2_refresh_only",
        client_auth="scheme:ID",
        params={"tenant_alias": "{tenant}"},
        method={"input": [{"id": "tenant"}, {"id": "refresh_token", "type": "secret"}]},
    )
    given["secrets"]["refresh_token"] = Secret("refresh-by-hand-0815")
    credential = _credential(method, given, tenant="acme")

    for _ in range(2):
        await credential.fetch_kept()
        time.time += 4000

    assert [item["refresh_token"] for item in server.requests] == ["refresh-by-hand-0815"] * 2
    assert server.requests[0]["tenant_alias"] == "acme"
    header = server.headers[0]["Authorization"]
    assert base64.b64decode(header.removeprefix("ID ")).decode() == "client-17:s3cret/with+odd=signs"


async def test_a_refresh_token_from_a_page_may_rotate(
    server: Any, declare: Declare, given: dict[str, Any], time: Any
) -> None:
    """Then the stored one follows it, also in the next run; another one from the page begins anew."""
    method = declare(
        "oauth2_refresh_only",
        refresh={"kind": "refresh_token", "rotation": "single_use"},
        method={"input": [{"id": "refresh_token", "type": "secret"}]},
    )
    given["secrets"]["refresh_token"] = Secret("refresh-by-hand-0815")
    for _ in range(3):
        await _credential(method, given).fetch_kept()
        time.time += 4000

    assert [item["refresh_token"] for item in server.requests] == ["refresh-by-hand-0815", "refresh-1", "refresh-2"]
    given["secrets"]["refresh_token"] = Secret("refresh-by-hand-0816")
    with pytest.raises(AuthError, match="invalid_grant"):
        await _credential(method, given).fetch_kept()
    assert server.requests[-1]["refresh_token"] == "refresh-by-hand-0816"


async def test_basecamp_has_its_own_words_for_both_requests(
    server: Any, declare: Declare, browser: Any, given: dict[str, Any], time: Any
) -> None:
    """`type` says which it is, in place of `grant_type`; the word for refreshing wins when refreshing."""
    method = declare(
        CODE,
        params={"type": "web_server"},
        refresh={"kind": "refresh_token", "params": {"type": "refresh"}},
    )

    await sign_in(method, open_url=browser.open, timeout_seconds=3, **given)
    time.time += 4000
    await _credential(method, given).fetch_kept()

    assert [item["type"] for item in server.requests] == ["web_server", "refresh"]


async def test_slacks_token_belongs_to_the_user(
    server: Any, declare: Declare, browser: Any, given: dict[str, Any]
) -> None:
    """It stands under `authed_user`, and does not end; a refusal has status 200 and `ok` false.

    https://docs.slack.dev/authentication/installing-with-oauth
    """
    server.reshape = lambda reply: {"ok": True, "authed_user": {"id": "U1", "access_token": reply["access_token"]}}
    method = declare(
        CODE,
        response={"access_token": "authed_user.access_token", "refresh_token": "authed_user.refresh_token",
                  "expires_in": "authed_user.expires_in", "ok": "ok"},
        method={"authorize": {"scope_param": "user_scope"}, "scopes": {"separator": ",", "base": ["admin"]}},
    )  # fmt: skip
    tokens = await sign_in(method, open_url=browser.open, timeout_seconds=3, **given)
    assert tokens.expires_at is None

    async with Transport(f"{server.url}/api", credential=_credential(method, given)) as transport:
        assert (await transport.send(Request("GET", "/Users"))).status == 200

    server.reshape = lambda reply: {"ok": False, "error": "invalid_code"}
    with pytest.raises(AuthError, match="refused: invalid_code"):
        await sign_in(method, open_url=browser.open, timeout_seconds=3, **given)


async def test_the_connectors_own_inputs_serve_signing_in(
    server: Any, declare: Declare, browser: Any, given: dict[str, Any]
) -> None:
    """A tenant's host that token address and base address share is asked for once."""
    method = declare(CODE, url="{url}/token", method={"authorize": {"url": "{url}/authorize"}})
    settings = {"url": server.url}

    await sign_in(method, settings=settings, open_url=browser.open, timeout_seconds=3, **given)
    headers: dict[str, str] = {}
    await _credential(method, given | {"settings": settings}).apply(headers, [])

    assert headers == {"Authorization": "Bearer access-2"}
