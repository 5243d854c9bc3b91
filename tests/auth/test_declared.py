"""What the check of a whole manifest says about its ways to sign in: every name resolves, none is left over."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from gallery_sdk.manifest import find_problems, manifest_json_schema, parse_manifest
from gallery_sdk.manifest.auth import AuthMethod

MANIFEST = """\
schema = 1
slug = "fabrikam"
name = "Fabrikam"
version = "1.0.0"
summary = "Users of Fabrikam"
categories = ["itsm"]
maintainers = ["Ada Byron"]
license = "Apache-2.0"
docs_url = "https://docs.fabrikam.example/scim"
requires_sdk = ">=0.1,<1"
[vendor]
name = "Fabrikam"
[capabilities]
user = ["read", "create", "update", "deactivate"]
[transport]
base_url = "https://{tenant}.fabrikam.example/scim/v2"
allowed_hosts = ["*.fabrikam.example"]
[[config.input]]
id = "tenant"
required = true
[[attribute.user]]
name = "userName"
[[attribute.user]]
name = "active"
type = "boolean"
[[mapping.user]]
target = "userName"
source = "userPrincipalName"
match = 1
[[mapping.user]]
target = "active"
expression = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
[[auth.method]]
id = "m"
"""
CLIENT = """\
[[auth.method.input]]
id = "client_id"
[[auth.method.input]]
id = "client_secret"
type = "secret"
"""
KEY = """\
[[auth.method.input]]
id = "key"
type = "secret"
"""
CREDENTIALS = f"""\
kind = "oauth2_client_credentials"
{CLIENT}[auth.method.token]
url = "https://{{tenant}}.fabrikam.example/token"
"""
SESSION = f"""\
kind = "session_exchange"
{KEY}[[auth.method.session.step]]
url = "https://{{tenant}}.fabrikam.example/login"
params = {{ key = "{{key}}" }}
save = {{ ticket = "ticket" }}
[[auth.method.session.step]]
url = "https://{{tenant}}.fabrikam.example/session"
headers = {{ X-Ticket = "{{ticket}}" }}
save = {{ token = "token" }}
"""


def _told(text: str) -> list[str]:
    problems = find_problems(parse_manifest(MANIFEST + text))
    return [f"{one.where.removeprefix('connector.toml, ')}: {one.what}" for one in problems if one.severity == "error"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CREDENTIALS, id="host shared by token address and base address"),
        pytest.param(SESSION, id="session"),
        pytest.param(
            'kind = "basic"\nuser_template = "{tenant}/ada"\npassword_template = "{b64:tenant:password}"\n'
            '[[auth.method.input]]\nid = "password"\ntype = "secret"\n',
            id="the connector's own input in a proof",
        ),
        pytest.param(
            f'kind = "oauth2_jwt_bearer"\n{KEY}[auth.method.assertion]\niss = "{{tenant}}"\nkey_input = "key"\n'
            '[auth.method.token]\nurl = "https://login.fabrikam.example/token"\n',
            id="no client beside the assertion",
        ),
        pytest.param(
            f'kind = "jwt_self_signed"\n{KEY}[auth.method.assertion]\niss = "{{upper:tenant}}.{{sha256_pub:key}}"\n'
            'key_input = "key"\n',
            id="self-signed",
        ),
        pytest.param(
            CREDENTIALS + '[[auth.method.lookup]]\nget = "https://login.fabrikam.example/sites"\ntake = "id"\n'
            'save = "site"\n[[auth.method.apply]]\nscheme = "Bearer"\n'
            '[[auth.method.apply]]\nheader = "X-Site"\nvalue = "{site}"\n',
            id="look-up",
        ),
        pytest.param(
            'kind = "oauth2_refresh_only"\n' + CLIENT + '[[auth.method.input]]\nid = "refresh_token"\ntype = "secret"\n'
            '[auth.method.token]\nurl = "https://login.fabrikam.example/token"\nclient_auth = "scheme:ID"\n',
            id="refresh token from a page",
        ),
    ],
)
def test_a_method_whose_names_all_resolve_is_sound(text: str) -> None:
    """Names come from the method's inputs, the connector's own, replies, look-ups."""
    assert _told(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('kind = "bearer_token"\n', "auth.method[0].token_template: {token} is not", id="nothing gives it"),
        pytest.param(
            CREDENTIALS.replace("{tenant}", "{tennant}"), "auth.method[0].token.url: {tennant} is not", id="misspelled"
        ),
        pytest.param(
            SESSION.replace(
                'url = "https://{tenant}.fabrikam.example/login"', 'url = "https://{ticket}.fabrikam.example/"'
            ),
            "session.step[0].url: {ticket} is not",
            id="saved later",
        ),
        pytest.param(
            SESSION.replace('X-Ticket = "{ticket}"', 'X-Ticket = "{access_token}"'),
            "session.step[1].headers.X-Ticket: {access_token} is not",
            id="token before there is one",
        ),
        pytest.param(SESSION.replace("{ticket}", "x"), "auth.method[0]: 'ticket' is saved and never used", id="saved"),
        pytest.param(
            CREDENTIALS + 'response = { keep = ["api_url"] }\n', "'api_url' is saved and never used", id="kept"
        ),
        pytest.param(
            CREDENTIALS + KEY.replace("[auth", "[auth").replace("key", "other"),
            "'other' is declared and never",
            id="unused",
        ),
        pytest.param(
            CREDENTIALS + 'client_auth = "none"\n', "'client_secret' is declared and never used", id="secret unused"
        ),
        pytest.param(
            f'kind = "oauth2_jwt_bearer"\n{CLIENT}{KEY}[auth.method.assertion]\niss = "x"\nkey_input = "key"\n'
            '[auth.method.token]\nurl = "https://login.fabrikam.example/token"\n',
            "'client_id' is declared and never used",
            id="client that is never named",
        ),
        pytest.param(
            SESSION.replace("https://{tenant}.fabrikam.example/session", "https://elsewhere.example/"),
            "session.step[1].url: host 'elsewhere.example' is outside",
            id="step elsewhere",
        ),
        pytest.param(
            CREDENTIALS + '[[auth.method.lookup]]\nget = "https://elsewhere.example/"\ntake = "id"\nsave = "site"\n',
            "lookup[0].get: host 'elsewhere.example' is outside",
            id="look-up elsewhere",
        ),
    ],
)
def test_a_name_that_does_not_resolve_is_told_with_its_place(text: str, told: str) -> None:
    """Undeclared, too early, or declared and left over; addresses stay inside the allowed hosts."""
    assert [line for line in _told(text) if told in line]


SECRET = {"id": "key", "type": "secret"}
ASSERTION = {"iss": "a", "key_input": "key"}
TOKEN = {"url": "https://login.fabrikam.example/token", "client_id": "x", "client_secret": "y"}


def _asserting(client_auth: str, **asserted: Any) -> dict[str, Any]:
    client_assertion = {"client_assertion": asserted} if asserted else {}
    return {"kind": "oauth2_client_credentials", "token": {**TOKEN, "client_auth": client_auth, **client_assertion}}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param({"kind": "jwt_self_signed"}, "needs a [auth.method.assertion]", id="no assertion"),
        pytest.param({"kind": "oauth2_jwt_bearer", "token": TOKEN}, "needs a [auth.method.assertion]", id="no grant"),
        pytest.param({"kind": "none", "assertion": ASSERTION}, "has no [auth.method.assertion]", id="none signs"),
        pytest.param({"kind": "none", "session": {"step": [{"url": "https://a.test", "save": {"token": "a"}}]}},
                     "has no [auth.method.session]", id="session of none"),
        pytest.param({"kind": "jwt_self_signed", "assertion": {"iss": "a"}}, "key_input is missing", id="no key"),
        pytest.param({"kind": "jwt_self_signed", "assertion": {"key_input": "key"}}, "iss is missing", id="no issuer"),
        pytest.param({"kind": "jwt_self_signed", "assertion": {**ASSERTION, "key_input": "k"}},
                     "'k' is not a declared input", id="key from nowhere"),
        pytest.param({"kind": "jwt_self_signed", "assertion": ASSERTION, "input": [{"id": "key"}]},
                     "'key' is not of type 'secret'", id="key in clear"),
        pytest.param({"kind": "jwt_self_signed", "assertion": {**ASSERTION, "claims": {"exp": 1}}},
                     "claims names exp", id="claim of ours"),
        pytest.param({"kind": "jwt_self_signed", "assertion": {**ASSERTION, "alg": "HS256", "password_input": "key"}},
                     "shared secret", id="password of no key"),
        pytest.param({"kind": "jwt_self_signed", "assertion": {**ASSERTION, "alg": "none"}}, "alg", id="unsigned"),
        pytest.param({"kind": "bearer_token", "lookup": [{"get": "https://a.test", "take": "a", "save": "b"}]},
                     "no look-ups", id="look-up without a token"),
        pytest.param({"kind": "app_installation", "assertion": ASSERTION, "token": {**TOKEN, "grant": "x"}},
                     "proves itself by its assertion", id="installation with a grant"),
        pytest.param({"kind": "oauth2_refresh_only", "token": {**TOKEN, "refresh": {"kind": "reissue"}}},
                     "is 'refresh_token', not 'reissue'", id="reissue without a grant"),
        pytest.param({"kind": "oauth2_authorization_code", "authorize": {"url": "https://a.test"},
                      "token": {**TOKEN, "refresh": {"kind": "reissue"}}}, "not 'reissue'", id="code used twice"),
        pytest.param(_asserting("private_key_jwt"), "needs a client_assertion", id="nothing to sign with"),
        pytest.param(_asserting("private_key_jwt", alg="HS256", key_input="key"), "alg of RS", id="not private"),
        pytest.param(_asserting("client_secret_jwt", alg="RS256"), "an alg of HS", id="private, not shared"),
        pytest.param(_asserting("basic", key_input="key"), "client_assertion belongs to", id="two proofs"),
        pytest.param(_asserting("scheme:"), "client_auth", id="no word"),
        pytest.param({"kind": "bearer_token", "token_template": "{sha256_pub:a:b:c}"}, "number of names", id="arity"),
        pytest.param({"kind": "bearer_token", "token_template": "{md5:key}"}, "brace", id="unknown function"),
        pytest.param({"kind": "bearer_token", "token_template": "{b64:}"}, "brace", id="function of nothing"),
    ],
)  # fmt: skip
def test_a_kind_that_lacks_what_it_needs_is_refused_when_read(fields: dict[str, Any], told: str) -> None:
    """And so is one that has what it cannot use."""
    with pytest.raises(ValidationError) as caught:
        AuthMethod.model_validate({"id": "m", "input": [SECRET], **fields})

    assert told in str(caught.value)


def test_a_reply_may_name_the_address_and_not_the_hosts() -> None:
    """Salesforce's `instance_url` is the base address; which hosts it may be is the connector's word."""
    kept = CREDENTIALS + '[auth.method.token.response]\nkeep = ["instance_url"]\n'
    head = MANIFEST.replace('"https://{tenant}.fabrikam.example/scim/v2"', '"{instance_url}/scim/v2"')

    assert find_problems(parse_manifest(head + kept)) == []
    open_door = head.replace('"*.fabrikam.example"', '"*.fabrikam.example", "{instance_url}"')
    (found,) = find_problems(parse_manifest(open_door + kept))
    assert found.where == "connector.toml, transport.allowed_hosts[1]"


def test_a_second_method_cannot_hide_an_input_that_it_never_uses() -> None:
    """Each method answers for its own inputs."""
    second = '[[auth.method]]\nid = "n"\nkind = "none"\n[[auth.method.input]]\nid = "client_id"\n'

    assert _told(CREDENTIALS + second) == ["auth.method[1].input[0]: 'client_id' is declared and never used"]


def test_a_kept_name_is_nobody_elses() -> None:
    """Templates could not tell them apart."""
    kept = CREDENTIALS + '[auth.method.token.response]\nkeep = ["tenant"]\n'

    assert [line for line in _told(kept) if "'tenant' is also a name that is kept" in line]


def test_the_published_schema_knows_every_kind_and_table() -> None:
    """An editor completes them."""
    schema = manifest_json_schema()
    definitions = json.loads(json.dumps(schema))["$defs"]

    assert set(definitions["AuthMethod"]["properties"]["kind"]["enum"]) == {
        "none", "bearer_token", "basic", "api_key", "oauth2_client_credentials", "oauth2_authorization_code",
        "oauth2_refresh_only", "oauth2_jwt_bearer", "app_installation", "jwt_self_signed", "session_exchange",
    }  # fmt: skip
    for name in ("AuthMethod", "TokenRequest", "Assertion", "Session", "Step", "Lookup", "ClientCertificate"):
        assert definitions[name]["description"]


@pytest.mark.parametrize("text", [CREDENTIALS, SESSION])
def test_the_published_schema_is_no_stricter_than_the_reader(text: str) -> None:
    """What reads well has only fields that the schema knows."""
    manifest = parse_manifest(MANIFEST + text)
    definitions = json.loads(json.dumps(manifest_json_schema()))["$defs"]
    (method,) = manifest.model_dump(by_alias=True, mode="json", exclude_unset=True)["auth"]["method"]

    assert set(method) <= set(definitions["AuthMethod"]["properties"])
    for table, name in (("token", "TokenRequest"), ("session", "Session")):
        assert set(method.get(table, {})) <= set(definitions[name]["properties"])
