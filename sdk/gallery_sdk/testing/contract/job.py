"""A job of the engine over a stage: invented people in, the connector's target out, state in a folder of its own."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import CycleError
from .hurried import EPOCH
from .people import MemorySource

if TYPE_CHECKING:
    from ...provisioning import Action, JobContext, ObjectMapping
    from .stage import Stage


@dataclass
class ContractJob:
    """Cycles over one state.

    Attributes:
        source: What the cycles read; a check edits it.
        now: Seconds since 1970 of the next cycle; escrow waits on it.
        most_leavers: The safety limit of every cycle.
    """

    stage: Stage
    source: MemorySource
    folder: Path
    groups: bool
    number: int = 0
    now: float = EPOCH
    most_leavers: int = 100

    async def cycle(self, *, verify: bool = False) -> Counter[str]:
        """Run one cycle a day after the one before, and say what it did.

        Args:
            verify: Read the accounts anew and repair what drifted.
        """
        from ...provisioning import Cycle

        self.number += 1
        self.now += 86_400
        with self._context() as context:
            cycle = Cycle(context, self.number, verify=verify)
            await cycle.run()
        return cycle.counts

    async def settle(self, cycles: int = 4) -> None:
        """Run cycles until one has no failure left; one that is stopped by a failure of the target is run again.

        Raises:
            AssertionError: The last one still failed.
        """
        last: object = None
        for _ in range(cycles):
            try:
                counts = await self.cycle()
            except CycleError as error:
                last = error
                continue
            if not counts["failure"] and not counts["throttled"] and not counts["waiting"]:
                return
            last = dict(counts)
        raise AssertionError(f"not settled after {cycles} cycles: {last}")

    async def plan(self) -> list[Action]:
        """What the next cycle would do."""
        from ...provisioning import Cycle, PlanningTarget
        from ...store import JobStore, TargetListing, scratch_copy

        actions: list[Action] = []

        async def keep(page: Sequence[Action]) -> None:
            actions.extend(page)

        with self._context() as context, scratch_copy(context.store.engine) as engine:
            scratch = context.scratch(
                target=PlanningTarget(context.target),
                store=JobStore(engine, context.name),
                listing=TargetListing(engine, context.name),
            )
            try:
                await Cycle(scratch, self.number + 1, on_actions=keep, stop_over_limit=False).run()
            finally:
                scratch.close()
        return actions

    @contextmanager
    def _context(self) -> Iterator[JobContext]:
        from ...provisioning import JobContext, KindPlan, Safety
        from ...scoping import compile_scope
        from ...store import JobStore, TargetListing, open_database

        stage, target = self.stage, self.stage.target
        engine = open_database(self.folder / "state.db")
        kinds = {}
        for kind in ("user", "group") if self.groups else ("user",):
            can = stage.subject.manifest.capabilities.of(kind)
            kinds[kind] = KindPlan(
                kind,
                self._mapping(kind),
                compile_scope([]),
                can_create="create" in can,
                can_update="update" in can,
                can_delete=target.capabilities.can(kind, "delete"),
                compare=target.comparer(kind),
                canonical=target.canonical(kind),
            )
        context = JobContext(
            "contract", self.source, target, JobStore(engine, "contract"), TargetListing(engine, "contract"), kinds,
            stage.manifest.lifecycle, Safety(self.most_leavers, 100), "contract",
            concurrency=4, page_size=50, clock=lambda: self.now,
        )  # fmt: skip
        try:
            yield context
        finally:
            context.close()
            engine.dispose()

    def _mapping(self, kind: str) -> ObjectMapping:
        return self.stage.mapping(kind)


@contextmanager
def opened_job(stage: Stage, people: int = 4) -> Iterator[ContractJob]:
    """A job over so many invented people and, where the connector has groups, two groups of them."""
    everybody = {f"person-{number}": stage.source_person(number) for number in range(1, people + 1)}
    for source_id in list(everybody)[1:]:
        everybody[source_id]["manager"] = "person-1"
    source = MemorySource(everybody)
    groups = all(stage.subject.can("group", one) for one in ("create", "members")) and bool(
        stage.manifest.mappings["group"]
    )
    prefix = stage.connected.prefix
    if groups:
        source.groups = {
            "group-1": (f"{prefix}-Everybody", list(everybody)),
            "group-2": (f"{prefix}-Few", list(everybody)[:2]),
        }
    with tempfile.TemporaryDirectory(prefix="gallery-contract-") as folder:
        yield ContractJob(stage, source, Path(folder), groups)
