"""`gallery log`."""

from __future__ import annotations

from typing import Final

import click

from .declaring import app_argument, declare, json_option
from .log_text import (
    CSV_COLUMNS,
    STATUS_COLOURS,
    changed_text,
    print_record_changes,
    print_record_steps,
    record_json,
    record_row,
)
from .output import faint, plain, print_csv, print_json, print_table
from .times import SinceType, local_time, local_times
from .workspaces import chosen_apps, current_workspace

_ACTIONS: Final = ("create", "update", "disable", "enable", "delete", "stagedDelete", "other")


@declare("log")
@app_argument
@click.option("--about", metavar="TEXT", help="Only objects whose name or id holds the text.")
@click.option("--status", type=click.Choice(["success", "failure", "skipped", "warning"]), help="Only this outcome.")
@click.option("--action", type=click.Choice(_ACTIONS), help="Only this action.")
@click.option("--kind", type=click.Choice(["user", "group", "job"]), help="Only people, groups, or stopped cycles.")
@click.option("--cycle", type=int, metavar="N", help="Only this cycle.")
@click.option("--since", type=SinceType(), metavar="TIME", help="Not before: 30m, 2h, 7d, or 2026-11-25T03:00.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="The newest so many.")
@click.option("--details/--no-details", default=None, help="Each attribute and each step; default with --about.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of text.")
@json_option
def command(
    app: str,
    about: str | None,
    status: str | None,
    action: str | None,
    kind: str | None,
    cycle: int | None,
    since: float | None,
    limit: int,
    details: bool | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show what happened to whom, when and why.

    One line for each object that a cycle changed, skipped or failed on, the newest last. Objects that needed nothing
    leave no line. A cycle that stopped as a whole leaves one about the job.

    \b
    Example:
        gallery log slack-prod --about ada --since 7d
    """
    from ..runner import read_log
    from ..store import LogQuery

    workspace = current_workspace()
    (name,) = chosen_apps(workspace, (app,))
    query = LogQuery(about=about, status=status, action=action, kind=kind, cycle=cycle, since=since, limit=limit)
    records = read_log(workspace, name, query)
    if as_json:
        print_json([record_json(one) for one in records])
        return
    if as_csv:
        print_csv(CSV_COLUMNS, (record_row(one) for one in records))
        return
    if not records:
        click.echo("No line of the log answers to this.", err=True)
        return
    if details if details is not None else about is not None:
        for place, record in enumerate(records):
            click.echo("\n" if place else "", nl=False)
            colour = STATUS_COLOURS.get(record.status)
            head = f"{local_time(record.at)}  {click.style(f'{record.action} {record.status}', fg=colour, bold=True)}"
            click.echo(
                f"{head}  {record.kind} {plain(record.name or record.source_id)}  {faint(f'cycle {record.cycle}')}"
            )
            print_record_changes(record)
            if record.reason:
                click.echo(f"  {plain(record.reason)}")
            print_record_steps(record, indent="  ")
    else:
        title, times = local_times([one.at for one in records])
        print_table(
            (title, "ACTION", "STATUS", "OBJECT", "WHAT"),
            [
                (at, one.action, one.status, f"{one.kind} {one.name or one.source_id}", changed_text(one))
                for at, one in zip(times, records, strict=True)
            ],
            rigid=(0, 1, 2),
            styles=STATUS_COLOURS,
        )
    if len(records) == limit:
        click.echo(f"The newest {limit} are shown; --limit shows more.", err=True)
