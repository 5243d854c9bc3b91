"""A page per tier rule: what it asks, why, how to mend it, and how each connector fares."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.grading import rules
from ..catalog.tiers import RuleOutcome
from .page import Page
from .publication import Listed, Publication


def rule_pages(publication: Publication) -> Iterator[Page]:
    """One page for each rule of the tier table."""
    held: dict[str, list[tuple[Listed, RuleOutcome]]] = {}
    for one in publication.listed:
        for outcome in one.detail.tier.rules if one.detail.tier is not None else ():
            held.setdefault(outcome.id, []).append((one, outcome))
    for rule in rules():
        yield Page(
            f"rules/{rule.id.lower()}/",
            "rule.html",
            f"{rule.id}: {rule.title}",
            rule.why,
            section="tier",
            data={"rule": rule, "outcomes": held.get(rule.id, ())},
        )
