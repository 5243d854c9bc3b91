"""From a page of source objects to what must be done: import, scope, match, map, action.

Nothing here writes to the target; the same decisions serve a cycle, a plan and provisioning on demand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import CycleError, ExpressionError, GalleryError
from ..sources import SeenKeys
from ..store import INTENT, LINKED, SKIPPED, ObjectRow, match_key
from ..targets import Failure, TargetFailure
from .actions import CREATE, ENABLE, LINK, Action
from .context import JobContext, KindPlan
from .deprovisioning import Deprovisioning
from .difference import difference
from .escrow import waits
from .mapping import SOFT_DELETED, Mapped
from .matching import Match, Matcher
from .memberships import Memberships
from .page_decision import PageDecision
from .putting_off import asks_for_long, put_off
from .references import References
from .subject import display_name, is_disabled, scope_text

if TYPE_CHECKING:
    from ..scoping import ScopeVerdict
    from ..sources import SourceObject


@dataclass(slots=True)
class _Candidate:
    """An object without an account of which we know: to be matched, then linked or created."""

    item: SourceObject
    row: ObjectRow
    fingerprint: bytes
    mapped: Mapped
    verdict: ScopeVerdict


class Decider:
    """Decisions of one cycle.

    Args:
        force: Decide as if nothing had been processed before (on demand): no fingerprint, no escrow waiting.
        verify: Compare known accounts with what the target holds now, not with what it held last time.
    """

    def __init__(
        self,
        job: JobContext,
        matcher: Matcher,
        memberships: Memberships,
        *,
        cycle: int,
        force: bool = False,
        verify: bool = False,
    ) -> None:
        self._job, self._matcher, self._cycle = job, matcher, cycle
        self._force, self._verify = force, verify
        self._context = job.evaluation()
        self._deprovisioning = Deprovisioning(job, self._context)
        self._references = References(job)
        self._memberships = memberships
        self._fingerprint = {plan.kind: job.fingerprinter(plan) for plan in job.kinds.values()}
        # Accounts and matching values that objects of this cycle took: two of them never share one.
        self._taken = SeenKeys()

    async def page(self, plan: KindPlan, items: Sequence[SourceObject]) -> PageDecision:
        """Decide on one page of objects of one kind."""
        job = self._job
        decision = PageDecision(
            self._cycle, job.clock(), known=await job.db(job.store.by_source_ids, plan.kind, [one.id for one in items])
        )
        candidates: list[_Candidate] = []
        in_doubt = [row for row in decision.known.values() if row.state == INTENT]
        leaving: list[tuple[SourceObject, ObjectRow, bytes]] = []
        actual = await self._actual(plan, decision.known)
        fingerprint_of = self._fingerprint[plan.kind]
        for item in items:
            fingerprint = fingerprint_of(item)
            row = decision.known.get(item.id) or ObjectRow(plan.kind, item.id)
            decision.known[item.id] = row
            if not self._force and row.fingerprint == fingerprint:
                if row.attempts and waits(row, job.clock()):
                    decision.waiting += 1
                    continue
                if row.attempts == 0 and self._is_settled(row, item, actual):
                    decision.unchanged += 1
                    continue
            try:
                if in_doubt and row.state == INTENT and not self._is_wanted(plan, item):
                    leaving.append((item, row, fingerprint))
                    continue
                candidate = self._one(plan, item, row, fingerprint, decision, actual.get(item.id))
            except ExpressionError as error:
                decision.fail(row, "ExpressionEvaluationFailed", error, fingerprint)
                continue
            if candidate is not None:
                candidates.append(candidate)
        for item, row, fingerprint in leaving:
            await self._settle_doubt(plan, row, decision)
            self._one(plan, item, row, fingerprint, decision, None)
        if candidates:
            await self._match(plan, candidates, decision)
        await self._references.resolve(plan, decision.actions)
        self._settle_notes(decision)
        if plan.mapping.members_source:
            await self._memberships.add_to(items, decision)
        return decision

    def _settle_notes(self, decision: PageDecision) -> None:
        """Take out the updates that turned out to change nothing: their references are written, or still wait.

        Without this everybody with a manager would stand in a plan whenever a rule changes.
        """
        actions, decision.actions = decision.actions, []
        for action in actions:
            row = decision.known[action.source_id]
            if action.operation != LINK or row.state != LINKED or action.fingerprint is None:
                decision.actions.append(action)
            else:
                members = {path: one for path, one in (row.pending or {}).items() if path == "members"}
                row.pending = {**action.references, **members} or None
                row.in_scope = row.enabled = True
                decision.settle(row, bytes.fromhex(action.fingerprint))

    def _is_settled(self, row: ObjectRow, item: SourceObject, actual: Mapping[str, object]) -> bool:
        """Say whether an object whose source did not change needs nothing."""
        if row.state == INTENT or item.id in actual:
            return False
        return row.kind != "group" or not self._memberships.waits(row, item)

    def _is_wanted(self, plan: KindPlan, item: SourceObject) -> bool:
        return plan.scope(item.attributes).in_scope and not is_disabled(item.attributes, plan.mapping.enabled_names)

    async def _settle_doubt(self, plan: KindPlan, row: ObjectRow, decision: PageDecision) -> None:
        """Find out whether an interrupted create happened, for an object that is no longer wanted."""
        match = await self._matcher.look_up(plan, row.shadow)
        if match.error is not None:
            raise match.error
        row.state, row.shadow = SKIPPED, {}
        if match.target_id is not None:
            row.state, row.target_id, row.shadow = LINKED, match.target_id, match.values
            row.in_scope = row.enabled = True

    async def gone(self, plan: KindPlan, rows: Sequence[ObjectRow]) -> PageDecision:
        """Decide on objects that the source no longer holds."""
        decision = PageDecision(self._cycle, self._job.clock(), known={row.source_id: row for row in rows})
        for row in rows:
            if row.state == INTENT:
                await self._settle_doubt(plan, row, decision)
            if row.state != LINKED:
                decision.rows.append(row)  # forgotten by the caller: never linked, and gone
                continue
            wish = self._deprovisioning.wish(plan, self._job.lifecycle.on_delete)
            if row.in_scope or self._deprovisioning.has_more_to_lose(plan, row, wish):
                try:
                    self._deprovisioning.decide(plan, row, None, None, decision, wish, "left the source")
                except ExpressionError as error:
                    decision.fail(row, "ExpressionEvaluationFailed", error, None)
        return decision

    # -- one object ----------------------------------------------------------------------------------

    def _one(
        self,
        plan: KindPlan,
        item: SourceObject,
        row: ObjectRow,
        fingerprint: bytes,
        decision: PageDecision,
        actual: dict[str, object] | None,
    ) -> _Candidate | None:
        verdict = plan.scope(item.attributes)
        disabled = is_disabled(item.attributes, plan.mapping.enabled_names)
        item.attributes[SOFT_DELETED] = disabled or not verdict.in_scope
        row.name = display_name(item)
        if row.state == LINKED:
            if actual is not None:
                row.shadow = self._as_known(plan, row, actual)
            self._linked(plan, item, row, fingerprint, decision, verdict, disabled)
            return None
        if not verdict.in_scope or disabled:
            reason = (
                scope_text(verdict) if not verdict.in_scope else "disabled in the source; accounts are created enabled"
            )
            decision.skip(row, fingerprint, "EntrySynchronizationSkipped", reason)
            return None
        context = self._context.for_object()
        mapped = plan.mapping.for_create(item.attributes, context)
        if mapped.skip_object:
            decision.skip(row, fingerprint, "EntrySynchronizationSkipped", "a mapping left the object out")
            return None
        if plan.canonical is not None:
            mapped.values = plan.canonical(mapped.values)
        if not any(path in mapped.values or path in mapped.unique for path in plan.mapping.matching):
            paths = " nor ".join(plan.mapping.matching)
            decision.skip(row, fingerprint, "ImportSkipped", f"no value for {paths}, so it cannot be matched")
            return None
        return _Candidate(item, row, fingerprint, mapped, verdict)

    def _linked(
        self,
        plan: KindPlan,
        item: SourceObject,
        row: ObjectRow,
        fingerprint: bytes,
        decision: PageDecision,
        verdict: ScopeVerdict,
        disabled: bool,
    ) -> None:
        lifecycle = self._job.lifecycle
        if not verdict.in_scope:
            if row.in_scope:
                cause = scope_text(verdict)
                wish = self._deprovisioning.wish(plan, lifecycle.on_unassign)
                self._deprovisioning.decide(plan, row, item.attributes, fingerprint, decision, wish, cause)
            else:
                decision.settle(row, fingerprint)
            return
        if disabled and row.in_scope and row.enabled:
            self._deprovisioning.decide(
                plan, row, item.attributes, fingerprint, decision, lifecycle.on_disable, "disabled in the source"
            )
            return
        if disabled:
            row.in_scope = True
            decision.settle(row, fingerprint)
            return
        action = self.update_of(plan, item, row, fingerprint)
        if action is None:
            row.in_scope = row.enabled = True
            decision.settle(row, fingerprint)
        elif not plan.can_update:
            decision.skip(row, fingerprint, "EntrySynchronizationSkipped", "updates are switched off")
        elif action.operation == ENABLE and not lifecycle.reactivate:
            reason = "the account was disabled, and the connector does not enable accounts again"
            decision.skip(row, fingerprint, "EntrySynchronizationSkipped", reason)
        else:
            action.cause = scope_text(verdict)
            decision.actions.append(action)

    def update_of(self, plan: KindPlan, item: SourceObject, row: ObjectRow, fingerprint: bytes) -> Action | None:
        """Return the update that brings a linked account up to date, or None."""
        mapped = plan.mapping.for_update(item.attributes, self._context.for_object())
        if mapped.skip_object:
            return None
        if plan.canonical is not None:
            mapped.values = plan.canonical(mapped.values)
        action = difference(plan, row, mapped)
        action.fingerprint = fingerprint.hex()
        if not row.enabled and action.changed:
            action.operation = ENABLE
        if action.changed or action.references:
            return action
        return None

    async def _match(self, plan: KindPlan, candidates: list[_Candidate], decision: PageDecision) -> None:
        job = self._job
        wanted = {one.item.id: one.mapped.values for one in candidates}
        in_doubt = [one.item.id for one in candidates if one.row.state == INTENT or self._force]
        matches = await self._matcher.find(plan, wanted, fresh=in_doubt)
        hit_ids = [match.target_id for match in matches.values() if match.target_id]
        taken = await job.db(job.store.by_target_ids, plan.kind, hit_ids) if hit_ids else {}
        for one in candidates:
            match = matches[one.item.id]
            if isinstance(match.error, TargetFailure) and match.error.failure is Failure.STOP:
                error = match.error
                raise CycleError(error.what, error.where, error.mend, "EncounteredQuarantineException") from error
            if asks_for_long(match.error):
                raise put_off(match.error, job.name) from match.error
            if match.error is not None:
                code = getattr(match.error, "code", "MatchingFailed")
                decision.fail(one.row, code, match.error, one.fingerprint)
            elif match.duplicates:
                what = f"{len(match.duplicates)} accounts answer to {match.path}"
                self._refuse(decision, one, "DuplicateTargetEntries", what, "Make it unique in the app")
            elif match.target_id is None:
                self._create(plan, one, decision)
            else:
                other = taken.get(match.target_id)
                if (other is not None and other.source_id != one.item.id) or not self._taken.add(
                    f"{plan.kind}\0{match.target_id}"
                ):
                    self._refuse(decision, one, "DuplicateSourceEntries",
                                 f"the account found by {match.path} is linked to another source object",
                                 "Make the matching value unique in the source")  # fmt: skip
                    continue
                decision.actions.append(self._adopt(plan, one, match))

    def _create(self, plan: KindPlan, one: _Candidate, decision: PageDecision) -> None:
        if not plan.can_create:
            decision.skip(one.row, one.fingerprint, "EntrySynchronizationSkipped", "creates are switched off")
            return
        mapped = one.mapped
        # The listing was made before, and a look-up may be too early to see the account of the other one.
        keys = [
            (path, f"{plan.kind}\0{path}\0{match_key(value)}")
            for path in plan.mapping.matching
            if (value := mapped.values.get(path)) is not None
        ]
        shared = [path for path, key in keys if not self._taken.add(key)]
        if shared:
            self._refuse(decision, one, "DuplicateSourceEntries",
                         f"another {plan.kind} of the source has the same {shared[0]} and is created with it",
                         "Make the matching value unique in the source")  # fmt: skip
            return
        decision.actions.append(
            Action(
                CREATE,
                plan.kind,
                one.item.id,
                name=one.row.name or "",
                after=mapped.values,
                changed=list(mapped.values),
                references=mapped.references,
                unique={path: list(values) for path, values in mapped.unique.items()},
                fingerprint=one.fingerprint.hex(),
                cause=scope_text(one.verdict),
            )
        )

    def _adopt(self, plan: KindPlan, one: _Candidate, match: Match) -> Action:
        row = one.row
        row.target_id, row.shadow, row.enabled = match.target_id, match.values, True
        action = self.update_of(plan, one.item, row, one.fingerprint)
        if action is None or not plan.can_update:
            action = Action(LINK, plan.kind, row.source_id, name=row.name or "", target_id=row.target_id)
            action.before, action.after = dict(row.shadow), dict(row.shadow)
            action.fingerprint = one.fingerprint.hex()
        action.matched = match.path
        action.cause = scope_text(one.verdict)
        return action

    def _refuse(self, decision: PageDecision, one: _Candidate, code: str, what: str, mend: str) -> None:
        where = f"{one.row.kind} {one.item.id}"
        decision.fail(one.row, code, GalleryError(what, where, mend), one.fingerprint)

    def _as_known(self, plan: KindPlan, row: ObjectRow, actual: dict[str, object]) -> dict[str, object]:
        """Return what the target holds, with what was last sent where a listing cannot tell."""
        capabilities = self._job.target.capabilities
        hidden = capabilities.list_omits.get(plan.kind, frozenset()) | capabilities.unreadable.get(
            plan.kind, frozenset()
        )
        return {**actual, **{path: row.shadow[path] for path in hidden if path in row.shadow}}

    async def _actual(self, plan: KindPlan, known: Mapping[str, ObjectRow]) -> dict[str, dict[str, object]]:
        """Return source id -> what the target holds now, for known accounts that must be verified."""
        if not self._verify:
            return {}
        by_target = {row.target_id: row.source_id for row in known.values() if row.state == LINKED and row.target_id}
        listed = await self._job.db(self._job.listing.values, plan.kind, list(by_target))
        return {by_target[target_id]: values for target_id, values in listed.items()}
