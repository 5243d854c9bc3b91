"""This repository's own connectors are graded, and say why they stand where they stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gallery_sdk.catalog.folders import connector_folders
from gallery_sdk.catalog.grading import TIERS, collect, judge, look_at, missing, rules
from gallery_sdk.catalog.registry import read_registry

ROOT = Path(__file__).parents[3]
FOLDERS = connector_folders(ROOT)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_connector_is_graded_and_says_what_keeps_it_back(folder: Path) -> None:
    """All rules are answered; below platinum at least one reason is given, and never gold without the vendor."""
    seen = look_at(folder, read_registry(ROOT).head.date)

    report = judge(seen)
    reasons = missing(report)

    assert [one.id for one in report.rules] == [one.id for one in rules()]
    assert all(one.evidence for one in report.rules)
    assert report.tier == "platinum" or reasons
    if not any(one.header is not None and one.header.origin == "vendor" for one in seen.cassettes):
        assert TIERS.index(report.tier) <= TIERS.index("silver")


def test_a_connector_is_acted_without_being_touched() -> None:
    """The generic connector, acted for real: every promise kept, its capabilities true, nothing written."""
    folder = ROOT / "connectors" / "scim"
    seen = look_at(folder, date(2026, 11, 25))
    before = {path for path in folder.rglob("*") if "__pycache__" not in path.parts}

    seen.kept = collect(seen)
    report = judge(seen)

    assert TIERS.index(report.tier) >= TIERS.index("bronze"), [one for one in report.rules if one.status == "failed"]
    assert len(seen.kept.contract) > 25
    assert seen.kept.wheel is not None and seen.kept.wheel.reproducible
    assert {path for path in folder.rglob("*") if "__pycache__" not in path.parts} == before
