"""A plan: the same cycle with the last arrow cut off, written down line by line.

The cycle runs on a scratch copy of the state against a target that answers writes by itself. The file is JSON
Lines: a header bound to connector, configuration, source snapshot and state, then one action per line in the
order of execution.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from ..errors import PlanError
from ..targets import MemberOutcome, TargetObject
from .actions import Action
from .mapping import REDACTED

if TYPE_CHECKING:
    from ..targets import ConnectionReport, Target, TargetCapabilities, TargetFinding, TargetPage
    from .context import JobContext

PLANNED: Final = "planned:"
PLAN_SCHEMA: Final = 1
CHECK: Final = "check"  # the request by which a cycle makes sure of the connection


class PlanningTarget:
    """A target whose reads are real and whose writes only count."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._ids = count(1)
        self.planned_requests: Counter[str] = Counter()

    @property
    def capabilities(self) -> TargetCapabilities:
        return self._target.capabilities

    @property
    def requests_sent(self) -> int:
        return self._target.requests_sent

    @property
    def findings(self) -> tuple[TargetFinding, ...]:
        return self._target.findings

    async def open(self) -> None:
        await self._target.open()

    async def test(self) -> ConnectionReport:
        return await self._target.test()

    async def count(self, kind: str) -> int | None:
        return await self._target.count(kind)

    def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        return self._target.list_objects(kind, members=members)

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        return await self._target.find(kind, path, value)

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        return await self._target.read(kind, target_id, members=members)

    async def create(self, kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        self._count("create", kind, len(members))
        return TargetObject(kind, f"{PLANNED}{next(self._ids)}", dict(values), tuple(members), None)

    async def update(
        self, kind: str, target_id: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> TargetObject | None:
        self._count("update", kind, 0)
        return None

    async def delete(self, kind: str, target_id: str) -> None:
        self._count("delete", kind, 0)

    async def read_members(self, target_id: str) -> set[str]:
        return await self._target.read_members(target_id)

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        self._count("members", "group", len(add) + len(remove))
        return MemberOutcome(tuple(add), tuple(remove), {})

    def canonical(self, kind: str) -> Callable[[dict[str, object]], dict[str, object]] | None:
        return self._target.canonical(kind)

    def comparer(self, kind: str) -> Callable[[str, object, object], bool] | None:
        return self._target.comparer(kind)

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        return self._target.estimate(operation, kind, members=members)

    async def aclose(self) -> None:
        """Leave the real target to its owner."""

    def _count(self, operation: str, kind: str, members: int) -> None:
        self.planned_requests[operation] += self._target.estimate(operation, kind, members=members)


@dataclass(frozen=True, slots=True)
class PlanHeader:
    """What a plan is bound to; `apply` refuses a plan when any of it changed."""

    app: str
    connector: str
    connector_version: str
    manifest: str
    configuration: str
    snapshot: str
    revision: int
    created: float


@dataclass(slots=True)
class PlanSummary:
    """What a plan says in total.

    Attributes:
        operations: Kind and operation to how many, e.g. {"user": {"create": 12}}.
        requests: Requests that `apply` will send, by operation, that which checks the connection among them; empty
            when there is nothing to do. The look-ups of planning are in `read_requests`.
        over_limit: Why `apply` will stop before deprovisioning, or None.
        absent: References that name nobody in the source, as pairs of path and name: they are left out until it has
            such an object.
    """

    path: Path
    header: PlanHeader
    operations: dict[str, Counter[str]] = field(default_factory=dict)
    requests: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    over_limit: str | None = None
    absent: frozenset[tuple[str, str]] = frozenset()
    warnings: tuple[str, ...] = ()
    read_requests: int = 0

    @property
    def total_requests(self) -> int:
        """Requests that `apply` will send when nothing goes wrong."""
        return sum(self.requests.values())

    @property
    def total_actions(self) -> int:
        """Actions in the plan."""
        return sum(sum(one.values()) for one in self.operations.values())


class PlanWriter:
    """Writes actions as they are decided; the file appears under its name only when it is complete."""

    def __init__(self, job: JobContext, path: Path, header: PlanHeader) -> None:
        self._job, self._path = job, path
        self._partial = path.with_name(path.name + ".partial")
        self.summary = PlanSummary(path, header)
        self._waiting: dict[str, set[tuple[str, str]]] = {}  # by the kind that is referred to: path and source id
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._partial.open("wb")
        head = {
            "type": "gallery-plan",
            "schema": PLAN_SCHEMA,
            **{name: getattr(header, name) for name in header.__slots__},
        }
        with self._told():
            self._file.write(orjson.dumps(head) + b"\n")

    async def write(self, actions: Sequence[Action]) -> None:
        """Write the actions of one page, with planned ids turned back into references.

        Raises:
            PlanError: The file cannot be written; here or in `finish`, since writing is buffered.
        """
        for action in actions:
            kinds = self._job.kinds[action.kind].mapping.references
            for path, named in action.references.items():
                self._waiting.setdefault(kinds[path] or "", set()).add((path, named))
            line = await self._portable(action)
            if line is not None:
                self.summary.operations.setdefault(line.kind, Counter())[line.operation] += 1
                with self._told():
                    self._file.write(line.to_bytes() + b"\n")

    async def _portable(self, action: Action) -> Action | None:
        if action.target_id is not None and action.target_id.startswith(PLANNED):
            return None  # the second pass of an object that this plan creates; `apply` has a second pass of its own
        line = Action.from_json(orjson.loads(action.to_bytes()))
        for path in self._job.kinds[action.kind].mapping.redacted:
            for values in (line.before, line.after):
                if path in values:
                    values[path] = REDACTED
        for path, kind in self._job.kinds[action.kind].mapping.references.items():
            value = line.after.get(path)
            if kind is not None and isinstance(value, str) and value.startswith(PLANNED):
                rows = await self._job.db(self._job.store.by_target_ids, kind, [value])
                line.references[path] = rows[value].source_id
                line.after.pop(path)
                line.changed.remove(path)
                if path in line.before:
                    line.after[path] = line.before[path]
        return line

    async def note_absent(self) -> None:
        """Find out, once the cycle has met everybody, which references name nobody in the source."""
        job, absent = self._job, set[tuple[str, str]]()
        for kind, waiting in self._waiting.items():
            known = await job.db(job.store.by_source_ids, kind, list({named for _, named in waiting}))
            absent.update((path, named) for path, named in waiting if named not in known)
        self.summary.absent = frozenset(absent)

    def finish(self) -> PlanSummary:
        """Put the complete file in place; where that fails no half plan is left."""
        try:
            with self._told():
                self._file.close()
                self._partial.replace(self._path)
        except PlanError:
            self.abandon()
            raise
        return self.summary

    def abandon(self) -> None:
        """Leave no half plan behind."""
        with suppress(OSError):
            self._file.close()  # which writes what is buffered, and fails again on a full disk
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PlanError(
                f"the plan cannot be written ({error.strerror})", str(self._path), "Name another place with --out"
            ) from error


def read_plan(path: Path) -> tuple[PlanHeader, list[Action]]:
    """Return the header and the actions of a plan file.

    Raises:
        PlanError: Not a plan, of another schema, or damaged; the line is named.
    """
    mend = "Make a new plan with `gallery plan`"
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise PlanError(
            f"the plan cannot be read ({error.strerror})", str(path), "Name the file that `gallery plan` wrote"
        ) from error
    actions: list[Action] = []
    try:
        head: dict[str, Any] = orjson.loads(lines[0])
        if head.pop("type") != "gallery-plan":
            raise ValueError("the first line is not the header of a plan")
        schema = head.pop("schema")
        if schema != PLAN_SCHEMA:
            raise PlanError(f"the plan has schema {schema}, this version reads {PLAN_SCHEMA}", str(path), mend)
        header = PlanHeader(**head)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise PlanError("the file is not a plan", f"{path}, line 1", mend) from error
    for number, line in enumerate(lines[1:], start=2):
        try:
            actions.append(Action.from_json(orjson.loads(line)))
        except (ValueError, TypeError) as error:
            raise PlanError("the line is not an action", f"{path}, line {number}", mend) from error
    return header, actions


def refuse_stale(planned: PlanHeader, current: PlanHeader, path: Path) -> None:
    """Refuse a plan made for another state of the world.

    Raises:
        PlanError: Names what changed since the plan was made.
    """
    for name, words in (
        ("app", "the plan is for another app"),
        ("connector", "the app uses another connector now"),
        ("connector_version", "the connector has another version now"),
        ("manifest", "the connector's manifest changed"),
        ("configuration", "the app's configuration changed"),
        ("snapshot", "the source changed"),
        ("revision", "another cycle ran"),
    ):
        if getattr(planned, name) != getattr(current, name):
            raise PlanError(f"{words} since the plan was made", str(path), "Make a new plan with `gallery plan`")
