"""Signed assertions: as a grant, as a client's proof, as the token itself, as an app's proof."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import OctKey

from gallery_sdk.auth import MemoryTokenStore, Secret, TokenCredential, build_credential, sign_in
from gallery_sdk.errors import AuthError
from gallery_sdk.manifest.auth import AuthMethod
from gallery_sdk.transport import Request, Transport

Declare = Callable[..., AuthMethod]
BEARER = "oauth2_jwt_bearer"
KEY = {"id": "key", "type": "secret"}


def _credential(method: AuthMethod, time: Any, secrets: dict[str, str], **options: Any) -> TokenCredential:
    inputs = {"client_id": "client-17"} | options.pop("inputs", {})
    given = {name: Secret(value) for name, value in {"client_secret": "s3cret/with+odd=signs", **secrets}.items()}
    options.setdefault("token_store", MemoryTokenStore())
    credential = build_credential(method, inputs=inputs, secrets=given, wall_clock=time.now, **options)
    assert isinstance(credential, TokenCredential)
    return credential


async def _authorization(credential: TokenCredential) -> str:
    headers: dict[str, str] = {}
    await credential.apply(headers, [])
    return headers["Authorization"]


def _decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unverified."""
    head, body, _ = token.removeprefix("Bearer ").split(".")
    return json.loads(base64.urlsafe_b64decode(head + "==")), json.loads(base64.urlsafe_b64decode(body + "=="))


def _bearer(declare: Declare, **assertion: Any) -> AuthMethod:
    return declare(
        BEARER, method={"input": [KEY], "assertion": {"iss": "{client_id}", "key_input": "key", **assertion}}
    )


@pytest.mark.parametrize("alg", ["RS256", "RS512", "PS256", "ES256", "HS256"])
async def test_an_assertion_is_the_grant(
    alg: str, server: Any, declare: Declare, time: Any, rsa_pair: Any, ec_pair: Any
) -> None:
    """RFC 7523 section 2.1: signed, for the token address, short-lived; the client sends nothing else of itself."""
    pair = ec_pair if alg == "ES256" else rsa_pair
    key = "x" * 32 if alg == "HS256" else pair.pem
    server.client_auth = "anonymous"
    server.assertions.alg, server.assertions.longest_s = alg, 180
    server.assertions.key = OctKey.import_key(key) if alg == "HS256" else pair.public
    server.assertions.claims = {"iss": "client-17", "sub": "ada@acme.test", "aud": f"{server.url}/token"}
    method = _bearer(declare, alg=alg, sub="ada@acme.test", ttl_s=180, kid="key-1")

    assert await _authorization(_credential(method, time, {"key": key})) == "Bearer access-1"

    assert set(server.requests[0]) == {"grant_type", "assertion"}
    assert server.assertions.headers == [{"alg": alg, "typ": "JWT", "kid": "key-1"}]
    assert server.assertions.seen[0]["exp"] == int(time.time) + 180


async def test_salesforce_signs_in_by_assertion_and_renews_on_401(
    server: Any, declare: Declare, time: Any, rsa_pair: Any
) -> None:
    """No expiry in the reply: the token is used until it is refused; `instance_url` tells the API's address.

    https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm
    """
    server.client_auth = "anonymous"
    server.assertions.key = rsa_pair.public
    server.assertions.claims = {"iss": "client-17", "sub": "ada@acme.test", "aud": "https://login.salesforce.com"}
    server.reshape = lambda reply: {
        "access_token": reply["access_token"], "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer",
    }  # fmt: skip
    method = declare(
        BEARER,
        response={"keep": ["instance_url"]},
        method={
            "input": [KEY, {"id": "username"}],
            "assertion": {"iss": "{client_id}", "sub": "{username}", "aud": "https://login.salesforce.com",
                          "ttl_s": 180, "jti": False, "key_input": "key"},
        },
    )  # fmt: skip
    credential = _credential(method, time, {"key": rsa_pair.pem}, inputs={"username": "ada@acme.test"})

    assert await credential.fetch_kept() == {"instance_url": "https://acme.my.salesforce.com"}
    time.time += 7200  # the session's time-out, which nobody tells
    assert credential.headers_now() == {"Authorization": "Bearer access-1"}
    async with Transport(f"{server.url}/api", credential=credential) as transport:
        answers = await asyncio.gather(*(transport.send(Request("GET", "/Users")) for _ in range(50)))

    assert {answer.status for answer in answers} == {200}
    assert [item["grant_type"] for item in server.requests] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"] * 2


async def test_an_assertion_and_a_client_secret_are_both_sent(
    server: Any, declare: Declare, time: Any, rsa_pair: Any
) -> None:
    """ServiceNow wants `kid` and `jti`, and the client's own proof beside the assertion."""
    server.client_auth = "post"
    server.assertions.key = rsa_pair.public
    server.assertions.claims = {"iss": "client-17", "sub": "ada", "aud": "client-17"}
    method = declare(
        BEARER,
        client_auth="post",
        method={
            "input": [KEY],
            "assertion": {"iss": "{client_id}", "sub": "ada", "aud": "{client_id}", "kid": "k-1", "key_input": "key"},
        },
    )

    await _authorization(_credential(method, time, {"key": rsa_pair.pem}))

    assert set(server.requests[0]) == {"grant_type", "assertion", "client_id", "client_secret"}
    assert server.assertions.seen[0]["jti"]


async def test_scopes_and_empty_settings_in_claims(server: Any, declare: Declare, time: Any, rsa_pair: Any) -> None:
    """Google wants the scopes inside; a claim that an optional input leaves empty is not there at all."""
    server.client_auth = "anonymous"
    server.assertions.key = rsa_pair.public
    server.assertions.claims = {
        "iss": "client-17",
        "aud": f"{server.url}/token",
        "scope": "dir.read dir.groups",
        "v": 2,
    }
    method = declare(
        BEARER,
        drop_params=["scope"],
        method={
            "input": [KEY, {"id": "admin", "required": False}],
            "scopes": {"base": ["dir.read"], "when": {"groups": ["dir.groups"], "users_write": ["dir.write"]}},
            "assertion": {"iss": "{client_id}", "sub": "{admin}", "key_input": "key",
                          "claims": {"scope": "{scope}", "v": 2}},
        },
    )  # fmt: skip

    assert await _authorization(_credential(method, time, {"key": rsa_pair.pem}, features=["groups"]))
    assert "scope" not in server.requests[0]


@pytest.mark.parametrize("client_auth", ["private_key_jwt", "client_secret_jwt"])
async def test_a_client_proves_itself_by_an_assertion_at_every_request(
    client_auth: str, server: Any, declare: Declare, time: Any, rsa_pair: Any, browser: Any
) -> None:
    """RFC 7523 section 2.2, also for a code and for refreshing: a new one each time, never the secret itself."""
    is_shared = client_auth == "client_secret_jwt"
    server.client_auth = client_auth
    server.client_assertions.alg = "HS256" if is_shared else "RS256"
    server.client_assertions.key = OctKey.import_key("s3cret/with+odd=signs") if is_shared else rsa_pair.public
    server.client_assertions.claims = {"iss": "client-17", "sub": "client-17", "aud": f"{server.url}/token"}
    extra = {} if is_shared else {"client_assertion": {"key_input": "key"}}
    method = declare("oauth2_authorization_code", method={"input": [KEY]}, client_auth=client_auth, **extra)
    store = MemoryTokenStore()
    secrets = {"client_secret": Secret("s3cret/with+odd=signs"), "key": Secret(rsa_pair.pem)}

    await sign_in(
        method, inputs={"client_id": "client-17"}, secrets=secrets, open_url=browser.open, token_store=store,
        wall_clock=time.now, timeout_seconds=3,
    )  # fmt: skip
    time.time += 4000
    token = await _authorization(_credential(method, time, {"key": rsa_pair.pem}, token_store=store))

    assert token == "Bearer access-3"
    assert len({one["jti"] for one in server.client_assertions.seen}) == 2


async def test_netsuite_proves_the_client_by_a_certificate(
    server: Any, declare: Declare, time: Any, rsa_pair: Any
) -> None:
    """PS256, the certificate's id as `kid`, scopes inside, no client id beside it."""
    server.client_auth = "private_key_jwt"
    server.client_assertions.alg, server.client_assertions.key = "PS256", rsa_pair.public
    server.client_assertions.claims = {
        "iss": "client-17", "sub": "client-17", "aud": f"{server.url}/token", "scope": "rest_webservices",
    }  # fmt: skip
    method = declare(
        client_auth="private_key_jwt",
        client_assertion={"alg": "PS256", "kid": "{cert}", "key_input": "key", "claims": {"scope": "{scope}"}},
        drop_params=["scope", "client_id"],
        method={"input": [KEY, {"id": "cert"}], "scopes": {"base": ["rest_webservices"]}},
    )

    await _authorization(_credential(method, time, {"key": rsa_pair.pem}, inputs={"cert": "cert-9"}))

    assert set(server.requests[0]) == {"grant_type", "client_assertion_type", "client_assertion"}
    assert server.client_assertions.headers[0]["kid"] == "cert-9"


async def test_a_certificates_thumbprint_goes_into_the_header(
    server: Any, declare: Declare, time: Any, rsa_pair: Any
) -> None:
    """Entra finds the certificate by `x5t#S256` (RFC 7515 section 4.1.8)."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "acme")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(rsa_pair.private.public_key())
        .serial_number(1).not_valid_before(today).not_valid_after(today + timedelta(days=1))
        .sign(rsa_pair.private, SHA256())
    )  # fmt: skip
    server.client_auth = "private_key_jwt"
    server.client_assertions.alg, server.client_assertions.key = "PS256", rsa_pair.public
    server.client_assertions.claims = {"iss": "client-17", "sub": "client-17", "aud": f"{server.url}/token"}
    asserted = {"alg": "PS256", "key_input": "key", "x5t_s256": "certificate"}
    method = declare(
        client_auth="private_key_jwt", client_assertion=asserted, method={"input": [KEY, {"id": "certificate"}]}
    )
    pem = certificate.public_bytes(Encoding.PEM).decode()

    await _authorization(_credential(method, time, {"key": rsa_pair.pem}, inputs={"certificate": pem}))

    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    wanted = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert server.client_assertions.headers == [{"alg": "PS256", "typ": "JWT", "x5t#S256": wanted}]
    with pytest.raises(AuthError, match="certificate cannot be read"):
        await _authorization(_credential(method, time, {"key": rsa_pair.pem}, inputs={"certificate": "MIIC"}))


async def test_a_lost_reply_is_asked_for_with_another_assertion(
    server: Any, declare: Declare, time: Any, rsa_pair: Any
) -> None:
    """The server may have taken the first: the same one again would be refused as a replay."""
    server.client_auth = "anonymous"
    server.assertions.key = rsa_pair.public
    server.assertions.claims = {"iss": "client-17", "aud": f"{server.url}/token"}
    server.failures = [web.Response(status=502)]

    assert await _authorization(_credential(_bearer(declare), time, {"key": rsa_pair.pem})) == "Bearer access-1"

    first, second = (_decoded(item["assertion"])[1]["jti"] for item in server.requests)
    assert first != second


@pytest.mark.parametrize(
    ("alg", "text", "password", "told"),
    [
        pytest.param("RS256", "geheim-kein-pem", "", "private key cannot be read", id="no PEM"),
        pytest.param("RS256", "encrypted", "", "private key cannot be read", id="password missing"),
        pytest.param("RS256", "encrypted", "falsch-4711", "private key cannot be read", id="password wrong"),
        pytest.param("RS256", "ec", "", "needs an RSA key", id="another kind"),
        pytest.param("RS256", "short", "", "2048 bits or more", id="too short"),
        pytest.param("ES256", "rsa", "", "needs an elliptic-curve key on secp256r1", id="no curve"),
        pytest.param("ES384", "ec", "", "needs an elliptic-curve key on secp384r1", id="another curve"),
    ],
)
async def test_a_key_that_cannot_sign_is_told_and_not_quoted(
    alg: str, text: str, password: str, told: str, server: Any, declare: Declare, time: Any, rsa_pair: Any, ec_pair: Any
) -> None:
    """What is wrong with it, and nothing of it; no request is sent."""
    short = type(rsa_pair)(rsa.generate_private_key(65537, 1024))
    keys = {"encrypted": rsa_pair.encrypted("geheim-4711"), "ec": ec_pair.pem, "rsa": rsa_pair.pem, "short": short.pem}
    pem = keys.get(text, text)
    method = declare(
        BEARER,
        method={
            "input": [KEY, {"id": "key_password", "type": "secret", "required": False}],
            "assertion": {"alg": alg, "iss": "a", "key_input": "key", "password_input": "key_password"},
        },
    )

    with pytest.raises(AuthError, match=told) as caught:
        await _authorization(_credential(method, time, {"key": pem, "key_password": password}))

    shown = "".join(traceback.format_exception(caught.value))
    assert not [line for line in pem.splitlines() if "-----" not in line and line in shown]
    assert server.requests == []


@pytest.mark.parametrize("form", ["encrypted", "folded"])
async def test_a_key_is_read_in_the_forms_that_people_have(
    form: str, server: Any, declare: Declare, time: Any, rsa_pair: Any
) -> None:
    """Encrypted with a password, or with its line breaks written out, as environment variables often have it."""
    server.client_auth = "anonymous"
    server.assertions.key, server.assertions.claims = rsa_pair.public, {"iss": "a", "aud": f"{server.url}/token"}
    method = declare(
        BEARER,
        method={
            "input": [KEY, {"id": "key_password", "type": "secret", "required": False}],
            "assertion": {"iss": "a", "key_input": "key", "password_input": "key_password"},
        },
    )
    secrets = {"key": rsa_pair.pem.replace("\n", "\\n")}
    if form == "encrypted":
        secrets = {"key": rsa_pair.encrypted("geheim-4711"), "key_password": "geheim-4711"}

    assert await _authorization(_credential(method, time, secrets)) == "Bearer access-1"


@pytest.fixture
def snowflake() -> AuthMethod:
    """Key-pair authentication, https://docs.snowflake.com/en/developer-guide/sql-api/authenticating."""
    return AuthMethod.model_validate(
        {
            "id": "key_pair",
            "kind": "jwt_self_signed",
            "input": [{"id": "account"}, {"id": "user"}, KEY, {"id": "password", "type": "secret", "required": False}],
            "assertion": {
                "iss": "{upper:account}.{upper:user}.SHA256:{sha256_pub:key:password}",
                "sub": "{upper:account}.{upper:user}",
                "ttl_s": 3600,
                "jti": False,
                "key_input": "key",
                "password_input": "password",
            },
            "apply": [
                {"scheme": "Bearer"},
                {"header": "X-Snowflake-Authorization-Token-Type", "value": "KEYPAIR_JWT"},
            ],
        }
    )


@pytest.mark.parametrize("password", ["", "geheim-4711"])
async def test_snowflake_takes_a_token_that_we_sign(
    password: str, snowflake: AuthMethod, time: Any, rsa_pair: Any, server: Any
) -> None:
    """The issuer ends in the public key's fingerprint; a header says what the token is; nobody is asked."""
    pem = rsa_pair.encrypted(password) if password else rsa_pair.pem
    secrets = {"key": Secret(pem), "password": Secret(password)}
    credential = build_credential(
        snowflake, inputs={"account": "myorg-acct", "user": "ada"}, secrets=secrets, wall_clock=time.now
    )
    headers: dict[str, str] = {}

    await credential.apply(headers, [])

    assert headers["X-Snowflake-Authorization-Token-Type"] == "KEYPAIR_JWT"
    print_ = base64.b64encode(hashlib.sha256(rsa_pair.public_der).digest()).decode()
    server.assertions.key, server.assertions.longest_s = rsa_pair.public, 3600
    server.assertions.claims = {"iss": f"MYORG-ACCT.ADA.SHA256:{print_}", "sub": "MYORG-ACCT.ADA"}
    assert server.assertions.takes(headers["Authorization"].removeprefix("Bearer "))
    assert credential.headers_now() == headers


async def test_fifty_calls_at_its_end_sign_once(snowflake: AuthMethod, time: Any, rsa_pair: Any) -> None:
    """A minute before its end comes the next; a refused one is signed anew once for all."""
    credential = build_credential(
        snowflake, inputs={"account": "a", "user": "b"}, secrets={"key": Secret(rsa_pair.pem)}, wall_clock=time.now
    )
    assert isinstance(credential, TokenCredential)
    await _authorization(credential)
    time.time += 3541

    assert credential.headers_now() is None
    tokens = await asyncio.gather(*(_authorization(credential) for _ in range(50)))
    assert len(set(tokens)) == 1
    assert credential.generation == 2
    time.time += 5
    assert all(await asyncio.gather(*(credential.renew(2) for _ in range(50))))
    assert credential.generation == 3


async def test_how_long_a_shared_secret_is_is_the_vendors_choice(time: Any) -> None:
    """A short one signs without a word of warning in the log."""
    method = AuthMethod.model_validate(
        {
            "id": "m",
            "kind": "jwt_self_signed",
            "input": [KEY],
            "assertion": {"alg": "HS256", "iss": "a", "key_input": "key"},
        }
    )
    credential = build_credential(method, inputs={}, secrets={"key": Secret("kurz-0815")}, wall_clock=time.now)
    assert isinstance(credential, TokenCredential)

    header, claims = _decoded((await _authorization(credential)).removeprefix("Bearer "))

    assert header == {"alg": "HS256", "typ": "JWT"}
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("a", 300)


async def test_github_gives_an_installation_its_token(server: Any, declare: Declare, time: Any, rsa_pair: Any) -> None:
    """The app's own token goes into the header, dated back a minute; the reply's date is read.

    https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
    """
    server.assertions.key = rsa_pair.public
    server.assertions.claims = {"iss": "client-17"}
    method = declare(
        "app_installation",
        url=f"{server.url}/app/installations/{{installation}}/access_tokens",
        headers={"X-GitHub-Api-Version": "2022-11-28"},
        response={"access_token": "token", "expires_in": "expires_at", "expires_kind": "at_iso"},
        method={
            "input": [KEY, {"id": "installation"}],
            "assertion": {"iss": "{client_id}", "ttl_s": 540, "backdate_s": 60, "jti": False, "key_input": "key"},
        },
    )
    credential = _credential(method, time, {"key": rsa_pair.pem}, inputs={"installation": "9"})

    assert await _authorization(credential) == "Bearer installation-1"
    time.time += 3541
    assert await _authorization(credential) == "Bearer installation-2"

    assert server.headers[0]["X-GitHub-Api-Version"] == "2022-11-28"
    assert server.requests == [{"body": ""}, {"body": ""}]
    assert server.assertions.seen[0]["iat"] == int(time.time) - 3541 - 60
