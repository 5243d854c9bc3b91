"""What a cycle did, in a few lines or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from .output import counted, heading
from .progress import counts_text
from .times import duration

if TYPE_CHECKING:
    from ..provisioning import CycleSummary

_MOST_WARNINGS: Final = 10
_KINDS: Final = {"initial": "initial cycle", "incremental": "incremental cycle", "plan": "plan applied, cycle"}


def print_summary(app: str, summary: CycleSummary) -> None:
    """Print a finished cycle; warnings go to stderr."""
    kind = _KINDS.get(summary.kind, summary.kind)
    click.echo(
        f"{heading(app)}  {kind} {summary.number} done in {duration(summary.seconds)}, "
        f"{counted(summary.requests, 'request')}"
    )
    click.echo(f"  {counts_text(summary.counts) or 'nothing to do'}")
    print_warnings(summary.warnings)
    if summary.failed:
        click.echo(
            f"{counted(summary.failed, 'object')} failed and will be tried again. "
            f"Next: `gallery log {app} --status failure`",
            err=True,
        )


def print_warnings(warnings: tuple[str, ...]) -> None:
    """Print the first warnings on stderr, and how many more there are."""
    for warning in warnings[:_MOST_WARNINGS]:
        click.echo(f"Warning: {warning}", err=True)
    if len(warnings) > _MOST_WARNINGS:
        click.echo(f"Warning: {counted(len(warnings) - _MOST_WARNINGS, 'more warning')}", err=True)


def summary_json(app: str, summary: CycleSummary) -> dict[str, object]:
    """The fields of a finished cycle."""
    return {
        "app": app,
        "cycle": summary.number,
        "kind": summary.kind,
        "state": summary.state,
        "seconds": round(summary.seconds, 3),
        "requests": summary.requests,
        "failed": summary.failed,
        "counts": dict(summary.counts),
        "warnings": list(summary.warnings),
    }
