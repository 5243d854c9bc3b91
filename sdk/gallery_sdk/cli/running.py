"""Running one job to its end from a command: progress shown, Ctrl-C and SIGTERM obeyed after the page in flight."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from ..runner import Job

T = TypeVar("T")

_TERMINATED: Final = 143  # 128 + SIGTERM


def on_job(app: str, work: Callable[[Job], Awaitable[T]]) -> T:
    """Open the app's job, do the work, close it.

    Raises:
        SourceError: The source lacks the columns that people are matched by.
        KeyboardInterrupt: Ctrl-C; what was in flight was finished and remembered.
        SystemExit: SIGTERM, likewise.
    """
    from ..runner import open_job
    from .workspaces import current_workspace

    workspace = current_workspace()

    async def run() -> T:
        async with open_job(workspace, app) as job:
            return await work(job)

    return run_until_stopped(run())


def run_until_stopped(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or until a signal: the first lets what is in flight finish, a second Ctrl-C does not wait."""
    stopped_by: list[signal.Signals] = []

    async def main() -> T:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()

        def stop(number: signal.Signals) -> None:
            if stopped_by:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                signal.raise_signal(signal.SIGINT)
            stopped_by.append(number)
            click.echo("Stopping after what is in flight. Press Ctrl-C again to stop at once.", err=True)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError, ValueError, RuntimeError):  # not the main thread, or Windows
                loop.add_signal_handler(number, stop, number)
        return await task

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        if stopped_by == [signal.SIGTERM]:
            raise SystemExit(_TERMINATED) from None
        raise KeyboardInterrupt from None
