"""Tiers, computed by program: rules, the evidence that they look at, and the grade that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._faces import imported_at_first_use
from .evidence import EVIDENCE_NAME, Evidence, read_evidence, write_evidence
from .finding import find_tier
from .grade import LONGEST_WAIVER, TIERS, build_graded, find_rule, grade, grader, judge, missing, rules, tier_of
from .looked_at import LookedAt, look_at
from .rule import Rule, Seen

if TYPE_CHECKING:
    from .collecting import collect

__all__ = [
    "EVIDENCE_NAME",
    "LONGEST_WAIVER",
    "TIERS",
    "Evidence",
    "LookedAt",
    "Rule",
    "Seen",
    "build_graded",
    "collect",
    "find_rule",
    "find_tier",
    "grade",
    "grader",
    "judge",
    "look_at",
    "missing",
    "read_evidence",
    "rules",
    "tier_of",
    "write_evidence",
]

# Acting a connector needs much that grading by kept evidence does not.
__getattr__ = imported_at_first_use(__name__, {"collect": "collecting"})
