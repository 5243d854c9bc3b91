"""`gallery remove`."""

from __future__ import annotations

from pathlib import Path

import click

from .declaring import complete_connectors, declare
from .environments import environment_of, lock_path


@declare("remove")
@click.argument("connectors", metavar="CONNECTOR...", nargs=-1, required=True, shell_complete=complete_connectors)
@click.option("--force", is_flag=True, help="Even if an app of this workspace uses it.")
@click.option("--lock", type=click.Path(path_type=Path), help="Lock file; gallery.lock of the workspace by default.")
@click.option("--python", type=click.Path(path_type=Path), help="Python of the environment.")
def command(connectors: tuple[str, ...], force: bool, lock: Path | None, python: Path | None) -> None:
    """Remove installed connectors.

    What else they brought along stays, since something else may have come to need it. No account in any app is touched.

    \b
    Example:
        gallery remove slack
    """
    from ..catalog.installing import remove

    slugs = list(dict.fromkeys(connectors))
    if not force:
        _check_unused(slugs)
    path = lock_path(lock)
    removed = dict(remove(slugs, environment=environment_of(python, None, None), lock_path=path))
    for slug in slugs:
        click.echo(f"{slug} removed" if slug in removed else f"{slug} was not installed; {path.name} names it no more")


def _check_unused(slugs: list[str]) -> None:
    from ..apps import Workspace
    from ..errors import ConfigError, UsageError

    try:
        workspace = Workspace.find(Path.cwd())
    except ConfigError:
        return
    for name in workspace.app_names():
        try:
            app = workspace.read_app(name)
        except ConfigError:
            continue
        if app.connector in slugs:
            raise UsageError(
                f"the app {name!r} uses it",
                f"connector {app.connector!r}",
                f"Remove apps/{name}.toml first, or give --force",
            )
