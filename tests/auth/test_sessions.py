"""Logins in steps, and look-ups after signing in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from gallery_sdk.auth import MemoryTokenStore, Secret, TokenCredential, build_credential, sign_in
from gallery_sdk.errors import AuthError, HostNotAllowedError
from gallery_sdk.manifest.auth import AuthMethod
from gallery_sdk.transport import Transport

Declare = Callable[..., AuthMethod]
STEPS: list[dict[str, Any]] = [
    {
        "url": "{host}/login",
        "params": {"credentials": {"name": "{user}", "password": "{password}"}, "remember": True},
        "save": {"ticket": "header:x-ticket", "site": "site.id", "home": "site.hosts.0"},
    },
    {
        "url": "{host}/sites/{site}/session",
        "headers": {"X-Ticket": "{ticket}"},
        "body": "form",
        "params": {"site": "{site}"},
        "save": {"token": "session.id", "lasts": "session.lasts", "csrf": "session.csrf"},
    },
]


def _session(**fields: Any) -> AuthMethod:
    session = {"step": STEPS, "keep": ["home"], "expires": "lasts", "expires_kind": "in_hms"}
    return AuthMethod.model_validate(
        {
            "id": "login",
            "kind": "session_exchange",
            "input": [{"id": "host", "type": "url"}, {"id": "user"}, {"id": "password", "type": "secret"}],
            "session": session | fields.pop("session", {}),
            **fields,
        }
    )


def _credential(method: AuthMethod, server: Any, time: Any, **options: Any) -> TokenCredential:
    options.setdefault("token_store", MemoryTokenStore())
    credential = build_credential(
        method,
        inputs={"host": server.url, "user": "ada"},
        secrets={"password": Secret(options.pop("password", "wachtwoord-0815"))},
        wall_clock=time.now,
        **options,
    )
    assert isinstance(credential, TokenCredential)
    return credential


async def test_each_step_knows_what_those_before_it_saved(server: Any, time: Any) -> None:
    """From a header, from nested JSON, from a list; the proof goes where it is wanted, the expiry is read."""
    method = _session(apply=[{"header": "X-Auth"}, {"header": "X-Csrf", "value": "{csrf}"}])
    credential = _credential(method, server, time)

    assert await credential.fetch_kept() == {"home": server.url}
    assert credential.headers_now() == {"X-Auth": "session-1", "X-Csrf": "csrf-geheim-1"}
    time.time += 3541
    assert credential.headers_now() is None
    await credential.fetch_kept()
    assert server.session_logins == 2


@pytest.mark.parametrize(
    ("session", "lasts"),
    [({"expires": None, "lifetime_s": 600}, 540), ({"expires": None}, None)],
    ids=["assumed", "until refused"],
)
async def test_a_session_whose_end_nobody_tells(session: Any, lasts: int | None, server: Any, time: Any) -> None:
    """A declared life, or none: then the target's 401 is the end."""
    credential = _credential(_session(session=session), server, time)
    await credential.fetch_kept()

    time.time += (lasts or 10**7) - 1
    assert credential.headers_now() is not None
    time.time += 2
    assert (credential.headers_now() is None) is (lasts is not None)


async def test_a_refused_step_is_named(server: Any, time: Any) -> None:
    """Which step, and which status; nothing of what was sent, though the reply quotes it."""
    with pytest.raises(AuthError, match="step 1 of the login: it was refused with status 401") as caught:
        await _credential(_session(), server, time, password="falsch-0815").fetch_kept()

    assert "falsch" not in str(caught.value)


@pytest.mark.parametrize("path", ["site.none", "header:X-None", "site"])
async def test_a_reply_that_lacks_what_is_saved_says_so(path: str, server: Any, time: Any) -> None:
    """Most likely the connector looks in the wrong place."""
    steps = [{**STEPS[0], "save": {"token": path}}]
    method = _session(session={"step": steps, "keep": [], "expires": None})

    with pytest.raises(AuthError, match=f"nothing at '{path}'"):
        await _credential(method, server, time).fetch_kept()


async def test_a_login_survives_a_passing_failure(server: Any, time: Any) -> None:
    """Logging in twice leaves an idle session at worst."""
    server.failures = [web.Response(status=503)]
    credential = _credential(_session(), server, time, http=lambda origin: Transport(origin, random=lambda: 0.0))

    assert await credential.fetch_kept()


async def test_a_saved_value_cannot_lead_to_another_host(server: Any, time: Any) -> None:
    """What replies say is held to the allowed hosts, like everything else."""
    steps = [STEPS[0], {**STEPS[1], "url": "{home}/sites/{site}/session"}]
    method = _session(session={"step": steps})
    elsewhere = server.url.replace("127.0.0.1", "localhost")

    def http(origin: str) -> Transport:
        return Transport(origin, allowed_hosts=["127.0.0.1"])

    assert await _credential(method, server, time, http=http).fetch_kept()
    server.url = elsewhere
    host = elsewhere.replace("localhost", "127.0.0.1")
    credential = build_credential(
        method,
        inputs={"host": host, "user": "ada"},
        secrets={"password": Secret("wachtwoord-0815")},
        token_store=MemoryTokenStore(),
        http=http,
        wall_clock=time.now,
    )
    assert isinstance(credential, TokenCredential)
    with pytest.raises(HostNotAllowedError):
        await credential.fetch_kept()


@pytest.mark.parametrize(
    ("session", "told"),
    [
        ({"step": []}, "at least 1"),
        ({"token": "nothing"}, "token names 'nothing'"),
        ({"keep": ["nothing"]}, "keep names 'nothing'"),
        ({"keep": ["token"]}, "keep names the token"),
        ({"expires": "nothing"}, "expires names 'nothing'"),
        ({"step": [{**STEPS[0], "save": {"Token": "a"}}]}, "save.Token"),
        ({"step": [{**STEPS[0], "body": "form"}]}, "params.credentials is no text"),
        ({"step": [STEPS[0], {**STEPS[1], "url": "https://{b64:host}/"}]}, "brace"),
        ({"step": [*STEPS, {"url": "{host}/", "save": {"user": "a"}}]}, "'user' is saved, and is the name"),
    ],
)
def test_a_login_that_cannot_work_is_refused_when_read(session: dict[str, Any], told: str) -> None:
    """What is named is saved, what is saved has a name of its own."""
    with pytest.raises(ValidationError) as caught:
        _session(session=session)

    assert told in str(caught.value)


LOOKUP = {"where": {"url": "{site}"}, "take": "id", "save": "cloud_id"}


def _looking(declare: Declare, server: Any, kind: str = "oauth2_client_credentials", **lookup: Any) -> AuthMethod:
    table = {"get": f"{server.url}/resources", **LOOKUP, **lookup}
    apply = [{"scheme": "Bearer"}, {"header": "X-Cloud", "value": "{cloud_id}"}]
    return declare(kind, method={"input": [{"id": "site"}], "lookup": [table], "apply": apply})


def _given(time: Any, site: str = "two", **options: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "inputs": {"client_id": "client-17", "site": site},
        "secrets": {"client_secret": Secret("s3cret/with+odd=signs")},
        "token_store": MemoryTokenStore(),
        "wall_clock": time.now,
    }
    return given | options


@pytest.mark.parametrize(
    ("lookup", "found"),
    [
        pytest.param({}, "cloud-2", id="Atlassian: by address"),
        pytest.param({"where": {"is_default": "true"}}, "cloud-2", id="DocuSign: by a flag"),
        pytest.param({"where": {}}, "cloud-1", id="the first"),
        pytest.param({"list": "accounts", "query": "?nested=1"}, "cloud-2", id="nested"),
        pytest.param({"list": "", "where": {"user": "ada"}, "take": "user", "query": "?nested=1"}, "ada", id="object"),
    ],
)
async def test_a_lookup_finds_what_no_token_tells(
    lookup: dict[str, Any], found: str, server: Any, declare: Declare, time: Any
) -> None:
    """With the token that was just issued; once per sign-in, kept for addresses and headers."""
    get = f"{server.url}/resources{lookup.pop('query', '')}"
    if "site" not in str({**LOOKUP, **lookup}["where"]):
        get += f"{'&' if '?' in get else '?'}site={{site}}"
    credential = build_credential(_looking(declare, server, get=get, **lookup), **_given(time))
    assert isinstance(credential, TokenCredential)

    assert await credential.fetch_kept() == {"cloud_id": found}
    assert credential.headers_now() == {"Authorization": "Bearer access-1", "X-Cloud": found}
    time.time += 4000
    await asyncio.gather(*(credential.fetch_kept() for _ in range(50)))
    assert (len(server.requests), server.site_reads) == (2, 1)


async def test_a_lookup_follows_a_persons_sign_in(server: Any, declare: Declare, browser: Any, time: Any) -> None:
    """The stored set is completed by the first run; another site in the settings is another sign-in."""
    method = _looking(declare, server, "oauth2_authorization_code")
    given = _given(time)

    await sign_in(method, open_url=browser.open, timeout_seconds=3, **given)
    for _ in range(2):
        credential = build_credential(method, **given)
        assert isinstance(credential, TokenCredential)
        assert await credential.fetch_kept() == {"cloud_id": "cloud-2"}

    assert server.site_reads == 1
    other = build_credential(method, **given | {"inputs": {"client_id": "client-17", "site": "one"}})
    assert isinstance(other, TokenCredential)
    with pytest.raises(AuthError, match="nobody has signed in yet"):
        await other.fetch_kept()


async def test_a_lookup_that_finds_nothing_says_what_it_looked_for(server: Any, declare: Declare, time: Any) -> None:
    """The token is kept: the next run looks again, and asks for no other."""
    given = _given(time, site="three")
    method = _looking(declare, server)
    for _ in range(2):
        credential = build_credential(method, **given)
        assert isinstance(credential, TokenCredential)
        with pytest.raises(AuthError, match="look-up of 'cloud_id': nothing was found for url = 'three'"):
            await credential.fetch_kept()

    assert (len(server.requests), server.site_reads) == (1, 2)


async def test_a_refused_lookup_is_told(server: Any, declare: Declare, time: Any) -> None:
    """With its status; the token does not show."""
    method = _looking(declare, server, headers={"Authorization": "token {access_token}"})
    credential = build_credential(method, **_given(time))
    assert isinstance(credential, TokenCredential)

    with pytest.raises(AuthError, match="refused with status 401") as caught:
        await credential.fetch_kept()

    assert "access-1" not in str(caught.value)
