"""From a declared method and an app's settings to a credential."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping

from ..errors import AuthError
from ..manifest.auth import AuthMethod
from ..transport import Credential, NoCredential, TlsSettings, Transport
from .assertions import SelfSigner
from .credential import TokenCredential, TokenIssuer
from .endpoint import TokenEndpoint
from .lookups import Lookups
from .mutual_tls import build_tls
from .replies import TokenHttp
from .secrets import Secret
from .session_login import SessionLogin
from .static import StaticCredential, basic_header, place
from .store import FileTokenStore, MemoryTokenStore, TokenStore
from .templates import Value, fill


def open_token_http(
    *,
    allowed_hosts: Iterable[str] | None = None,
    tls: TlsSettings | None = None,
    timeout_seconds: float = 30.0,
    origin: str | None = None,
) -> TokenHttp:
    """The usual way to token endpoints: a short-lived client per request.

    Args:
        allowed_hosts: The connector's hosts, among them those of its token URLs; None allows the URL's own.
        origin: Goes there in place of every URL's own origin: a twin plays the token endpoint as well.
    """
    hosts = None if allowed_hosts is None else tuple(allowed_hosts)

    def connect(own_origin: str) -> Transport:
        return Transport(origin or own_origin, allowed_hosts=hosts, tls=tls, timeout_seconds=timeout_seconds)

    return connect


def build_credential(
    method: AuthMethod,
    *,
    inputs: Mapping[str, str],
    secrets: Mapping[str, Secret],
    settings: Mapping[str, str] | None = None,
    token_store: TokenStore | None = None,
    http: TokenHttp | None = None,
    app: str = "default",
    features: Iterable[str] = (),
    wall_clock: Callable[[], float] = time.time,
) -> Credential:
    """The credential of a connection; no token is fetched yet.

    Args:
        inputs: Values of the method's inputs that are not secret, by id.
        secrets: Resolved secrets, by input id.
        settings: Values of the connector's own inputs, which templates may use as well.
        token_store: Where tokens are kept; None for the user's own directory.
        http: Opens clients for token endpoints; None for `open_token_http()` with the method's client certificate.
        app: The name that tokens are stored under.
        features: What is switched on, for the scopes: `users_read`, `users_write`, `groups`.

    Raises:
        AuthError: An input is missing, unknown or of the wrong form; a secret is never quoted.
    """
    where = f"auth method {method.id!r} of app {app!r}"
    values = check_inputs(method, inputs, secrets, where=where, settings=settings)
    if method.kind == "none":
        return NoCredential()
    if method.kind == "basic":
        user = fill(method.user_template, values, where=where)
        password = fill(method.password_template, values, where=where)
        return StaticCredential({"Authorization": basic_header(user, password, where=where)})
    if not method.fetches_tokens and method.assertion is None:
        token = fill(method.token_template, values, where=where) if method.kind == "bearer_token" else None
        return StaticCredential(*place(method.placements, token, values, where=where))
    http = http or open_token_http(tls=build_tls(method, secrets, app=app))
    values = {"scope": method.scopes.for_features(frozenset(features)), **values}
    lookups = Lookups(method, values, http, where=where)
    issuer: TokenIssuer
    if method.session is not None:
        issuer = SessionLogin(method, values, http=http, wall_clock=wall_clock, also_for=lookups.marks)
    elif method.token is None:
        issuer, token_store = SelfSigner(method, values, where=where, wall_clock=wall_clock), MemoryTokenStore()
    else:
        issuer = build_endpoint(method, values, http=http, features=features, app=app, wall_clock=wall_clock)
    return TokenCredential(
        method,
        issuer=issuer,
        lookups=lookups,
        values=values,
        store=token_store or FileTokenStore(),
        app=app,
        wall_clock=wall_clock,
    )


def build_endpoint(
    method: AuthMethod,
    values: Mapping[str, Value],
    *,
    http: TokenHttp,
    features: Iterable[str],
    app: str,
    wall_clock: Callable[[], float],
) -> TokenEndpoint:
    """A method's token endpoint for checked values; signing in and renewing must agree on its fingerprint."""
    scope = method.scopes.for_features(frozenset(features))
    values = {"scope": scope, **values}
    lookups = Lookups(method, values, http, where=f"auth method {method.id!r} of app {app!r}")
    return TokenEndpoint(method, values, scope=scope, http=http, wall_clock=wall_clock, also_for=lookups.marks)


def check_inputs(
    method: AuthMethod,
    inputs: Mapping[str, str],
    secrets: Mapping[str, Secret],
    *,
    where: str,
    settings: Mapping[str, str] | None = None,
) -> dict[str, Value]:
    """Every declared input with its value, defaults filled in, besides the settings.

    Raises:
        AuthError: See `build_credential`.
    """
    declared = {item.id: item for item in method.inputs}
    for name in (*inputs, *secrets):
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise AuthError(f"{name!r} is not an input of this method", where, f"Its inputs are: {known}")
    values: dict[str, Value] = dict(settings or {})
    for name, item in declared.items():
        value: Value | None = secrets.get(name) if item.type == "secret" else inputs.get(name, item.default)
        if item.type == "secret" and name in inputs:
            Secret(inputs[name])  # masked from now on
            raise AuthError(f"{name!r} is a secret and was given as a plain value", where, "Give a reference: env:NAME")
        if value is None or value == "":
            if item.required:
                raise AuthError(
                    f"{name!r} is missing", where, f"Set it in the app's [auth] table ({item.title or name})"
                )
            values[name] = ""
            continue
        if isinstance(value, str) and item.choices and value not in item.choices:
            raise AuthError(f"{name} {value!r} is not known", where, f"Choose one of {', '.join(item.choices)}")
        if isinstance(value, str) and item.pattern is not None and not re.fullmatch(item.pattern, value):
            raise AuthError(f"{name} {value!r} does not have the form {item.pattern}", where, item.help or "Correct it")
        values[name] = value
    return values
