"""A job: one app instance opened, and what can be run on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import CycleError, GalleryError, SourceError
from ..provisioning import (
    CHECK,
    Cycle,
    CycleSummary,
    JobContext,
    OnDemandReport,
    PlanHeader,
    PlanningTarget,
    PlanSummary,
    PlanWriter,
    Progress,
    is_throttling,
    no_progress,
    provision_one,
    put_off,
    quarantine_reason,
    read_plan,
    refuse_stale,
    summarise,
)
from ..store import ON_DEMAND, STOPPED, CycleRow, JobRow, JobStore, LogQuery, LogRecord, TargetListing, scratch_copy
from ..targets import ConnectionReport, ConnectionStep
from .ending import FAILED, note_problem, note_success, problem_line
from .state import WATERMARK
from .unreachable import UnreachableTarget

if TYPE_CHECKING:
    from ..apps import AppConfig
    from ..manifest import Manifest
    from .columns import ColumnNote

_MOST_NAMED: Final = 20  # failures that a plan names one by one
_STOPPED: Final = "stopped before its end; the next cycle goes on from there"


@dataclass(slots=True)
class Job:
    """One app instance with its source, target and state opened; made by `open_job`.

    Attributes:
        lock: Makes the context manager that keeps other processes from running the job.
        column_notes: Finds what the source's files lack of what mappings read.
        prove_sign_in: Asks whether the credential is taken; None where there is no connection to ask.
    """

    name: str
    app: AppConfig
    manifest: Manifest
    context: JobContext
    lock: Callable[[], AbstractContextManager[None]] = nullcontext
    column_notes: Callable[[], tuple[ColumnNote, ...]] = tuple
    prove_sign_in: Callable[[], Awaitable[ConnectionStep | None]] | None = None

    # -- looking -------------------------------------------------------------------------------------

    async def test(self) -> ConnectionReport:
        """Test the source and the connection; nothing is written anywhere."""
        steps: list[ConnectionStep] = []
        try:
            steps.append(ConnectionStep("read the source", True, await self._read_source()))
        except SourceError as error:
            steps.append(ConnectionStep("read the source", False, f"{error.where}: {error.what}", error.mend))
        proof = await self.prove_sign_in() if self.prove_sign_in is not None else None
        report = await self.context.target.test()
        if proof is not None and not proof.ok:
            # What the target meets then is the same refusal, told in the connector's own words.
            told = next((one for one in report.steps if not one.ok), proof)
            return replace(report, steps=(*steps, replace(proof, detail=told.detail, mend=told.mend)))
        if proof is not None:
            steps.append(proof)
        return replace(report, steps=(*steps, *report.steps))

    async def _read_source(self) -> str:
        """Read everybody who would be provisioned, and say how many there are and which rows cannot be read."""
        counts = dict.fromkeys(self.context.kinds, 0)
        unread, first = 0, ""
        for kind in counts:
            async for page in self.context.source.pages(kind, size=self.context.page_size):
                counts[kind] += len(page.objects)
                unread += len(page.problems)
                first = first or next((f"{one.where} {one.what}. {one.mend}" for one in page.problems), "")
        people, groups = counts.get("user", 0), counts.get("group")
        text = f"{people} {'person' if people == 1 else 'people'} in {self.context.source.name}"
        if groups is not None:
            text += f", {groups} group{'' if groups == 1 else 's'}"
        if unread:
            text += f"; {unread} row{'' if unread == 1 else 's'} cannot be read, the first: {first}"
        return text

    async def plan(self, path: Path, progress: Progress = no_progress) -> PlanSummary:
        """Write a plan file: what a cycle would do now, and how many requests it would send."""
        context = self.context
        sent = context.target.requests_sent
        await self._probe()
        probing = context.target.requests_sent - sent
        job = await context.db(context.store.read_job)
        header = self._header(job)
        with scratch_copy(context.store.engine) as engine:
            planning = PlanningTarget(context.target)
            scratch = context.scratch(
                target=planning, store=JobStore(engine, self.name), listing=TargetListing(engine, self.name)
            )
            writer = PlanWriter(scratch, path, header)
            cycle = Cycle(
                scratch,
                job.cycle_number + 1,
                verify=WATERMARK in job.restart_scope and self._can_verify(),
                progress=progress,
                on_actions=writer.write,
                stop_over_limit=False,
            )
            try:
                await cycle.run()
                await writer.note_absent()
                failing = await scratch.db(_failing, scratch.store, cycle)
            except BaseException:
                writer.abandon()
                raise
            finally:
                scratch.close()
            summary = writer.finish()
        summary.requests = {**planning.planned_requests, CHECK: probing} if summary.total_actions else {}
        summary.counts = dict(cycle.counts)
        summary.over_limit = cycle.over_limit
        summary.warnings = (*cycle.warnings, *failing)
        summary.read_requests = context.target.requests_sent - sent
        return summary

    def _header(self, job: JobRow) -> PlanHeader:
        return PlanHeader(
            app=self.name,
            connector=self.manifest.slug,
            connector_version=self.manifest.version,
            manifest=self.manifest.fingerprint(),
            configuration=self.context.configuration,
            snapshot=self.context.source.snapshot(),
            revision=job.revision,
            created=self.context.clock(),
        )

    # -- running -------------------------------------------------------------------------------------

    async def run_cycle(
        self, progress: Progress = no_progress, *, initial: bool = False, allow_deprovision: int | None = None
    ) -> CycleSummary:
        """Run one cycle over the whole source.

        Args:
            initial: Read the accounts of the target anew and repair what drifted, as after a restart.
            allow_deprovision: Replaces the safety limit for this cycle.

        Raises:
            CycleError: The job is in quarantine now; `reason` says why.
            SourceError: The source cannot be read to its end; nothing was deprovisioned.
        """
        context = self.context
        with self.lock():
            job = await context.db(context.store.read_job)
            again = initial or WATERMARK in job.restart_scope
            verify = again and self._can_verify()
            first = again or job.configuration != context.configuration
            return await self._recorded(
                "initial" if first else "incremental",
                lambda number: Cycle(
                    context, number, verify=verify, allow_deprovision=allow_deprovision, progress=progress
                ),
                lambda cycle: cycle.run(),
            )

    def _can_verify(self) -> bool:
        """Whether the accounts can be read anew: not where the target has no lists that can be believed."""
        can = self.context.target.capabilities.can
        return all(can(kind, "read") for kind in self.context.kinds)

    async def apply(
        self, path: Path, progress: Progress = no_progress, *, allow_deprovision: int | None = None
    ) -> CycleSummary:
        """Carry out exactly what a plan file says.

        Raises:
            PlanError: The file is stale, for another app, or not a plan; nothing was done.
            CycleError: As for `run_cycle`; also when the plan deprovisions more than is allowed.
        """
        context = self.context
        planned, actions = read_plan(path)
        with self.lock():
            job = await context.db(context.store.read_job)
            refuse_stale(planned, self._header(job), path)
            return await self._recorded(
                "plan",
                lambda number: Cycle(context, number, allow_deprovision=allow_deprovision, progress=progress),
                lambda cycle: cycle.run_plan(actions),
            )

    async def provision(self, kind: str, key: str) -> OnDemandReport:
        """Provision one object now; see `provision_one`."""
        context = self.context
        with self.lock():
            record = await self._begin(ON_DEMAND)
            log: list[LogRecord] = []
            try:
                if isinstance(context.target, UnreachableTarget):
                    raise context.target.error  # before anybody is said to have failed
                report = await provision_one(context, record.number, kind, key)
                record.state = "entry_errors" if report.result == "failure" else "succeeded"
            except GalleryError as error:
                record.error = str(error)
                log.append(problem_line(record, self.name, error, context.clock()))
                raise
            except asyncio.CancelledError:
                record.state, record.error = STOPPED, _STOPPED
                raise
            finally:
                await self._end(record, await context.db(context.store.read_job), log)
            return report

    # -- the record of a run -------------------------------------------------------------------------

    async def _recorded(
        self, kind: str, make: Callable[[int], Cycle], run: Callable[[Cycle], Awaitable[None]]
    ) -> CycleSummary:
        """Run a cycle and store how it ended, however it ended."""
        context = self.context
        record = await self._begin(kind)
        cycle = make(record.number)
        problem: GalleryError | None = None
        try:
            await self._probe()
            await run(cycle)
            record.state = "entry_errors" if cycle.counts["failure"] else "succeeded"
        except GalleryError as error:
            problem = put_off(error, self.name) if is_throttling(error) else error
            if problem is error:
                raise
            raise problem from error
        except asyncio.CancelledError:
            record.state, record.error = STOPPED, _STOPPED
            raise
        except Exception as error:
            record.error = f"something unexpected happened ({type(error).__name__})"
            raise
        finally:
            record.counts = dict(cycle.counts)
            job = await context.db(context.store.read_job)
            now, log = context.clock(), []
            if problem is not None:
                log = note_problem(record, job, problem, now)
            elif record.state not in (FAILED, STOPPED):
                relinked = cycle.counts["relinked"] > 0
                note_success(job, configuration=context.configuration, relinked=relinked, now=now)
            await self._end(record, job, log)
        ended = record.ended or record.began
        return summarise(record.number, kind, record.state, ended - record.began, cycle, record.requests)

    async def _begin(self, kind: str) -> CycleRow:
        context = self.context
        began = context.clock()
        number = await context.db(context.store.begin_cycle, kind, began)
        return CycleRow(number, kind, FAILED, began, None, {}, -context.target.requests_sent, None)

    async def _end(self, record: CycleRow, job: JobRow, log: Sequence[LogRecord] = ()) -> None:
        context = self.context
        record.ended = context.clock()
        record.requests += context.target.requests_sent
        job.revision += 1
        await context.db(context.store.end_cycle, record, job, log)

    async def _probe(self) -> None:
        """Ask the target one harmless question before anything is decided (credentials, address, plan).

        Raises:
            CycleError: The connection does not work.
            TargetFailure: RATE_LIMITED: it works, and the target wants to be left alone for now.
        """
        try:
            await self.context.target.count("user")
        except GalleryError as error:
            if is_throttling(error):
                raise
            report = await self.context.target.test()
            failed = next((step for step in report.steps if not step.ok), None)
            if failed is None:
                raise
            what = f"{failed.name}: {failed.detail}"
            raise CycleError(what, self.name, failed.mend, "EncounteredQuarantineException") from error


def _failing(store: JobStore, cycle: Cycle) -> list[str]:
    """Say of a planned cycle whom it would fail on, who are in no line of the plan."""
    total = cycle.counts["failure"]
    if not total:
        return []
    query = LogQuery(status="failure", cycle=cycle.number, limit=_MOST_NAMED)
    named = [f"{one.kind} {one.name or one.source_id} would fail: {one.reason}" for one in store.log(query)]
    if total > len(named):
        named.append(f"{total - len(named)} more objects would fail")
    if quarantine_reason(cycle.counts) is not None:
        named.append(f"{total} of {cycle.counts['processed']} objects would fail, too many for the job to go on")
    return named
