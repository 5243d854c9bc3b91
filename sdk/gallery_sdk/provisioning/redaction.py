"""Redacted values are in no plan file: they are evaluated again when the plan is carried out.

The source is the one the plan was made from (its snapshot was compared), so the values are the same, but for those
that are made up afresh such as RandomString, which nobody has seen yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .actions import CREATE, Action
from .mapping import REDACTED, SOFT_DELETED

if TYPE_CHECKING:
    from .context import JobContext


async def restore_redacted(job: JobContext, actions: Sequence[Action]) -> None:
    """Put the values that the plan file masks back into `before` and `after`."""
    for plan in job.kinds.values():
        redacted = plan.mapping.redacted
        masked = {
            one.source_id: one
            for one in actions
            if one.kind == plan.kind and any(one.after.get(path) == REDACTED for path in redacted)
        }
        if not masked:
            continue
        rows = await job.db(job.store.by_source_ids, plan.kind, list(masked))
        for source_id, action in masked.items():
            shadow = rows[source_id].shadow if source_id in rows else {}
            for path in redacted & action.after.keys():
                action.after[path] = shadow.get(path)
                if path in action.before:
                    action.before[path] = shadow.get(path)
        context = job.evaluation()
        async for page in job.source.pages(plan.kind, size=job.page_size):
            for item in page.objects:
                found = masked.get(item.id)
                if found is None:
                    continue
                item.attributes[SOFT_DELETED] = not found.enabled
                evaluate = plan.mapping.for_create if found.operation == CREATE else plan.mapping.for_update
                values = evaluate(item.attributes, context.for_object()).values
                for path in redacted.intersection(found.changed):
                    found.after[path] = values.get(path)
