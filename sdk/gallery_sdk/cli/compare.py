"""`gallery compare`."""

from __future__ import annotations

from typing import Final

import click

from .declaring import declare, json_option
from .install import complete_catalog
from .output import heading, print_fields, print_json, print_table

_LONGEST_CELL: Final = 40  # longer texts are shown below one another


@declare("compare")
@click.argument(
    "connectors", metavar="CONNECTOR CONNECTOR...", nargs=-1, required=True, shell_complete=complete_catalog
)
@click.option("--all", "everything", is_flag=True, help="Also the lines in which they are alike.")
@json_option
def command(connectors: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Compare connectors side by side.

    Abilities, lifecycle, what connecting takes, mapped attributes and departures from the standard; from the catalog
    where it is here, else from what is installed. Lines in which all are alike are left out.

    \b
    Example:
        gallery compare slack zoom
    """
    if len(set(connectors)) < 2:
        raise click.UsageError("Name two connectors or more.")
    from ..catalog.comparing import compare
    from ..catalog.subjects import find_subject

    slugs = tuple(dict.fromkeys(connectors))
    rows = compare([find_subject(slug) for slug in slugs])
    shown = [row for row in rows if everything or not row.same]
    if as_json:
        print_json(
            [
                {"section": row.section, "label": row.label, "values": dict(zip(slugs, row.values, strict=True))}
                for row in shown
            ]
        )
        return
    for section in dict.fromkeys(row.section for row in shown):
        click.echo(f"\n{heading(section)}")
        mine = [row for row in shown if row.section == section]
        short = [row for row in mine if max(map(len, row.values)) <= _LONGEST_CELL]
        if short:
            print_table(
                ("", *slugs), [(row.label, *(value or "-" for value in row.values)) for row in short], indent="  "
            )
        for row in mine:
            if row not in short:
                click.echo(f"  {row.label}")
                print_fields(
                    [(slug, value or "-") for slug, value in zip(slugs, row.values, strict=True)], indent="    "
                )
    if len(shown) < len(rows):
        click.echo(f"\nAlike in {len(rows) - len(shown)} other lines (--all shows them).")
