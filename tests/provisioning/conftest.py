"""A directory and a target in memory, so that the engine's promises are tested with any failure at any place.

The whole road over HTTP is tested in `tests/end_to_end`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from gallery_sdk.errors import GalleryError, OutcomeUnknownError, SourceError
from gallery_sdk.manifest import AttributeMapping, Lifecycle
from gallery_sdk.provisioning import Cycle, JobContext, KindPlan, ObjectMapping, Progress, Safety, no_progress
from gallery_sdk.scoping import ScopingFilter, compile_scope, parse_clause
from gallery_sdk.sources import SourceObject, SourcePage, SourceProblem
from gallery_sdk.store import JobStore, TargetListing, open_database
from gallery_sdk.targets import (
    ConnectionReport,
    Failure,
    MemberOutcome,
    TargetCapabilities,
    TargetFailure,
    TargetFinding,
    TargetObject,
    TargetPage,
)

MAPPINGS = {
    "user": (
        AttributeMapping(id="userName", target="userName", source="userPrincipalName", match=1),
        AttributeMapping(
            id="active", target="active", expression='Switch([IsSoftDeleted], , "False", "True", "True", "False")'
        ),
        AttributeMapping(id="displayName", target="displayName", source="displayName"),
        AttributeMapping(id="title", target="title", source="jobTitle", default="Member"),
        AttributeMapping(id="manager", target="manager", source="manager", reference="user"),
    ),
    "group": (
        AttributeMapping(id="displayName", target="displayName", source="displayName", match=1),
        AttributeMapping(id="members", target="members", source="members", reference="user"),
    ),
}


class MemoryDirectory:
    """People and groups that a test edits between cycles."""

    name = "memory"
    supports_delta = False
    reference_attributes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.people: dict[str, dict[str, object]] = {}
        self.groups: dict[str, tuple[str, list[str]]] = {}
        self.problems: list[SourceProblem] = []
        self.fails_after: int | None = None
        self.columns: tuple[str, ...] = (
            "userPrincipalName", "displayName", "department", "jobTitle", "manager", "accountEnabled",
        )  # fmt: skip

    def add(self, source_id: str, **attributes: object) -> None:
        """Add or replace a person; user and display name follow from the id unless given."""
        base: dict[str, object] = {
            "userPrincipalName": f"{source_id}@example.com",
            "displayName": f"Person {source_id}",
            "department": "Sales",
        }
        self.people[source_id] = {**base, **attributes}

    def snapshot(self) -> str:
        return sha256(repr((self.people, self.groups)).encode()).hexdigest()

    def reference_key(self, attribute: str) -> str | None:
        return None

    def count(self, kind: str) -> int | None:
        return len(self.people if kind == "user" else self.groups)

    def attributes(self, kind: str) -> tuple[str, ...]:
        return self.columns

    def _objects(self, kind: str) -> Iterator[SourceObject]:
        if kind == "user":
            for source_id, attributes in self.people.items():
                yield SourceObject("user", source_id, dict(attributes))
        else:
            for source_id, (name, members) in self.groups.items():
                yield SourceObject("group", source_id, {"displayName": name}, tuple(members))

    async def pages(self, kind: str, *, size: int = 200) -> AsyncIterator[SourcePage]:
        objects = list(self._objects(kind))
        problems = self.problems if kind == "user" else []
        for start in range(0, max(1, len(objects)), size):
            if self.fails_after is not None and kind == "user" and start >= self.fails_after:
                raise SourceError("the last row is cut off", "memory", "Export again")
            yield SourcePage(objects[start : start + size], problems if start == 0 else [])

    async def get(self, kind: str, key: str) -> SourceObject | None:
        for one in self._objects(kind):
            if key in (one.id, one.attributes.get("userPrincipalName"), one.attributes.get("displayName")):
                return one
        return None

    async def changes(self, kind: str, watermark: str | None) -> AsyncIterator[SourcePage]:
        raise SourceError("no changes are kept", "memory", "Read all again")
        yield  # pragma: no cover


@dataclass
class Fault:
    """What goes wrong with the next matching call, `times` times."""

    operation: str
    error: GalleryError
    times: int = 1
    carried_out: bool = False  # the target did it, and the answer was lost


class MemoryTarget:
    """Accounts and groups in memory; counts what it was asked and fails as told."""

    def __init__(self, *, filterable: bool = True, unique: bool = True, members_per_request: int | None = None) -> None:
        self.accounts: dict[str, dict[str, dict[str, object]]] = {"user": {}, "group": {}}
        self.members: dict[str, set[str]] = {}
        self.calls: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.refused_members: set[str] = set()
        self.test_ok = True
        self.count_fault: GalleryError | None = None
        self.before_create: Callable[[], None] | None = None
        self._held: str | None = None
        self._unique, self._next = unique, 0
        paths = frozenset({"userName", "displayName"}) if filterable else frozenset[str]()
        self.capabilities = TargetCapabilities(
            operations={
                kind: frozenset({"read", "create", "update", "deactivate", "delete", "members"})
                for kind in ("user", "group")
            },
            filterable_paths={"user": paths, "group": paths},
            members_per_request=members_per_request,
            page_size=100,
        )

    @property
    def requests_sent(self) -> int:
        return sum(self.calls.values())

    @property
    def writes(self) -> int:
        """Requests that change something."""
        return sum(
            count for name, count in self.calls.items() if name.split()[0] in ("create", "update", "delete", "members")
        )

    def users(self) -> dict[object, dict[str, object]]:
        """Accounts by user name."""
        return {one["userName"]: one for one in self.accounts["user"].values()}

    def group_members(self, name: str) -> set[object]:
        """User names in the group of that display name."""
        (group_id,) = [key for key, one in self.accounts["group"].items() if one["displayName"] == name]
        return {
            self.accounts["user"][one]["userName"] for one in self.members[group_id] if one in self.accounts["user"]
        }

    def seed(self, kind: str = "user", **values: object) -> str:
        """Put an object there before any cycle."""
        self._next += 1
        target_id = f"T{self._next}"
        self.accounts[kind][target_id] = values
        if kind == "group":
            self.members[target_id] = set()
        return target_id

    def hold(self, operation: str) -> asyncio.Event:
        """Keep requests of the operation waiting until `release`; what comes back is set when the first is there."""
        self._held, self._reached, self._released = operation, asyncio.Event(), asyncio.Event()
        return self._reached

    def release(self) -> None:
        """Answer what is held."""
        self._held = None
        self._released.set()

    async def _enter(self, operation: str, act: Callable[[], object]) -> object:
        self.calls[operation] += 1
        await asyncio.sleep(0)
        if operation == self._held:
            self._reached.set()
            await self._released.wait()
        for fault in list(self.faults):
            if fault.operation == operation:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                if fault.carried_out:
                    act()
                raise fault.error
        return act()

    @property
    def findings(self) -> tuple[TargetFinding, ...]:
        return ()

    async def open(self) -> None: ...

    async def test(self) -> ConnectionReport:
        self.calls["test"] += 1
        return ConnectionReport.of("sign in", ok=self.test_ok, detail="401", mend="Check the token")

    async def count(self, kind: str) -> int | None:
        self.calls[f"count {kind}"] += 1
        if self.count_fault is not None:
            raise self.count_fault
        if not self.test_ok:
            raise TargetFailure("401", "memory", "Check the token", status=401, failure=Failure.STOP)
        return len(self.accounts[kind])

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        items = list(self.accounts[kind].items())
        for start in range(0, max(1, len(items)), 100):
            self.calls[f"list {kind}"] += 1
            objects = [TargetObject(kind, key, dict(values)) for key, values in items[start : start + 100]]
            yield TargetPage(objects, len(items))

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        def act() -> object:
            wanted = str(value).casefold()
            return [
                TargetObject(kind, key, dict(values))
                for key, values in self.accounts[kind].items()
                if str(values.get(path)).casefold() == wanted
            ]

        found = await self._enter(f"find {kind}", act)
        assert isinstance(found, list)
        return found

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        self.calls[f"read {kind}"] += 1
        values = self.accounts[kind].get(target_id)
        return None if values is None else TargetObject(kind, target_id, dict(values))

    async def create(self, kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        if self.before_create is not None:
            happen, self.before_create = self.before_create, None
            happen()

        def act() -> object:
            key = "userName" if kind == "user" else "displayName"
            taken = {str(one.get(key)).casefold() for one in self.accounts[kind].values()}
            if self._unique and str(values.get(key)).casefold() in taken:
                raise TargetFailure("taken", kind, "Choose another", status=409, failure=Failure.CONFLICT)
            target_id = self.seed(kind, **values)
            if kind == "group":
                self.members[target_id] = set(members)
            return TargetObject(kind, target_id, dict(values))

        created = await self._enter(f"create {kind}", act)
        assert isinstance(created, TargetObject)
        return created

    async def update(
        self, kind: str, target_id: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> TargetObject | None:
        def act() -> object:
            if target_id not in self.accounts[kind]:
                raise TargetFailure("gone", kind, "Match again", status=404, failure=Failure.GONE)
            account = self.accounts[kind][target_id]
            for path in {*before, *after}:
                if before.get(path) != after.get(path):
                    if path in after:
                        account[path] = after[path]
                    else:
                        account.pop(path, None)
            return None

        await self._enter(f"update {kind}", act)
        return None

    async def delete(self, kind: str, target_id: str) -> None:
        await self._enter(f"delete {kind}", lambda: self.accounts[kind].pop(target_id, None))

    async def read_members(self, target_id: str) -> set[str]:
        self.calls["read members"] += 1
        return set(self.members[target_id])

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        def act() -> object:
            allowed = [one for one in add if one not in self.refused_members]
            self.members[target_id].update(allowed)
            self.members[target_id].difference_update(remove)
            why = TargetFailure("a guest cannot join", "group", "Leave out", status=400, failure=Failure.MEMBER)
            return MemberOutcome(
                tuple(allowed), tuple(remove), {one: why for one in add if one in self.refused_members}
            )

        outcome = await self._enter("members group", act)
        assert isinstance(outcome, MemberOutcome)
        return outcome

    def canonical(self, kind: str) -> Callable[[dict[str, object]], dict[str, object]] | None:
        return None

    def comparer(self, kind: str) -> Callable[[str, object, object], bool] | None:
        return None

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        return 1

    async def aclose(self) -> None: ...


def lost(*, carried_out: bool, operation: str = "create user", times: int = 1) -> Fault:
    """A write whose answer was lost."""
    return Fault(operation, OutcomeUnknownError("no answer", "target", "Look first"), times, carried_out)


def refused(failure: Failure, operation: str = "create user", times: int = 1, **more: object) -> Fault:
    """A write that the target refuses."""
    error = TargetFailure("refused", "target", "Mend it", status=400, failure=failure, **more)  # type: ignore[arg-type]  # test data
    return Fault(operation, error, times)


@dataclass
class Team:
    """A job over a memory directory and a memory target."""

    directory: MemoryDirectory
    target: MemoryTarget
    folder: Path
    scope: list[str] = field(default_factory=list)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    safety: Safety = field(default_factory=Safety)
    mappings: Mapping[str, Sequence[AttributeMapping]] = field(default_factory=lambda: MAPPINGS)
    now: float = 1_000_000.0
    number: int = 0
    page_size: int = 50

    def context(self) -> JobContext:
        """Open the job; call `close` on what comes back."""
        engine = open_database(self.folder / "state.db")
        filters = [ScopingFilter(tuple(parse_clause(one) for one in self.scope), "filter")] if self.scope else []
        kinds = {}
        for kind in ("user", "group"):
            kinds[kind] = KindPlan(
                kind,
                ObjectMapping(kind, self.mappings[kind], {}, columns=self.directory.attributes(kind)),
                compile_scope(filters if kind == "user" else []),
                can_create=True,
                can_update=True,
                can_delete=True,
            )
        return JobContext(
            "team", self.directory, self.target, JobStore(engine, "team"), TargetListing(engine, "team"), kinds,
            self.lifecycle, self.safety, repr((self.scope, self.lifecycle)),
            page_size=self.page_size, concurrency=8, clock=lambda: self.now,
        )  # fmt: skip

    async def cycle(self, *, verify: bool = False, allow: int | None = None, progress: Progress = no_progress) -> Cycle:
        """Run one cycle; the target's counters start at nothing."""
        self.number += 1
        self.target.calls.clear()
        context = self.context()
        cycle = Cycle(context, self.number, verify=verify, allow_deprovision=allow, progress=progress)
        try:
            await cycle.run()
        finally:
            context.close()
            context.store.engine.dispose()
        return cycle

    def store(self) -> JobStore:
        """The state as stored, for looking at."""
        return JobStore(open_database(self.folder / "state.db"), "team")


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Ten people in Sales, two groups, an empty target."""
    directory = MemoryDirectory()
    for number in range(10):
        directory.add(f"p{number}", jobTitle="Clerk")
    directory.groups["g1"] = ("Everyone", [f"p{number}" for number in range(10)])
    directory.groups["g2"] = ("Few", ["p1", "p2"])
    return Team(directory, MemoryTarget(), tmp_path)
