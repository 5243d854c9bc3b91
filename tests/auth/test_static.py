"""Tokens, keys and passwords that do not change."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from gallery_sdk.auth import Secret, StaticCredential, build_credential, fill_url
from gallery_sdk.errors import AuthError
from gallery_sdk.manifest.auth import AuthMethod
from gallery_sdk.transport import Credential, redact

TOKEN = {"id": "token", "type": "secret"}


def _method(kind: str, **fields: Any) -> AuthMethod:
    return AuthMethod.model_validate({"id": "m", "kind": kind, **fields})


async def _proof(credential: Credential) -> tuple[dict[str, str], list[tuple[str, str]]]:
    headers: dict[str, str] = {}
    params: list[tuple[str, str]] = []
    await credential.apply(headers, params)
    return headers, params


@pytest.mark.parametrize(
    ("apply", "header"),
    [
        pytest.param(None, {"Authorization": "Bearer tok-4711"}, id="default"),
        pytest.param({"scheme": "SSWS"}, {"Authorization": "SSWS tok-4711"}, id="another word"),
        pytest.param({"header": "X-Api-Key"}, {"X-Api-Key": "tok-4711"}, id="no word"),
    ],
)
async def test_a_bearer_token_goes_where_the_vendor_wants_it(apply: Any, header: dict[str, str]) -> None:
    """Any header, any word before it; at hand without waiting, nothing to renew."""
    method = _method("bearer_token", input=[TOKEN], **({"apply": apply} if apply else {}))

    credential = build_credential(method, inputs={}, secrets={"token": Secret("tok-4711")})

    assert credential.headers_now() == header
    assert credential.headers_now() is credential.headers_now()
    assert await _proof(credential) == (header, [])
    assert not await credential.renew(0)
    assert "tok-4711" not in repr(credential)


async def test_basic_is_built_from_templates() -> None:
    """Zendesk wants `/token` behind the user, BambooHR a literal password; the encoded form is masked as well."""
    method = _method(
        "basic", input=[{"id": "email"}, TOKEN], user_template="{email}/token", password_template="{token}"
    )

    credential = build_credential(method, inputs={"email": "ä@x.test"}, secrets={"token": Secret("tok-4711")})

    header = (await _proof(credential))[0]["Authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "ä@x.test/token:tok-4711"
    assert header.removeprefix("Basic ") not in redact(f"sent {header.removeprefix('Basic ')}")


async def test_keys_go_to_several_places() -> None:
    """Datadog wants two headers; others take the key in the query, which needs `apply`."""
    places = [
        {"header": "DD-API-KEY", "value": "{api_key}"},
        {"header": "DD-APPLICATION-KEY", "scheme": "app", "value": "{site}-{app_key}"},
        {"query": "key", "value": "{api_key}"},
    ]
    method = _method(
        "api_key",
        input=[{"id": "site"}, {"id": "api_key", "type": "secret"}, {"id": "app_key", "type": "secret"}],
        apply=places,
    )
    secrets = {"api_key": Secret("key-4711"), "app_key": Secret("app-4711")}

    credential = build_credential(method, inputs={"site": "eu"}, secrets=secrets)

    assert credential.headers_now() is None
    assert await _proof(credential) == (
        {"DD-API-KEY": "key-4711", "DD-APPLICATION-KEY": "app eu-app-4711"},
        [("key", "key-4711")],
    )


async def test_none_sends_nothing() -> None:
    """For targets that trust the network."""
    credential = build_credential(_method("none"), inputs={}, secrets={})

    assert await _proof(credential) == ({}, [])
    assert credential.headers_now() == {}


async def test_functions_of_names_are_filled() -> None:
    """Values joined by colons in base64, masked as well; capitals; a value with braces is no template."""
    method = _method(
        "api_key",
        input=[{"id": "user"}, TOKEN],
        apply=[{"header": "X-Proof", "value": "{b64:user:token}"}, {"header": "X-User", "value": "{upper:user}{user}"}],
    )

    credential = build_credential(method, inputs={"user": "ada{token}"}, secrets={"token": Secret("tok-4711")})

    headers, _ = await _proof(credential)
    assert base64.b64decode(headers["X-Proof"]).decode() == "ada{token}:tok-4711"
    assert headers["X-User"] == "ADA{TOKEN}ada{token}"
    assert headers["X-Proof"] not in redact(f"sent {headers['X-Proof']}")


INPUTS = [
    TOKEN,
    {"id": "region", "type": "choice", "choices": ["eu", "us"], "default": "eu"},
    {"id": "tenant", "pattern": "[a-z]+"},
    {"id": "note", "required": False},
]


@pytest.mark.parametrize(
    ("inputs", "secrets", "told"),
    [
        pytest.param({"tenant": "a"}, {}, "'token' is missing", id="secret missing"),
        pytest.param({}, {"token": "geheim-1"}, "'tenant' is missing", id="input missing"),
        pytest.param(
            {"tenant": "a", "tokn": "x"}, {"token": "geheim-1"}, "Its inputs are: token, region", id="unknown"
        ),
        pytest.param({"tenant": "a", "region": "mars"}, {"token": "geheim-1"}, "Choose one of eu, us", id="choice"),
        pytest.param({"tenant": "A1"}, {"token": "geheim-1"}, "does not have the form", id="pattern"),
        pytest.param({"tenant": "a", "token": "geheim-1"}, {}, "Give a reference", id="secret in clear"),
        pytest.param({"tenant": "a"}, {"token": "geheim\n-1"}, "cannot carry", id="line break"),
    ],
)
def test_settings_are_checked(inputs: dict[str, str], secrets: dict[str, str], told: str) -> None:
    """What is wrong and what to do; never the secret."""
    method = _method("bearer_token", input=INPUTS)

    with pytest.raises(AuthError, match=told) as caught:
        build_credential(method, inputs=inputs, secrets={name: Secret(value) for name, value in secrets.items()})

    assert "geheim" not in str(caught.value)


def test_optional_inputs_and_defaults_are_filled_in() -> None:
    """Only what is required must be given."""
    method = _method("bearer_token", input=INPUTS, token_template="{region}-{token}{note}")

    credential = build_credential(method, inputs={"tenant": "a"}, secrets={"token": Secret("tok-4711")})

    assert isinstance(credential, StaticCredential)
    assert credential.headers_now() == {"Authorization": "Bearer eu-tok-4711"}


@pytest.mark.parametrize(
    ("template", "values", "url"),
    [
        ("https://{a}.zendesk.com/x", {"a": "acme"}, "https://acme.zendesk.com/x"),
        ("{a}/oauth/token", {"a": "https://login.acme.test/"}, "https://login.acme.test/oauth/token"),
        ("{a}/oauth/{b}", {"a": "login.acme.test", "b": "t-1"}, "https://login.acme.test/oauth/t-1"),
    ],
)
def test_urls_are_filled(template: str, values: dict[str, str], url: str) -> None:
    """A name at the start stands for the host, any other for one label or segment."""
    assert fill_url(template, values, where="x") == url


@pytest.mark.parametrize("value", ["evil.test/", "a@evil.test", "evil.test?", "evil.test#", "a b", "", "evil.test\\"])
def test_a_value_cannot_lead_to_another_host(value: str) -> None:
    """Otherwise a mistyped sub-domain would send the client secret to a stranger."""
    with pytest.raises(AuthError, match="does not fit"):
        fill_url("https://{a}.zendesk.com/x", {"a": value}, where="x")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param({"kind": "oauth2_client_credentials"}, "needs a", id="no token table"),
        pytest.param({"kind": "api_key"}, "at least one", id="nowhere"),
        pytest.param({"kind": "none", "apply": {"header": "a"}}, "no placements", id="placement of nothing"),
        pytest.param({"kind": "basic", "user_template": "{a b}", "password_template": "x"}, "brace", id="brace"),
        pytest.param({"kind": "none", "status": "deprecated"}, "remove_after", id="no end"),
        pytest.param({"kind": "none", "input": [{**TOKEN, "default": "x"}]}, "secret", id="secret with default"),
        pytest.param({"kind": "none", "input": [TOKEN, TOKEN]}, "same id", id="twice"),
        pytest.param({"kind": "none", "input": [{"id": "a", "choices": ["x"]}]}, "type 'string'", id="choices"),
        pytest.param(
            {"kind": "api_key", "apply": {"header": "a", "query": "b", "value": "c"}}, "one place", id="two places"
        ),
        pytest.param({"kind": "none", "colour": "red"}, "colour", id="unknown field"),
    ],
)
def test_a_method_that_cannot_work_is_refused_when_read(fields: dict[str, Any], told: str) -> None:
    """What contradicts itself never reaches a connection."""
    with pytest.raises(ValidationError) as caught:
        AuthMethod.model_validate({"id": "m", **fields})

    assert told in str(caught.value)
