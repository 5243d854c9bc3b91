"""D, S: what readers are told, and how much of the code its tests execute."""

from __future__ import annotations

import re
from typing import Final

from ....manifest.base import KINDS
from ..looked_at import LookedAt
from ..rule import Seen, failed, judged, not_applicable, passed, rule

LEAST_COVERAGE: Final = 0.95
_PLACEHOLDER: Final = re.compile(
    r"https?://(?:[\w.-]+\.)?(?:example(?:\.\w+)?|invalid|test)(?=[/\s)]|$)", re.IGNORECASE
)
_HTTP: Final = re.compile(r"\]\(http://(?!localhost|127\.)")
_ALL_USER: Final = ("read", "create", "update", "deactivate", "delete")
_ALL_GROUP: Final = ("read", "create", "update", "delete", "members")


@rule(
    "D01",
    "silver",
    why="Set-up is where most people give up: plan, role, where to click, which rights to give.",
    mend="Write [[setup]] steps, prerequisites, a title for every credential, and mappings (or `discovered`).",
)
def setup_is_told(seen: LookedAt) -> Seen:
    """Its page has set-up steps, prerequisites, credentials explained, and mappings."""
    manifest = seen.manifest
    wrong = [f"{name} is empty" for name in ("setup", "prerequisites") if not getattr(manifest, name)]
    wrong += [f"set-up step {step.title!r} has no text" for step in manifest.setup if not step.text]
    wrong += [
        f"input {one.id!r} of {method.id!r} has no title"
        for method in manifest.auth_methods
        for one in method.inputs
        if not one.title
    ]
    if not any(manifest.mappings[kind] for kind in KINDS) and not manifest.capabilities.discovered:
        wrong.append("nothing is mapped")
    return judged(wrong, f"{len(manifest.setup)} steps, {len(manifest.prerequisites)} prerequisites")


@rule(
    "D02",
    "silver",
    why="A link that leads nowhere costs a reader's trust in the rest.",
    mend="Link to the vendor's own pages, by https; addresses of examples are for examples.",
)
def links_lead_somewhere(seen: LookedAt) -> Seen:
    """No page that is linked to is a placeholder or unencrypted."""
    manifest = seen.manifest
    pages = [manifest.docs_url, manifest.product_url, *(step.url for step in manifest.setup)]
    pages += [one.docs_url for one in manifest.auth_methods]
    if manifest.vendor is not None:
        pages.append(manifest.vendor.url)
    wrong = [f"{page} is a placeholder" for page in dict.fromkeys(pages) if page and _PLACEHOLDER.match(page)]
    guide = seen.package / "setup.md"
    if guide.is_file() and _HTTP.search(guide.read_text("utf-8")):
        wrong.append("setup.md links to an unencrypted page")
    return judged(wrong, f"{sum(1 for page in pages if page)} links")


@rule(
    "D03",
    "silver",
    why="What a connector cannot do must be known before it is chosen, not after.",
    mend="List in `limitations` what the app or the connector leaves out.",
)
def limitations_are_told(seen: LookedAt) -> Seen:
    """Where a capability is missing, limitations say so."""
    able = seen.manifest.capabilities
    lacking = [f"user:{one}" for one in _ALL_USER if one not in able.user]
    lacking += [f"group:{one}" for one in _ALL_GROUP if one not in able.group]
    if not lacking:
        return not_applicable("every capability is there")
    told = len(seen.manifest.limitations)
    return passed(f"{told} limitations") if told else failed(f"{', '.join(lacking)} are missing, limitations are empty")


@rule(
    "S01",
    "silver",
    why="Code that no test executes fails first at a customer's.",
    mend="Test more: what its contract leaves out, by tests of its own in tests/ beside its pyproject.toml.",
)
def code_is_tested(seen: LookedAt) -> Seen:
    """Its tests pass and execute, with its contract, 95 % of its code."""
    if not seen.code or not seen.own_code:
        return not_applicable("it has no code of its own")
    found = seen.evidence.coverage if seen.evidence is not None else None
    if found is None:
        return failed(seen.lacking if seen.evidence is None else "coverage was not measured")
    tests = seen.evidence.tests if seen.evidence is not None else None
    if tests is not None and tests.failed:
        return judged([f"{name} fails" for name in tests.failed], "")
    share = found.executed / found.statements if found.statements else 1.0
    told = f"{found.executed} of {found.statements} statements"
    return passed(told) if share >= LEAST_COVERAGE else failed(told)
