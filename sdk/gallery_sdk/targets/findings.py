"""Departures of a target from the standard, gathered once each and counted: leniency is data, never silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from ..scim import SENTENCES as SCIM_SENTENCES
from ..scim import Finding

_INDEX: Final = re.compile(r"\[\d+\]")

SENTENCES: Final[dict[str, str]] = {
    **{str(code): sentence for code, sentence in SCIM_SENTENCES.items()},
    "filter_ignored": "The target answered a filter with objects that it excludes; look-ups list everything instead.",
    "filter_answered_404": "A filter that finds nothing is answered with 404 instead of an empty list.",
    "filter_refused": "The target refuses a filter on this path; look-ups by it list everything instead.",
    "patch_not_implemented": "PATCH is answered as not implemented; changes are sent as PUT.",
    "state_was_stale": "An object had been changed in the target since it was last read; its change was made anew.",
    "members_limit_found": "The target refuses so many members in one request; they are sent in smaller batches.",
    "listing_incomplete": "A listing ended before all announced objects were read.",
    "value_left_out": "A value was not sent, since the target does not take it.",
    "value_not_taken": "The target answered with success, and the value did not change.",
    "item_limit": "The target takes fewer items of this attribute than are mapped; the rest was left out.",
    "update_refused": "The target refuses updates of this attribute; the others were written.",
    "primary_kept": "The primary e-mail can be replaced but not removed; it was left.",
    "nested_group": "A member that is a group was not sent; the target knows no nested groups.",
    "discovery_missing": "A discovery document is not served.",
}
"""Each code in a sentence: those of the SCIM room, and those of what only a client of many requests can see."""


@dataclass(frozen=True, slots=True)
class TargetFinding:
    """One departure: a code, where it was met (a path, never a value of a person), what was seen, how often."""

    code: str
    where: str
    detail: str = ""
    count: int = 1

    @property
    def sentence(self) -> str:
        """The departure in a sentence."""
        return SENTENCES.get(self.code, self.code)

    def __str__(self) -> str:
        seen = f" ({self.detail})" if self.detail else ""
        times = f" [{self.count} times]" if self.count > 1 else ""
        return f"{self.where}: {self.sentence}{seen}{times}"


class FindingLog:
    """Findings of one connection, one per code and place, each with how often it was met.

    What a manifest declares is no news: findings of the codes in `declared` are not taken from the SCIM room.
    """

    def __init__(self, declared: Collection[str] = ()) -> None:
        self._declared = frozenset(declared)
        self._found: dict[tuple[str, str], TargetFinding] = {}

    def add(self, code: str, where: str, detail: str = "") -> TargetFinding:
        """Note a departure; the answer is the departure met once, for the object that it was met on."""
        finding = TargetFinding(code, where, detail)
        known = self._found.get((code, where))
        self._found[code, where] = finding if known is None else replace(known, count=known.count + 1)
        return finding

    def take(self, findings: Iterable[Finding]) -> None:
        """Note findings of the SCIM room; places in a list lose their index, so that a page counts as one place."""
        for finding in findings:
            if finding.code in self._declared:
                continue
            self.add(str(finding.code), _INDEX.sub("[]", finding.where), finding.detail)

    def all(self) -> tuple[TargetFinding, ...]:
        """Everything noted so far, in the order of first meeting."""
        return tuple(self._found.values())
