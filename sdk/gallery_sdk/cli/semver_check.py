"""`gallery semver-check`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from .declaring import declare, json_option
from .failing import PROBLEMS, show_problem
from .output import print_json


@declare("semver-check")
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day that deadlines are counted from; today by default."
)
@json_option
def command(old: Path, new: Path, day: datetime | None, as_json: bool) -> None:
    """Check that a new version says how much it changed.

    OLD and NEW are manifests, or the connectors' folders. What takes something away, needs something new, or writes
    other values into accounts that exist asks for a major version, and for a [[breaking]] entry with a deadline at
    least seven days ahead; what adds something asks for a minor one; words for a patch. Exit status 1 if the version
    is too low.

    \b
    Example:
        gallery semver-check ../released/slack connectors/slack
    """
    from ..catalog.folders import find_manifest
    from ..catalog.migrating import read_any_level
    from ..catalog.semver import check_version

    today = day.date() if day is not None else datetime.now(UTC).date()
    verdict = check_version(read_any_level(find_manifest(old)), read_any_level(find_manifest(new)), today=today)
    if as_json:
        print_json(
            {
                "old": verdict.old,
                "new": verdict.new,
                "needed": verdict.needed,
                "given": verdict.given,
                "least": verdict.least,
                "changes": [{"level": one.level, "where": one.where, "what": one.what} for one in verdict.changes],
                "problems": [{"where": one.where, "what": one.what, "mend": one.mend} for one in verdict.problems],
            }
        )
    else:
        for one in verdict.changes:
            click.echo(f"{one.level:<5}  {one.where}: {one.what}")
        for problem in verdict.problems:
            show_problem(problem.where, problem.what, problem.mend)
        if not verdict.problems:
            asked = f"a {verdict.needed} change" if verdict.needed else "no change"
            click.echo(f"{verdict.old} to {verdict.new} is right for {asked}.")
    if verdict.problems:
        raise SystemExit(PROBLEMS)
