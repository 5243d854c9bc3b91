"""`python -m gallery_sdk.reference [--out FOLDER]`."""

from __future__ import annotations

from pathlib import Path

import click

from .building import build


@click.command(name="python -m gallery_sdk.reference")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reference"),
    show_default=True,
    help="Folder to write to; made where it is missing.",
)
def main(out: Path) -> None:
    """Write the reference pages as Markdown, and print their paths."""
    for path in build(out):
        click.echo(path)


if __name__ == "__main__":
    main()
