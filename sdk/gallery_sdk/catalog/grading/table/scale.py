"""G, N: groups of thousands, what they cost, and that nothing is taken away by mistake."""

from __future__ import annotations

from typing import Final

from ..looked_at import LookedAt
from ..promises import promise, shown_by
from ..rule import Seen, failed, judged, not_applicable, passed, rule

MOST_MEGABYTES: Final = 200
_STEPS: Final = (("listing", "listing"), ("filling", "filling"), ("adding_one", "adding one"))
_NO_GROUPS: Final = "groups with members are not provisioned"

promise(
    "G01",
    "gold",
    "A group of 5,000 members gets them all, in batches that the app takes",
    "large_group",
    why="A group of everybody is the first that many companies assign; small tests never see its batches.",
    mend="Declare members.max_per_request as the vendor documents it, and let the twin refuse larger requests.",
)


@rule(
    "G02",
    "gold",
    why="Directories nest groups. Who expects the people of the inner group to arrive must know that they do not.",
    mend="Declare the quirk group.nested_unsupported with its source, or say in `limitations` what becomes of nested "
    "groups.",
)
def nested_groups_are_declared(seen: LookedAt) -> Seen:
    """Groups inside groups do no harm, and what becomes of them is said."""
    shown = shown_by(seen, "nested_groups")
    if shown.status != "passed":
        return not_applicable(_NO_GROUPS) if shown.status == "not_applicable" else shown
    if seen.manifest.quirks_for("group").has("group.nested_unsupported"):
        return passed("declared by group.nested_unsupported, and no harm is done")
    if any("nested" in one.casefold() for one in seen.manifest.limitations):
        return passed("told in limitations, and no harm is done")
    return failed("neither group.nested_unsupported nor a limitation says what becomes of groups inside groups")


@rule(
    "G03",
    "gold",
    why="Requests are what a run waits for and what a tenant is limited by; memory is what small machines run out of.",
    mend="Let list_objects ask for full pages, change_members send full batches, and neither hold more than a page.",
)
def cost_is_near_the_least(seen: LookedAt) -> Seen:
    """Listing 5,000 accounts and filling a group takes no more than a tenth above the least requests, and 200 MB."""
    shown, record = shown_by(seen, "large_group"), seen.check("large_group")
    if shown.status == "not_applicable":
        return not_applicable(_NO_GROUPS)
    if record is None or shown.status == "failed":
        return shown
    if not record.measured:
        return failed(f"nothing was counted: {seen.untried}")
    # The least is what is declared: pages of the page size, batches of members.max_per_request, and where no batch is
    # declared the estimate that a plan shows to people.
    wrong, told = [], []
    for name, words in _STEPS:
        taken, least = record.measured[name], record.measured[f"{name}_at_least"]
        told.append(f"{words} {taken:,} of {least:,}")
        if taken * 10 > least * 11:
            wrong.append(f"{words} takes {taken:,} requests, and {least:,} would do")
    megabytes = record.measured["megabytes_at_most"]
    if megabytes >= MOST_MEGABYTES:
        wrong.append(f"it takes {megabytes} MB")
    return judged(wrong, f"{', '.join(told)} requests; {megabytes} MB at most")


promise(
    "N01",
    "gold",
    "More leavers than the limit allows stop the run before the first account is touched",
    "too_many_leavers",
    why="A wrong filter in the source takes a whole company's access away within minutes.",
    mend="Leave deprovisioning to the engine: a target must disable and delete only what it is told to.",
    waivable=False,
)

promise(
    "N02",
    "gold",
    "A source that is empty, cut short or partly unreadable takes nothing away",
    "lost_source",
    why="Exports fail halfway. Who is missing from half a file has not left.",
    mend="Leave deprovisioning to the engine: a target must disable and delete only what it is told to.",
    waivable=False,
)
