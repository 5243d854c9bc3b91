"""A connector's page: what a team asks before it trusts one with accounts, answered from the manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from ..catalog.grading import TIERS, missing, rules
from ..catalog.tiers import RuleOutcome
from ..manifest import VOCABULARY, AttributeMapping, AuthMethod, Manifest, Quirk, TargetAttribute
from ..manifest.wording import when_text
from . import wording
from .markdown import Rendered, render_markdown
from .page import Page
from .publication import Listed

_SENTENCE: Final = re.compile(r"(?<=\.) (?=[A-Z`])")


@dataclass(frozen=True, slots=True)
class Ability:
    """A line of the capability matrix; None where the kind does not know the ability."""

    name: str
    user: bool | None
    group: bool | None


@dataclass(frozen=True, slots=True)
class MappingLine:
    """A line of the mapping table."""

    mapping: AttributeMapping
    attribute: TargetAttribute | None

    @property
    def target(self) -> str:
        """The target path; an extension's URN is cut to the part that tells."""
        return self.mapping.target.removeprefix("urn:ietf:params:scim:schemas:extension:")

    @property
    def value(self) -> str:
        """What fills it, as the manifest writes it."""
        one = self.mapping
        if one.constant is not None:
            return f"always {str(one.constant).lower() if isinstance(one.constant, bool) else one.constant}"
        return one.source or one.expression or ""

    @property
    def when(self) -> str:
        """When it applies, in words; its part in matching stands beside the attribute."""
        return when_text(self.mapping, matching=False).capitalize()


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of the tier table, with its result."""

    outcome: RuleOutcome
    title: str


@dataclass(frozen=True, slots=True)
class TierRules:
    """The rules of one tier."""

    tier: str
    rules: tuple[RuleLine, ...]

    @property
    def passed(self) -> int:
        """How many are kept or ask for nothing."""
        return sum(line.outcome.status in ("passed", "not_applicable") for line in self.rules)


def connector_page(listed: Listed) -> Page:
    """The page of one connector."""
    manifest, guide = listed.manifest, listed.detail.guide
    rendered = render_markdown(guide, below=2, prefix="guide-") if guide else None
    return Page(
        path=f"c/{listed.slug}/",
        template="connector.html",
        title=f"{manifest.name} connector",
        description=manifest.summary,
        section="connectors",
        data={
            "one": listed,
            "manifest": manifest,
            "abilities": abilities(manifest),
            "lines": {kind: mapping_lines(manifest, kind) for kind in wording.KINDS},
            "rules": rules_by_tier(listed),
            "missing": [_line(one) for one in missing(listed.detail.tier)] if listed.detail.tier else [],
            "next_tier": _next_tier(listed.entry.tier),
            "guide": rendered,
            "sections": tuple(_sections(listed, rendered)),
        },
    )


def _sections(listed: Listed, guide: Rendered | None) -> Iterator[tuple[str, str]]:
    """Id and title of each part of the page that has something to say."""
    manifest = listed.manifest
    yield "capabilities", "What it can do"
    yield "set-up", "Set up"
    yield "sign-in", "Signing in"
    if any(manifest.mappings.values()) or manifest.capabilities.discovered:
        yield "mappings", "Attribute mappings"
    if manifest.quirks:
        yield "quirks", "Quirks"
    if manifest.limits or manifest.errors:
        yield "limits", "Limits and errors"
    if guide is not None:
        yield "guide", "Guide"
    if listed.detail.tier is not None:
        yield "tier", "Why this tier"
    yield "changes", "Versions"


def abilities(manifest: Manifest) -> tuple[Ability, ...]:
    """The capability matrix."""
    known = {
        "user": ("read", "create", "update", "deactivate", "delete", "password"),
        "group": ("read", "create", "update", "delete", "members"),
    }
    able: Mapping[str, Sequence[str]] = {kind: manifest.capabilities.of(kind) for kind in known}
    return tuple(
        Ability(name, *(word in able[kind] if word in known[kind] else None for kind in known))
        for word, name in wording.ABILITIES.items()
    )


def mapping_lines(manifest: Manifest, kind: str) -> tuple[MappingLine, ...]:
    """Mappings beside what the target says of the attribute; what is on by default comes first."""
    attributes = {one.name: one for one in manifest.target_schema[kind]}
    lines = [MappingLine(one, attributes.get(one.target)) for one in manifest.mappings[kind]]
    return tuple(sorted(lines, key=lambda line: (not line.mapping.enabled, line.mapping.match or 99)))


def rules_by_tier(listed: Listed) -> tuple[TierRules, ...]:
    """Every rule's result, tier by tier from the lowest."""
    report = listed.detail.tier
    if report is None:
        return ()
    return tuple(TierRules(tier, tuple(_line(one) for one in report.rules if one.tier == tier)) for tier in TIERS[1:])


def _line(outcome: RuleOutcome) -> RuleLine:
    return RuleLine(outcome, rule_titles().get(outcome.id, ""))


@cache
def rule_titles() -> Mapping[str, str]:
    """What each rule asks, by id; a catalog of a later SDK may name others."""
    return {one.id: one.title for one in rules()}


def _next_tier(tier: str | None) -> str | None:
    place = TIERS.index(tier) + 1 if tier in TIERS else len(TIERS)
    return TIERS[place] if place < len(TIERS) else None


def scope_lines(method: AuthMethod) -> list[tuple[str, str]]:
    """What each feature asks for: words and scopes; empty where a way to sign in knows no scopes."""
    scopes = method.scopes
    lines = [("Always", ", ".join(scopes.base))] if scopes.base else []
    return lines + [
        (wording.SCOPE_FEATURES.get(feature, feature.replace("_", " ").capitalize()), ", ".join(asked))
        for feature, asked in scopes.when.items()
    ]


def quirk_value(quirk: Quirk) -> str:
    """The quirk's parameter; "" where its id says everything."""
    return "" if quirk.value is True else shown(quirk.value)


def shown(value: object) -> str:
    """A value of a manifest on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {shown(one)}" for name, one in value.items())
    if isinstance(value, (tuple, list)):
        return ", ".join(shown(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def quirk_doc(id: str) -> tuple[str, str]:
    """What the engine does about a quirk: the first sentence, and the rest."""
    definition = VOCABULARY.get(id)
    lead, _, more = _SENTENCE.sub("\n", definition.doc if definition else "", count=1).partition("\n")
    return lead, more
