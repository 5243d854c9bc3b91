"""The connection of an app: address, allowed hosts, credential and limits, from its file and the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .. import auth
from ..apps.connection import URL_INPUTS, find_address_problems
from ..apps.problems import InvalidConfigError
from ..errors import AuthError, TransportError
from ..manifest.auth import names_in
from ..transport import Credential, Limit, NoCredential, Transport, declared_limits, declared_throttles

if TYPE_CHECKING:
    from ..apps import AppConfig
    from ..manifest import AuthMethod, Manifest
    from ..transport import EventSink, TlsSettings


def settings_of(app: AppConfig, manifest: Manifest) -> dict[str, str]:
    """Return the connector's inputs as text, defaults filled in, with `{x_host}` for every URL input."""
    values: dict[str, str] = {}
    for one in manifest.config_inputs:
        given: object = app.settings.get(one.id)
        if given is None and one.id in URL_INPUTS:
            given = app.url
        if given is None:
            given = one.default
        text = "" if given is None else str(given).lower() if isinstance(given, bool) else str(given)
        values[one.id] = text
        if one.type == "url" and text:
            values[f"{one.id}_host"] = urlsplit(text).hostname or ""
    return values


async def open_transport(app: AppConfig, manifest: Manifest, *, events: EventSink | None = None) -> Transport:
    """Build the connection of an app: address, allowed hosts, credential and limits.

    An address that only a token's reply or a look-up tells costs the requests for that token; any other costs none.
    An app's `url` that the connector does not ask for leads to a twin, token requests included: it is taken only on
    this machine.

    Raises:
        InvalidConfigError: The address is no https URL, or another machine's where the connector has a fixed one.
        AuthError: The address is told by a token, and none can be had.
    """
    settings = settings_of(app, manifest)
    method = manifest.auth_method(app.auth_method)
    values = {**_address_values(app, method), **settings}
    declared = manifest.transport
    where = f"{app.where}, url"
    if problems := list(find_address_problems(app, manifest)):
        raise InvalidConfigError(problems)
    twin = app.url if app.url and not any(name in settings for name in URL_INPUTS) else None
    if twin is not None:
        hosts = [urlsplit(twin).hostname or ""]
    else:
        hosts = [auth.fill(one, values, where=where) for one in declared.allowed_hosts]
    credential, tls = _credential(app, method, settings, hosts, twin)
    is_told = method is not None and not names_in(declared.base_url).isdisjoint(method.kept_names)
    if is_told and twin is None and isinstance(credential, auth.TokenCredential):
        try:
            values |= await credential.fetch_kept()
        except TransportError as error:
            raise AuthError(error.what, error.where, error.mend) from error
    base_url = twin or auth.fill_url(declared.base_url, values, where=where)
    return Transport(
        base_url,
        allowed_hosts=hosts,
        credential=credential,
        tls=tls,
        limits=_limits(manifest, app.engine.rate_scale if twin is not None else 1.0),
        throttles=declared_throttles(manifest),
        timeout_seconds=declared.timeout_seconds,
        user_agent="gallery-sdk",
        default_headers={"Accept": declared.accept, "Content-Type": declared.content_type},
        events=events,
        max_connections=max(declared.concurrency, app.engine.concurrency or 1),
    )


def _limits(manifest: Manifest, rate_scale: float) -> list[Limit]:
    return [replace(one, per_seconds=one.per_seconds / rate_scale) for one in declared_limits(manifest)]


def _address_values(app: AppConfig, method: AuthMethod | None) -> dict[str, str]:
    """What addresses may use of the method's inputs, with `{x_host}` for every URL among them."""
    values: dict[str, str] = {}
    for one in method.inputs if method is not None else ():
        if one.type != "secret":
            values[one.id] = app.auth_inputs.get(one.id, one.default or "")
        if one.type == "url":
            values[f"{one.id}_host"] = urlsplit(values[one.id]).hostname or ""
    return values


def _credential(
    app: AppConfig, method: AuthMethod | None, settings: Mapping[str, str], hosts: list[str], twin: str | None
) -> tuple[Credential, TlsSettings | None]:
    """Build what signs requests; a twin plays the token endpoint as well, whatever host it has in the real world."""
    if method is None:
        return NoCredential(), None
    secret = {one.id for one in method.inputs if one.type == "secret"}
    given = app.auth_inputs
    secrets = {
        name: auth.resolve(value, where=f"{app.where}, auth.{name}") for name, value in given.items() if name in secret
    }
    tls = auth.build_tls(method, secrets, app=app.name)
    # Where an input of the method is an address to sign in at, that is the administrator's word.
    said = [urlsplit(given[one.id]).hostname for one in method.inputs if one.type == "url" and one.id in given]
    parts = urlsplit(twin or "")
    credential = auth.build_credential(
        method,
        inputs={name: value for name, value in given.items() if name not in secret},
        secrets=secrets,
        settings=settings,
        http=auth.open_token_http(
            allowed_hosts=[*hosts, *filter(None, said)],
            tls=tls,
            origin=f"{parts.scheme}://{parts.netloc}" if twin else None,
        ),
        app=app.name,
        features={"users_read", "users_write"} | ({"groups"} if app.groups.enabled else set()),
    )
    return credential, tls
