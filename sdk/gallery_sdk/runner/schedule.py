"""Cycles on schedule in this process, one job after the other becoming due, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from ..apps.secret_references import REFERENCE_SCHEMES
from ..errors import CycleError
from ..plugins import host_manager
from ..provisioning import CycleSummary, Progress, no_progress
from ..store import RUNNING, STOPPED
from .opening import open_job
from .state import closed, opened_store

if TYPE_CHECKING:
    from ..apps import Workspace

_DISABLED: Final = "JobDisabled"


async def run_schedule(
    workspace: Workspace,
    names: Sequence[str],
    *,
    stop: asyncio.Event,
    progress_for: Callable[[str], Progress] = lambda _name: no_progress,
    on_summary: Callable[[str, CycleSummary | Exception], None] = lambda _name, _outcome: None,
    on_wait: Callable[[str, float], None] = lambda _name, _seconds: None,
    first_pause_seconds: float = 60.0,
    look_again_seconds: float = 30.0,
) -> None:
    """Run the named jobs side by side, each at its own interval, until `stop` is set.

    A job in quarantine waits for its next attempt, one whose target asked to wait for that time; a disabled one waits
    to be restarted. A cycle in progress is finished before the function returns. Configuration is read anew for every
    cycle, so edits take effect at the next one.

    Args:
        on_wait: Told once of a job whose first turn is not at once: its name, and in how many seconds.
        first_pause_seconds: Least wait after a job that failed, doubled with every failure up to ten times as long:
            one that cannot even be opened (a secret or a file is missing) leaves no trace of when it ran last.
        look_again_seconds: How often a waiting job is looked at, so that a restart from elsewhere is noticed.
    """
    jobs = (
        _Scheduled(workspace, name, stop, on_summary, first_pause_seconds, look_again_seconds, on_wait)
        for name in names
    )
    await asyncio.gather(*(job.run(progress_for(job.name)) for job in jobs))


class _Scheduled:
    """One job on schedule."""

    def __init__(
        self,
        workspace: Workspace,
        name: str,
        stop: asyncio.Event,
        on_summary: Callable[[str, CycleSummary | Exception], None],
        first_pause: float,
        look_again: float,
        on_wait: Callable[[str, float], None] = lambda _name, _seconds: None,
    ) -> None:
        self.name = name
        self._workspace, self._stop, self._on_summary = workspace, stop, on_summary
        self._first_pause, self._look_again = first_pause, look_again
        self._on_wait: Callable[[str, float], None] | None = on_wait  # until the first look
        self._began: float | None = None  # the latest turn, by the monotonic clock
        self._is_told = False  # that the job is disabled
        self._schemes: tuple[str, ...] | None = None  # of secret references, once plugins were asked

    async def run(self, progress: Progress) -> None:
        """Run cycles as they become due, until told to stop."""
        pause = 0.0
        while await self._is_due(pause):
            self._began = time.monotonic()
            outcome = await self._turn(progress)
            failed = isinstance(outcome, Exception)
            pause = min(10 * self._first_pause, max(self._first_pause, 2 * pause)) if failed else 0.0
            self._on_summary(self.name, outcome)

    async def _turn(self, progress: Progress) -> CycleSummary | Exception:
        """Run one cycle, and return how it ended; a fault of a plugin, or of ours, ends nobody else's schedule."""
        try:
            async with open_job(self._workspace, self.name) as job:
                return await job.run_cycle(progress)
        except Exception as error:
            return error

    async def _is_due(self, pause: float) -> bool:
        """Wait until the job is due, `pause` seconds at least; False when it is time to stop."""
        not_before = time.monotonic() + pause
        while not self._stop.is_set():
            try:
                wait = self._seconds_until_due()
                if self._on_wait is not None and wait:
                    self._on_wait(self.name, wait)
                self._on_wait = None
            except Exception:
                # Opening the job says what is wrong, without ending the other jobs; should it open all the same, then
                # not without a pause.
                wait = 0.0 if self._began is None else self._began + self._first_pause - time.monotonic()
            left = max(wait if wait is not None else self._look_again, not_before - time.monotonic())
            if left <= 0:
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), min(left, self._look_again))
        return False

    def _seconds_until_due(self) -> float | None:
        """Return how long the job waits, or None while it is disabled, which is told once, or run by another process.

        A cycle that was stopped before its end is gone on with at once. Intervals vary a little so that apps spread;
        for one cycle always by the same, however often it is asked.
        """
        if self._schemes is None:
            self._schemes = (*REFERENCE_SCHEMES, *host_manager().secret_resolvers())
        app = self._workspace.read_app(self.name, schemes=self._schemes)
        with opened_store(self._workspace, self.name) as store:
            job, turn = store.read_job(), store.latest_turn()
        if job.status == "disabled":
            self._tell_disabled()
            return None
        self._is_told = False
        now = time.time()
        if job.next_attempt is not None:
            return max(0.0, job.next_attempt - now)
        state = closed(self._workspace, self.name, turn).state if turn is not None else None
        if state == RUNNING:
            return None
        if job.last_run is None or job.restart_scope or state == STOPPED or job.last_run > now:  # the clock went back
            return 0.0
        spread = random.Random(f"{self.name} {job.cycle_number}").uniform(0.98, 1.02)  # noqa: S311 - not a secret
        return max(0.0, job.last_run + app.schedule.every_seconds * spread - now)

    def _tell_disabled(self) -> None:
        if self._is_told:
            return
        self._is_told = True
        self._on_summary(
            self.name,
            CycleError(
                "no cycle has worked for 28 days, so the job is left alone",
                self.name,
                f"Mend what `gallery status {self.name}` says, then `gallery restart {self.name}`; "
                "the schedule picks it up by itself",
                _DISABLED,
            ),
        )
