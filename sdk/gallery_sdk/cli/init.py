"""`gallery init`."""

from __future__ import annotations

from pathlib import Path

import click

from .declaring import declare


@declare("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Make a folder a workspace.

    Writes gallery.toml, a README and the folder apps/ into DIR, this folder by default. All of it is meant for version
    control; the state in .gallery/ is not, and secrets are never in it.

    \b
    Example:
        gallery init provisioning
    """
    from ..apps import create_workspace

    workspace = create_workspace(folder)
    click.echo(f"{workspace.root} is a workspace now.")
    steps = [] if workspace.root == Path.cwd() else [f"cd {folder}"]
    steps += ["gallery search", "gallery add CONNECTOR --name NAME"]
    click.echo("Next: " + ", then ".join(f"`{step}`" for step in steps))
