"""`gallery schema`."""

from __future__ import annotations

import click

from .declaring import declare
from .output import print_json


@declare("schema")
@click.argument("which", metavar="manifest|app", type=click.Choice(["manifest", "app"]))
def command(which: str) -> None:
    """Print the JSON Schema of a file format.

    `manifest` is a connector's connector.toml, `app` a team's apps/NAME.toml. Editors that check TOML by JSON Schema
    complete and explain their fields, every quirk among them.

    \b
    Example:
        gallery schema manifest > connector.schema.json
    """
    if which == "app":
        from ..apps import app_json_schema

        print_json(app_json_schema())
        return
    from ..manifest import manifest_json_schema

    print_json(manifest_json_schema())
