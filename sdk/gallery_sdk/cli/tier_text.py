"""Tiers and rules, as a person reads them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from .output import heading, print_table, print_text

if TYPE_CHECKING:
    from ..catalog.grading import Rule
    from ..catalog.tiers import RuleOutcome, TierReport

_STYLES: Final = {"passed": "green", "failed": "red", "waived": "yellow"}
_WORDS: Final = {"not_applicable": "n/a"}


def print_tier(name: str, report: TierReport, *, all_rules: bool = False) -> None:
    """Print a connector's tier, and what keeps it from the next one or every rule."""
    from ..catalog.grading import missing

    score = report.score
    counts = [f"{score.passed} passed", f"{score.failed} failed", f"{score.waived} waived"]
    click.echo(f"\n{heading(name)}  {report.tier}  ({', '.join(counts)}, {score.not_applicable} not applicable)")
    if all_rules:
        _print_rules(report.rules)
        return
    shown = missing(report)
    if shown:
        print_text(f"What keeps it from {shown[-1].tier}:", indent="  ")
    counted = Counter(one.evidence for one in shown)
    _print_rules([one for one in shown if counted[one.evidence] == 1])
    for evidence in (one for one, times in counted.items() if times > 1):  # mostly that nobody has acted it
        print_text(f"{' '.join(one.id for one in shown if one.evidence == evidence)}  {evidence}", indent="  ")
    _print_rest(report, shown)


def _print_rest(report: TierReport, shown: list[RuleOutcome]) -> None:
    """To which tiers those belong that failed and were not shown: `Failed besides: 5 of gold, 4 of platinum`."""
    rest = [one for one in report.rules if one.status == "failed" and one not in shown]
    if rest:
        tiers = [f"{times} of {tier}" for tier, times in Counter(one.tier for one in rest).items()]
        print_text(f"Failed besides: {', '.join(tiers)}", indent="  ")


def print_rule(rule: Rule) -> None:
    """Print the page of a rule."""
    for place, part in enumerate(rule.page().split("\n\n")):
        if place:
            click.echo()
        print_text(part)


def _print_rules(outcomes: list[RuleOutcome] | tuple[RuleOutcome, ...]) -> None:
    from ..catalog.grading import find_rule

    rows = [
        (one.id, one.tier, _WORDS.get(one.status, one.status), f"{find_rule(one.id).title}: {one.evidence}")
        for one in outcomes
    ]
    if rows:
        print_table(("", "", "", ""), rows, rigid=(0, 1, 2), styles=_STYLES, indent="  ")
