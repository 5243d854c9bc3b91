"""This repository's own catalog is what its folders say. When this fails: `gallery catalog build`, and commit."""

from __future__ import annotations

from pathlib import Path

from gallery_sdk.catalog import parse_catalog
from gallery_sdk.catalog.grading import build_graded
from gallery_sdk.catalog.publishing import compare_with_written

ROOT = Path(__file__).parents[2]


def test_catalog_and_schemas_are_up_to_date() -> None:
    """Nobody edited them, and nobody forgot them; every connector is listed."""
    built = build_graded(ROOT)

    assert [str(problem) for problem in built.problems] == []
    assert [f"{one.where}: {one.what}" for one in compare_with_written(built, ROOT)] == []


def test_the_project_publishes_under_one_name() -> None:
    """A publisher is known by its name: two spellings would be two publishers."""
    listed = parse_catalog((ROOT / "catalog.json").read_bytes()).connectors

    names = {one.publisher.name for one in listed if one.publisher is not None and one.publisher.kind == "project"}

    assert names == {"Gallery"}
