"""Members of groups: only the difference travels, and only members with an account.

Group rows remember the source ids that are known to be members in the target, so that one change in a group
of 10,000 costs one small request and no listing. Members who have no account yet are added once they have,
and those whose account is new or enabled again are sent anew: both are lost for good in the documented service
("How provisioning works", known limits).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ..store import LINKED, ObjectRow
from .actions import CREATE, DELETE, DISABLE, RELEASE, UPDATE, Action

if TYPE_CHECKING:
    from ..sources import SourceObject
    from .context import JobContext
    from .page_decision import PageDecision


_FEW: Final = 8  # so many look-ups in a list cost less than making a set of it


class Memberships:
    """Membership differences of one cycle."""

    def __init__(self, job: JobContext) -> None:
        self._job = job
        self._resets: set[str] = set()

    async def open(self) -> None:
        """Read whose memberships must be sent anew; called when users are done, before groups."""
        self._resets = await self._job.db(self._job.store.membership_resets)

    def waits(self, row: ObjectRow, item: SourceObject) -> bool:
        """Say whether a group whose source did not change has members to look at all the same."""
        if row.state != LINKED or not row.in_scope:
            return False
        if row.pending or (row.members is None and item.members is not None):
            return True
        return bool(self._resets) and not self._resets.isdisjoint(item.members or ())

    async def add_to(self, items: Sequence[SourceObject], decision: PageDecision) -> None:
        """Attach to every group of the page what must change in its members."""
        by_id = {action.source_id: action for action in decision.actions}
        settled = {row.source_id for row in decision.rows}
        for item in items:
            if item.members is None:
                continue  # the source does not say: memberships are left alone
            row = decision.known[item.id]
            action = by_id.get(item.id)
            if action is None:
                if row.state != LINKED or not row.in_scope or item.id not in settled or row.attempts:
                    continue
                action = _nothing_but_members(row)
            elif action.operation in (RELEASE, DISABLE, DELETE):
                continue
            await self._difference(action, row, item)
            if item.id in by_id:
                continue
            if not (action.members_add or action.members_remove or action.members_present):
                row.pending = {"members": str(action.members_waiting)} if action.members_waiting else None
            else:
                decision.actions.append(action)
                decision.rows.remove(row)
                decision.unchanged -= 1

    async def _difference(self, action: Action, row: ObjectRow, item: SourceObject) -> None:
        wanted: Sequence[str] = item.members or ()
        if action.operation == CREATE:
            present: Sequence[str] = ()
        elif row.members is None:
            assert action.target_id is not None
            present = action.members_present = await members_in_target(self._job, action.target_id)
        else:
            present = row.members
        if self._resets:
            present = [one for one in present if one not in self._resets]
        await set_members(self._job, action, wanted, present)


async def members_in_target(job: JobContext, group_id: str) -> list[str]:
    """Read a group's members and return the source ids behind them.

    Members whom no source object stands behind were added by hand: they are left alone.
    """
    in_target = await job.target.read_members(group_id)
    known = await job.db(job.store.by_target_ids, "user", list(in_target))
    return [one.source_id for one in known.values()]


async def set_members(job: JobContext, action: Action, wanted: Sequence[str], present: Sequence[str]) -> None:
    """Put into the action what turns the members `present` into those `wanted`; who has no account yet waits."""
    missing, action.members_remove = _apart(wanted, present)
    linked = await job.db(job.store.target_ids, "user", missing) if missing else {}
    action.members_add = [one for one in missing if one in linked]
    action.members_waiting = len(missing) - len(action.members_add)
    action.members_wanted, action.members_found = wanted, linked


def _apart(wanted: Sequence[str], present: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what only `wanted` has, and what only `present` has, each once and in order.

    Sources keep their order from read to read, and so do we: two long lists that differ in little are compared from
    both ends first, at the speed of memory.
    """
    ours, theirs = list(wanted), list(present)
    start = _same_start(ours, theirs)
    ours, theirs = ours[start:], theirs[start:]
    end = _same_start(ours[::-1], theirs[::-1])
    if end:
        ours, theirs = ours[:-end], theirs[:-end]
    return _without(ours, theirs, present), _without(theirs, ours, wanted)


def _without(some: list[str], others: list[str], all_others: Sequence[str]) -> list[str]:
    """Return the members of `some` that are not in `all_others`, of which `others` is the part worth a look."""
    known = set(others)
    left = [one for one in dict.fromkeys(some) if one not in known]
    whole: Sequence[str] | set[str] = all_others if len(left) <= _FEW else set(all_others)
    return [one for one in left if one not in whole]


def _same_start(one: list[str], other: list[str]) -> int:
    """Return how many leading items are equal, by comparing ever smaller slices."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high:
        middle = (low + high) // 2
        if one[low : middle + 1] == other[low : middle + 1]:
            low = middle + 1
        else:
            high = middle
    return low


def _nothing_but_members(row: ObjectRow) -> Action:
    action = Action(UPDATE, "group", row.source_id, name=row.name or "", target_id=row.target_id)
    action.before, action.after = dict(row.shadow), dict(row.shadow)
    action.fingerprint = row.fingerprint.hex() if row.fingerprint else None
    action.cause = "members"
    return action
