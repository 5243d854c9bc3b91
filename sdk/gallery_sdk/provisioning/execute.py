"""Carrying actions out: intents before creates, outcomes and log lines in one transaction after."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ..errors import CycleError, GalleryError, OutcomeUnknownError
from ..store import INTENT, LINKED, LogRecord, ObjectRow
from ..targets import Failure, TargetFailure
from .actions import CREATE, DELETE, DISABLE, ENABLE, LINK, RELEASE, UPDATE, Action
from .context import JobContext, KindPlan
from .escrow import release_from_escrow
from .matching import Matcher
from .memberships import members_in_target, set_members
from .outcomes import Outcomes
from .putting_off import asks_for_long, is_throttling, put_off
from .unique import UniqueValues

RESENDS: Final = 2  # creates whose answer was lost, after a look-up found nothing


class Executor:
    """Carries out the actions of one cycle.

    Attributes:
        counts: How many of what was done; see `CycleSummary`.
        stop: The failure that stops the whole job, once there was one.
    """

    def __init__(
        self, job: JobContext, matcher: Matcher, requests: asyncio.Semaphore, *, cycle: int, counts: Counter[str]
    ) -> None:
        self._job, self._matcher, self._requests = job, matcher, requests
        self.counts, self._outcomes = counts, Outcomes(job, cycle, counts)
        self._unique = UniqueValues(job.target, requests)
        self._fresh: dict[tuple[str, str], str] = {}  # accounts linked but not stored yet, and to whom
        self._unread: set[str] = set()  # groups that were linked without a look at their members
        self.stop: TargetFailure | None = None

    async def run(self, actions: Sequence[Action], known: Mapping[str, ObjectRow]) -> list[LogRecord]:
        """Carry out actions of one page at once, store the outcomes, and return their log lines.

        Args:
            known: Rows of the page by source id.

        Raises:
            CycleError: The target refuses the job as a whole, or puts it off; what was done is stored.
        """
        job = self._job
        rows = {
            action.source_id: known.get(action.source_id) or ObjectRow(action.kind, action.source_id)
            for action in actions
        }
        intents = [self._intent(action, rows[action.source_id]) for action in actions if action.operation == CREATE]
        if intents:
            await job.db(job.store.save, intents)
        log: list[LogRecord] = []
        queue = iter(actions)
        workers = min(job.concurrency, len(actions))
        await asyncio.gather(*(self._work(queue, rows, log) for _ in range(workers)))
        done = [rows[record.source_id] for record in log]
        returned = [
            one.source_id for one in log if one.kind == "user" and one.status == "success" and one.action == "create"
        ]
        returned += [action.source_id for action in actions if action.operation == ENABLE and action.kind == "user"]
        await job.db(job.store.save, done, log)
        self._fresh = {key: one for key, one in self._fresh.items() if one not in rows or key[0] != actions[0].kind}
        if returned:
            await job.db(self._mark_returned, returned, known)
        if is_throttling(self.stop):
            raise put_off(self.stop, job.name) from self.stop
        if self.stop is not None:
            raise CycleError(self.stop.what, self.stop.where, self.stop.mend, "EncounteredQuarantineException")
        return log

    def _intent(self, action: Action, row: ObjectRow) -> ObjectRow:
        # The values are kept so that an interrupted create can be looked for, whatever became of the source.
        row.state, row.name, row.in_scope = INTENT, action.name, True
        row.shadow = self._plan(action).mapping.masked(action.after)
        return row

    def _mark_returned(self, source_ids: Sequence[str], known: Mapping[str, ObjectRow]) -> None:
        """Have the memberships of accounts that existed before sent anew."""
        again = [one for one in source_ids if (row := known.get(one)) is not None and row.row_id]
        if again:
            self._job.store.reset_memberships(again)

    async def _work(self, queue: object, rows: Mapping[str, ObjectRow], log: list[LogRecord]) -> None:
        for action in queue:  # type: ignore[attr-defined]  # one iterator shared by all workers
            if self.stop is not None:
                return
            row = rows[action.source_id]
            began = time.perf_counter()
            try:
                record = await self._perform(action, row)
            except GalleryError as error:
                if asks_for_long(error):
                    # Not this object's failure: as with those behind it, the next cycle decides on it anew.
                    self.stop = error
                    return
                record = self._outcomes.failed(action, row, error)
                if isinstance(error, TargetFailure) and error.failure is Failure.STOP:
                    self.stop = error
            record.milliseconds = int((time.perf_counter() - began) * 1000)
            log.append(record)

    # -- one action ----------------------------------------------------------------------------------

    async def _perform(self, action: Action, row: ObjectRow) -> LogRecord:
        target, kind = self._job.target, action.kind
        outcome = action.operation
        reason: str | None = None
        if action.operation == CREATE:
            outcome, reason = await self._create(action, row)
        elif action.operation in (UPDATE, ENABLE, DISABLE):
            if action.changed:
                outcome, reason = await self._update(action, row)
            else:
                row.target_id = action.target_id
        elif action.operation == DELETE:
            assert action.target_id is not None
            async with self._requests:
                await target.delete(kind, action.target_id)
            row.target_id, row.shadow, row.members = None, {}, None
        else:
            row.target_id, row.shadow = action.target_id, dict(action.after)
        if self._plan(action).mapping.redacted:
            row.shadow = self._plan(action).mapping.masked(row.shadow)
        row.state = LINKED if row.target_id else "skipped"
        row.name, row.in_scope, row.enabled = action.name or row.name, action.in_scope, action.enabled
        row.pending = dict(action.references) or None
        # Without one (the object left the source) whatever comes back is decided anew.
        row.fingerprint = bytes.fromhex(action.fingerprint) if action.fingerprint else None
        if kind == "group" and row.target_id and outcome not in (RELEASE, DISABLE, DELETE):
            warning = await self._members(action, row, created=outcome == CREATE)
            reason = reason or warning
        release_from_escrow(row)
        self.counts[outcome] += 1
        self.counts["processed"] += 1
        status = "warning" if reason else ("skipped" if outcome == RELEASE else "success")
        return self._outcomes.record(action, row, outcome, status, reason=reason)

    async def _create(self, action: Action, row: ObjectRow) -> tuple[str, str | None]:
        target = self._job.target
        values = action.after
        if action.unique:
            values = await self._unique.choose(action)
        members: list[str] = []
        if action.kind == "group" and action.members_add and self._fits_create(action):
            members = list((await self._member_ids(action, action.members_add)).values())
        for attempt in range(RESENDS + 1):
            try:
                async with self._requests:
                    created = await target.create(action.kind, values, members=members)
            except OutcomeUnknownError:
                match = await self._matcher.look_up(self._plan(action), values)
                if match.error is not None or match.duplicates or (match.target_id is None and attempt == RESENDS):
                    raise
                if match.target_id is not None:
                    await self._refuse_if_linked(action, match.target_id)
                    return await self._adopt(action, row, match.target_id, match.values)
                continue
            except TargetFailure as failure:
                if failure.failure is Failure.ATTRIBUTE and failure.attributes and attempt < RESENDS:
                    values = {path: value for path, value in values.items() if path not in failure.attributes}
                    continue
                if failure.failure is not Failure.CONFLICT or self._job.lifecycle.conflict != "adopt":
                    raise
                match = await self._matcher.look_up(self._plan(action), values)
                if match.target_id is None:
                    raise
                await self._refuse_if_linked(action, match.target_id)
                return await self._adopt(action, row, match.target_id, match.values)
            if self._fresh.setdefault((action.kind, created.id), action.source_id) != action.source_id:
                raise _linked_elsewhere(action)
            row.target_id, row.shadow = created.id, values
            if action.kind == "group":
                row.members = list(action.members_add) if members else []
            dropped = [path for path in action.after if path not in values]
            return CREATE, f"refused and left out: {', '.join(dropped)}" if dropped else None
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _update(self, action: Action, row: ObjectRow) -> tuple[str, str | None]:
        target = self._job.target
        assert action.target_id is not None
        after, refused, answer = action.after, "", None
        try:
            async with self._requests:
                answer = await target.update(action.kind, action.target_id, action.before, after)
        except TargetFailure as failure:
            if failure.failure is Failure.GONE:
                return await self._relink(action, row, failure)
            if failure.failure is not Failure.ATTRIBUTE or not failure.attributes:
                raise
            # The target keeps some attributes to itself: the others are written, the refused ones are not tried
            # again until the source changes.
            refused = ", ".join(failure.attributes)
            after = {path: value for path, value in after.items() if path not in failure.attributes}
            after.update((path, action.before[path]) for path in failure.attributes if path in action.before)
            if after != action.before:
                async with self._requests:
                    await target.update(action.kind, action.target_id, action.before, after)
        # Some targets give a changed object another id.
        row.target_id, row.shadow = answer.id if answer is not None else action.target_id, dict(after)
        return action.operation, f"refused and left out: {refused}" if refused else None

    async def _relink(self, action: Action, row: ObjectRow, failure: TargetFailure) -> tuple[str, str | None]:
        """The linked account vanished: match once more, else create it again (a disable has nothing left to do)."""
        if action.operation == DISABLE:
            row.target_id, row.shadow = None, {}
            return DISABLE, None
        plan = self._plan(action)
        match = await self._matcher.look_up(plan, action.after)
        if match.target_id is not None:
            await self._refuse_if_linked(action, match.target_id)
            return await self._adopt(action, row, match.target_id, match.values)
        if not plan.can_create:
            raise failure
        row.members = None
        # Who refers to the old account must be told of the new one: the next cycle verifies all of them.
        self.counts["relinked"] += 1
        await self._job.db(self._job.store.save, [self._intent(action, row)])
        return await self._create(action, row)

    async def _adopt(
        self, action: Action, row: ObjectRow, target_id: str, values: Mapping[str, object]
    ) -> tuple[str, str | None]:
        """Link to an account that turned out to exist, and bring it up to date."""
        plan = self._plan(action)
        after = dict(values)
        for path, value in action.after.items():
            if path not in plan.mapping.create_only and plan.differs(path, values.get(path), value):
                after[path] = value
        action.before = dict(values)
        if after != values and plan.can_update:
            async with self._requests:
                await self._job.target.update(action.kind, target_id, values, after)
            row.shadow = after
        else:
            row.shadow = dict(values)
        row.target_id = action.target_id = target_id
        row.members = await self._adopt_members(action, plan, target_id) if action.kind == "group" else None
        action.cause = f"{action.cause}; the account was found, not created twice"
        return UPDATE if after != values else LINK, None

    async def _adopt_members(self, action: Action, plan: KindPlan, group_id: str) -> list[str] | None:
        """Decide on the members of a group that turned out to exist, by those whom it has; return them."""
        if plan.mapping.members_source is None:
            return []
        if action.members_found is None:
            # A plan file does not hold who is wanted in all: the next cycle reads the group and settles it.
            self._unread.add(action.source_id)
            return None
        action.members_present = await members_in_target(self._job, group_id)
        await set_members(self._job, action, action.members_wanted, action.members_present)
        return action.members_present

    async def _refuse_if_linked(self, action: Action, target_id: str) -> None:
        """Take the account for this object, unless another one has it: stored, or by an answer of this moment."""
        if self._fresh.setdefault((action.kind, target_id), action.source_id) != action.source_id:
            raise _linked_elsewhere(action)
        linked = await self._job.db(self._job.store.by_target_ids, action.kind, [target_id])
        if target_id in linked and linked[target_id].source_id != action.source_id:
            del self._fresh[action.kind, target_id]
            raise _linked_elsewhere(action)

    def _fits_create(self, action: Action) -> bool:
        capabilities = self._job.target.capabilities
        bound = capabilities.members_per_request
        return capabilities.create_with_members and (bound is None or len(action.members_add) <= bound)

    async def _members(self, action: Action, row: ObjectRow, *, created: bool) -> str | None:
        """Change a group's members and remember who is one; return a warning when some were refused."""
        job = self._job
        present = row.members or []
        if action.members_present:
            present = list(dict.fromkeys([*present, *action.members_present]))
        add = action.members_add
        if created:
            there = set(present)
            add = [one for one in add if one not in there]
        refused: Mapping[str, TargetFailure] = {}
        if add or action.members_remove:
            ids = await self._member_ids(action, add)
            leaving = {}
            if action.members_remove:
                leaving = await job.db(job.store.by_source_ids, "user", action.members_remove)
            out = {one: row.target_id for one, row in leaving.items() if row.target_id}
            assert row.target_id is not None
            async with self._requests:
                outcome = await job.target.change_members(
                    row.target_id, list(ids.values()), list(out.values()), current_size=len(present)
                )
            refused = outcome.refused
            complete = not refused and not action.members_waiting and len(ids) == len(add)
            left = {one for one in action.members_remove if out.get(one) not in refused}
            if complete and action.members_wanted:
                present = list(action.members_wanted)  # in the source's order, so that the next difference is quick
            else:
                stay = [one for one in present if one not in left]
                joined = [one for one, target_id in ids.items() if target_id not in refused]
                present = list(dict.fromkeys([*stay, *joined]))
            self.counts["members_added"] += len(ids)
            self.counts["members_removed"] += len(out)
        row.members = None if action.source_id in self._unread else present
        waiting = action.members_waiting + len(refused)
        if waiting:
            row.pending = {**(row.pending or {}), "members": str(waiting)}
        if refused:
            why = next(iter(refused.values()))
            return f"{len(refused)} members were refused and are tried again ({why.what})"
        return None

    async def _member_ids(self, action: Action, source_ids: Sequence[str]) -> dict[str, str]:
        """Return source id -> target id of members with an account; what the decision just found is not asked twice."""
        if action.members_found is not None:
            return {one: action.members_found[one] for one in source_ids if one in action.members_found}
        return await self._job.db(self._job.store.target_ids, "user", source_ids)

    def _plan(self, action: Action) -> KindPlan:
        return self._job.kinds[action.kind]


def _linked_elsewhere(action: Action) -> TargetFailure:
    return TargetFailure(
        "the account that is in the way is linked to another source object",
        f"{action.kind} {action.source_id}",
        "Make the matching value unique in the source",
        code="DuplicateSourceEntries",
        failure=Failure.OBJECT,
    )
