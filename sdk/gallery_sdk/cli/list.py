"""`gallery list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .declaring import declare, json_option
from .failing import USAGE, show_error, show_problem
from .output import print_json, print_table
from .workspaces import current_workspace, read_app

if TYPE_CHECKING:
    from ..sources import SourceConfig


@declare("list")
@click.option("--installed", is_flag=True, help="List the installed connectors instead, the broken ones too.")
@json_option
def command(installed: bool, as_json: bool) -> None:
    """List the apps of this workspace.

    An app whose file has problems is listed with them, and so is a file whose name no app can have; the exit status is
    then 2.

    \b
    Example:
        gallery list
    """
    from ..errors import ConfigError

    if installed:
        _list_installed(as_json=as_json)
        return
    workspace = current_workspace()
    apps, broken = [], []
    for name in workspace.app_names():
        try:
            apps.append(read_app(workspace, name))
        except ConfigError as error:
            broken.append((name, error))
    misnamed = workspace.misnamed()
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
        rows += [{"app": None, "problems": [str(problem)]} for problem in misnamed]
        print_json(sorted(rows, key=lambda row: (row["app"] is None, str(row["app"]))))
    elif apps:
        print_table(
            ("APP", "CONNECTOR", "SOURCE", "EVERY"),
            [(one.name, one.connector, _source(one.source), one.schedule.every) for one in apps],
            rigid=(0,),
        )
    elif not broken and not misnamed:
        click.echo("No app yet. Next: `gallery search`, then `gallery add CONNECTOR --name NAME`", err=True)
    if not as_json:
        for _, problems in broken:
            show_error(problems)
        for problem in misnamed:
            show_problem(problem.where, problem.what, problem.mend)
    if broken or misnamed:
        raise SystemExit(USAGE)


def _source(config: SourceConfig) -> str:
    return f"{config.kind} {', '.join(one for one in (config.users, config.groups) if one)}"


def _list_installed(*, as_json: bool) -> None:
    """Installed connectors: what the catalog says against one stands beside it, and so does what is broken."""
    from ..catalog.installed import installed_connectors
    from ..catalog.listings import kept_catalog
    from ..catalog.stored import NONE_KEPT
    from ..plugins.index import load_index

    catalog = kept_catalog()
    rows = installed_connectors(catalog, load_index())
    if as_json:
        print_json([row._asdict() for row in rows])
        return
    print_table(
        ("CONNECTOR", "VERSION", "DISTRIBUTION", "NEWEST", "REMARK"),
        [(row.slug, row.version, row.dist, row.newest or "-", row.remark) for row in rows],
        rigid=(0, 1, 3),
    )
    if catalog is None and rows:
        click.echo(NONE_KEPT, err=True)
