"""`gallery status`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

from .declaring import complete_apps, declare, json_option
from .failing import USAGE, show_problem
from .output import counted, faint, heading, plain, print_fields, print_json, print_table, print_text
from .progress import counts_text
from .times import duration, local_time, utc_text
from .workspaces import chosen_apps, current_workspace, find_app_problems

if TYPE_CHECKING:
    from ..manifest import Problem
    from ..runner import JobStatus

_COLOURS: Final = {"active": "green", "quarantine": "red", "disabled": "yellow", "broken": "red"}
_RESULTS: Final = {"failed": "red", "succeeded": "green", "entry_errors": "yellow"}
_SHOWN_CYCLES: Final = 8
_PENDING: Final = (
    "pending: a manager or a member has no account here (skipped, or not there yet); completed once there is one"
)
_NOTHING: Final = {"on_demand": "one object"}


@declare("status")
@click.argument("app", required=False, shell_complete=complete_apps)
@json_option
def command(app: str | None, as_json: bool) -> None:
    """Show where apps stand.

    Without APP one line for each app; with it also its latest cycles, what waits, and why it stopped if it did. An app
    is broken when its file has problems or its connector is not there; that is said, and the exit status is 2.

    \b
    Example:
        gallery status slack-prod
    """
    from ..runner import job_status

    workspace = current_workspace()
    names = chosen_apps(workspace, (app,) if app is not None else ())
    found = [(job_status(workspace, name), find_app_problems(workspace, name)) for name in names]
    if as_json:
        documents = [_as_json(*one) for one in found]
        print_json(documents if app is None else documents[0])
    elif app is not None:
        _print_one(*found[0])
    else:
        print_table(
            ("APP", "STATUS", "PEOPLE", "GROUPS", "WAITING", "LAST SUCCESS"),
            [
                (
                    one.name,
                    _word(one, problems).replace("_", " "),
                    f"{_of(one, 'user', 'linked'):,}",
                    f"{_of(one, 'group', 'linked'):,}",
                    f"{_of(one, 'user', 'escrow') + _of(one, 'group', 'escrow'):,}",
                    local_time(one.job.last_success),
                )
                for one, problems in found
            ],
            right=(2, 3, 4),
            rigid=(1, 2, 3, 4, 5),
            styles=_COLOURS,
        )
    broken = [problem for _, problems in found for problem in problems]
    if not as_json:
        for problem in broken:
            show_problem(problem.where, problem.what, problem.mend)
    if broken:
        raise SystemExit(USAGE)


def _word(status: JobStatus, problems: tuple[Problem, ...]) -> str:
    """How an app is: its job's status, unless it cannot run or never ran."""
    if problems:
        return "broken"
    return "never_run" if status.job.status == "active" and not status.cycles else status.job.status


def _of(status: JobStatus, kind: str, name: str) -> int:
    return status.counts.get(kind, {}).get(name, 0)


def _print_one(status: JobStatus, problems: tuple[Problem, ...]) -> None:
    job, word = status.job, _word(status, problems)
    state = click.style(word.replace("_", " "), fg=_COLOURS.get(word), bold=True)
    click.echo(f"{heading(status.name)}  {state}")
    if job.status == "quarantine":
        print_fields(
            [
                ("reason", job.quarantine_reason),
                ("error", job.quarantine_error),
                ("since", local_time(job.quarantine_began)),
                ("next try", local_time(job.next_attempt, otherwise="when you run it")),
            ],
            indent="  ",
        )
    print_fields(
        [
            ("last run", local_time(job.last_run)),
            ("last success", local_time(job.last_success)),
            ("not before", local_time(job.next_attempt, otherwise="") if job.status != "quarantine" else ""),
            ("next cycle", "reads everything anew" if job.restart_scope else ""),
        ],
        indent="  ",
    )
    if status.counts:
        click.echo()
        columns = ("linked", "enabled", "skipped", "failed", "escrow", "pending")
        print_table(
            ("", *columns),
            [
                (f"{kind}s", *(f"{status.counts[kind].get(one, 0):,}" for one in columns))
                for kind in ("user", "group")
                if kind in status.counts
            ],
            right=range(1, len(columns) + 1),
            indent="  ",
        )
        if any(counts.get("pending") for counts in status.counts.values()):
            print_text(_PENDING, indent="  ")
    if status.cycles:
        click.echo()
        for one in status.cycles[:_SHOWN_CYCLES]:
            result = click.style(one.state.replace("_", " "), fg=_RESULTS.get(one.state))
            took = f"{duration(one.ended - one.began)}, {counted(one.requests, 'request')}" if one.ended else ""
            click.echo(
                f"  {one.number:>4}  {local_time(one.began)}  {one.kind.replace('_', ' ')}: {result}  {faint(took)}"
            )
            print_text(
                plain(one.error or counts_text(one.counts) or _NOTHING.get(one.kind, "nothing to do")),
                indent="        ",
            )
    elif not problems:
        click.echo(f"\nIt never ran. Next: `gallery plan {status.name}`, then `gallery run {status.name} --once`")


def _as_json(status: JobStatus, problems: tuple[Problem, ...]) -> dict[str, object]:
    job = status.job
    quarantine: Mapping[str, object] | None = None
    if job.status == "quarantine":
        quarantine = {
            "reason": job.quarantine_reason,
            "error": job.quarantine_error,
            "began": utc_text(job.quarantine_began),
            "count": job.quarantine_count,
            "next_attempt": utc_text(job.next_attempt),
        }
    return {
        "app": status.name,
        "status": _word(status, problems),
        "problems": [str(one) for one in problems],
        "quarantine": quarantine,
        "restart": job.restart_scope or None,
        "last_run": utc_text(job.last_run),
        "last_success": utc_text(job.last_success),
        "counts": {kind: dict(count) for kind, count in status.counts.items()},
        "cycles": [
            {
                "cycle": one.number,
                "kind": one.kind,
                "state": one.state,
                "began": utc_text(one.began),
                "ended": utc_text(one.ended),
                "requests": one.requests,
                "counts": dict(one.counts),
                "error": one.error,
            }
            for one in status.cycles
        ],
    }
