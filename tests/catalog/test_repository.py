"""This repository's own catalog is what its folders say. When this fails: `gallery catalog build`, and commit."""

from __future__ import annotations

from pathlib import Path

from gallery_sdk.catalog.building import build
from gallery_sdk.catalog.grading import grader
from gallery_sdk.catalog.publishing import compare_with_written
from gallery_sdk.catalog.registry import read_registry

ROOT = Path(__file__).parents[2]


def test_catalog_and_schemas_are_up_to_date() -> None:
    """Nobody edited them, and nobody forgot them; every connector is listed."""
    built = build(ROOT, grade=grader(read_registry(ROOT).head.date))

    assert [str(problem) for problem in built.problems] == []
    assert [f"{one.where}: {one.what}" for one in compare_with_written(built, ROOT)] == []
