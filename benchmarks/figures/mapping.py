"""Mapping one person: 15 default attributes against a hand-written Python function."""

from __future__ import annotations

from ..report import Aim, Row
from ..running import run_child, typical

_RUNS = 3


def measure() -> list[Row]:
    """The mapping alone has an aim; with scope and JSON shape it is for information."""
    samples = [run_child("mapping") for _ in range(_RUNS)]
    hand, engine, whole = (typical(samples, name) for name in ("hand", "engine", "whole"))
    return [
        Row(
            "map",
            "mapping 15 attributes, of hand-written Python",
            typical(samples, "ratio"),
            aim=Aim("at most", 2.5),
            ours=f"{engine:.2f} µs",
            peer=f"{hand:.2f} µs",
        ),
        Row(
            "map",
            "people scoped, mapped and shaped per CPU second",
            1e6 / whole,
            unit="/s",
            ours=f"{whole:.2f} µs",
        ),
    ]
