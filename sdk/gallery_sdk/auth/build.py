"""From a declared method and an app's settings to a credential."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..errors import AuthError
from ..manifest.auth import AuthMethod
from ..transport import Credential, NoCredential, TlsSettings, Transport
from .endpoint import TokenEndpoint, TokenHttp
from .oauth import OAuthCredential
from .secrets import Secret
from .static import StaticCredential, basic_header, place
from .store import FileTokenStore, TokenStore
from .templates import Value, fill


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An OAuth method with its settings: what both signing in and renewing need."""

    endpoint: TokenEndpoint
    values: Mapping[str, Value]
    scope: str


def open_token_http(
    *, allowed_hosts: Iterable[str] | None = None, tls: TlsSettings | None = None, timeout_seconds: float = 30.0
) -> TokenHttp:
    """The usual way to token endpoints: a short-lived client per request.

    Args:
        allowed_hosts: The connector's hosts, among them those of its token URLs; None allows the URL's own.
    """
    hosts = None if allowed_hosts is None else tuple(allowed_hosts)

    def connect(origin: str) -> Transport:
        return Transport(origin, allowed_hosts=hosts, tls=tls, timeout_seconds=timeout_seconds)

    return connect


def build_credential(
    method: AuthMethod,
    *,
    inputs: Mapping[str, str],
    secrets: Mapping[str, Secret],
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
        token_store: Where tokens are kept; None for the user's own directory.
        http: Opens clients for token endpoints; None for `open_token_http()`.
        app: The name that tokens are stored under.
        features: What is switched on, for the scopes: `users_read`, `users_write`, `groups`.

    Raises:
        AuthError: An input is missing, unknown or of the wrong form; a secret is never quoted.
    """
    where = f"auth method {method.id!r} of app {app!r}"
    if method.token is not None:
        client = build_oauth_client(
            method, inputs=inputs, secrets=secrets, http=http, app=app, features=features, wall_clock=wall_clock
        )
        return OAuthCredential(
            method,
            endpoint=client.endpoint,
            values=client.values,
            store=token_store or FileTokenStore(),
            app=app,
            wall_clock=wall_clock,
        )
    values = check_inputs(method, inputs, secrets, where=where)
    if method.kind == "none":
        return NoCredential()
    if method.kind == "basic":
        user = fill(method.user_template, values, where=where)
        password = fill(method.password_template, values, where=where)
        return StaticCredential({"Authorization": basic_header(user, password, where=where)})
    token = fill(method.token_template, values, where=where) if method.kind == "bearer_token" else None
    return StaticCredential(*place(method.placements, token, values, where=where))


def build_oauth_client(
    method: AuthMethod,
    *,
    inputs: Mapping[str, str],
    secrets: Mapping[str, Secret],
    http: TokenHttp | None = None,
    app: str = "default",
    features: Iterable[str] = (),
    wall_clock: Callable[[], float] = time.time,
) -> OAuthClient:
    """An OAuth method with its settings checked; arguments and errors as of `build_credential`."""
    values = check_inputs(method, inputs, secrets, where=f"auth method {method.id!r} of app {app!r}")
    scope = method.scopes.for_features(frozenset(features))
    endpoint = TokenEndpoint(method, values, scope=scope, http=http or open_token_http(), wall_clock=wall_clock)
    return OAuthClient(endpoint, values, scope)


def check_inputs(
    method: AuthMethod, inputs: Mapping[str, str], secrets: Mapping[str, Secret], *, where: str
) -> dict[str, Value]:
    """Every declared input with its value, defaults filled in.

    Raises:
        AuthError: See `build_credential`.
    """
    declared = {item.id: item for item in method.inputs}
    for name in (*inputs, *secrets):
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise AuthError(f"{name!r} is not an input of this method", where, f"Its inputs are: {known}")
    values: dict[str, Value] = {}
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
