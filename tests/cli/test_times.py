"""Moments with their zone, durations in words, and how far back a person means."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import click
import pytest

import gallery_sdk.cli
from gallery_sdk.cli.times import SinceType, duration, local_time, local_times, utc_text


def test_times_are_local_and_name_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same moment for people and for programs."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        assert local_time(1_764_037_330) == "2025-11-25 03:22:10 CET"
        assert local_times([1_764_037_330]) == ("TIME (CET)", ["2025-11-25 03:22:10"])
        title, shown = local_times([1_764_037_330, 1_750_000_000])
        assert title == "TIME"
        assert shown[1].endswith("CEST")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert utc_text(1_764_037_330) == "2025-11-25T02:22:10Z"
    assert (local_time(None), utc_text(None)) == ("never", None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.96, "10.0 s"), (42.4, "42 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
    ids=str,
)
def test_durations_in_words(seconds: float, text: str) -> None:
    """Two units are enough."""
    assert duration(seconds) == text


def test_since_counts_back_or_names_a_moment() -> None:
    """2h is two hours ago; a date is its beginning here."""
    since = SinceType()

    assert abs(since.convert("2h", None, None) - (time.time() - 7200)) < 5
    assert since.convert("2026-11-25T03:00:00+00:00", None, None) == 1_795_575_600
    with pytest.raises(click.BadParameter, match="'yesterday' is no time"):
        since.convert("yesterday", None, None)


@pytest.mark.parametrize("module", sorted(Path(gallery_sdk.cli.__file__).parent.glob("*.py")), ids=lambda one: one.stem)
def test_no_class_needs_a_click_that_is_newer_than_the_oldest_allowed(module: Path) -> None:
    """`click.ParamType` and `click.Choice` cannot be subscripted in 8.1: a command would end while it is loaded."""
    tree = ast.parse(module.read_text("utf-8"))

    generic = [
        ast.unparse(base)
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef)
        for base in one.bases
        if isinstance(base, ast.Subscript) and ast.unparse(base.value).startswith("click.")
    ]

    assert generic == []
