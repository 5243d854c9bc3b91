"""Q, F, W: quirks that are proven needed, faults that cost nothing, upgrades that warn."""

from __future__ import annotations

from packaging.version import Version

from ...documents import digest
from ...migrating import read_any_level
from ...registry import MANIFESTS
from ...semver import check_version
from ..looked_at import LookedAt
from ..promises import promise, shown_by
from ..rule import Seen, failed, judged, not_applicable, rule
from .behaviour import FRESH


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


promise(
    "F01",
    "gold",
    "Answers that are lost after a write double nobody",
    "lost_response",
    "lost_responses_double_nobody",
    why="An answer that is lost after a write is the classic way to double an account.",
    mend="Leave unknown outcomes to the engine; let matching find what was written.",
)

promise(
    "F02",
    "gold",
    "HTML in place of an answer is survived and never taken for one",
    "html_answer",
    "html_answers_lose_nobody",
    why="Maintenance pages and proxies answer in HTML, sometimes with status 200.",
    mend="Classify such answers as `retry`.",
)


@rule(
    "F03",
    "gold",
    why="Who is missing from half a listing looks absent, and gets a second account.",
    mend="Page by the SDK's paging, declare the page.* quirks, and raise where fewer objects came than were counted.",
)
def broken_listings_are_told(seen: LookedAt) -> Seen:
    """A listing that repeats a page, stands still or shrinks is whole or told as broken, and ends."""
    names = ("repeated_page", "standing_cursor", "shrinking_list")
    shown = shown_by(seen, *names)
    if shown.status != "passed":
        return shown
    wrong = []
    for record in filter(None, map(seen.check, names)):
        twice, missing = (record.measured.get(name) for name in ("listed_twice", "missing_unsaid"))
        if twice is None or missing is None:
            wrong.append(f"{record.name}: nothing was counted, {seen.untried}")
        elif twice or missing:
            wrong.append(f"{record.name}: {twice} accounts are listed twice, {missing} are missing and nobody says so")
    return judged(wrong, shown.evidence)


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


@rule(
    "W02",
    "gold",
    why="Teams have laid their own mappings over a release; the next one must say by its number what it does to them.",
    mend="Keep the manifest of the release before as registry/manifests/<slug>-<version>.toml, byte for byte; "
    "`gallery semver-check` says which version the changes ask for.",
)
def upgrade_is_classified(seen: LookedAt) -> Seen:
    """What changed since the release before is classified, and the version says how much."""
    mine = Version(seen.manifest.version)
    before = [one for one in seen.releases if Version(one.version) < mine]
    if not before:
        return not_applicable("there is no release before this one")
    last = max(before, key=lambda one: Version(one.version))
    file = seen.registry / MANIFESTS / f"{seen.manifest.slug}-{last.version}.toml"
    if not file.is_file() or digest(file.read_bytes()) != last.manifest_sha256:
        return failed(f"the manifest of {last.version} is not kept in registry/{MANIFESTS}/{file.name}")
    # What is released was announced by its own day; the days since do not make its notice shorter.
    day = seen.release.released if seen.release is not None else seen.day
    verdict = check_version(read_any_level(file), seen.manifest, today=day)
    return judged([one.what for one in verdict.problems], f"{len(verdict.changes)} changes since {last.version}")
