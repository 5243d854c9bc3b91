"""Running one job to its end from a command: progress shown, signals obeyed after the page in flight."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from ..runner import Job

T = TypeVar("T")

_HANG_UP: Final[signal.Signals | None] = getattr(signal, "SIGHUP", None)  # not on Windows
_SHOW_CURSOR: Final = "\x1b[?25h"  # progress bars hide it


def on_job(app: str, work: Callable[[Job], Awaitable[T]]) -> T:
    """Open the app's job, do the work, close it.

    Raises:
        SourceError: The source lacks the columns that people are matched by.
        KeyboardInterrupt: Ctrl-C; what was in flight was finished and remembered.
        SystemExit: SIGTERM, or the terminal was closed, likewise.
    """
    from ..runner import open_job
    from .withdrawals import warn_of_withdrawn
    from .workspaces import current_workspace

    workspace = current_workspace()

    async def run() -> T:
        async with open_job(workspace, app) as job:
            warn_of_withdrawn([job.manifest.slug])
            return await work(job)

    return run_until_stopped(run())


def run_until_stopped(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or until a signal: the first lets what is in flight finish, a second Ctrl-C does not wait."""
    stopped_by: list[signal.Signals] = []

    async def main() -> T:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()

        def stop(number: signal.Signals) -> None:
            if number == _HANG_UP:
                _leave_terminal()
            if stopped_by:
                _end_at_once()
            stopped_by.append(number)
            task.cancel()
            click.echo("Stopping after what is in flight. Press Ctrl-C again to stop at once.", err=True)

        for number in _obeyed():
            with suppress(NotImplementedError, ValueError, RuntimeError):  # not the main thread, or Windows
                loop.add_signal_handler(number, stop, number)
        return await task

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        if stopped_by and stopped_by[0] != signal.SIGINT:
            raise SystemExit(128 + stopped_by[0]) from None  # as shells report it
        raise KeyboardInterrupt from None


def _obeyed() -> list[signal.Signals]:
    """Ctrl-C, SIGTERM, and the end of the terminal, unless `nohup` has that ignored."""
    hang_up = _HANG_UP if _HANG_UP is not None and signal.getsignal(_HANG_UP) == signal.SIG_DFL else None
    return [one for one in (signal.SIGINT, signal.SIGTERM, hang_up) if one is not None]


def _end_at_once() -> None:
    """Die of Ctrl-C, with the cursor shown."""
    if sys.stderr.isatty():
        click.echo(_SHOW_CURSOR, err=True, nl=False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.raise_signal(signal.SIGINT)


def _leave_terminal() -> None:
    """Write nothing more to a terminal that is gone: that would fail, in the middle of what is in flight."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        with suppress(OSError):
            if stat.S_ISCHR(os.fstat(number).st_mode):
                os.dup2(nowhere, number)
    os.close(nowhere)
