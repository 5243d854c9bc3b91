"""A target that speaks SCIM 2.0 (RFC 7643, 7644), with the departures that its manifest declares."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from .base import (
    Canonical,
    Comparer,
    ConnectionReport,
    MemberOutcome,
    TargetCapabilities,
    TargetObject,
    TargetPage,
)
from .changes import Changes
from .connection import Connection, Sleep, declared_departures, endpoints
from .connection_test import run_connection_test
from .dialect import compile_dialect
from .failures import FailureReader
from .findings import TargetFinding
from .hooks import Hooks
from .listings import Pager
from .membership import Membership
from .provider_config import ProviderFeatures, fetch_features
from .reads import Reads
from .writes import Writes

if TYPE_CHECKING:
    from ..manifest import Manifest
    from ..transport import Transport

_EITHER: Final = ("user", "group")


class ScimTarget:
    """Users and groups of one SCIM endpoint; made by `open_target`.

    Everything that the manifest declares is compiled when it is made; per object no quirk is asked for.
    """

    def __init__(
        self,
        manifest: Manifest,
        transport: Transport,
        paths: Mapping[str, Sequence[str]],
        *,
        hooks: Hooks | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is sent yet.

        Args:
            paths: By kind, the target paths that are mapped.
            sleep: Pauses between reads of a target that lags behind; `clock` is seconds that only grow.

        Raises:
            PathError: A mapped path is no attribute path.
        """
        hooks = hooks or Hooks()
        quirks = manifest.quirks_for("user")
        failures = FailureReader(
            manifest.errors, hook=hooks.classify_failure, word_prefix=quirks.has("error.word_prefix")
        )
        self._manifest, self._transport = manifest, transport
        self._connection = Connection(
            transport, failures, declared=declared_departures(manifest), sleep=sleep, clock=clock
        )
        self._endpoints = endpoints(manifest)
        self._dialects = {
            kind: compile_dialect(manifest, kind, paths.get(kind, ()), self._connection.log, hooks) for kind in _EITHER
        }
        self._matching = {kind: _matching_paths(manifest, kind) for kind in _EITHER}
        self._build(ProviderFeatures(page_size=manifest.transport.page_size))

    def _build(self, features: ProviderFeatures) -> None:
        """Put the halves together; once more when the target's own configuration is known."""
        connection, dialects, at = self._connection, self._dialects, self._endpoints
        pagers = {
            kind: Pager(dialect.quirks, features.page_size, by_cursor=features.by_cursor)
            for kind, dialect in dialects.items()
        }
        self._features = features
        self._reads = Reads(connection, dialects, at, pagers, self._matching)
        self._changes = Changes(connection, dialects, at, self._reads, patch_supported=features.patch)
        self._writes = Writes(connection, dialects, at, self._reads, self._changes)
        self._membership = Membership(connection, dialects["group"], at, self._reads, self._changes)

    # -- what it is ----------------------------------------------------------------------------------

    @property
    def capabilities(self) -> TargetCapabilities:
        """What can be done here; paths that turn out not to be filterable leave `filterable_paths`."""
        manifest, group = self._manifest, self._dialects["group"].quirks
        operations = {kind: frozenset(manifest.capabilities.of(kind)) for kind in _EITHER}
        for kind, dialect in self._dialects.items():
            if dialect.quirks.has("delete.unsupported") or dialect.quirks.has("delete.means_deactivate"):
                operations[kind] -= {"delete"}
        return TargetCapabilities(
            operations=operations,
            filterable_paths={kind: dialect.filterable for kind, dialect in self._dialects.items()},
            members_per_request=self._membership.most,
            create_with_members=not group.has("group.create_without_members"),
            members_readable=not group.has("members.not_returned"),
            list_omits={kind: dialect.list_omits for kind, dialect in self._dialects.items() if dialect.list_omits},
            unreadable={kind: dialect.unreadable for kind, dialect in self._dialects.items() if dialect.unreadable},
            page_size=self._features.page_size,
            bulk="bulk" in manifest.capabilities.features,
        )

    @property
    def requests_sent(self) -> int:
        """Requests put on the wire so far, re-sent ones included."""
        return self._transport.requests_sent

    @property
    def findings(self) -> tuple[TargetFinding, ...]:
        """Departures from the standard met so far."""
        return self._connection.log.all()

    def canonical(self, kind: str) -> Canonical | None:
        """How the target would store desired values; None where it stores them as they are."""
        return self._dialects[kind].canonical

    def comparer(self, kind: str) -> Comparer | None:
        """Equality in the target's eyes, asked where plain equality failed."""
        return self._dialects[kind].comparer

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        """Requests that an operation will cost when nothing goes wrong."""
        quirks = self._dialects[kind].quirks
        if operation == "create":
            inline = self._inline(members)
            return 1 + self._membership.requests(members - inline)
        if operation == "members":
            return self._membership.requests(members)
        if operation == "update":
            puts = self._changes.puts(kind) and not quirks.has("put.keeps_omitted")
            return 1 + puts
        if operation == "find" and self._dialects[kind].list_omits:
            return 2
        return 1

    # -- what it does --------------------------------------------------------------------------------

    async def open(self) -> None:
        """Read the target's own configuration, where the manifest leaves its features to be discovered."""
        features = await fetch_features(self._connection, self._manifest)
        if features is not None:
            self._build(features)

    async def test(self) -> ConnectionReport:
        """Try address, credential and look-up; see `Target.test`."""
        groups = bool(self._manifest.capabilities.of("group") and self._dialects["group"].paths)
        kinds = _EITHER if groups else ("user",)
        return await run_connection_test(self._connection, self._reads, self._dialects, kinds, self._matching)

    async def count(self, kind: str) -> int | None:
        """How many objects there are; None where the target's totals cannot be believed."""
        return await self._reads.count(kind)

    def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        """All objects, page by page; see `Target.list_objects`."""
        return self._reads.list_objects(kind, members=members)

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        """Objects whose `path` has the value; see `Target.find`."""
        return await self._reads.find(kind, path, value)

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        """One object; None when it is gone."""
        return await self._reads.read(kind, target_id, members=members)

    async def create(self, kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        """Make an object; members beyond what one request takes follow at once. See `Target.create`."""
        if not members:
            return await self._writes.create(kind, values, members)
        inline = self._inline(len(members))
        created = await self._writes.create(kind, values, members[:inline])
        outcome = await self._membership.change(created.id, members[inline:], ())
        created.members = (*members[:inline], *outcome.added)
        return created

    async def update(
        self, kind: str, target_id: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> TargetObject | None:
        """Change an object; see `Target.update`."""
        return await self._writes.update(kind, target_id, before, after)

    async def delete(self, kind: str, target_id: str) -> None:
        """Delete an object; one that is gone is a success."""
        await self._writes.delete(kind, target_id)

    async def read_members(self, target_id: str) -> set[str]:
        """The ids of a group's members."""
        return await self._membership.read(target_id)

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        """Add and remove members; see `Target.change_members`."""
        return await self._membership.change(target_id, add, remove)

    async def aclose(self) -> None:
        """Nothing is held but the transport, which belongs to whoever opened it."""

    def _inline(self, members: int) -> int:
        """How many members travel in the create itself."""
        if self._dialects["group"].quirks.has("group.create_without_members"):
            return 0
        return members if self._membership.most is None else min(members, self._membership.most)


def _matching_paths(manifest: Manifest, kind: str) -> tuple[str, ...]:
    """Matching paths of the default mappings by precedence; what RFC 7643 makes unique where none are declared."""
    mappings = manifest.mappings["user" if kind == "user" else "group"]
    matching = sorted((one.match, one.target) for one in mappings if one.match is not None and one.enabled)
    return tuple(path for _, path in matching) or (("userName",) if kind == "user" else ("displayName",))
