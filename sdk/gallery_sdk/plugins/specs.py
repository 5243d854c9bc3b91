"""Hook specifications: everything that a connector's or a host plugin's code may do.

A hook is a function of the name given here, decorated with `@hookimpl`. It may leave out parameters that it does not
need; pluggy passes the rest by name. Hooks are looked up once per job, and what nobody implements costs nothing.

A connector's hooks are asked for its own connections only. Of several implementations the local override stands before
the connector's, and the connector's before the SDK's; the first answer that is not None is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .markers import hookspec

if TYPE_CHECKING:
    from ..expressions import FunctionRegistry
    from ..manifest import Manifest
    from ..scim import PatchOperation
    from ..transport import Response, Transport
    from .protocols import SecretResolver, SourceFactory, TargetLike, TwinFactory


class ConnectorSpecs:
    """Hooks of a connector. Every one is `firstresult`: one answer stands."""

    @hookspec(firstresult=True)
    def gallery_manifest(self) -> Manifest | None:
        """Give the connector's manifest.

        Called once when a connection is made ready. A connector whose manifest lies beside its package as
        `connector.toml` need not implement it: the SDK reads that file.

        Returns:
            The manifest, its slug the name of the entry point; None for the SDK's reading.

        Raises:
            ManifestError: The manifest cannot be read.
        """

    @hookspec(firstresult=True)
    def gallery_target(
        self, manifest: Manifest, transport: Transport, settings: Mapping[str, str], paths: Mapping[str, Sequence[str]]
    ) -> TargetLike | None:
        """Build the target of an app that does not speak SCIM.

        Called once per job, before any request. It builds and sends nothing; requests begin with the target's `open`.

        Args:
            manifest: The connector's, with what discovery or the app's configuration added.
            transport: Already authenticated, limited and bound to the allowed hosts; the only way to the network.
            settings: The values of `[[config.input]]`, defaults filled in, as text. No secret is among them.
            paths: By kind ("user", "group") the target paths that the app's mappings use.

        Returns:
            A `gallery_sdk.targets.Target`, or None for the SCIM target.
        """

    @hookspec(firstresult=True)
    def gallery_shape_create(self, kind: str, resource: dict[str, object]) -> dict[str, object] | None:
        """Shape the body of a create, after the quirks of the manifest.

        Called once per object to be created, in the per-object path: be quick, keep no state, send nothing.

        Args:
            kind: "user" or "group".
            resource: The SCIM resource as it would be sent, `schemas` included. It may be changed in place.

        Returns:
            The body to send; None to send `resource`.
        """

    @hookspec(firstresult=True)
    def gallery_shape_patch(self, kind: str, operations: Sequence[PatchOperation]) -> list[PatchOperation] | None:
        """Shape the operations of a PATCH, after the quirks of the manifest and before they are split by size.

        Called once per change, in the per-object path: be quick, keep no state, send nothing.

        Args:
            kind: "user" or "group".
            operations: In the order in which they are to be applied; not empty.

        Returns:
            The operations to send, which may be none (the change is then taken as done); None to send them as given.
        """

    @hookspec(firstresult=True)
    def gallery_read_resource(self, kind: str, resource: dict[str, object]) -> dict[str, object] | None:
        """Turn a resource that the target returned into what RFC 7643 would have it be.

        Called once per resource of every list and answer, before the quirks of the manifest: be quick, send nothing.

        Args:
            kind: "user" or "group".
            resource: As it was read. It may be changed in place.

        Returns:
            The resource to work with; None to work with `resource`.
        """

    @hookspec(firstresult=True)
    def gallery_classify_failure(self, response: Response, operation: str, kind: str) -> str | None:
        """Say what a failed response means for the provisioning job.

        Called once per response of status 400 or above that is no throttling, before the engine chooses between
        retry, escrow and quarantine. It must not send requests.

        Args:
            response: Body read; `response.text` is masked, `retry_after_seconds` is None when none was sent.
            operation: test, list, find, read, create, update, delete or members.
            kind: "user" or "group".

        Returns:
            One of the words of `gallery_sdk.targets.Failure` (its members are texts), or None to read the response by
            the manifest's `[[error]]` rules and then by RFC 7644 section 3.12.

        Raises:
            TargetError: The body is not what its media type says; the object goes to escrow.
        """

    @hookspec(firstresult=True)
    def gallery_twin(self) -> TwinFactory | None:
        """Give the simulator of the app's API.

        Called by the contract suite, by `gallery demo` and while cassettes are recorded, never by a job. Import what
        it needs inside the hook, so that a job does not pay for it.

        Returns:
            A factory of ASGI applications; None for the SDK's SCIM server, set up by the manifest's quirks.
        """


class HostSpecs:
    """Hooks of host plugins, entry-point group `gallery.plugins`: what cuts across connectors. All answers count."""

    @hookspec
    def gallery_expression_functions(self, registry: FunctionRegistry) -> None:
        """Add functions to the mapping expression language.

        Called once per job, before mappings are compiled.

        Args:
            registry: Register each function on it; names that are taken are refused.
        """

    @hookspec
    def gallery_sources(self) -> Mapping[str, SourceFactory]:
        """Offer kinds of source.

        Called once, when a source is opened or the kinds are listed.

        Returns:
            `source.kind` as written in an app's file, to a factory.
        """
        return {}

    @hookspec
    def gallery_secret_resolvers(self) -> Mapping[str, SecretResolver]:
        """Offer places where secrets are kept.

        Called once, before the first secret is resolved.

        Returns:
            The scheme of a reference (`vault` in `vault:apps/slack#token`), lower case, to a function from what follows
            the colon to the secret. The function raises `SecretError` when there is none, its message free of the
            secret.
        """
        return {}
