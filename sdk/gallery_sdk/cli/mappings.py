"""`gallery mappings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..manifest.wording import when_text, without_urn
from .connectors import load_manifest
from .declaring import app_argument, declare, json_option
from .mapping_text import value_text
from .output import heading, print_json, print_table
from .workspaces import current_workspace, read_app

if TYPE_CHECKING:
    from ..manifest import AttributeMapping

_Pair = tuple["AttributeMapping | None", "AttributeMapping"]


@declare("mappings")
@app_argument
@click.option("--changed", is_flag=True, help="Only what the app's file changes.")
@click.option("--upgrade", is_flag=True, help="What the last upgrade of the connector means for each mapping.")
@click.option("--keep", metavar="NAME", multiple=True, help="Keep an override that is in conflict after an upgrade.")
@json_option
def command(app: str, changed: bool, upgrade: bool, keep: tuple[str, ...], as_json: bool) -> None:
    """Show where each attribute of an app comes from.

    A mark stands before each attribute: `=` as the connector has it, `~` changed by the app, `+` added by
    it. Below a changed one stands the default.

    After an upgrade of the connector, --upgrade compares three ways: the default that an override was written
    against, the default now, and the override. Where both changed the same, the app does not run until the
    override is edited, removed, or kept by --keep. Exit status of --upgrade: 1 where there are conflicts.

    \b
    Example:
        gallery mappings slack-prod
        gallery mappings slack-prod --upgrade
    """
    from ..apps import effective_mappings

    workspace = current_workspace()
    config = read_app(workspace, app)
    manifest = load_manifest(config.connector)
    if upgrade or keep:
        from .upgraded_mappings import keep_and_show

        raise SystemExit(keep_and_show(workspace, config, manifest, keep, as_json=as_json))
    pairs: dict[str, list[_Pair]] = {}
    for kind, results in effective_mappings(manifest, config).items():
        defaults = {one.id: one for one in manifest.mappings["user" if kind == "user" else "group"]}
        pairs[kind] = [(default, one) for one in results if (default := defaults.get(one.id)) != one or not changed]
    if as_json:
        print_json({kind: [_as_json(*pair) for pair in of_kind] for kind, of_kind in pairs.items()})
        return
    for kind, of_kind in pairs.items():
        if of_kind:
            _print(f"{app}: {kind}s", of_kind)
            click.echo()
    if changed and not any(pairs.values()):
        click.echo(f"{config.where} changes nothing: every mapping is as {manifest.slug} has it.")
    click.echo(f"[[mapping.user]] and [[mapping.group]] in {config.where} change them.")


def _print(title: str, pairs: list[_Pair]) -> None:
    click.echo(heading(title))
    rows: list[tuple[str, str, str, str]] = []
    for default, result in pairs:
        when = when_text(result)
        rows.append((_mark(default, result), without_urn(result.target), value_text(result), when))
        if default is not None and default != result:
            before = when_text(default)
            rows.append(("", "", f"default: {value_text(default)}", before if before != when else ""))
    print_table(("", "ATTRIBUTE", "FROM", "WHEN"), rows, rigid=(0, 1, 3))
    if urns := sorted({one.target.rpartition(":")[0] for _, one in pairs if one.target.startswith("urn:")}):
        click.echo(f"… stands for {', '.join(urns)}")


def _mark(default: AttributeMapping | None, result: AttributeMapping) -> str:
    if default is None:
        return "+"
    return "=" if default == result else "~"


def _as_json(default: AttributeMapping | None, result: AttributeMapping) -> dict[str, object]:
    before = default.model_dump(mode="json", exclude_none=True) if default is not None else None
    after = result.model_dump(mode="json", exclude_none=True)
    override = {
        name: after.get(name)
        for name in sorted({*after, *(before or {})})
        if (before or {}).get(name) != after.get(name)
    }
    return {"target": result.target, "default": before, "override": override or None, "result": after}
