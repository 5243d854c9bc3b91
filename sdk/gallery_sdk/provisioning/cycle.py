"""One cycle: users, then groups, then references, then what must go. Source: Microsoft Entra provisioning,
"How provisioning works", initial and incremental cycle.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

import orjson

from ..errors import CycleError
from ..store import LogRecord, ObjectRow
from .actions import DEPROVISIONING, Action
from .decide import Decider
from .deferral import Deferral
from .escrow import quarantine_reason
from .execute import Executor
from .matching import Matcher
from .memberships import Memberships
from .page_decision import PageDecision
from .redaction import restore_redacted
from .references import References
from .reports import CycleSummary, Progress, ProgressEvent, no_progress
from .seen import Seen

if TYPE_CHECKING:
    from ..sources import SourcePage
    from .context import JobContext, KindPlan

PAGES_IN_FLIGHT: Final = 3

Sink = Callable[[Sequence[Action]], Awaitable[None]]


class Cycle:
    """One run over the whole source.

    Args:
        verify: Read the known accounts anew and repair what drifted (a restart).
        allow_deprovision: Replaces the safety limit for this cycle.
        on_actions: Told of every action before it is carried out (a plan writes them down).
        stop_over_limit: False lets a plan go on and show what a limit, of leavers or of failures, would stop.
    """

    def __init__(
        self,
        job: JobContext,
        number: int,
        *,
        verify: bool = False,
        allow_deprovision: int | None = None,
        progress: Progress = no_progress,
        on_actions: Sink | None = None,
        stop_over_limit: bool = True,
    ) -> None:
        self._job, self.number, self._progress = job, number, progress
        self._verify, self._allow, self._on_actions = verify, allow_deprovision, on_actions
        self._stop_over_limit = stop_over_limit
        self._requests = asyncio.Semaphore(job.concurrency)
        self.counts: Counter[str] = Counter()
        self.warnings: list[str] = []
        self.over_limit: str | None = None
        self._matcher = Matcher(job, self._requests)
        self._memberships = Memberships(job)
        self._references = References(job)
        self._deferral = Deferral(job)
        self._decider = Decider(job, self._matcher, self._memberships, cycle=number, verify=verify)
        writes = self._requests
        if job.write_concurrency is not None and job.write_concurrency < job.concurrency:
            writes = asyncio.Semaphore(job.write_concurrency)
        self._executor = Executor(job, self._matcher, writes, cycle=number, counts=self.counts)
        self._flight: deque[asyncio.Task[None]] = deque()

    async def run(self) -> None:
        """Run to the end.

        Raises:
            CycleError: The job as a whole must stop (credentials, too many deprovisionings, too many failures).
            SourceError: The source cannot be read to its end; nothing was deprovisioned.
        """
        job = self._job
        await job.db(job.listing.clear)
        await job.db(job.store.clear_cycle)
        try:
            for plan in job.kinds.values():
                if plan.kind == "group":
                    await self._memberships.open()
                await self._kind(plan)
                await self._second_pass(plan)
            await job.db(job.store.clear_membership_resets)
            await self._deprovision()
        finally:
            await self._drain(raising=False)
            await job.db(job.listing.clear)
        reason = quarantine_reason(self.counts)
        if reason is not None and self._stop_over_limit:
            raise CycleError(
                f"{self.counts['failure']} of {self.counts['processed']} objects failed",
                job.name,
                f"See `gallery log {job.name} --status failure`, mend the cause, then `gallery restart {job.name}`",
                reason,
            )

    async def run_plan(self, actions: Sequence[Action]) -> None:
        """Carry out the actions of a plan file, in its order: per kind what gives, at the end what takes away.

        Raises:
            CycleError: As for `run`.
        """
        try:
            await self._carry_out_plan(actions)
        finally:
            await self._drain(raising=False)

    async def _carry_out_plan(self, actions: Sequence[Action]) -> None:
        job = self._job
        await job.db(job.store.clear_cycle)
        taking = [action for action in actions if action.operation in DEPROVISIONING]
        if taking:
            await job.db(job.store.stage, [(one.kind, one.source_id, one.to_bytes()) for one in taking])
        await restore_redacted(job, actions)
        done = 0
        for plan in job.kinds.values():
            giving = [one for one in actions if one.kind == plan.kind and one.operation not in DEPROVISIONING]
            for start in range(0, len(giving), job.page_size):
                page = giving[start : start + job.page_size]
                await self._references.resolve(plan, page)
                await self._execute_whole(await self._deferral.put_off(plan, page))
                done += len(page)
                self._tell(plan.kind + "s", done, len(actions))
            await self._put_off_no_longer(plan)
            await self._second_pass(plan)
        await self._deprovision()

    # -- one kind ------------------------------------------------------------------------------------

    async def _kind(self, plan: KindPlan) -> None:
        job, kind = self._job, plan.kind
        total = job.source.count(kind)
        known = await job.db(job.store.count_linked, kind)
        settled = await job.db(job.store.count_settled, kind)
        unlinked = None if total is None else max(0, total - settled)
        await self._matcher.prepare(plan, unlinked=unlinked, verify=self._verify and known > 0)
        seen = Seen(await job.db(job.store.highest_row_id))
        done = 0
        async for page in self._pages(plan, seen):
            done += len(page.objects)
            decision = await self._decider.page(plan, page.objects)
            for row in decision.known.values():
                seen.add(row.row_id)
            decision.actions = await self._deferral.put_off(plan, decision.actions)
            await self._carry_out(decision)
            self._tell(kind + "s", done, total)
        await self._drain()
        await self._put_off_no_longer(plan)
        if done == 0 and known and not job.safety.allow_empty:
            raise CycleError(
                f"the source holds no {kind} although {known} are linked", job.source.name,
                "Check the source; set allow_empty = true under [safety] if it is meant", "SourceEmpty",
            )  # fmt: skip
        await self._sweep(plan, seen)

    async def _pages(self, plan: KindPlan, seen: Seen) -> AsyncIterator[SourcePage]:
        """Yield the pages of a kind; rows that could not be read count as seen, so that nobody is taken for gone."""
        job = self._job
        async for page in job.source.pages(plan.kind, size=job.page_size):
            for problem in page.problems:
                self.warnings.append(f"{problem.where}: {problem.what}. {problem.mend}.")
                self.counts["unreadable"] += 1
                if problem.id is None:
                    seen.incomplete = True
                else:
                    for row in (await job.db(job.store.by_source_ids, plan.kind, [problem.id])).values():
                        seen.add(row.row_id)
            await self._keep_reference_keys(plan, page)
            yield page

    async def _keep_reference_keys(self, plan: KindPlan, page: SourcePage) -> None:
        job = self._job
        for path in plan.mapping.references:
            key = job.source.reference_key(plan.mapping.sources[path].strip("[]"))
            if key is not None:
                pairs = [(str(value), one.id) for one in page.objects if (value := one.attributes.get(key))]
                if pairs:
                    await job.db(job.store.save_reference_keys, key, pairs)

    async def _sweep(self, plan: KindPlan, seen: Seen) -> None:
        """Deprovision what the source no longer holds; called only after the source was read to its end."""
        job = self._job
        if seen.incomplete:
            self.warnings.append(f"{plan.kind}: rows without a readable key, so nobody is taken for gone in this cycle")
            return
        missing = await job.db(lambda: [one for row_id, one in job.store.row_ids(plan.kind) if seen.lacks(row_id)])
        for start in range(0, len(missing), job.page_size):
            chunk = missing[start : start + job.page_size]
            rows = list((await job.db(job.store.by_source_ids, plan.kind, chunk)).values())
            decision = await self._decider.gone(plan, rows)
            forgotten = [row.source_id for row in decision.rows]
            decision.rows = []
            if forgotten:
                await job.db(job.store.forget, plan.kind, forgotten)
            await self._carry_out(decision)
        await self._drain()

    async def _put_off_no_longer(self, plan: KindPlan) -> None:
        """Carry out the creates that waited for another object, as soon as it is there or cannot come any more."""
        done = 0
        async for actions in self._deferral.waves(plan):
            await self._references.resolve(plan, actions)
            await self._execute_whole(actions)
            done += len(actions)
            self._tell(f"{plan.kind}s to create", done, self._deferral.kept[plan.kind])

    async def _second_pass(self, plan: KindPlan) -> None:
        if not plan.mapping.references:
            return
        done = 0
        async for actions in self._references.second_pass(plan):
            done += len(actions)
            await self._execute_whole(actions)
            self._tell("references", done, None)

    # -- carrying out --------------------------------------------------------------------------------

    async def _carry_out(self, decision: PageDecision) -> None:
        job = self._job
        self.counts["unchanged"] += decision.unchanged
        self.counts["waiting"] += decision.waiting
        self.counts["failure"] += decision.failures
        self.counts["processed"] += decision.unchanged + decision.failures
        self.counts["skipped"] += sum(1 for record in decision.log if record.status == "skipped")
        if decision.rows or decision.log:
            await job.db(job.store.save, decision.rows, decision.log)
        if decision.staged:
            entries = [(one.kind, one.source_id, one.to_bytes()) for one in decision.staged]
            await job.db(job.store.stage, entries)
        if decision.actions:
            while len(self._flight) >= PAGES_IN_FLIGHT:
                await self._flight.popleft()
            self._flight.append(asyncio.create_task(self._execute(decision.actions, decision.known)))

    async def _execute_whole(self, actions: Sequence[Action]) -> None:
        """Carry out a page and wait for it; a cycle that is cancelled meanwhile ends after it, as with other pages."""
        page = asyncio.create_task(self._execute(actions, {}))
        self._flight.append(page)
        await asyncio.shield(page)
        self._flight.remove(page)

    async def _execute(self, actions: Sequence[Action], known: dict[str, ObjectRow]) -> None:
        job = self._job
        if not actions:
            return
        if not known:
            known = await job.db(job.store.by_source_ids, actions[0].kind, [one.source_id for one in actions])
        if self._on_actions is not None:
            await self._on_actions(actions)
        await self._executor.run(actions, known)

    async def _drain(self, *, raising: bool = True) -> None:
        """Wait for the pages in flight; the first error is raised when all have ended."""
        tasks = list(self._flight)
        self._flight.clear()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if raising and isinstance(outcome, BaseException):
                raise outcome

    async def _deprovision(self) -> None:
        """Carry out the staged disables and deletes, if they are no more than allowed."""
        job = self._job
        count = sum((await job.db(job.store.count_staged)).values())
        if not count:
            return
        await self._check_limit(count)
        done = 0
        async for actions in self._staged():
            for kind in job.kinds:
                of_kind = [action for action in actions if action.kind == kind]
                await self._execute_whole(of_kind)
            done += len(actions)
            self._tell("deprovisioning", done, count)
        await job.db(job.store.clear_cycle)

    async def _check_limit(self, count: int) -> None:
        """Stop before the first of `count` disables and deletes when that is more than allowed."""
        job = self._job
        managed = 0
        for kind in job.kinds:
            managed += await job.db(job.store.count_managed, kind)
        limit = self._allow if self._allow is not None else job.safety.limit(managed)
        if count <= limit:
            return
        self.over_limit = f"{count} of {managed} managed objects would be deprovisioned, {limit} are allowed"
        if self._stop_over_limit:
            await self._report_staged()
            raise CycleError(
                self.over_limit,
                job.name,
                f"If it is meant: `gallery run {job.name} --once --allow-deprovision {count}`; "
                "if not, mend the source or the scope; nothing was taken away",
                "TooManyDeletes",
            )

    async def _report_staged(self) -> None:
        job = self._job
        now = job.clock()
        async for actions in self._staged():
            log = [
                LogRecord(
                    self.number,
                    now,
                    action.kind,
                    action.source_id,
                    "stagedDelete",
                    "skipped",
                    target_id=action.target_id,
                    name=action.name,
                    code="TooManyDeletes",
                    reason=action.cause,
                )
                for action in actions
            ]
            await job.db(job.store.save, [], log)

    async def _staged(self) -> AsyncIterator[list[Action]]:
        job, last = self._job, 0
        while page := await job.db(job.store.staged, last, job.page_size):
            last = page[-1][0]
            yield [Action.from_json(orjson.loads(blob)) for _, blob in page]

    def _tell(self, phase: str, done: int, total: int | None) -> None:
        self._progress(ProgressEvent(phase, done, total, self.counts))


def summarise(number: int, kind: str, state: str, seconds: float, cycle: Cycle, requests: int) -> CycleSummary:
    """Return the summary of a cycle that ended."""
    return CycleSummary(number, kind, state, seconds, dict(cycle.counts), requests, tuple(cycle.warnings))
