"""`gallery search`."""

from __future__ import annotations

import click

from ..plugins.index import load_index
from ..plugins.ranking import match_entries
from .declaring import declare, json_option
from .output import print_json, print_table


@declare("search")
@click.argument("query", nargs=-1)
@json_option
def command(query: tuple[str, ...], as_json: bool) -> None:
    """Find an installed connector.

    QUERY may be a name, a category or a keyword, and need not be spelled well; the best answer comes first. Without
    it all connectors are listed.

    \b
    Example:
        gallery search chat
    """
    entries = [entry for entry in match_entries(" ".join(query), load_index()) if entry.broken is None]
    if as_json:
        print_json(
            [
                {
                    "slug": entry.slug,
                    "name": entry.name,
                    "version": entry.version,
                    "status": entry.status,
                    "summary": entry.summary,
                    "vendor": entry.vendor,
                    "categories": list(entry.categories),
                    "keywords": list(entry.keywords),
                    "auth": list(entry.auth),
                    "capabilities": list(entry.capabilities),
                    "transport": entry.transport,
                }
                for entry in entries
            ]
        )
        return
    if not entries:
        what = f"No installed connector answers to '{' '.join(query)}'" if query else "No connector is installed"
        click.echo(f"{what}. Any SCIM 2.0 app can be connected by its URL: gallery add --url URL --name NAME", err=True)
        return
    print_table(
        ("CONNECTOR", "NAME", "VERSION", "SUMMARY"),
        [(entry.slug, entry.name, entry.version, entry.summary) for entry in entries],
        rigid=(0, 2),
    )
