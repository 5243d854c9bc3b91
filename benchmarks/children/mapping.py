"""The 15 mappings of `connector.toml` against the same by hand, in one process, by turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from gallery_sdk.expressions import EvaluationContext
from gallery_sdk.manifest import read_manifest
from gallery_sdk.provisioning import ObjectMapping
from gallery_sdk.scim import compile_assembler
from gallery_sdk.scoping import ScopingFilter, compile_scope, parse_clause

from ..people import COLUMNS, map_by_hand, people
from ..usage import tell

_PEOPLE: Final = 1000
_ROUNDS: Final = 40


def main() -> None:
    """Tell CPU microseconds per person of each way."""
    manifest = read_manifest(Path(__file__).parent.parent / "connector.toml")
    attributes = {one.name: one for one in manifest.target_schema["user"]}
    mapping = ObjectMapping("user", manifest.mappings["user"], attributes, columns=COLUMNS)
    clauses = ("department NOT EQUALS Contractors", "accountEnabled IS TRUE")
    scope = compile_scope([ScopingFilter(tuple(parse_clause(text, text) for text in clauses), "all")])
    assembler = compile_assembler(mapping.paths)
    context = EvaluationContext(now=datetime.now(UTC))
    rows = [{**row, "IsSoftDeleted": False} for row in people(_PEOPLE)]
    for row in rows:  # what is compared must be the same work
        mapped, by_hand = mapping.for_create(row, context.for_object()).values, map_by_hand(row)
        assert mapped == by_hand, (mapped, by_hand)
        assert scope(row).in_scope

    def engine() -> None:
        for row in rows:
            mapping.for_create(row, context.for_object())

    def hand() -> None:
        for row in rows:
            map_by_hand(row)

    def whole() -> None:
        for row in rows:
            if scope(row).in_scope:
                assembler(mapping.for_create(row, context.for_object()).values)

    timed: dict[str, list[float]] = {"engine": [], "hand": [], "whole": []}
    for _ in range(_ROUNDS):
        for name, work in (("engine", engine), ("hand", hand), ("whole", whole)):
            timed[name].append(_microseconds(work))
    tell(
        ratio=median(ours / theirs for ours, theirs in zip(timed["engine"], timed["hand"], strict=True)),
        **{name: median(values) for name, values in timed.items()},
    )


def _microseconds(work: Callable[[], None]) -> float:
    """CPU time per person."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1000 / _PEOPLE


if __name__ == "__main__":
    main()
