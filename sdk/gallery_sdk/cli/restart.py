"""`gallery restart`."""

from __future__ import annotations

import click

from .declaring import app_argument, declare
from .terminal import is_interactive
from .workspaces import chosen_apps, current_workspace


@declare("restart")
@app_argument
@click.option("--forget-links", is_flag=True, help="Also forget which account belongs to whom; they are matched again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(app: str, forget_links: bool, yes: bool) -> None:
    """Have the next cycle read everything anew.

    Ends a quarantine, tries failed objects at once, and makes the next cycle compare every account with the source and
    repair what drifted. Nothing is sent now. On a terminal it asks first; elsewhere it needs --yes.

    \b
    Example:
        gallery restart slack-prod
    """
    from ..runner import restart_job

    workspace = current_workspace()
    (name,) = chosen_apps(workspace, (app,))
    if not yes:
        if not is_interactive():
            raise click.UsageError("A restart asks before it acts, and nobody can answer here. Add --yes.")
        what = "Forget all links of" if forget_links else "Restart"
        click.confirm(f"{what} {name}? The next cycle reads every account of the app", abort=True)
    restart_job(workspace, name, links=forget_links)
    click.echo(f"{name} starts afresh. Next: `gallery run {name} --once`")
