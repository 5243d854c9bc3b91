"""The provisioning engine: scope, match, map, plan, apply, cycles."""

from __future__ import annotations

from .actions import Action
from .context import JobContext, KindPlan, Safety
from .cycle import Cycle, summarise
from .escrow import enter_quarantine, leave_quarantine, quarantine_reason
from .execute import Executor
from .mapping import Mapped, ObjectMapping
from .matching import Matcher
from .on_demand import provision_one
from .planning import CHECK, PlanHeader, PlanningTarget, PlanSummary, PlanWriter, read_plan, refuse_stale
from .putting_off import PutOffError, is_throttling, put_off
from .references import References
from .reports import CycleSummary, OnDemandReport, Progress, ProgressEvent, no_progress

__all__ = [
    "CHECK",
    "Action",
    "Cycle",
    "CycleSummary",
    "Executor",
    "JobContext",
    "KindPlan",
    "Mapped",
    "Matcher",
    "ObjectMapping",
    "OnDemandReport",
    "PlanHeader",
    "PlanSummary",
    "PlanWriter",
    "PlanningTarget",
    "Progress",
    "ProgressEvent",
    "PutOffError",
    "References",
    "Safety",
    "enter_quarantine",
    "is_throttling",
    "leave_quarantine",
    "no_progress",
    "provision_one",
    "put_off",
    "quarantine_reason",
    "read_plan",
    "refuse_stale",
    "summarise",
]
