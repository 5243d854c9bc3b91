"""What targets with an API of their own have in common: a connector says how records are read and written, no more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from ...errors import GalleryError
from ..base import (
    Canonical,
    Comparer,
    ConnectionReport,
    ConnectionStep,
    MemberOutcome,
    TargetCapabilities,
    TargetObject,
    TargetPage,
)
from ..connection import refused_here
from ..failure import Failure, TargetFailure
from ..findings import TargetFinding
from .columns import Columns, Record, Spelling, Values
from .junctions import Membership
from .named import Grants, NamedReference, role_names
from .paging import RecordPage
from .speaking import RestConnection, Spell

if TYPE_CHECKING:
    from ...manifest import Manifest
    from ...transport import Transport
    from ..failures import FailureHook

Probe: TypeAlias = Callable[[], Awaitable[str]]
"""One step of a connection test: what was seen, or an error."""

_KINDS: Final = ("user", "group")


class RestTarget(ABC):
    """Users and groups of one API. A subclass says how one record travels; names, types, checks and lists are here.

    Attributes:
        connection: Sends, judges failures, gathers findings.
        columns: By kind, the mapped columns.
        named: By kind, columns of names that the API stores as ids.
        grants: By kind, columns whose values are rows of another table.
        membership: Members of groups; None where groups are not supported.
        deactivation: What makes a user inactive, for a deletion where nothing can be deleted.
        page_size: Records per page of a listing.
    """

    page_size: int = 100

    def __init__(
        self,
        manifest: Manifest,
        transport: Transport,
        paths: Mapping[str, Sequence[str]],
        *,
        spell: Spell,
        spelling: Spelling | None = None,
        hook: FailureHook | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            paths: By kind, the columns that are mapped.
            spell: Reads the vendor's errors.
            spelling: How values are spelled.
            hook: Judges failures that the manifest's `[[error]]` rules cannot.
        """
        self.manifest, self._transport = manifest, transport
        self.connection = RestConnection(transport, manifest.errors, spell=spell, hook=hook)
        self.columns = {
            kind: Columns(kind, manifest.target_schema[kind], paths.get(kind, ()), spelling=spelling) for kind in _KINDS
        }
        self.named: dict[str, dict[str, NamedReference]] = {kind: {} for kind in _KINDS}
        self.grants: dict[str, dict[str, Grants]] = {kind: {} for kind in _KINDS}
        self.membership: Membership | None = None
        self.deactivation: Mapping[str, object] = {}
        self._filterable = {kind: _filterable(manifest, kind) for kind in _KINDS}

    # -- how one record travels ------------------------------------------------------------------------

    @abstractmethod
    def id_of(self, record: Record) -> str:
        """The id of a record."""

    @abstractmethod
    def record_pages(self, kind: str) -> AsyncIterator[RecordPage]:
        """All records, page by page."""

    @abstractmethod
    async def search(self, kind: str, name: str, value: object) -> Sequence[Record]:
        """Records whose column may equal the value; each is verified again by the caller."""

    @abstractmethod
    async def fetch_record(self, kind: str, target_id: str) -> Record | None:
        """One record; None when it is gone. A failure of meaning GONE means the same."""

    @abstractmethod
    async def insert(self, kind: str, body: dict[str, object]) -> str:
        """Make a record; its id.

        Raises:
            TargetFailure: CONFLICT: there is one already.
        """

    @abstractmethod
    async def change(self, kind: str, target_id: str, body: dict[str, object]) -> None:
        """Change the given fields of a record."""

    @abstractmethod
    async def remove(self, kind: str, target_id: str) -> None:
        """Delete a record; asked only where the capabilities hold `delete`."""

    @abstractmethod
    def probes(self) -> Sequence[tuple[str, Probe]]:
        """The steps of the connection test, in order; they change nothing."""

    async def count(self, kind: str) -> int | None:
        """How many objects there are, by one request; None where the API does not say."""
        return None

    def canonical(self, kind: str) -> Canonical | None:
        """How desired values are normalised: role objects of expressions become the names that are read back."""
        lists = [name for name in self.grants[kind] if name in self.columns[kind].names]

        def canonical(values: dict[str, object]) -> dict[str, object]:
            return {**values, **{name: role_names(values[name]) for name in lists if name in values}}

        return canonical if lists else None

    def believed(self, kind: str, record: Record) -> Record:
        """A record that was read, corrected by what this target knows better; asked once per record."""
        return record

    # -- what it is ------------------------------------------------------------------------------------

    @property
    def capabilities(self) -> TargetCapabilities:
        """What can be done here."""
        return TargetCapabilities(
            operations={kind: frozenset(self.manifest.capabilities.of(kind)) for kind in _KINDS},
            filterable_paths=self._filterable,
            # Members are rows of their own, and one that is refused must be known to the engine.
            create_with_members=False,
            page_size=self.page_size,
        )

    @property
    def requests_sent(self) -> int:
        """Requests put on the wire so far, re-sent ones included."""
        return self._transport.requests_sent

    @property
    def findings(self) -> tuple[TargetFinding, ...]:
        """What was met so far that is worth telling."""
        return self.connection.log.all()

    def comparer(self, kind: str) -> Comparer | None:
        """Equality in the target's eyes, asked where plain equality failed."""
        return self.columns[kind].comparer

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        """Requests that an operation will cost when nothing goes wrong."""
        if operation == "create":
            return 1 + self.member_requests(members)
        if operation == "members":
            return self.member_requests(members)
        if operation in ("find", "read"):
            return 1 + len(self.grants[kind])
        return 1

    def member_requests(self, members: int) -> int:
        """Requests that adding so many members costs; one each unless the API takes several."""
        return members

    # -- what it does ----------------------------------------------------------------------------------

    async def open(self) -> None:  # noqa: B027 - what most APIs need
        """Nothing is asked before it is needed."""

    async def aclose(self) -> None:  # noqa: B027 - what most APIs need
        """Nothing is held but the transport, which belongs to whoever opened it."""

    async def test(self) -> ConnectionReport:
        """Run the probes in order; the first that fails ends the test."""
        steps: list[ConnectionStep] = []
        for name, probe in self.probes():
            try:
                steps.append(ConnectionStep(name, True, await probe()))
            except GalleryError as error:
                steps.append(ConnectionStep(name, False, f"{error.what} ({error.where})", error.mend))
                break
        return ConnectionReport(tuple(steps), self.findings)

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        """All objects, page by page; see `Target.list_objects`."""
        async for page in self.record_pages(kind):
            objects = await self._objects(kind, page.records)
            if members and self.membership is not None:
                found = await self.membership.items_of([one.id for one in objects])
                for one in objects:
                    one.members = tuple(found.get(one.id, ()))
            yield TargetPage(objects, page.total)

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        """Objects whose `path` has the value; what the target answers is never believed unverified."""
        columns = self.columns[kind]
        if path not in self._filterable[kind]:
            found: list[TargetObject] = []
            async for page in self.list_objects(kind):
                found += [one for one in page.objects if columns.matches(path, one.values.get(path), value)]
            return found
        records = await self.search(kind, path, value)
        hits = [one for one in records if columns.matches(path, columns.flatten(one).get(path), value)]
        if len(hits) < len(records):
            self.connection.log.add("filter_ignored", f"{kind} {path}")
        return await self._objects(kind, hits)

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        """One object; None when it is gone."""
        try:
            record = await self.fetch_record(kind, target_id)
        except TargetFailure as failure:
            if failure.failure is not Failure.GONE:
                raise
            record = None
        if record is None:
            return None
        (found,) = await self._objects(kind, [record])
        if members:
            found.members = tuple(await self.read_members(target_id))
        return found

    async def create(self, kind: str, values: Values, *, members: Sequence[str] = ()) -> TargetObject:
        """Make an object, then the rows that belong to it; see `Target.create`."""
        columns, grants = self.columns[kind], self.grants[kind]
        columns.check(values, creating=True)
        for name, grant in grants.items():
            await grant.check(values.get(name))
        body, findings = await self._body(kind, values, None)
        try:
            target_id = await self.insert(kind, body)
        except TargetFailure as failure:
            if failure.failure is Failure.ATTRIBUTE and columns.required.intersection(failure.attributes):
                failure.failure = Failure.OBJECT  # what is required cannot be left out
            raise
        for name, grant in grants.items():
            if values.get(name):
                await grant.change(target_id, None, values[name])
        created = TargetObject(kind, target_id, dict(values), findings=findings)
        if members:
            created.members = (await self.change_members(target_id, members, (), current_size=0)).added
        return created

    async def update(self, kind: str, target_id: str, before: Values, after: Values) -> TargetObject | None:
        """Change an object by one request, and one for each of its lists that changed; see `Target.update`."""
        columns, grants = self.columns[kind], self.grants[kind]
        changed = columns.changed(before, after)
        if not changed:
            return None
        columns.check({name: after.get(name) for name in changed}, creating=False)
        for name in changed:
            if name in grants:
                await grants[name].check(after.get(name))
        body, findings = await self._body(kind, after, [name for name in changed if name not in grants])
        if body:
            await self.change(kind, target_id, body)
        for name in changed:
            if name in grants:
                await grants[name].change(target_id, before.get(name), after.get(name))
        return TargetObject(kind, target_id, dict(after), findings=findings) if findings else None

    async def delete(self, kind: str, target_id: str) -> None:
        """Delete an object; where users cannot be deleted, deactivate them. One that is gone is a success."""
        try:
            if self.capabilities.can(kind, "delete"):
                await self.remove(kind, target_id)
            elif kind == "user" and self.deactivation:
                await self.change(kind, target_id, dict(self.deactivation))
            else:
                raise refused_here(f"the target deletes no {kind}s", kind, "Delete it in the target by hand")
        except TargetFailure as failure:
            if failure.failure is not Failure.GONE:
                raise

    async def read_members(self, target_id: str) -> set[str]:
        """The ids of a group's members."""
        return set() if self.membership is None else await self.membership.items(target_id)

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        """Add and remove members; see `Target.change_members`."""
        if self.membership is None:
            raise refused_here("the target has no groups with members", "group", "Switch the group mappings off")
        return await self.membership.change(target_id, add, remove)

    # -- between columns and records -------------------------------------------------------------------

    async def _objects(self, kind: str, records: Sequence[Record]) -> list[TargetObject]:
        """Objects of records: names in place of ids, lists gathered, by few requests for all records together."""
        columns, named = self.columns[kind], self.named[kind]
        ids = [self.id_of(record) for record in records]
        lists = {name: await grant.names_of(ids) for name, grant in self.grants[kind].items() if name in columns.names}
        objects: list[TargetObject] = []
        for target_id, record in zip(ids, records, strict=True):
            whole = dict(self.believed(kind, record))
            for name, reference in named.items():
                held = whole.get(reference.field)
                if name in columns.names and held:
                    whole[name] = await reference.catalogue.name_of(str(held))
            for name, of_owner in lists.items():
                whole[name] = of_owner.get(target_id, [])
            objects.append(TargetObject(kind, target_id, columns.flatten(whole)))
        return objects

    async def _body(
        self, kind: str, values: Values, names: Sequence[str] | None
    ) -> tuple[dict[str, object], tuple[TargetFinding, ...]]:
        """Fields to send, ids in place of names, and what had to be left out."""
        named, grants = self.named[kind], self.grants[kind]
        body = self.columns[kind].body(values, names)
        findings: list[TargetFinding] = []
        for name in [name for name in body if name in named or name in grants]:
            value = body.pop(name)
            if name in grants:
                continue
            reference = named[name]
            if not value:
                body[reference.field] = value
                continue
            try:
                body[reference.field] = await reference.catalogue.id_of(str(value))
            except TargetFailure as failure:
                if not reference.lenient or failure.status is not None:
                    raise
                findings.append(self.connection.log.add("value_left_out", f"{kind} {name}", failure.what))
        return body, tuple(findings)


def _filterable(manifest: Manifest, kind: str) -> frozenset[str]:
    attributes = manifest.target_schema["user" if kind == "user" else "group"]
    declared = {one.name for one in attributes if one.filterable}
    refused = {one.name for one in attributes if one.filterable is False}
    return frozenset(declared | manifest.capabilities.filters) - refused
