"""Members of groups: read, and changed in the largest batches that the target takes.

One member changed in a group of ten thousand costs one small request: the members are never read for it, unless the
target's own rules (PUT, `replace_all`) demand it. A member that the target refuses is found by halving the batch, so
that it never holds up the others.

Family: members.max_per_request, members.not_returned, members.read_via_user_filter, members.read_on_user,
group.nested_unsupported, patch.remove_members_style.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from ..scim import PatchOperation, quote
from .base import MemberOutcome
from .changes import Changes
from .connection import Connection, Endpoint, refused_here
from .dialect import Dialect
from .failure import Failure, TargetFailure
from .reads import Reads, member_ids

Change: TypeAlias = tuple[str, bool]
"""A member's id, and whether it is added."""

_ISOLATED: Final = frozenset({Failure.MEMBER, Failure.OBJECT, Failure.ATTRIBUTE, Failure.CONFLICT})
_HOPELESS: Final = 8
"""Members refused alone, one after the other with the same word and none accepted, after which the rest is given up."""


class _NoPatchError(Exception):
    """The target turned out to know no PATCH, in the middle of a change."""


class Membership:
    """Members of the groups of one target."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        endpoints: Mapping[str, Endpoint],
        reads: Reads,
        changes: Changes,
    ) -> None:
        self._connection, self._dialect, self._endpoints = connection, dialect, endpoints
        self._reads, self._changes = reads, changes
        quirks = dialect.quirks
        self._style = quirks.value("patch.remove_members_style", str, "filter")
        self._nested = not quirks.has("group.nested_unsupported")
        self._read_elsewhere = quirks.has("members.read_via_user_filter") or quirks.has("members.read_on_user")
        self._of_users: dict[str, set[str]] | None = None
        self.most = quirks.value("members.max_per_request", int)

    # -- reading -------------------------------------------------------------------------------------

    async def read(self, group_id: str) -> set[str]:
        """Ids of a group's members."""
        quirks = self._dialect.quirks
        if quirks.has("members.not_returned"):
            return set()
        if quirks.has("members.read_via_user_filter"):
            return await self._by_filter(group_id)
        if quirks.has("members.read_on_user"):
            return set((await self._from_users()).get(group_id, ()))
        return set(member_ids(await self._fetch(group_id)))

    async def _fetch(self, group_id: str) -> dict[str, object]:
        resource = await self._reads.fetch("group", group_id, members=True)
        if resource is None:
            raise TargetFailure(
                "the group is gone",
                self._endpoints["group"].collection,
                "The next cycle matches it once more",
                status=404,
                code="EntryNotFound",
                failure=Failure.GONE,
            )
        return resource

    async def _by_filter(self, group_id: str) -> set[str]:
        return {one async for one, _ in self._reads.users_with_groups(f"groups.value eq {quote(group_id)}")}

    async def _from_users(self) -> dict[str, set[str]]:
        if self._of_users is None:
            gathered: dict[str, set[str]] = {}
            async for user_id, groups in self._reads.users_with_groups(None):
                for group_id in groups:
                    gathered.setdefault(group_id, set()).add(user_id)
            self._of_users = gathered
        return self._of_users

    # -- changing ------------------------------------------------------------------------------------

    async def change(self, group_id: str, add: Sequence[str], remove: Sequence[str]) -> MemberOutcome:
        """Add and remove; see `Target.change_members`."""
        add = [one for one in dict.fromkeys(add) if self._nested or not self._is_group(one)]
        remove = list(dict.fromkeys(remove))
        changes: list[Change] = [*((one, False) for one in remove), *((one, True) for one in add)]
        if not changes:
            return MemberOutcome()
        refused: dict[str, TargetFailure] = {}
        try:
            if not self._sends_all(bool(remove)):
                await self._in_batches(changes, self._batch_size(), lambda batch: self._patch(group_id, batch), refused)
        except _NoPatchError:
            refused.clear()
        if self._sends_all(bool(remove)):
            await self._replace_all(group_id, changes, refused)
        outcome = MemberOutcome(
            tuple(one for one in add if one not in refused), tuple(one for one in remove if one not in refused), refused
        )
        if self._of_users is not None:
            known = self._of_users.setdefault(group_id, set())
            known.update(outcome.added)
            known.difference_update(outcome.removed)
        return outcome

    def requests(self, members: int) -> int:
        """How many requests a change of so many members costs."""
        if members == 0:
            return 0
        if self._sends_all(True):
            return 2
        return -(-members // (self._batch_size() or members))

    def _is_group(self, member_id: str) -> bool:
        if member_id not in self._reads.known_groups:
            return False
        self._connection.log.add("nested_group", self._endpoints["group"].collection)
        return True

    def _sends_all(self, removing: bool) -> bool:
        return self._changes.puts("group", "members") or (removing and self._style == "replace_all")

    def _batch_size(self) -> int | None:
        """Members per request: bound by their number, and by that of operations where each removal is one."""
        operations = self._dialect.quirks.value("patch.max_ops", int)
        if operations is None or self._style != "filter":
            return self.most
        return min(self.most or operations, operations)

    async def _in_batches(
        self,
        changes: list[Change],
        size: int | None,
        send: Callable[[list[Change]], Awaitable[None]],
        refused: dict[str, TargetFailure],
    ) -> None:
        size = size or len(changes)
        waiting = deque(changes[start : start + size] for start in range(0, len(changes), size))
        accepted, alone, last_code = 0, 0, ""
        while waiting:
            batch = waiting.popleft()
            if alone >= _HOPELESS and not accepted:
                # Not these members but the group or the request is refused: halving on would cost a request each.
                why = next(reversed(refused.values()))
                refused.update((one, why) for one, _ in batch)
                continue
            try:
                await send(batch)
            except TargetFailure as failure:
                if failure.failure not in _ISOLATED:
                    raise
                if failure.status == 413 and len(batch) > 1:
                    self.most = max(1, len(batch) // 2)
                    self._connection.log.add("members_limit_found", self._endpoints["group"].collection, str(self.most))
                rest = self._isolate(batch, failure, refused)
                if len(batch) == 1:
                    alone = alone + 1 if failure.code == last_code or not alone else 1
                    last_code = failure.code
                waiting.extendleft(reversed(rest))
            else:
                accepted += len(batch)

    def _isolate(
        self, batch: list[Change], failure: TargetFailure, refused: dict[str, TargetFailure]
    ) -> list[list[Change]]:
        """What to send in place of a refused batch."""
        named = {one for one in failure.members if any(one == member for member, _ in batch)}
        if named and len(named) < len(batch):
            refused.update((one, failure) for one in named)
            return [[change for change in batch if change[0] not in named]]
        if len(batch) == 1:
            member, added = batch[0]
            if added or failure.code != "noTarget":
                refused[member] = failure
            # A member that is not there to be removed is removed (RFC 7644 section 3.5.2.2).
            return []
        middle = len(batch) // 2
        return [batch[:middle], batch[middle:]]

    async def _patch(self, group_id: str, batch: Sequence[Change]) -> None:
        """One request with every change of the batch."""
        operations = self._removals([one for one, added in batch if not added])
        added = [{"value": one} for one, is_added in batch if is_added]
        if added:
            operations.append(PatchOperation("add", "members", added))
        try:
            is_done = await self._changes.patch_group(group_id, operations)
        except TargetFailure as failure:
            if failure.failure is Failure.GONE and await self._reads.fetch("group", group_id) is not None:
                # The group is there: it is one of the members whom the target does not find.
                failure.failure = Failure.MEMBER
            raise
        if not is_done:
            raise _NoPatchError

    def _removals(self, members: Sequence[str]) -> list[PatchOperation]:
        if not members:
            return []
        if self._style == "value_array":
            return [PatchOperation("remove", "members", [{"value": one} for one in members])]
        return [PatchOperation("remove", f"members[value eq {quote(one)}]") for one in members]

    async def _replace_all(self, group_id: str, changes: list[Change], refused: dict[str, TargetFailure]) -> None:
        """Send the whole list: where the target replaces, it must be told everybody who stays."""

        async def send(batch: list[Change]) -> None:
            resource = await self._fetch(group_id)
            stay = dict.fromkeys(await self.read(group_id) if self._read_elsewhere else member_ids(resource))
            for member, added in batch:
                if added:
                    stay[member] = None
                else:
                    stay.pop(member, None)
            members = [{"value": one} for one in stay]
            if self._changes.puts("group", "members"):
                await self._changes.put_resource("group", group_id, resource, {**resource, "members": members})
            else:
                await self._changes.patch_group(group_id, [PatchOperation("replace", "members", members)])

        if self._dialect.quirks.has("members.not_returned"):
            raise refused_here(
                "members can only be replaced as a whole, and nobody can read who is there",
                f"group {group_id}",
                "Remove the quirk members.not_returned, patch.unsupported or patch.remove_members_style",
            )
        await self._in_batches(changes, None, send, refused)
