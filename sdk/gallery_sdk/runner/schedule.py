"""Cycles on schedule in this process, one job after the other becoming due, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import GalleryError
from ..provisioning import CycleSummary, Progress, no_progress
from .opening import open_job
from .state import job_status

if TYPE_CHECKING:
    from ..apps import Workspace


async def run_schedule(
    workspace: Workspace,
    names: Sequence[str],
    *,
    stop: asyncio.Event,
    progress_for: Callable[[str], Progress] = lambda _name: no_progress,
    on_summary: Callable[[str, CycleSummary | GalleryError], None] = lambda _name, _outcome: None,
    first_pause_seconds: float = 60.0,
) -> None:
    """Run the named jobs side by side, each at its own interval, until `stop` is set.

    A job in quarantine waits for its next attempt; a disabled one is left alone. A cycle in progress is finished
    before the function returns. Configuration is read anew for every cycle, so edits take effect at the next one.

    Args:
        first_pause_seconds: Least wait after a job that failed, doubled with every failure up to ten times as long:
            one that cannot even be opened (a secret or a file is missing) leaves no trace of when it ran last.
    """
    await asyncio.gather(
        *(_run_one(workspace, name, stop, progress_for(name), on_summary, first_pause_seconds) for name in names)
    )


async def _run_one(
    workspace: Workspace,
    name: str,
    stop: asyncio.Event,
    progress: Progress,
    on_summary: Callable[[str, CycleSummary | GalleryError], None],
    first_pause: float,
) -> None:
    pause = 0.0
    while not stop.is_set():
        try:
            wait = _seconds_until_due(workspace, name)
        except GalleryError:
            wait = 0.0  # opening the job says what is wrong, without ending the other jobs
        if wait is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(wait, pause))
        if stop.is_set():
            return
        try:
            async with open_job(workspace, name) as job:
                on_summary(name, await job.run_cycle(progress))
            pause = 0.0
        except GalleryError as error:
            pause = min(10 * first_pause, max(first_pause, 2 * pause))
            on_summary(name, error)


def _seconds_until_due(workspace: Workspace, name: str) -> float | None:
    """Return how long the job waits, or None when it was disabled. Intervals vary a little so that apps spread."""
    app = workspace.read_app(name)
    job = job_status(workspace, name).job
    if job.status == "disabled":
        return None
    now = time.time()
    if job.status == "quarantine" and job.next_attempt is not None:
        return max(0.0, job.next_attempt - now)
    if job.last_run is None or job.restart_scope:
        return 0.0
    every = app.schedule.every_seconds * random.SystemRandom().uniform(0.98, 1.02)
    return max(0.0, job.last_run + every - now)
