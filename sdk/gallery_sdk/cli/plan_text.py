"""One action of a plan for a person: what is done to whom, why, and where each new value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

from .mapping_text import shown_value
from .output import cells, faint, fit, plain, terminal_width

if TYPE_CHECKING:
    from ..provisioning import Action

_COLOURS: Final = {
    "create": "green",
    "enable": "green",
    "update": "yellow",
    "link": "cyan",
    "disable": "red",
    "delete": "red",
}
_INDENT: Final = "  "
_WIDEST_NAME: Final = 34
_WIDEST_VALUE: Final = 60


def print_action(action: Action, origins: Mapping[str, str]) -> None:
    """Print one action over a few lines.

    Args:
        origins: Target path to the text that says where its value comes from.
    """
    verb = click.style(f"{action.operation:<8}", fg=_COLOURS.get(action.operation), bold=True)
    why = action.cause if not action.matched else f"{action.cause}; found by {action.matched}"
    click.echo(f"{verb}{action.kind}  {plain(action.name or action.source_id)}  {faint(plain(why))}".rstrip())
    print_changes(changes_of(action), origins)


def changes_of(action: Action) -> list[tuple[str, str, str]]:
    """Attribute, value before and value after, in words; a reference that is not resolved yet names its object."""
    rows = [
        (path, "" if action.operation == "create" else shown_value(action.before.get(path)), _after(action, path))
        for path in action.changed
        if path not in action.references
    ]
    rows += [(path, "", f"account of {named}, once it exists") for path, named in action.references.items()]
    if action.members_add or action.members_remove:
        rows.append(("members", "", f"+{len(action.members_add)} -{len(action.members_remove)}"))
    return rows


def print_changes(rows: list[tuple[str, str, str]], origins: Mapping[str, str]) -> None:
    """Print attributes under each other: name, old and new value, and faintly where the new one comes from."""
    if not rows:
        return
    name_width = min(_WIDEST_NAME, max(cells(path) for path, _, _ in rows))
    texts = [f"{plain(old)} -> {plain(new)}" if old else plain(new) for _, old, new in rows]
    width = terminal_width()
    room = _WIDEST_VALUE if width is None else max(16, (width - name_width - 6) * 3 // 5)
    value_width = min(room, max(cells(text) for text in texts))
    for (path, _, _), text in zip(rows, texts, strict=True):
        shown = fit(text, value_width) if width is not None else text.ljust(value_width)
        origin = origins.get(path, "")
        if width is not None:
            left = width - len(_INDENT) - name_width - 2 - value_width - 2
            origin = fit(origin, left).rstrip() if left >= 8 else ""
        name = fit(_short_path(path), name_width) if width is not None else path.ljust(name_width)
        click.echo(f"{_INDENT}{name}  {shown}  {faint(origin)}".rstrip())


def action_json(action: Action, origins: Mapping[str, str]) -> dict[str, object]:
    """The fields of one action."""
    return {
        "operation": action.operation,
        "kind": action.kind,
        "source_id": action.source_id,
        "target_id": action.target_id,
        "name": action.name,
        "cause": action.cause,
        "matched": action.matched,
        "changes": [
            {
                "attribute": path,
                "before": action.before.get(path),
                "after": action.after.get(path),
                "from": origins.get(path),
            }
            for path in action.changed
        ],
        "references": dict(action.references),
        "members_add": list(action.members_add),
        "members_remove": list(action.members_remove),
    }


def _after(action: Action, path: str) -> str:
    if path in action.unique:
        return "first free of " + ", ".join(action.unique[path])
    return shown_value(action.after.get(path))


def _short_path(path: str) -> str:
    """An extension's attribute without the long URN before it, for people."""
    head, colon, name = path.rpartition(":")
    return f"…:{name}" if colon and head.startswith("urn:") else path
