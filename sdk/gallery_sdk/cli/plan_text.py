"""One action of a plan for a person: what is done to whom, why, and where each new value comes from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

import click

from ..manifest.wording import without_urn
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
_WIDEST_NAME: Final = 30
_NARROWEST_ORIGIN: Final = 18
_TYPE_FILTER: Final = re.compile(r'\[type eq "([^"]*)"\]')


def print_action(action: Action, origins: Mapping[str, str], absent: Collection[tuple[str, str]]) -> None:
    """Print one action over a few lines.

    Args:
        origins: Target path to the text that says where its value comes from.
        absent: References that name nobody in the source, as pairs of path and name.
    """
    rows = changes_of(action, absent)
    if rows:
        click.echo()
    verb = click.style(f"{action.operation:<8}", fg=_COLOURS.get(action.operation), bold=True)
    why = action.cause if not action.matched else f"{action.cause}; found by {action.matched}"
    click.echo(f"{verb}{action.kind}  {plain(action.name or action.source_id)}  {faint(plain(why))}".rstrip())
    print_changes(rows, origins)


def changes_of(action: Action, absent: Collection[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Attribute, value before and value after, in words; a reference that is not resolved yet names its object."""
    rows = [
        (path, "" if action.operation == "create" else shown_value(action.before.get(path)), _after(action, path))
        for path in action.changed
        if path not in action.references
    ]
    for path, named in action.references.items():
        gone = (path, named) in absent
        rows.append(
            (path, "", f"left out: {named} is not in the source" if gone else f"account of {named}, once it exists")
        )
    if action.members_add or action.members_remove:
        rows.append(("members", "", f"+{len(action.members_add)} -{len(action.members_remove)}"))
    return rows


def print_changes(rows: list[tuple[str, str, str]], origins: Mapping[str, str], *, indent: str = _INDENT) -> None:
    """Print attributes under each other: name, old and new value, and faintly where the new one comes from."""
    if not rows:
        return
    names = [short_path(path) for path, _, _ in rows]
    texts = [f"{plain(old)} -> {plain(new)}" if old else plain(new) for _, old, new in rows]
    froms = [plain(origins.get(path, "")) for path, _, _ in rows]
    widths = [max(cells(text) for text in column) for column in (names, texts, froms)]
    width = terminal_width()
    if width is not None:
        widths = _within(width - len(indent) - 4, *widths)
    for name, text, origin, (_, old, new) in zip(names, texts, froms, rows, strict=True):
        in_two = bool(old) and cells(text) > widths[1]
        line = f"{indent}{fit(name, widths[0])}  {fit(plain(old) if in_two else text, widths[1])}"
        click.echo(f"{line}  {faint(fit(origin, widths[2]).rstrip())}" if origin else line.rstrip())
        if in_two:
            click.echo(f"{indent}{' ' * widths[0]}  {fit(f'-> {plain(new)}', widths[1] + widths[2] + 2)}".rstrip())


def _within(room: int, name: int, value: int, origin: int) -> list[int]:
    """Widths of name, value and origin in so many columns: the name first, and the origin gives way to the value."""
    name = min(name, _WIDEST_NAME)
    room -= name
    origin = min(origin, max(_NARROWEST_ORIGIN, room - value))
    return [name, min(value, room - origin), origin]


def short_path(path: str) -> str:
    """A path as people read it: `emails[work].value`, and an extension's attribute without the long URN before it."""
    return _TYPE_FILTER.sub(r"[\1]", without_urn(path))


def action_json(action: Action, origins: Mapping[str, str], absent: Collection[tuple[str, str]]) -> dict[str, object]:
    """The fields of one action; `absent` as of `print_action`."""
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
        "absent": [path for path, named in action.references.items() if (path, named) in absent],
        "members_add": list(action.members_add),
        "members_remove": list(action.members_remove),
    }


def _after(action: Action, path: str) -> str:
    if path in action.unique:
        return "first free of " + ", ".join(action.unique[path])
    return shown_value(action.after.get(path))
