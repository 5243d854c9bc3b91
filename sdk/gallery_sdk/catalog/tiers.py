"""What a tier computation hands to the catalog. The rules themselves live elsewhere; here is only their result's shape.

A result must depend on the connector's files alone: no time, no duration, no path of this machine, or the catalog would
not come out the same twice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from .models import Read, Score, Tier


class RuleOutcome(Read):
    """One rule's result. `evidence` says what was seen, in one line."""

    id: str
    tier: Tier
    status: Literal["passed", "failed", "waived", "not_applicable"]
    evidence: str = ""


class TierReport(Read):
    """The tier of a connector and every rule that led to it, in the order of the rule table."""

    tier: Tier
    rules: tuple[RuleOutcome, ...] = ()

    @property
    def score(self) -> Score:
        """How many rules came out how."""
        counts = {word: sum(rule.status == word for rule in self.rules) for word in _STATUSES}
        return Score(**counts)


_STATUSES = ("passed", "failed", "waived", "not_applicable")

Grade: TypeAlias = Callable[[Path], TierReport | None]
"""The tier of the connector in a folder; None when it cannot be computed. For a package hosted elsewhere the folder
holds its manifest alone."""
