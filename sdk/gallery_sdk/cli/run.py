"""`gallery run`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from .declaring import complete_apps, declare, json_option
from .failing import PROBLEMS, exit_status, show_error, show_unexpected
from .output import counted, print_json
from .summaries import print_summary, summary_json
from .workspaces import chosen_apps, current_workspace

if TYPE_CHECKING:
    from ..apps import Workspace
    from ..provisioning import CycleSummary


@declare("run")
@click.argument("apps", metavar="[APP]...", nargs=-1, shell_complete=complete_apps)
@click.option("--once", is_flag=True, help="One cycle of each app, then end.")
@click.option("--initial", is_flag=True, help="Compare with what the app holds now, and repair. Implies --once.")
@click.option(
    "--allow-deprovision",
    metavar="N",
    type=click.IntRange(min=0),
    help="Allow N disables and deletes in this one cycle of one app. Implies --once.",
)
@json_option
def command(apps: tuple[str, ...], once: bool, initial: bool, allow_deprovision: int | None, as_json: bool) -> None:
    """Keep apps in step, on schedule or once.

    Without APP all apps of the workspace are run. On schedule, each app runs a cycle at its own interval until Ctrl-C
    or SIGTERM, which let what is in flight finish; nothing is lost by it. An app whose cycle stopped as a whole is in
    quarantine and tries again ever more rarely; `gallery status` says why.

    Exit status 1 when objects failed or a cycle stopped, 2 when an app's configuration cannot be used.

    \b
    Example:
        gallery run slack-prod --once
    """
    workspace = current_workspace()
    names = chosen_apps(workspace, apps)
    if allow_deprovision is not None and len(names) > 1:
        raise click.UsageError("--allow-deprovision holds for one app. Name it.")
    if once or initial or allow_deprovision is not None:
        _run_once(names, initial=initial, allow_deprovision=allow_deprovision, as_json=as_json)
    elif as_json:
        raise click.UsageError("--json needs --once; a schedule has no end to print one document at.")
    else:
        _run_on_schedule(workspace, names)


def _run_once(names: tuple[str, ...], *, initial: bool, allow_deprovision: int | None, as_json: bool) -> None:
    """Run one cycle of each app, one after the other; one that fails does not keep the others from running."""
    from ..errors import GalleryError
    from .progress import shown_progress
    from .running import on_job

    status = 0
    documents: list[dict[str, object]] = []
    for name in names:
        try:
            with shown_progress(name if len(names) > 1 else "") as progress:
                summary = on_job(
                    name,
                    lambda job, progress=progress: job.run_cycle(  # type: ignore[misc]  # bound for this round
                        progress, initial=initial, allow_deprovision=allow_deprovision
                    ),
                )
        except GalleryError as error:
            if len(names) == 1 and not as_json:
                raise
            show_error(error)
            documents.append({"app": name, "error": str(error)})
            status = max(status, exit_status(error))
            continue
        except Exception as error:
            if len(names) == 1 and not as_json:
                raise
            documents.append({"app": name, "error": show_unexpected(error, app=name)})
            status = max(status, PROBLEMS)
            continue
        documents.append(summary_json(name, summary))
        if not as_json:
            print_summary(name, summary)
        status = max(status, PROBLEMS if summary.failed else 0)
    if as_json:
        print_json(documents)
    if status:
        raise SystemExit(status)


def _run_on_schedule(workspace: Workspace, names: tuple[str, ...]) -> None:
    import asyncio

    from ..errors import GalleryError
    from ..runner import job_status, run_schedule
    from .progress import ProgressLines
    from .running import run_until_stopped
    from .times import duration, local_time
    from .withdrawals import warn_of_withdrawn

    def tell(name: str, outcome: CycleSummary | Exception) -> None:
        import time

        click.echo(local_time(time.time()), err=isinstance(outcome, Exception))
        if isinstance(outcome, GalleryError):
            show_error(outcome)
        elif isinstance(outcome, Exception):
            show_unexpected(outcome, app=name)
        else:
            print_summary(name, outcome)

    def tell_wait(name: str, seconds: float) -> None:
        status = job_status(workspace, name).job.status
        why = f" (in quarantine; `gallery status {name}` says why)" if status == "quarantine" else ""
        click.echo(f"{name}: next cycle in {duration(seconds)}{why}", err=True)

    async def schedule() -> None:
        await run_schedule(
            workspace, names, stop=asyncio.Event(), progress_for=ProgressLines, on_summary=tell, on_wait=tell_wait
        )

    warn_of_withdrawn(_connectors_of(workspace, names))
    click.echo(f"Running {counted(len(names), 'app')} on schedule: {', '.join(names)}. Ctrl-C ends it.", err=True)
    try:
        run_until_stopped(schedule())
    except (KeyboardInterrupt, SystemExit):
        click.echo("Stopped; the next run goes on from here.", err=True)


def _connectors_of(workspace: Workspace, names: tuple[str, ...]) -> Iterator[str]:
    from ..errors import ConfigError

    for name in names:
        with suppress(ConfigError):  # the schedule tells
            yield workspace.read_app(name).connector
