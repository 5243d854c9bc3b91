"""From rules to a tier: the highest whose rules, and those of every lower tier, are kept or do not apply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from ...errors import GalleryError, ManifestError
from ...manifest import InvalidManifestError
from ..building import Built, build
from ..folders import find_manifest
from ..models import Tier
from ..registry import Registry, read_registry
from ..tiers import Grade, RuleOutcome, TierReport
from .looked_at import LookedAt, look_at
from .rule import RULES, Rule

TIERS: Final[tuple[Tier, ...]] = ("draft", "bronze", "silver", "gold", "platinum")
LONGEST_WAIVER: Final = timedelta(days=180)
_WAIVED_CEILING: Final[Tier] = "silver"


def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the table."""
    from . import table  # registers them

    assert table.__all__
    return tuple(sorted(RULES.values(), key=lambda one: TIERS.index(one.tier)))


def find_rule(id: str) -> Rule:
    """The rule of that id, letter case aside.

    Raises:
        GalleryError: There is none.
    """
    known = {one.id: one for one in rules()}
    if id.upper() not in known:
        raise ManifestError("there is no such rule", f"rule {id!r}", f"Rules are {', '.join(known)}")
    return known[id.upper()]


def grade(path: Path, *, day: date, cassettes: Path | None = None, registry: Registry | None = None) -> TierReport:
    """The tier of a connector, and every rule that led to it.

    A pure function of the folder, its evidence and recordings, and the day.

    Args:
        path: `connectors/<slug>`.
        day: Facts and waivers are dated against it.
        registry: See `look_at`.
    """
    try:
        seen = look_at(path, day, cassettes=cassettes, registry=registry)
    except GalleryError as error:
        count = len(error.problems) if isinstance(error, InvalidManifestError) else 1
        more = f" (and {count - 1} more)" if count > 1 else ""
        return TierReport(
            tier="draft",
            rules=(RuleOutcome(id="M01", tier="bronze", status="failed", evidence=f"{error.what}{more}"),),
        )
    return judge(seen)


def judge(seen: LookedAt) -> TierReport:
    """The tier of a connector that is read already."""
    outcomes = tuple(_outcome(one, seen) for one in rules())
    return TierReport(tier=tier_of(outcomes), rules=outcomes)


def tier_of(outcomes: Sequence[RuleOutcome]) -> Tier:
    """The tier that outcomes lead to."""
    reached: Tier = "draft"
    for tier in TIERS[1:]:
        if any(one.status == "failed" for one in outcomes if one.tier == tier):
            break
        reached = tier
    waived = any(one.status == "waived" for one in outcomes)
    return min(reached, _WAIVED_CEILING, key=TIERS.index) if waived else reached


def grader(day: date, registry: Registry | None = None) -> Grade:
    """What `build` asks for tiers: dated by the catalog, so that it comes out the same wherever it is built.

    A package that is hosted elsewhere shows its manifest alone; its tier cannot be computed.
    """

    def compute(path: Path) -> TierReport | None:
        try:
            find_manifest(path)
        except ManifestError:
            return None
        return grade(path, day=day, registry=registry)

    return compute


def build_graded(root: Path, registry: Registry | None = None) -> Built:
    """A repository's catalog with tiers, dated by the registry: what is published.

    Args:
        registry: What the registry is to say; as its files do when left out.

    Raises:
        ConfigError: The registry cannot be read.
    """
    registry = read_registry(root) if registry is None else registry
    return build(root, grade=grader(registry.head.date, registry), registry=registry)


def missing(report: TierReport) -> list[RuleOutcome]:
    """What keeps a connector from the next tier, in the order of the table; empty at the top."""
    place = TIERS.index(report.tier) + 1
    if place == len(TIERS):
        return []
    if report.tier == _WAIVED_CEILING and any(one.status == "waived" for one in report.rules):
        waived = [one for one in report.rules if one.status == "waived"]
        return waived + [one for one in report.rules if one.tier == "gold" and one.status == "failed"]
    return [one for one in report.rules if one.tier == TIERS[place] and one.status == "failed"]


def _outcome(one: Rule, seen: LookedAt) -> RuleOutcome:
    found = one.program(seen)
    if found.status != "failed":
        return RuleOutcome(id=one.id, tier=one.tier, status=found.status, evidence=found.evidence)
    waiver = next((each for each in seen.manifest.tests.waive if each.test == one.id), None)
    if waiver is None:
        return RuleOutcome(id=one.id, tier=one.tier, status="failed", evidence=found.evidence)
    refusal = ""
    if not one.waivable:
        refusal = "no waiver stands in for this rule"
    elif waiver.until < seen.day:
        refusal = f"its waiver ended on {waiver.until}"
    elif waiver.until - seen.day > LONGEST_WAIVER:
        refusal = f"its waiver runs to {waiver.until}, and 180 days are the most"
    if refusal:
        return RuleOutcome(id=one.id, tier=one.tier, status="failed", evidence=f"{found.evidence}; {refusal}")
    told = f"{waiver.reason} (until {waiver.until}); {found.evidence}"
    return RuleOutcome(id=one.id, tier=one.tier, status="waived", evidence=told)
