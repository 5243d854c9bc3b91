"""What becomes of an account whose person left: released, disabled or deleted, as the app's lifecycle wishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .actions import DELETE, DISABLE, RELEASE, Action
from .context import JobContext, KindPlan
from .mapping import SOFT_DELETED

if TYPE_CHECKING:
    from ..expressions import EvaluationContext
    from ..store import ObjectRow
    from .page_decision import PageDecision


class Deprovisioning:
    """Decisions on accounts that are given up; none is carried out here."""

    def __init__(self, job: JobContext, context: EvaluationContext) -> None:
        self._job, self._context = job, context

    def wish(self, plan: KindPlan, of_users: str) -> str:
        """What is wished for an object that is given up: `none`, `deactivate` or `delete`; groups have one wish."""
        return self._job.lifecycle.on_group_delete if plan.kind == "group" else of_users

    def has_more_to_lose(self, plan: KindPlan, row: ObjectRow, wish: str) -> bool:
        """Say whether an account that was given up already is taken further now that its object is gone for good."""
        if wish == "delete" and plan.can_delete:
            return True
        return wish == "deactivate" and row.enabled and plan.mapping.can_deactivate

    def decide(
        self,
        plan: KindPlan,
        row: ObjectRow,
        attributes: Mapping[str, object] | None,
        fingerprint: bytes | None,
        decision: PageDecision,
        wish: str,
        cause: str,
    ) -> None:
        """Put the action into the decision; disables and deletes are staged, to be counted before the first is sent.

        Args:
            attributes: Of the source object; None where it left the source.

        Raises:
            ExpressionError: A mapping of the deactivation cannot be evaluated.
        """
        action = Action(RELEASE, plan.kind, row.source_id, name=row.name or "", target_id=row.target_id, cause=cause)
        action.in_scope, action.enabled = False, row.enabled
        action.fingerprint = fingerprint.hex() if fingerprint else None
        action.before, action.after = dict(row.shadow), dict(row.shadow)
        if wish == "delete" and plan.can_delete:
            action.operation, action.enabled = DELETE, False
        elif wish != "none" and plan.can_update and plan.mapping.can_deactivate:
            off = plan.mapping.for_deactivation(attributes, self._context.for_object())
            action.changed = [path for path, value in off.items() if plan.differs(path, row.shadow.get(path), value)]
            action.after.update((path, off[path]) for path in action.changed)
            action.enabled = False
            if action.changed:
                action.operation = DISABLE
        elif wish != "none":
            action.cause = f"{cause}; no mapping depends on {SOFT_DELETED}, so the account stays as it is"
        if cause == "disabled in the source":
            action.in_scope = True
        if action.operation in (DISABLE, DELETE):
            decision.staged.append(action)
        else:
            decision.actions.append(action)
