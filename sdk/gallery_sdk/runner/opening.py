"""From an app's file to a job: connector loaded, secrets resolved, connection, source and state opened."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from .. import auth
from ..apps import (
    AppConfig,
    Workspace,
    effective_lifecycle,
    effective_mappings,
    find_connection_problems,
    settle_mappings,
)
from ..apps.problems import InvalidConfigError
from ..errors import AuthError, TargetError, TransportError
from ..expressions import FunctionRegistry
from ..plugins import connection_manager, find_entry, host_manager
from ..provisioning import JobContext, KindPlan, ObjectMapping, Safety
from ..sources import Source, SourceRegistry, open_source
from ..store import JobStore, TargetListing, job_lock, open_database
from ..targets import Target, open_target
from .columns import ColumnNote, find_column_notes, refuse_missing_columns
from .connecting import open_transport, settings_of
from .job import Job
from .signing_in import prove_sign_in
from .unreachable import UnreachableTarget

if TYPE_CHECKING:
    from ..manifest import AttributeMapping, Manifest
    from ..plugins import HostPlugins
    from ..transport import EventSink


@asynccontextmanager
async def open_job(
    workspace: Workspace,
    name: str,
    *,
    events: EventSink | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Job]:
    """Open one app instance; everything is closed again afterwards.

    A connection that cannot be opened (no such host, no token) is no error yet: what the job is asked to do with it
    fails, and leaves its record.

    Args:
        events: Told of every request to the target.
        clock: Seconds since 1970, for tests of escrow and quarantine.

    Raises:
        ConfigError: The app's file does not fit its connector, or an upgrade of the connector left a conflict with it.
        PluginError: The connector is not installed or broken.
        SecretError: A secret reference does not resolve.
        TransportError: The address is none that may be used; nothing was sent.
        SourceError: A file of the source is missing, or lacks the columns that people are matched by.
    """
    host = host_manager()
    schemes = auth.register_resolvers(host.secret_resolvers())
    app = workspace.read_app(name, schemes=schemes)
    plugins = connection_manager(find_entry(app.connector))
    manifest = plugins.manifest
    problems = find_connection_problems(app, manifest, schemes=schemes)
    if problems:
        raise InvalidConfigError(problems)
    settle_mappings(workspace, app, manifest)
    mappings = effective_mappings(manifest, app)
    async with AsyncExitStack() as stack:
        functions = FunctionRegistry()
        host.add_functions(functions)
        source = open_app_source(app, workspace.root, host)
        refuse_missing_columns(app, mappings, source, functions)
        target: Target
        proof = None
        try:
            transport = await open_transport(app, manifest, events=events)
        except AuthError as error:
            target = UnreachableTarget(manifest, error)
        else:
            stack.push_async_callback(transport.aclose)
            proof = partial(prove_sign_in, transport, manifest.auth_method(app.auth_method))
            paths = {kind: [one.target for one in of_kind if one.enabled] for kind, of_kind in mappings.items()}
            target = open_target(
                manifest, plugins, transport=transport, settings=settings_of(app, manifest), paths=paths
            )
            stack.push_async_callback(target.aclose)
            try:
                await target.open()
            except (TransportError, AuthError, TargetError) as error:
                target = UnreachableTarget(manifest, error)
        engine = open_database(workspace.state_path)
        stack.callback(engine.dispose)
        context = JobContext(
            name=name,
            source=source,
            target=target,
            store=JobStore(engine, name),
            listing=TargetListing(engine, name),
            kinds=_plans(app, manifest, mappings, source, target, functions),
            lifecycle=effective_lifecycle(manifest, app),
            safety=Safety(
                app.safety.max_deprovision, app.safety.max_deprovision_percent, allow_empty=app.safety.allow_empty
            ),
            configuration=sha256(f"{app.fingerprint()} {manifest.fingerprint()}".encode()).hexdigest(),
            default_domain=app.default_domain,
            concurrency=app.engine.concurrency or manifest.transport.concurrency,
            write_concurrency=manifest.transport.write_concurrency,
            page_size=app.engine.page_size,
            clock=clock,
        )
        stack.callback(context.close)
        notes = partial(find_column_notes, app, mappings, source, functions)
        yield Job(name, app, manifest, context, partial(job_lock, workspace.lock_folder, name), notes, proof)


def open_app_source(app: AppConfig, root: Path, host: HostPlugins) -> Source:
    """Open an app's source, plugin kinds included."""
    registry = SourceRegistry()
    for kind, factory in host.sources().items():
        registry.register(kind, factory)
    return open_source(app.source, root, registry, allow_empty=app.safety.allow_empty)


def look_at_source(
    app: AppConfig, manifest: Manifest, root: Path, host: HostPlugins
) -> tuple[Source, tuple[ColumnNote, ...]]:
    """Open an app's source as a job would, without reading it to its end and without a connection.

    Raises:
        InvalidConfigError: The app's mappings do not fit its connector.
        SourceError: A file is missing, has no key, or lacks the columns that people are matched or scoped by.
    """
    functions = FunctionRegistry()
    host.add_functions(functions)
    mappings = effective_mappings(manifest, app)
    source = open_app_source(app, root, host)
    refuse_missing_columns(app, mappings, source, functions)
    return source, find_column_notes(app, mappings, source, functions)


def _plans(
    app: AppConfig,
    manifest: Manifest,
    mappings: Mapping[str, tuple[AttributeMapping, ...]],
    source: Source,
    target: Target,
    functions: FunctionRegistry,
) -> dict[str, KindPlan]:
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
            app.scope.compile(kind, known=source.attributes(kind)),
            can_create=can("create"),
            can_update=can("update"),
            can_delete=can("delete"),
            compare=target.comparer(kind),
            canonical=target.canonical(kind),
        )
    return plans
