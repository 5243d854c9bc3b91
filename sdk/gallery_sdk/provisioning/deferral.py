"""Creates wait for the object they refer to, so that a person with a manager costs one request and not two.

Managers may stand anywhere in the source. A create whose manager has no account yet is put off, on disk; when the
page's managers are created, their reports follow, wave by wave down the tree. What still waits at the end (a loop, a
manager who failed or never comes) is created without the reference, which the second pass keeps in mind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

import orjson

from .actions import CREATE, Action

if TYPE_CHECKING:
    from .context import JobContext, KindPlan


class Deferral:
    """Creates put off in one cycle.

    Attributes:
        kept: How many, per kind; those that were carried out since are still among them.
    """

    def __init__(self, job: JobContext) -> None:
        self._job = job
        self.kept: Counter[str] = Counter()

    async def put_off(self, plan: KindPlan, actions: Sequence[Action]) -> list[Action]:
        """Keep the creates that wait for another object of the same kind, and return what can go now."""
        now: list[Action] = []
        later: list[tuple[str, str, bytes]] = []
        for action in actions:
            waits_for = self._waits_for(plan, action) if action.operation == CREATE and action.references else None
            if waits_for is None:
                now.append(action)
            else:
                later.append((plan.kind, waits_for, action.to_bytes()))
        if later:
            self.kept[plan.kind] += len(later)
            await self._job.db(self._job.store.defer, plan.kind, later)
        return now

    def _waits_for(self, plan: KindPlan, action: Action) -> str | None:
        for path, source_id in action.references.items():
            if plan.mapping.references[path] == plan.kind and source_id != action.source_id:
                return source_id
        return None

    async def waves(self, plan: KindPlan) -> AsyncIterator[list[Action]]:
        """Yield put-off creates: those whose reference is there by now, again and again, then all that is left."""
        job = self._job
        for ready in (True, False):
            while blobs := await job.db(job.store.take_deferred, plan.kind, job.page_size, ready=ready):
                yield [Action.from_json(orjson.loads(blob)) for blob in blobs]
