"""What the engine asks of any target, SCIM or not, and what comes back.

Objects travel as flat values, `{path: value}`; members as target ids. Null, the empty text and an absent key are one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

from .failure import TargetFailure
from .findings import TargetFinding

Canonical: TypeAlias = Callable[[dict[str, object]], dict[str, object]]
"""Desired flat values as the target would store them."""

Comparer: TypeAlias = Callable[[str, object, object], bool]
"""Whether two values of one path are equal in the target's eyes."""


@dataclass(slots=True)
class TargetObject:
    """One object as the target holds it.

    Attributes:
        kind: "user" or "group".
        id: The target's own identifier.
        values: Flat values of the mapped paths. An object made from an answer without a body holds what was sent.
        members: Target ids of a group's members; None when they were not read.
        version: `meta.version`, where the target gives one.
        findings: What is worth telling about this very object: values that were left out or did not take.
    """

    kind: str
    id: str
    values: dict[str, object]
    members: tuple[str, ...] | None = None
    version: str | None = None
    findings: tuple[TargetFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetPage:
    """Some objects of a listing.

    Attributes:
        total: How many objects the whole listing has, as the target says; None where it does not, or cannot be
            believed.
    """

    objects: list[TargetObject]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class TargetCapabilities:
    """What can be asked of a target, once it is open.

    Attributes:
        operations: By kind: read, create, update, deactivate, delete, members.
        filterable_paths: By kind: paths that `find` looks up in one request; by other paths it lists.
        members_per_request: The most members in one change; None for no limit.
        create_with_members: A group may be created together with its first members.
        members_readable: False: what was sent is all that is known of a group's members.
        list_omits: By kind: mapped paths that a listing leaves out, so that their absence there means nothing.
        unreadable: By kind: mapped paths whose value cannot be read back, so that what was last sent is all that is
            known of them (passwords, and what the manifest says is not comparable).
        page_size: Objects per page of a listing.
        bulk: Several operations may share one request (RFC 7644 section 3.7).
    """

    operations: Mapping[str, frozenset[str]]
    filterable_paths: Mapping[str, frozenset[str]] = field(default_factory=dict)
    members_per_request: int | None = None
    create_with_members: bool = True
    members_readable: bool = True
    list_omits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreadable: Mapping[str, frozenset[str]] = field(default_factory=dict)
    page_size: int = 100
    bulk: bool = False

    def can(self, kind: str, operation: str) -> bool:
        """Whether objects of the kind can be created, updated, deactivated, deleted…"""
        return operation in self.operations.get(kind, ())

    def filterable(self, kind: str) -> frozenset[str]:
        """Paths by which an object is found in one request."""
        return self.filterable_paths.get(kind, frozenset())


@dataclass(frozen=True, slots=True)
class ConnectionStep:
    """One thing that was tried: its name, whether it worked, what was seen, and how to mend it."""

    name: str
    ok: bool
    detail: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What a connection test came to; the first step that failed ends it."""

    steps: tuple[ConnectionStep, ...]
    findings: tuple[TargetFinding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every step worked."""
        return all(step.ok for step in self.steps)

    @classmethod
    def of(cls, name: str, *, ok: bool, detail: str = "", mend: str = "") -> ConnectionReport:
        """A report of one step."""
        return cls((ConnectionStep(name, ok, detail, mend),))


@dataclass(frozen=True, slots=True)
class MemberOutcome:
    """What became of a change of members; `refused` says of each refused id why."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: Mapping[str, TargetFailure] = field(default_factory=dict)


@runtime_checkable
class Target(Protocol):
    """The other side of a connection: an app that holds accounts and groups.

    Every method but `canonical`, `comparer` and `estimate` may send requests and raise `TransportError` (no answer),
    `AuthError` (no token) or `TargetFailure` (the answer is a failure; its `failure` says what that means).
    """

    @property
    def capabilities(self) -> TargetCapabilities:
        """What the target can do; complete after `open`."""
        ...

    @property
    def requests_sent(self) -> int:
        """Requests put on the wire so far, re-sent ones included."""
        ...

    @property
    def findings(self) -> tuple[TargetFinding, ...]:
        """Departures from the standard met so far, each once, counted."""
        ...

    async def open(self) -> None:
        """Make ready; sends at most a discovery request."""

    async def test(self) -> ConnectionReport:
        """Try address, credential and a look-up; changes nothing and raises nothing that it can report."""
        ...

    async def count(self, kind: str) -> int | None:
        """How many objects there are, by one request; None where nobody can say."""
        ...

    def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        """All objects, page by page, none twice.

        Raises:
            TargetFailure: While iterating; also where the listing ended before it was complete, since what is
                missing from half a listing must not look absent.
        """
        ...

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        """Objects whose `path` equals `value` in the target's eyes; empty when there is none."""
        ...

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        """One object; None when it is gone."""
        ...

    async def create(self, kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        """Make an object.

        Raises:
            TargetFailure: CONFLICT: it is there already.
            OutcomeUnknownError: It may or may not have been made: look before sending it again.
        """
        ...

    async def update(
        self, kind: str, target_id: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> TargetObject | None:
        """Change the paths in which `before`, the values last known, and `after` differ.

        Returns:
            The object as it is now; its `id` may be a new one. None when the target said nothing.
        """
        ...

    async def delete(self, kind: str, target_id: str) -> None:
        """Delete an object; one that is gone already is a success."""

    async def read_members(self, target_id: str) -> set[str]:
        """The target ids of a group's members."""
        ...

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        """Add and remove members of a group in as few requests as the target allows.

        Args:
            current_size: How many members the group is known to have.
        """
        ...

    def canonical(self, kind: str) -> Canonical | None:
        """How desired values are normalised before matching and comparing; None when there is nothing to do."""
        ...

    def comparer(self, kind: str) -> Comparer | None:
        """Equality of values where it is not plain equality; None when it is."""
        ...

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        """Requests that an operation ("create", "update", "delete", "members", "find", "read") will cost."""
        ...

    async def aclose(self) -> None:
        """Let go of the target; the transport belongs to whoever opened it."""
