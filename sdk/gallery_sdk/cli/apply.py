"""`gallery apply`."""

from __future__ import annotations

from pathlib import Path

import click

from .declaring import declare, json_option
from .failing import PROBLEMS
from .output import print_json
from .summaries import print_summary, summary_json


@declare("apply")
@click.argument("plan_file", metavar="PLANFILE", type=click.Path(path_type=Path))
@click.option(
    "--allow-deprovision", metavar="N", type=click.IntRange(min=0), help="Allow N disables and deletes this time."
)
@json_option
def command(plan_file: Path, allow_deprovision: int | None, as_json: bool) -> None:
    """Carry out exactly what a plan file says.

    The file names its app. It is refused, and nothing is done, when the source, the app's configuration, the connector
    or the state changed since the plan was made. Exit status 1 when objects failed.

    \b
    Example:
        gallery apply plans/slack-prod-20261125-032210.plan
    """
    from ..provisioning import read_plan
    from .progress import shown_progress
    from .running import on_job

    app = read_plan(plan_file)[0].app
    with shown_progress() as progress:
        summary = on_job(app, lambda job: job.apply(plan_file, progress, allow_deprovision=allow_deprovision))
    if as_json:
        print_json(summary_json(app, summary))
    else:
        print_summary(app, summary)
    if summary.failed:
        raise SystemExit(PROBLEMS)
