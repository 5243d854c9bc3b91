"""`gallery check`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .declaring import declare, json_option
from .failing import PROBLEMS, USAGE, show_problem
from .output import counted, print_json, print_text
from .tier_text import print_rule, print_tier

if TYPE_CHECKING:
    from ..catalog.tiers import TierReport
    from ..manifest import Problem


def _explain(ctx: click.Context, _parameter: click.Parameter, wanted: str | None) -> None:
    if wanted is None or ctx.resilient_parsing:
        return
    from ..catalog.grading import find_rule

    print_rule(find_rule(wanted))
    ctx.exit()


@declare("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--explain", metavar="RULE", callback=_explain, expose_value=False, is_eager=True,
    help="Say what a rule asks, why, and how to mend it; nothing is checked.",
)  # fmt: skip
@click.option("--contract", is_flag=True, help="Act the connector first and keep what is seen in evidence.json.")
@click.option("--rules", "all_rules", is_flag=True, help="Show every rule, not only what keeps it from the next tier.")
@click.option(
    "--at-least", type=click.Choice(["bronze", "silver", "gold", "platinum"]), help="Exit status 1 below this tier."
)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day that facts are dated against; today (UTC).")
@json_option
def command(
    paths: tuple[Path, ...],
    contract: bool,
    all_rules: bool,
    at_least: str | None,
    day: datetime | None,
    as_json: bool,
) -> None:
    """Check connectors: what is wrong, and which tier they reach.

    PATH is a connector's folder, or a connector.toml alone. Beyond the shape of the file, the whole is checked:
    expressions compile and fit their attributes, required attributes have a value, matching attributes can be
    searched for, URLs stay inside the allowed hosts, inputs are declared and used. Exit status 1 for any error;
    warnings are shown and change nothing.

    A folder is graded, too: draft, bronze, silver, gold or platinum, by rules that are all programs. Some look at what
    acting the connector showed; --contract acts it, which takes some ten seconds, and runs its own tests.

    \b
    Example:
        gallery check connectors/acme --contract
        gallery check --explain K04
    """
    from ..errors import PluginError
    from ..manifest import Problem

    found: list[Problem] = []
    tiers: dict[str, TierReport] = {}
    for path in paths:
        problems, folder = _problems(path)
        found += problems
        if folder is not None:
            try:
                tiers[str(folder)] = _tier(folder, (day or datetime.now(UTC)).date(), contract)
            except PluginError as error:  # of one connector; the others are graded all the same
                found.append(Problem(error.where, error.what, error.mend))
        elif contract or at_least:
            show_problem(str(path), "a manifest alone has no tier", "Name the connector's folder, with pyproject.toml")
            raise SystemExit(USAGE)
    errors = [one for one in found if one.severity == "error"]
    if as_json:
        print_json({"problems": [_row(one) for one in found], "connectors": [_report(*each) for each in tiers.items()]})
    else:
        for one in found:
            show_problem(one.where, one.what, one.mend, label="Error" if one.severity == "error" else "Warning")
        totals = f"{counted(len(errors), 'error')}, {counted(len(found) - len(errors), 'warning')}"
        click.echo(f"{counted(len(paths), 'manifest')} checked: {totals}")
        for where, report in tiers.items():
            print_tier(where, report, all_rules=all_rules)
        if tiers and not all_rules:
            print_text("`gallery check --explain RULE` says why a rule asks that, and how to mend it.")
    if errors or any(_is_below(report, at_least) for report in tiers.values()):
        raise SystemExit(PROBLEMS)


def _problems(path: Path) -> tuple[list[Problem], Path | None]:
    """What is wrong with a manifest, and the connector's folder where there is one."""
    from ..catalog.folders import find_manifest
    from ..errors import ManifestError
    from ..manifest import Problem, find_problems

    try:
        file = find_manifest(path) if path.is_dir() else path
    except ManifestError as error:
        return [Problem(error.where, error.what, error.mend)], None
    folder = next((one for one in (path, file.parent.parent) if (one / "pyproject.toml").is_file()), None)
    return find_problems(file), folder if path.is_dir() else None


def _tier(folder: Path, day: date, contract: bool) -> TierReport:
    from ..catalog.grading import collect, grade, look_at, write_evidence
    from ..errors import GalleryError

    if not contract:
        return grade(folder, day=day)
    try:
        seen = look_at(folder, day)
    except GalleryError:
        return grade(folder, day=day)
    write_evidence(folder, collect(seen))
    return grade(folder, day=day)


def _is_below(report: TierReport, wanted: str | None) -> bool:
    from ..catalog.grading import TIERS

    order = [str(one) for one in TIERS]
    return wanted is not None and order.index(report.tier) < order.index(wanted)


def _row(one: Problem) -> dict[str, str]:
    return {"where": one.where, "what": one.what, "mend": one.mend, "severity": one.severity}


def _report(where: str, report: TierReport) -> dict[str, object]:
    return {"path": where, **report.model_dump(mode="json"), "score": report.score.model_dump(mode="json")}
