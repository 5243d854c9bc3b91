"""Rules: what is asked, of which tier, why, and the program that looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ..models import Tier

if TYPE_CHECKING:
    from .looked_at import LookedAt

Status = Literal["passed", "failed", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule's program saw: one line, the same for the same files."""

    status: Status
    evidence: str


Program: TypeAlias = "Callable[[LookedAt], Seen]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the tier table.

    Attributes:
        id: Letter of its subject and a number; never reused.
        title: What is asked, in one line.
        why: What goes wrong for users where it is not kept.
        mend: What to do about it.
        waivable: A waiver may stand in for it; never for what keeps secrets and machines safe.
    """

    id: str
    tier: Tier
    title: str
    why: str
    mend: str
    program: Program
    waivable: bool = True

    def page(self) -> str:
        """The rule explained, as text."""
        waiver = (
            "A waiver in [tests] waive (test, reason, until within 180 days) may stand in for it; the tier then ends "
            "at silver."
            if self.waivable
            else "No waiver stands in for it."
        )
        return f"{self.id} ({self.tier}): {self.title}\n\nWhy: {self.why}\n\nTo mend it: {self.mend}\n\n{waiver}"


RULES: Final[dict[str, Rule]] = {}
"""Every rule by id, in the order of the table; filled by the modules of `table`."""


def rule(id: str, tier: Tier, *, why: str, mend: str, waivable: bool = True) -> Callable[[Program], Program]:
    """Make a program a rule; its docstring is the rule's title.

    Raises:
        ValueError: The id is taken, or there is no docstring.
    """

    def register(program: Program) -> Program:
        if id in RULES or not program.__doc__:
            raise ValueError(f"rule {id!r} needs an id of its own and a docstring")
        RULES[id] = Rule(id, tier, program.__doc__.strip().rstrip("."), why, mend, program, waivable)
        return program

    return register


def passed(evidence: str) -> Seen:
    """It is kept."""
    return Seen("passed", evidence)


def failed(evidence: str) -> Seen:
    """It is not kept."""
    return Seen("failed", evidence)


def not_applicable(evidence: str) -> Seen:
    """It asks for nothing here."""
    return Seen("not_applicable", evidence)


def judged(wrong: list[str], right: str) -> Seen:
    """Failed by what is wrong, the first three of it; passed where nothing is."""
    if not wrong:
        return passed(right)
    more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return failed("; ".join(wrong[:3]) + more)
