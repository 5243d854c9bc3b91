"""References between objects: a manager is named by its source, and written by its target id.

An object is created without a reference whose end does not exist yet; the second pass writes it as soon as
the other end is linked, in this cycle or a later one. Source: Microsoft Entra provisioning, "How provisioning
works", initial cycle step 6; unlike there, a reference that could not be written is never forgotten.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from ..store import ObjectRow
from .actions import LINK, UPDATE, Action

if TYPE_CHECKING:
    from .context import JobContext, KindPlan


class References:
    """Resolves reference paths of one job."""

    def __init__(self, job: JobContext) -> None:
        self._job = job

    async def resolve(self, plan: KindPlan, actions: Sequence[Action]) -> None:
        """Write the target ids that are known into `after`; what is left in `references` waits for the second pass.

        An update left with nothing to change becomes a mere note of what it waits for.
        """
        for path, kind in plan.mapping.references.items():
            waiting = [action for action in actions if path in action.references]
            if not waiting or kind is None:
                continue
            source_ids = await self._source_ids(plan, path, [action.references[path] for action in waiting])
            targets = await self._job.db(self._job.store.target_ids, kind, list(set(source_ids.values())))
            for action in waiting:
                named = action.references.pop(path)
                source_id = source_ids.get(named)
                target_id = targets.get(source_id) if source_id is not None else None
                if target_id is None:
                    action.references[path] = source_id or named
                elif plan.differs(path, action.before.get(path), target_id):
                    action.after[path] = target_id
                    action.changed.append(path)
        for action in actions:
            if action.operation == UPDATE and not action.changed and not action.touches_members:
                action.operation = LINK
                action.cause = action.cause or "in scope"

    async def _source_ids(self, plan: KindPlan, path: str, named: Sequence[str]) -> dict[str, str]:
        """Return what a source writes into a reference -> source id, where that is known."""
        attribute = plan.mapping.sources[path].strip("[]")
        key = self._job.source.reference_key(attribute)
        if key is None:
            return {value: value for value in named}
        return await self._job.db(self._job.store.reference_ids, key, list(set(named)))

    async def second_pass(self, plan: KindPlan) -> AsyncIterator[list[Action]]:
        """Yield updates for references whose other end is linked by now, a page at a time."""
        job, last = self._job, 0
        while rows := await job.db(job.store.pending, plan.kind, last, job.page_size):
            last = rows[-1].row_id
            actions = [self._repair(plan, row) for row in rows if row.in_scope and row.enabled]
            await self.resolve(plan, actions)
            ready = [action for action in actions if action.changed]
            if ready:
                yield ready

    def _repair(self, plan: KindPlan, row: ObjectRow) -> Action:
        action = Action(UPDATE, plan.kind, row.source_id, name=row.name or "", target_id=row.target_id)
        action.before, action.after = dict(row.shadow), dict(row.shadow)
        action.references = {path: one for path, one in (row.pending or {}).items() if path != "members"}
        action.fingerprint = row.fingerprint.hex() if row.fingerprint else None
        action.cause = "the object it refers to is linked now"
        return action
