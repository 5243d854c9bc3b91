"""From an app's file to a job: connector loaded, secrets resolved, connection, source and state opened."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .. import auth
from ..apps import AppConfig, Workspace, effective_lifecycle, effective_mappings, find_connection_problems
from ..apps.problems import InvalidConfigError
from ..errors import ConfigError
from ..expressions import FunctionRegistry
from ..manifest.auth import names_in
from ..plugins import connection_manager, find_entry, host_manager
from ..provisioning import JobContext, KindPlan, ObjectMapping, Safety
from ..sources import Source, SourceRegistry, open_source
from ..store import JobStore, TargetListing, job_lock, open_database
from ..targets import Target, open_target
from ..transport import Credential, Limit, NoCredential, Transport, declared_limits, declared_throttles, is_loopback
from .job import Job

if TYPE_CHECKING:
    from ..manifest import AttributeMapping, AuthMethod, Manifest
    from ..plugins import HostPlugins
    from ..transport import EventSink, TlsSettings

_URL_INPUTS: Final = ("url", "base_url")


@asynccontextmanager
async def open_job(
    workspace: Workspace,
    name: str,
    *,
    events: EventSink | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Job]:
    """Open one app instance; everything is closed again afterwards.

    Args:
        events: Told of every request to the target.
        clock: Seconds since 1970, for tests of escrow and quarantine.

    Raises:
        ConfigError: The app's file does not fit its connector.
        PluginError: The connector is not installed or broken.
        SecretError: A secret reference does not resolve.
        SourceError: A file of the source is missing.
    """
    host = host_manager()
    resolvers = host.secret_resolvers()
    for scheme, resolver in resolvers.items():
        auth.register_resolver(scheme, resolver)
    schemes = ("env", "file", "keyring", *resolvers)
    app = workspace.read_app(name, schemes=schemes)
    plugins = connection_manager(find_entry(app.connector))
    manifest = plugins.manifest
    problems = find_connection_problems(app, manifest, schemes=schemes)
    if problems:
        raise InvalidConfigError(problems)
    mappings = effective_mappings(manifest, app)
    async with AsyncExitStack() as stack:
        source = open_app_source(app, workspace.root, host)
        transport = await open_transport(app, manifest, events=events)
        stack.push_async_callback(transport.aclose)
        paths = {kind: [one.target for one in of_kind if one.enabled] for kind, of_kind in mappings.items()}
        target = open_target(manifest, plugins, transport=transport, settings=settings_of(app, manifest), paths=paths)
        stack.push_async_callback(target.aclose)
        await target.open()
        engine = open_database(workspace.state_path)
        stack.callback(engine.dispose)
        context = JobContext(
            name=name,
            source=source,
            target=target,
            store=JobStore(engine, name),
            listing=TargetListing(engine, name),
            kinds=_plans(app, manifest, mappings, source, target, host),
            lifecycle=effective_lifecycle(manifest, app),
            safety=Safety(
                app.safety.max_deprovision, app.safety.max_deprovision_percent, allow_empty=app.safety.allow_empty
            ),
            configuration=sha256(f"{app.fingerprint()} {manifest.fingerprint()}".encode()).hexdigest(),
            default_domain=_default_domain(app),
            concurrency=app.engine.concurrency or manifest.transport.concurrency,
            page_size=app.engine.page_size,
            clock=clock,
        )
        stack.callback(context.close)
        yield Job(name, app, manifest, context, partial(job_lock, workspace.lock_folder, name))


def open_app_source(app: AppConfig, root: Path, host: HostPlugins) -> Source:
    """Open an app's source, plugin kinds included."""
    registry = SourceRegistry()
    for kind, factory in host.sources().items():
        registry.register(kind, factory)
    return open_source(app.source, root, registry, allow_empty=app.safety.allow_empty)


def settings_of(app: AppConfig, manifest: Manifest) -> dict[str, str]:
    """Return the connector's inputs as text, defaults filled in, with `{x_host}` for every URL input."""
    values: dict[str, str] = {}
    for one in manifest.config_inputs:
        given: object = app.settings.get(one.id)
        if given is None and one.id in _URL_INPUTS:
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
        ConfigError: The app's `url` leads to another machine, where the connector has a fixed address.
        AuthError: The address is told by a token, and none can be had.
    """
    settings = settings_of(app, manifest)
    method = _method_of(app, manifest)
    values = {**_address_values(app, method), **settings}
    declared = manifest.transport
    where = f"{app.where}, url"
    twin = app.url if app.url and not any(name in settings for name in _URL_INPUTS) else None
    if twin is not None:
        host = urlsplit(twin).hostname or ""
        if not is_loopback(host):
            raise ConfigError(
                f"{manifest.slug} has a fixed address, and {host} is not this machine",
                where,
                "Remove url; it may only name a twin on 127.0.0.1",
            )
        hosts = [host]
    else:
        hosts = [auth.fill(one, values, where=where) for one in declared.allowed_hosts]
    credential, tls = _credential(app, method, settings, hosts, twin)
    is_told = method is not None and not names_in(declared.base_url).isdisjoint(method.kept_names)
    if is_told and twin is None and isinstance(credential, auth.TokenCredential):
        values |= await credential.fetch_kept()
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


def _method_of(app: AppConfig, manifest: Manifest) -> AuthMethod | None:
    """The way to sign in that the app uses: the one it names, else the connector's preferred one."""
    methods = manifest.auth_methods
    return next((one for one in methods if one.id == app.auth_method), methods[0] if methods else None)


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
    secrets = {name: auth.resolve(value) for name, value in given.items() if name in secret}
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


def _plans(
    app: AppConfig,
    manifest: Manifest,
    mappings: Mapping[str, tuple[AttributeMapping, ...]],
    source: Source,
    target: Target,
    host: HostPlugins,
) -> dict[str, KindPlan]:
    functions = FunctionRegistry()
    host.add_functions(functions)
    plans: dict[str, KindPlan] = {}
    for kind in ("user", "group"):
        if not any(one.enabled for one in mappings[kind]):
            continue
        if kind == "group" and not (app.groups.enabled and app.source.groups):
            continue
        can = partial(target.capabilities.can, kind)
        plans[kind] = KindPlan(
            kind,
            ObjectMapping(
                kind,
                mappings[kind],
                {one.name: one for one in manifest.target_schema["user" if kind == "user" else "group"]},
                functions=functions,
                columns=source.attributes(kind),
            ),
            app.scope.compile(kind),
            can_create=can("create"),
            can_update=can("update"),
            can_delete=can("delete"),
            compare=target.comparer(kind),
            canonical=target.canonical(kind),
        )
    return plans


def _default_domain(app: AppConfig) -> str | None:
    value = app.settings.get("default_domain")
    return value if isinstance(value, str) else None
