"""`gallery mappings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .connectors import load_manifest
from .declaring import app_argument, declare, json_option
from .mapping_text import value_text
from .output import heading, print_json, print_table
from .show import when_text
from .workspaces import current_workspace

if TYPE_CHECKING:
    from ..manifest import AttributeMapping


@declare("mappings")
@app_argument
@json_option
def command(app: str, as_json: bool) -> None:
    """Show where each attribute of an app comes from.

    Side by side: the connector's default, what the app's file changes, and what holds. A mark stands before each
    attribute: `=` as the connector has it, `~` changed by the app, `+` added by it.

    \b
    Example:
        gallery mappings slack-prod
    """
    from ..apps import effective_mappings

    workspace = current_workspace()
    config = workspace.read_app(app)
    manifest = load_manifest(config.connector)
    effective = effective_mappings(manifest, config)
    rows = {}
    for kind, results in effective.items():
        defaults = {one.id: one for one in manifest.mappings["user" if kind == "user" else "group"]}
        rows[kind] = [(defaults.get(one.id), one) for one in results]
    if as_json:
        print_json({kind: [_as_json(default, result) for default, result in of_kind] for kind, of_kind in rows.items()})
        return
    for kind, of_kind in rows.items():
        if not of_kind:
            continue
        click.echo(heading(f"{app}: {kind}s"))
        changed = any(default != result for default, result in of_kind)
        if changed:
            print_table(
                ("", "ATTRIBUTE", "DEFAULT", "RESULT", "WHEN"),
                [
                    (
                        _mark(default, result),
                        result.target,
                        value_text(default) if default is not None else "",
                        value_text(result) if default != result else "as the default",
                        when_text(result.when, result.match, enabled=result.enabled),
                    )
                    for default, result in of_kind
                ],
                rigid=(0,),
            )
        else:
            print_table(
                ("", "ATTRIBUTE", "FROM", "WHEN"),
                [
                    ("=", one.target, value_text(one), when_text(one.when, one.match, enabled=one.enabled))
                    for _, one in of_kind
                ],
                rigid=(0, 3),
            )
        click.echo()
    click.echo(f"Changed in {config.where} by [[mapping.user]] and [[mapping.group]].")


def _mark(default: AttributeMapping | None, result: AttributeMapping) -> str:
    if default is None:
        return "+"
    return "=" if default == result else "~"


def _as_json(default: AttributeMapping | None, result: AttributeMapping) -> dict[str, object]:
    before = default.model_dump(mode="json", exclude_none=True) if default is not None else None
    after = result.model_dump(mode="json", exclude_none=True)
    changed = sorted(name for name in {*after, *(before or {})} if (before or {}).get(name) != after.get(name))
    return {"target": result.target, "default": before, "override": {name: after.get(name) for name in changed}
            if before != after else None, "result": after}  # fmt: skip
