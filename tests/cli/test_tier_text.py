"""A tier adds up: every rule that failed is named, or counted for the tier that it belongs to."""

from __future__ import annotations

import pytest

from gallery_sdk.catalog.grading import TIERS, rules
from gallery_sdk.catalog.models import Tier
from gallery_sdk.catalog.tiers import RuleOutcome, TierReport
from gallery_sdk.cli.tier_text import print_tier


def _report(tier: Tier, *failed: str) -> TierReport:
    """Every rule passed, but for the first ones of these tiers."""
    outcomes = []
    left = list(failed)
    for rule in rules():
        status = "failed" if rule.tier in left else "passed"
        if status == "failed":
            left.remove(rule.tier)
        outcomes.append(RuleOutcome.model_validate({"id": rule.id, "tier": rule.tier, "status": status}))
    assert not left and tier in TIERS
    return TierReport(tier=tier, rules=tuple(outcomes))


@pytest.mark.parametrize(
    ("report", "besides"),
    [
        pytest.param(_report("silver", "gold", "platinum", "platinum"), "2 of platinum", id="silver"),
        pytest.param(_report("bronze", "silver", "gold", "gold", "platinum"), "2 of gold, 1 of platinum", id="bronze"),
        pytest.param(_report("draft", "bronze", "silver"), "1 of silver", id="draft"),
    ],
)
def test_what_failed_besides_is_counted_by_tier(
    report: TierReport, besides: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of the tiers, below what keeps it from the next one."""
    print_tier("Tier", report)

    assert capsys.readouterr().out.splitlines()[-1] == f"  Failed besides: {besides}"


@pytest.mark.parametrize("report", [_report("gold", "platinum"), _report("platinum")], ids=["all named", "nothing"])
def test_nothing_is_said_where_all_is_named(report: TierReport, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor where every rule is kept."""
    print_tier("Tier", report)

    assert "besides" not in capsys.readouterr().out
