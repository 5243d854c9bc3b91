"""From what an account holds to what the mappings say it should hold."""

from __future__ import annotations

from ..store import ObjectRow
from .actions import UPDATE, Action
from .context import KindPlan
from .mapping import Mapped, digest
from .roles import joined


def difference(plan: KindPlan, row: ObjectRow, mapped: Mapped) -> Action:
    """Return the update from `row.shadow` to `mapped`; perhaps without changes.

    A path that the source has no value for is left alone unless its mapping clears it: absent data must not
    empty accounts (Microsoft Entra provisioning, "Known issues", null attributes).
    """
    mapping, shadow = plan.mapping, row.shadow
    after = dict(shadow)
    changed: list[str] = []
    for path, value in mapped.values.items():
        old = shadow.get(path)
        if path in mapping.fill_only and old not in (None, "", []):
            continue
        if path in mapping.add_only and isinstance(old, list) and isinstance(value, list):
            value = joined(old, value)
        if path in mapping.redacted:
            if digest(value) == digest(old):
                continue
        elif not plan.differs(path, old, value):
            continue
        after[path] = value
        changed.append(path)
    for path in mapped.cleared:
        if shadow.get(path) not in (None, "", []):
            after.pop(path)
            changed.append(path)
    action = Action(UPDATE, plan.kind, row.source_id, name=row.name or "", target_id=row.target_id)
    action.before, action.after, action.changed = dict(shadow), after, changed
    action.references = dict(mapped.references)
    return action
