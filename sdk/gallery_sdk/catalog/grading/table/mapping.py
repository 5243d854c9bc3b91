"""C, X, T: what it says it can do is what it does; mappings fit; the contract is kept."""

from __future__ import annotations

from ....manifest.base import KINDS
from ..looked_at import LookedAt
from ..rule import Seen, failed, judged, not_applicable, rule

_NOT_OFFERED = {"read", "password"}  # a target does not say whether it can be read


@rule(
    "C01",
    "bronze",
    why="Readers choose by the capability table; it must say neither too much nor too little.",
    mend="Let [capabilities] and the target's own capabilities agree.",
)
def capabilities_are_real(seen: LookedAt) -> Seen:
    """Declared capabilities are those that the opened target offers."""
    if seen.evidence is None:
        return failed(seen.lacking)
    wrong = []
    for kind in KINDS:
        declared = set(seen.manifest.capabilities.of(kind)) - _NOT_OFFERED
        offered = set(seen.evidence.offered.get(kind, ())) - _NOT_OFFERED
        wrong += [f"{kind}:{one} is declared and not offered" for one in sorted(declared - offered)]
        wrong += [f"{kind}:{one} is offered and not declared" for one in sorted(offered - declared)]
    return judged(wrong, "declared and offered are the same")


@rule(
    "X01",
    "bronze",
    why="A default mapping that does not compile, or whose type the target refuses, fails every person.",
    mend="`gallery check PATH` names each; `gallery expr` tries an expression.",
)
def mappings_compile(seen: LookedAt) -> Seen:
    """Default mappings compile and fit the target's types."""
    counts = " and ".join(f"{len(seen.manifest.mappings[kind])} of {kind}s" for kind in KINDS)
    return judged(seen.problems_at("mapping"), counts)


@rule(
    "X02",
    "bronze",
    why="A create without a required attribute is refused for every person alike.",
    mend="Map every required attribute: by source, expression, constant or default.",
)
def required_attributes_are_filled(seen: LookedAt) -> Seen:
    """Every required attribute of the target has a value."""
    if seen.manifest.capabilities.discovered:
        return not_applicable("the target describes itself")
    required = [one for kind in KINDS for one in seen.manifest.target_schema[kind] if one.required]
    return judged(seen.problems_at("attribute"), f"{len(required)} required attributes are mapped")


@rule(
    "X03",
    "bronze",
    why="Without a matching attribute that can be looked up, people who have an account get a second one.",
    mend="Give the mapping that identifies an object match = 1, and declare the feature 'filter:<path>-eq'.",
)
def objects_can_be_matched(seen: LookedAt) -> Seen:
    """Every kind that is created has a matching attribute."""
    wrong, told = [], []
    for kind in KINDS:
        if "create" not in seen.manifest.capabilities.of(kind) or not seen.manifest.mappings[kind]:
            continue
        matching = [one.target for one in seen.manifest.mappings[kind] if one.enabled and one.match is not None]
        if not matching:
            wrong.append(f"{kind}s have no matching attribute")
        told.append(f"{kind} by {', '.join(matching)}")
    wrong += [one for one in seen.problems_at("mapping") if ".match" in one.partition(": ")[0]]
    return judged(wrong, "; ".join(told) or "nothing is created")


@rule(
    "T01",
    "bronze",
    why="The contract is what users rely on: nobody lost, nobody doubled, no secret told.",
    mend="Run the contract suite with pytest; each failed promise says what was expected.",
)
def contract_is_kept(seen: LookedAt) -> Seen:
    """Every MUST of the contract suite holds against the twin."""
    if seen.evidence is None:
        return failed(seen.lacking)
    musts = [one for one in seen.evidence.contract if one.grade == "MUST"]
    if not musts:
        return failed("the contract suite has no check for it")
    wrong = [f"{one.name}: {one.detail}" for one in musts if one.outcome == "failed"]
    return judged(wrong, f"{len(musts)} promises kept")
