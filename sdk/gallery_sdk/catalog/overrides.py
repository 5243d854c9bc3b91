"""An upgrade against a team's own mappings: three ways, old defaults, new defaults, overrides.

An override is a patch to one mapping, so most upgrades leave it in force. It is in conflict where the new connector
changed the very thing that the override was written against, or took it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ..apps import AppConfig
from ..apps.models import MappingOverride
from ..manifest import AttributeMapping, Manifest

_VALUE_FIELDS: Final = frozenset({"source", "expression", "constant"})


@dataclass(frozen=True, slots=True)
class OverrideNote:
    """One override that an upgrade touches.

    Attributes:
        verdict: `conflict` for a person to decide; `same` when the new default says what the override says, which can
            go then.
        where: Place in the app's file.
    """

    verdict: Literal["conflict", "same"]
    where: str
    what: str
    mend: str


def merge_overrides(old: Manifest, new: Manifest, app: AppConfig) -> list[OverrideNote]:
    """The overrides of an app that an upgrade touches, in the order of its file; the others stay in force unseen."""
    notes = []
    for kind in ("user", "group"):
        before = {one.id: one for one in old.mappings[kind]}
        after = {one.id: one for one in new.mappings[kind]}
        overrides = app.mapping.user if kind == "user" else app.mapping.group
        for place, override in enumerate(overrides):
            note = _merge(override, before, after, f"{app.where}, mapping.{kind}[{place}]")
            if note is not None:
                notes.append(note)
    return notes


def _merge(
    override: MappingOverride, before: dict[str, AttributeMapping], after: dict[str, AttributeMapping], where: str
) -> OverrideNote | None:
    base, fresh = _patched(override, before), _patched(override, after)
    name = override.id or override.target
    if base is None:
        if fresh is None:
            return None
        return OverrideNote(
            "conflict",
            where,
            f"the connector maps {fresh.target!r} itself now, from {_value(fresh)}; the override patches that",
            "Keep it, or remove it to take the new default",
        )
    if fresh is None:
        return OverrideNote(
            "conflict",
            where,
            f"the mapping {name!r} that it patches is gone",
            "Remove the override, or give it target and a value to make it a mapping of its own",
        )
    written = override.model_dump(exclude_none=True, exclude={"id", "target", "note"})
    if _VALUE_FIELDS & set(written):  # the three replace each other, so those left out are written as absent
        written = {**dict.fromkeys(_VALUE_FIELDS), **written}
    changed = sorted(field for field in written if getattr(base, field) != getattr(fresh, field))
    if not changed:
        return None
    if all(getattr(fresh, field) == value for field, value in written.items()):
        return OverrideNote("same", where, f"the new default of {name!r} says the same", "The override can be removed")
    return OverrideNote(
        "conflict",
        where,
        f"the default of {name!r} changed in {', '.join(changed)}: {_value(base)} is {_value(fresh)}; the override "
        "still holds over it",
        "Look whether the override is still right",
    )


def _patched(override: MappingOverride, mappings: dict[str, AttributeMapping]) -> AttributeMapping | None:
    if override.id is not None:
        return mappings.get(override.id)
    return next((one for one in mappings.values() if one.target == override.target), None)


def _value(mapping: AttributeMapping) -> str:
    if mapping.source is not None:
        return f"[{mapping.source}]"
    if mapping.expression is not None:
        return mapping.expression
    return repr(mapping.constant) if mapping.constant is not None else "nothing"
