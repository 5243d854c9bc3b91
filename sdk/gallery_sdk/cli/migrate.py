"""`gallery migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from .declaring import declare
from .failing import PROBLEMS, show_error


@declare("migrate")
@click.argument(
    "manifests", metavar="MANIFEST...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 if a manifest is of an older level.")
def command(manifests: tuple[Path, ...], check: bool) -> None:
    """Bring connector manifests to the current level of the format.

    MANIFEST is a connector.toml or the folder that holds it. Comments and order stay. Older levels are still read; this
    rewrites them for good.

    \b
    Example:
        gallery migrate connectors/acme
    """
    from ..catalog.folders import find_manifest
    from ..catalog.migrating import migrate_text
    from ..errors import ManifestError
    from ..manifest import parse_manifest

    older, failed = 0, False
    for given in manifests:
        try:
            path = find_manifest(given)
            migration = migrate_text(path.read_text(encoding="utf-8-sig"), str(path))
            if not migration.changes:
                click.echo(f"{path}: is of the current level")
                continue
            parse_manifest(migration.text, str(path))  # a rewrite that would not be read again is not written
        except ManifestError as error:
            show_error(error)
            failed = True
            continue
        older += 1
        click.echo(f"{path}: from level {migration.level}")
        for line in migration.changes:
            click.echo(f"  {line}")
        if not check:
            path.write_text(migration.text, encoding="utf-8", newline="\n")
    if failed or (check and older):
        raise SystemExit(PROBLEMS)
