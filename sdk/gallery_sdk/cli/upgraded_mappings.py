"""`gallery mappings APP --upgrade`: old default, new default and override of each mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from ..manifest.wording import when_text, without_urn
from .failing import show_problem
from .mapping_text import value_text
from .output import counted, heading, print_json, print_table

if TYPE_CHECKING:
    from ..apps import AppConfig, MergedMapping, Workspace
    from ..manifest import AttributeMapping, Manifest

_STYLES: Final = {"conflict": "red", "new default": "green", "override agrees": "yellow"}


def keep_and_show(
    workspace: Workspace, app: AppConfig, manifest: Manifest, keep: Sequence[str], *, as_json: bool
) -> int:
    """Keep the overrides that are named, then show what is left to decide; the exit status.

    Raises:
        UsageError: A name is that of no mapping in conflict.
        ConfigError: What is remembered cannot be read or written.
    """
    from ..apps import Merge, keep_overrides, merge_mappings, read_snapshot

    if keep:
        keep_overrides(workspace, app, manifest, keep)
    snapshot = read_snapshot(workspace, app)
    merged = () if snapshot is None else merge_mappings(snapshot, manifest, app)
    conflicts = [one for one in merged if one.status is Merge.CONFLICT]
    if as_json:
        old = None if snapshot is None else snapshot.version
        rows = [_as_json(one) for one in merged]
        print_json({"connector": manifest.slug, "old": old, "new": manifest.version, "mappings": rows})
    elif snapshot is None:
        click.echo(
            f"Nothing is remembered of {app.name} yet: what overrides are written against is, when it first runs."
        )
    else:
        _print(f"{app.name}: {manifest.name} {snapshot.version} to {manifest.version}", merged)
        for one in conflicts:
            show_problem(*_parts(one, app.name), label="Conflict")
    return 1 if conflicts else 0


def _print(title: str, merged: Sequence[MergedMapping]) -> None:
    from ..apps import Merge

    click.echo(heading(title))
    rows: list[tuple[str, str, str]] = []
    for one in merged:
        if one.status is Merge.UNCHANGED:
            continue
        rows.append((one.status.value, f"{one.kind} {without_urn(one.name)}", f"default: {_text(one.new)}"))
        if one.old != one.new:
            rows.append(("", "", f"before: {_text(one.old)}"))
        if one.override is not None:
            rows.append(("", "", f"override: {_override_text(one)}"))
    if rows:
        print_table(("", "MAPPING", ""), rows, rigid=(0, 1), styles=_STYLES)
    counts = Counter(one.status for one in merged)
    click.echo(", ".join(f"{status.value}: {counts[status]}" for status in Merge if counts[status]))
    if not any(one.old != one.new for one in merged):
        click.echo(
            f"The defaults of {counted(len(merged), 'mapping')} are those that the overrides were written against."
        )


def _text(mapping: AttributeMapping | None) -> str:
    if mapping is None:
        return "(none)"
    when = when_text(mapping)
    return f"{value_text(mapping)}{f'  ({when})' if when != 'always' else ''}"


def _override_text(one: MergedMapping) -> str:
    assert one.override is not None
    fields = one.override.model_dump(exclude_none=True, exclude={"id", "target", "note"})
    return ", ".join(f"{name} = {value!r}" for name, value in fields.items())


def _parts(one: MergedMapping, app: str) -> tuple[str, str, str]:
    problem = one.problem(app)
    return problem.where, problem.what, problem.mend


def _as_json(one: MergedMapping) -> dict[str, object]:
    def plain(mapping: AttributeMapping | None) -> dict[str, object] | None:
        return None if mapping is None else mapping.model_dump(mode="json", exclude_defaults=True)

    override = None if one.override is None else one.override.model_dump(mode="json", exclude_none=True)
    return {
        "kind": one.kind,
        "name": one.name,
        "status": one.status.value,
        "fields": list(one.fields),
        "old": plain(one.old),
        "new": plain(one.new),
        "override": override,
    }
