"""A column that was probably meant: spelt otherwise, abbreviated or mistyped, and never just any other."""

from __future__ import annotations

import pytest

from gallery_sdk.sources import near_column


@pytest.mark.parametrize(
    ("name", "columns", "near"),
    [
        ("id", ["mail", "Id"], "Id"),
        ("jobTitle", ["title", "job_title"], "job_title"),
        ("jobTitle", ["Job Title", "jobtitel"], "Job Title"),
        ("userPrincipalName", ["mail", "UPN"], "UPN"),
        ("UPN", ["userPrincipalName"], "userPrincipalName"),
        ("jobTitle", ["jobtitel"], "jobtitel"),
        ("manager", ["managers"], "managers"),
        ("id", ["bid", "uid", "x"], None),
        ("city", ["country"], None),
        ("surname", ["givenName"], None),
        ("mobile", ["mail"], None),
        ("state", ["status"], None),
        ("id", [], None),
        ("äö", ["ÄÖ"], "ÄÖ"),
    ],
)
def test_a_near_name_is_found_and_a_far_one_is_not(name: str, columns: list[str], near: str | None) -> None:
    """The same letters before first letters before a slip of the finger."""
    assert near_column(name, columns) == near
