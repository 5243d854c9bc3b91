"""`gallery provision`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from .declaring import app_argument, declare, json_option
from .failing import PROBLEMS
from .log_text import print_record_changes, record_json
from .mapping_text import shown_value
from .output import counted, heading, plain, print_fields, print_json

if TYPE_CHECKING:
    from ..provisioning import OnDemandReport
    from ..runner import Job

_MARK_OF_THE_ENGINE: Final = "IsSoftDeleted"  # on every object, and not in the source


@declare("provision")
@app_argument
@click.option("--user", metavar="KEY", help="A person: key, user name, address or display name.")
@click.option("--group", metavar="KEY", help="A group: key or display name.")
@json_option
def command(app: str, user: str | None, group: str | None, as_json: bool) -> None:
    """Provision one person or group now, step by step.

    Shows the four steps that every object goes through in a cycle: import from the source, scope, match with an account
    of the app, and the action with each attribute that changed. Exit status 1 when it failed.

    \b
    Example:
        gallery provision slack-prod --user ada.byron@example.com
    """
    from ..errors import UsageError
    from .running import on_job

    if (user is None) == (group is None):
        raise click.UsageError("Give --user KEY or --group KEY.")
    kind, key = ("user", user) if user is not None else ("group", group)
    assert key is not None

    async def work(job: Job) -> OnDemandReport:
        if kind not in job.context.kinds:
            raise UsageError(
                f"{app} provisions no {kind}s",
                job.app.where,
                f"It takes a file of {kind}s under [source], and a connector that has {kind}s",
            )
        return await job.provision(kind, key)

    report = on_job(app, work)
    if as_json:
        print_json({
            "app": app, "kind": report.kind, "source_id": report.source_id, "name": report.name,
            "result": report.result, "requests": report.requests, "attributes": dict(report.attributes),
            "records": [record_json(one) for one in report.records],
        })  # fmt: skip
    else:
        _print(app, report)
    if report.result == "failure":
        raise SystemExit(PROBLEMS)


def _print(app: str, report: OnDemandReport) -> None:
    click.echo(f"{heading(plain(report.name))}  {report.kind} {plain(report.source_id)}")
    imported = [
        (name, value)
        for name, value in report.attributes.items()
        if value not in (None, "", []) and name != _MARK_OF_THE_ENGINE
    ]
    click.echo(f"\n{heading('1. import')}  {counted(len(imported), 'attribute')} read from the source")
    print_fields([(name, shown_value(value)) for name, value in imported], indent="     ")
    steps: dict[str, str] = {}
    for record in report.records:
        for step, outcome in record.steps:
            steps.setdefault(step, outcome)
    nothing = "the account already is as it should be" if report.result != "failure" else ""
    scope = steps.get("scope") or "in scope"
    match = steps.get("match") or ("" if report.records else "linked to its account")
    click.echo(f"\n{heading('2. scope')}   {plain(scope)}")
    if match:
        click.echo(f"\n{heading('3. match')}   {plain(match)}")
    if not report.records:
        click.echo(f"\n{heading('4. action')}  none; {nothing}")
    for record in report.records:
        if record.status == "skipped":
            click.echo(f"\n{heading('4. action')}  none: {plain(record.reason or record.code or 'skipped')}")
            continue
        click.echo(f"\n{heading('4. action')}  {record.action}: {_coloured(record.status)}")
        print_record_changes(record, indent="   ")
        if record.target_id:
            click.echo(f"     account {plain(record.target_id)}")
        if record.reason:
            click.echo(f"     {plain(record.reason)}")
    click.echo(f"\n{_coloured(report.result)}, {counted(report.requests, 'request')} to {app}")


def _coloured(result: str) -> str:
    return click.style(result, fg={"success": "green", "failure": "red"}.get(result, "yellow"), bold=True)
