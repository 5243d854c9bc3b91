"""Q, F, W: quirks that are proven needed, faults that cost nothing, upgrades that warn."""

from __future__ import annotations

from packaging.version import Version

from ..looked_at import LookedAt
from ..rule import Seen, failed, judged, not_applicable, rule
from .behaviour import FRESH, shown_by


@rule(
    "Q01",
    "gold",
    why="One without source is a rumour; one whose test passes without it is dead weight.",
    mend="Give every quirk source and read (within a year), and a scenario that fails when it is switched off.",
)
def quirks_are_proven(seen: LookedAt) -> Seen:
    """Every quirk has a source, a fresh date, and a test that fails without it."""
    if not seen.manifest.quirks:
        return not_applicable("no quirk is declared")
    if seen.evidence is None:
        return failed(seen.lacking)
    wrong = []
    for quirk in seen.manifest.quirks:
        if not quirk.source:
            wrong.append(f"{quirk.id} has no source")
        elif quirk.read is None or not seen.day - FRESH <= quirk.read <= seen.day:
            wrong.append(f"{quirk.id} was read on {quirk.read}")
        name = (quirk.test or f"quirk_{quirk.id.replace('.', '_')}").removeprefix("test_")
        record = seen.check(name)
        if record is None:
            wrong.append(f"{quirk.id} is not tried")
        elif record.outcome == "failed":
            wrong.append(f"{quirk.id}: {record.detail}")
    return judged(wrong, f"{len(seen.manifest.quirks)} quirks")


@rule(
    "F01",
    "gold",
    why="An answer that is lost after a write is the classic way to double an account.",
    mend="Leave unknown outcomes to the engine; let matching find what was written.",
)
def lost_answers_double_nobody(seen: LookedAt) -> Seen:
    """Answers that are lost after a write double nobody."""
    return shown_by(seen, "lost_response", "lost_responses_double_nobody")


@rule(
    "F02",
    "gold",
    why="Maintenance pages and proxies answer in HTML, sometimes with status 200.",
    mend="Classify such answers as `retry`.",
)
def pages_in_between_lose_nobody(seen: LookedAt) -> Seen:
    """HTML in place of an answer is survived and never taken for one."""
    return shown_by(seen, "html_answer", "html_answers_lose_nobody")


@rule(
    "W01",
    "gold",
    why="A major version that says nothing breaks people on the day they upgrade.",
    mend="Add a [[breaking]] entry for the version, with deadline and migration.",
)
def majors_are_announced(seen: LookedAt) -> Seen:
    """A major version says what it breaks, until when, and what to do."""
    version = Version(seen.manifest.version)
    if version.major < 2:
        return not_applicable(f"{version} breaks no earlier major version")
    told = [one for one in seen.manifest.breaking if Version(one.version).major == version.major]
    wrong = [f"{one.version} has no deadline or migration" for one in told if not (one.deadline and one.migration)]
    return judged(wrong if told else [f"no [[breaking]] entry for {version.major}.0.0"], f"{len(told)} entries")
