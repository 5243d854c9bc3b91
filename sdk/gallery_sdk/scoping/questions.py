"""Filters that are valid and probably not meant: asked about by `gallery plan`, never refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from .clauses import PATTERN, ScopingClause
from .compiling import ScopingFilter

_ANCHOR: Final = re.compile(r"^\(?\^|\$\)?$|\\[AzZ]")


def find_questions(
    filters: Sequence[ScopingFilter], *, known: Collection[str] | None = None, regex_match: str = "search"
) -> list[str]:
    """One sentence for each clause that is likely a slip.

    Args:
        filters: As for `compile_scope`.
        known: The attributes that the source has, or None if it cannot say. A clause on any other never
            holds (IS NULL: always holds).
        regex_match: As for `compile_scope`; "full" needs no anchors.
    """
    return [
        f"{one.name}: {question}"
        for one in filters
        for clause in one.clauses
        for question in _questions(clause, known, regex_match)
    ]


def _questions(clause: ScopingClause, known: Collection[str] | None, regex_match: str) -> Iterator[str]:
    if known is not None and clause.attribute not in known:
        same = [name for name in known if name.lower() == clause.attribute.lower()]
        hint = f"; the source spells it '{same[0]}'" if same else ""
        yield f"'{clause}' reads '{clause.attribute}', which the source does not have{hint}"
    if clause.operator in PATTERN and regex_match == "search" and not _ANCHOR.search(clause.value or ""):
        yield (
            f"'{clause}' finds its pattern anywhere in the value, so 12345678 matches [0-9]{{7}}; "
            "write ^…$ for the whole value"
        )
