"""Rules that the contract suite shows: each names the checks that must hold, and is otherwise words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rule import Seen, failed, judged, not_applicable, rule

if TYPE_CHECKING:
    from ..models import Tier
    from .looked_at import LookedAt


def promise(id: str, tier: Tier, title: str, *checks: str, why: str, mend: str, waivable: bool = True) -> None:
    """Register a rule that is kept where the named checks hold, those among them that apply to the connector."""

    def program(seen: LookedAt) -> Seen:
        return shown_by(seen, *checks)

    program.__doc__ = title
    rule(id, tier, why=why, mend=mend, waivable=waivable)(program)


def shown_by(seen: LookedAt, *checks: str) -> Seen:
    """By the named checks of the contract suite; a check that is not called for by any capability asks for nothing."""
    if seen.evidence is None:
        return failed(seen.lacking)
    wrong, kept = [], []
    for name in checks:
        record = seen.check(name)
        if record is None:
            # Whoever acted it before there was such a check has shown nothing.
            wrong += [] if name in seen.evidence.not_called_for else [f"{name} was not tried: {seen.untried}"]
        elif record.outcome == "failed":
            wrong.append(f"{name}: {record.detail}")
        else:
            kept.append(name)
    return judged(wrong, ", ".join(kept)) if wrong or kept else not_applicable("no capability calls for it")
