"""`gallery check`."""

from __future__ import annotations

from pathlib import Path

import click

from .declaring import declare, json_option
from .failing import PROBLEMS, show_problem
from .output import counted, print_json


@declare("check")
@click.argument("manifests", metavar="MANIFEST...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def command(manifests: tuple[Path, ...], as_json: bool) -> None:
    """Check connector manifests.

    MANIFEST is a connector.toml or the folder that holds it. Beyond the shape of the file, the whole is checked:
    expressions compile and fit their attributes, required attributes have a value, matching attributes can be
    searched for, URLs stay inside the allowed hosts, inputs are declared and used. Exit status 1 for any error;
    warnings are shown and change nothing.

    \b
    Example:
        gallery check connectors/acme
    """
    from ..manifest import find_problems

    found = [problem for path in manifests for problem in find_problems(path)]
    errors = [problem for problem in found if problem.severity == "error"]
    if as_json:
        print_json(
            [{"where": one.where, "what": one.what, "mend": one.mend, "severity": one.severity} for one in found]
        )
    else:
        for one in found:
            show_problem(one.where, one.what, one.mend, label="Error" if one.severity == "error" else "Warning")
        totals = f"{counted(len(errors), 'error')}, {counted(len(found) - len(errors), 'warning')}"
        click.echo(f"{counted(len(manifests), 'manifest')} checked: {totals}")
    if errors:
        raise SystemExit(PROBLEMS)
