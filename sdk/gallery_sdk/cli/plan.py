"""`gallery plan`."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .column_text import note_json, print_notes
from .declaring import app_argument, declare, json_option
from .output import counted, heading, print_json, print_table
from .plan_text import action_json, print_action
from .summaries import print_warnings
from .times import utc_text
from .workspaces import current_workspace

if TYPE_CHECKING:
    from ..provisioning import Action, PlanSummary
    from ..runner import ColumnNote, Job

_OPERATIONS = ("create", "update", "link", "enable", "disable", "delete", "release")


@declare("plan")
@app_argument
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the plan file.")
@click.option("--limit", type=click.IntRange(min=0), help="Objects to show; 0 for all.  [default: 20, with --json all]")
@json_option
def command(app: str, out: Path | None, limit: int | None, as_json: bool) -> None:
    """Show what would change, and write it to a file.

    Runs a whole cycle but for its writes: reads the source, looks into the app, and shows each operation with every
    attribute that changes and where its value comes from. Nothing is changed, in the app or in the state. The file,
    plans/<app>-<time>.plan by default, holds all of it; `gallery apply` carries out exactly that.

    \b
    Example:
        gallery plan slack-prod --limit 5
    """
    from .progress import shown_progress
    from .running import on_job

    root = current_workspace().root
    stamp = datetime.fromtimestamp(time.time()).astimezone().strftime("%Y%m%d-%H%M%S")
    path = out if out is not None else root / "plans" / f"{app}-{stamp}.plan"
    origins: dict[str, Mapping[str, str]] = {}

    async def work(job: Job) -> tuple[PlanSummary, tuple[ColumnNote, ...]]:
        for kind, plan in job.context.kinds.items():
            origins[kind] = plan.mapping.sources
        return await job.plan(path, progress), job.column_notes()

    with shown_progress() as progress:
        summary, notes = on_job(app, work)
    if as_json:
        _print_json(summary, origins, limit, notes)
        return
    print_notes(notes)
    _print(summary, origins, 20 if limit is None else limit, _relative(path))


def _relative(path: Path) -> Path:
    """The path as a person would type it here."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path


def _actions(path: Path, limit: int | None) -> list[Action]:
    """The first actions of the file; it may hold a directory, so no more of it is read than is shown."""
    import orjson

    from ..provisioning import Action

    with path.open("rb") as file:
        next(file)
        return [Action.from_json(orjson.loads(line)) for line in islice(file, limit or None)]


def _print(summary: PlanSummary, origins: Mapping[str, Mapping[str, str]], limit: int, path: Path) -> None:
    header = summary.header
    print_warnings(summary.warnings)
    click.echo(f"{heading(f'Plan for {header.app}')}  {header.connector} {header.connector_version}")
    if not summary.total_actions:
        click.echo(f"Nothing to do: {counted(summary.counts.get('unchanged', 0), 'object')} are as they should be.")
        return
    shown = _actions(summary.path, limit)
    for action in shown:
        print_action(action, origins.get(action.kind, {}), summary.absent)
    hidden = summary.total_actions - len(shown)
    if hidden:
        click.echo(f"\n... and {counted(hidden, 'more object')} (--limit 0 shows all)")
    click.echo()
    used = [one for one in _OPERATIONS if any(count.get(one) for count in summary.operations.values())]
    print_table(
        ("", *used),
        [
            (f"{kind}s", *(f"{count[one]:,}" if count.get(one) else "-" for one in used))
            for kind, count in summary.operations.items()
        ],
        right=range(1, len(used) + 1),
    )
    by_operation = ", ".join(f"{name} {number:,}" for name, number in summary.requests.items() if number)
    click.echo(
        f"\n{counted(summary.total_requests, 'request')} to apply it{f' ({by_operation})' if by_operation else ''}; "
        f"{summary.read_requests:,} {'was' if summary.read_requests == 1 else 'were'} sent to plan it."
    )
    if skipped := summary.counts.get("skipped", 0):
        click.echo(f"{counted(skipped, 'object')} skipped: out of scope, or disabled and without an account.")
    if summary.over_limit:
        click.echo(
            f"{click.style('Warning:', fg='yellow', bold=True)} {summary.over_limit}. `gallery apply` will stop before "
            "the first of them; --allow-deprovision N allows them once.",
            err=True,
        )
    click.echo(f"Next: `gallery apply {shlex.quote(str(path))}`")


def _print_json(
    summary: PlanSummary,
    origins: Mapping[str, Mapping[str, str]],
    limit: int | None,
    notes: tuple[ColumnNote, ...],
) -> None:
    header = summary.header
    print_json({
        "app": header.app, "file": str(summary.path), "created": utc_text(header.created),
        "connector": header.connector, "connector_version": header.connector_version,
        "operations": {kind: dict(count) for kind, count in summary.operations.items()},
        "requests": dict(summary.requests), "total_requests": summary.total_requests,
        "read_requests": summary.read_requests, "total_actions": summary.total_actions,
        "counts": dict(summary.counts), "over_limit": summary.over_limit, "warnings": list(summary.warnings),
        "notes": [note_json(one) for one in notes],
        "actions": [
            action_json(one, origins.get(one.kind, {}), summary.absent) for one in _actions(summary.path, limit)
        ],
    })  # fmt: skip
