"""`gallery test`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .column_text import note_json, print_notes
from .declaring import app_argument, declare, json_option
from .failing import PROBLEMS
from .output import heading, plain, print_json, print_text, wrap

if TYPE_CHECKING:
    from ..runner import ColumnNote, Job
    from ..targets import ConnectionReport


@declare("test")
@app_argument
@json_option
def command(app: str, as_json: bool) -> None:
    """Check that source and app can be reached.

    Reads the source to its end, signs in, looks up one account, and changes nothing anywhere. Each step says what it
    saw; the first one that fails says how to mend it. Exit status 1 if any failed. Columns that mappings read and the
    source's files lack are noted, and are no failure.

    \b
    Example:
        gallery test slack-prod
    """
    from .running import on_job

    async def work(job: Job) -> tuple[ConnectionReport, tuple[ColumnNote, ...]]:
        return await job.test(), job.column_notes()

    report, notes = on_job(app, work)
    if as_json:
        print_json({
            "app": app, "ok": report.ok,
            "steps": [
                {"name": one.name, "ok": one.ok, "detail": one.detail, "mend": one.mend} for one in report.steps
            ],
            "findings": [
                {"code": one.code, "where": one.where, "detail": one.detail, "count": one.count,
                 "sentence": one.sentence}
                for one in report.findings
            ],
            "notes": [note_json(one) for one in notes],
        })  # fmt: skip
    else:
        _print(app, report)
        print_notes(notes)
    if not report.ok:
        raise SystemExit(PROBLEMS)


def _print(app: str, report: ConnectionReport) -> None:
    click.echo(heading(app))
    width = max(len(step.name) for step in report.steps)
    for step in report.steps:
        mark = click.style("ok    ", fg="green") if step.ok else click.style("FAILED", fg="red", bold=True)
        lines = wrap(plain(step.detail), width + 12)
        click.echo(f"  {mark}  {step.name:<{width}}  {lines[0]}".rstrip())
        for line in lines[1:]:
            click.echo(" " * (width + 12) + line)
        if not step.ok and step.mend:
            click.echo(f"{click.style('  Next:', bold=True)} {step.mend}", err=True)
    if report.findings:
        click.echo("\nThe app departs from the standard here, and is understood all the same:")
        for finding in report.findings:
            print_text(plain(finding), indent="  ", lead="- ")
