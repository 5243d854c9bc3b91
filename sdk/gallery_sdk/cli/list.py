"""`gallery list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .declaring import declare, json_option
from .failing import USAGE, show_error
from .output import print_json, print_table
from .workspaces import current_workspace

if TYPE_CHECKING:
    from ..sources import SourceConfig


@declare("list")
@json_option
def command(as_json: bool) -> None:
    """List the apps of this workspace.

    An app whose file has problems is listed with them, and the exit status is 2.

    \b
    Example:
        gallery list
    """
    from ..errors import ConfigError

    workspace = current_workspace()
    apps, broken = [], []
    for name in workspace.app_names():
        try:
            apps.append(workspace.read_app(name))
        except ConfigError as error:
            broken.append((name, error))
    if as_json:
        rows: list[dict[str, object]] = [
            {
                "app": one.name,
                "connector": one.connector,
                "url": one.url,
                "source": {"kind": one.source.kind, "users": one.source.users, "groups": one.source.groups},
                "every": one.schedule.every,
                "problems": [],
            }
            for one in apps
        ]
        rows += [{"app": name, "problems": str(problem).splitlines()} for name, problem in broken]
        print_json(sorted(rows, key=lambda row: str(row["app"])))
    elif apps:
        print_table(
            ("APP", "CONNECTOR", "SOURCE", "EVERY"),
            [(one.name, one.connector, _source(one.source), one.schedule.every) for one in apps],
            rigid=(0,),
        )
    elif not broken:
        click.echo("No app yet. Next: `gallery search`, then `gallery add CONNECTOR --name NAME`", err=True)
    for _, problem in broken:
        if not as_json:
            show_error(problem)
    if broken:
        raise SystemExit(USAGE)


def _source(config: SourceConfig) -> str:
    return f"{config.kind} {', '.join(one for one in (config.users, config.groups) if one)}"
