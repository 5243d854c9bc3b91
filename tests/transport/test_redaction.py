"""Secrets do not survive in text."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_sdk.transport import SecretRegistry, is_secret_name, redact, redact_headers


@settings(max_examples=100, deadline=None)
@given(secret=st.text(min_size=4, max_size=40), around=st.text(max_size=20))
def test_a_registered_secret_is_masked_in_every_form(secret: str, around: str) -> None:
    """Plain, percent-encoded, in JSON, in base64: none of them is left."""
    registry = SecretRegistry()
    registry.add(secret)
    forms = [secret, quote_plus(secret), json.dumps(secret), base64.b64encode(secret.encode()).decode()]

    for form in forms:
        text = registry.mask(f"{around}<{form}>")

        assert "***" in text
        assert f"<{form}>" not in text
        assert registry.contains_secret(f"<{form}>")


def test_the_longer_of_two_secrets_goes_as_a_whole() -> None:
    """The rest of a longer secret would be half of it in clear."""
    registry = SecretRegistry()
    registry.add("abcdef")
    registry.add("abcdef-ghijkl")

    assert registry.mask("x abcdef-ghijkl y abcdef z") == "x *** y *** z"
    assert registry.values() == {"abcdef", "abcdef-ghijkl"}


@settings(max_examples=60, deadline=None)
@given(
    secrets=st.lists(st.text("abc", min_size=4, max_size=9), min_size=1, max_size=12), text=st.text("abc-", max_size=60)
)
def test_masking_goes_from_the_left_and_takes_the_longest(secrets: list[str], text: str) -> None:
    """As one pattern of all of them would, however the secrets overlap and begin alike."""
    registry = SecretRegistry()
    for secret in secrets:
        registry.add(secret)
    forms = {form for secret in secrets for form in (secret, base64.b64encode(secret.encode()).decode())}
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))

    assert registry.mask(text) == pattern.sub("***", text)
    assert registry.contains_secret(text) == bool(pattern.search(text))


def test_two_thousand_renewed_tokens_are_masked_by_look_up() -> None:
    """A process that runs for months meets a new token every hour; each is masked after each of the others came."""
    registry = SecretRegistry()
    head = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."
    tokens = [head + base64.b64encode(f"{number:08}".encode() * 64).decode() for number in range(2_000)]

    for token in tokens:
        registry.add(token)
        masked = registry.mask(f"GET /Users {token} 401")

        assert masked == "GET /Users *** 401"

    assert not registry.contains_secret(f"GET /Users {head}{'A' * 683} 401")


def test_a_secret_that_is_not_text_is_masked_like_any_other() -> None:
    """What an environment variable holds beside UTF-8 reaches Python as lone surrogates."""
    registry = SecretRegistry()

    registry.add("pass\udcffword")

    assert registry.mask("it was pass\udcffword") == "it was ***"


def test_a_very_short_value_is_not_taken_for_a_secret() -> None:
    """The literal password `x` that some APIs want must not mask every x."""
    registry = SecretRegistry()
    registry.add("x")

    assert registry.mask("box") == "box"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer geheim123",
        "authorization: Basic Z2VoZWltMTIz geheim123",
        "sent SSWS geheim123 to the target",
        '{"access_token": "geheim123", "expires_in": 3600}',
        '{"client_secret":"geheim123"}',
        "{'password': 'geheim123'}",
        "grant_type=refresh_token&refresh_token=geheim123&scope=a",
        "https://a.test/x?api_key=geheim123&page=2",
        "GET /callback?code=geheim123&state=1",
        "Cookie: sid=geheim123; other=1",
        '{"apiToken": "geheim123"}',
        '"x-api-key": "geheim123"',
    ],
)
def test_what_stands_in_a_secrets_place_is_masked(text: str) -> None:
    """Also when nobody registered it."""
    masked = redact(text)

    assert "geheim123" not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "text",
    [
        'userName "ada" is taken (username_taken)',
        "status 400, code 17: invalid filter",
        '{"detail": "Invalid value", "status": "400", "scimType": "invalidValue"}',
        "The basic plan has no SCIM",
        "https://a.test/Users?startIndex=1&count=100",
    ],
)
def test_ordinary_messages_stay_readable(text: str) -> None:
    """A message that is masked through helps nobody."""
    assert redact(text) == text


def test_secret_headers_are_masked_whole() -> None:
    """By name where the name says it, by registered value elsewhere."""
    headers = {"Authorization": "Bearer a", "X-Api-Key": "b", "Accept": "application/json", "x-vault-token": "c"}

    assert redact_headers(headers) == {
        "Authorization": "***",
        "X-Api-Key": "***",
        "Accept": "application/json",
        "x-vault-token": "***",
    }
    assert is_secret_name("client_secret")
    assert not is_secret_name("userName")
