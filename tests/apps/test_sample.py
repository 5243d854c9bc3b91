"""The sample directory: diverse, harmless, the same every time."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from gallery_sdk.apps import write_sample_directory
from gallery_sdk.sources import SourceConfig, SourceObject, open_source


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The 200 people of the demo."""
    return _rows(write_sample_directory(tmp_path_factory.mktemp("sample")).people)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Tests and documentation can quote it; another seed gives other people."""
    first = write_sample_directory(tmp_path / "a", people=50, groups=5)
    second = write_sample_directory(tmp_path / "b", people=50, groups=5)
    other = write_sample_directory(tmp_path / "c", people=50, groups=5, seed=2)

    for one, two in zip(
        (first.people, first.groups, first.memberships), (second.people, second.groups, second.memberships), strict=True
    ):
        assert one.read_bytes() == two.read_bytes()
    assert first.people.read_bytes() != other.people.read_bytes()


def test_nobody_can_be_reached(people: list[dict[str, str]]) -> None:
    """Addresses and telephone numbers are of ranges that are reserved for this."""
    for one in people:
        assert re.fullmatch(r"[a-z][a-z.0-9]*@example\.com", one["userPrincipalName"])
        assert re.fullmatch(r"(\+1 \d{3} 555 01\d\d)?", one["telephoneNumber"])
        assert re.fullmatch(r"(\+44 7700 900\d{3})?", one["mobile"])


def test_keys_and_addresses_are_unique(people: list[dict[str, str]]) -> None:
    """Though names are not."""
    for column in ("id", "userPrincipalName", "employeeId"):
        assert len({one[column] for one in people}) == len(people) == 200


def test_names_are_as_diverse_as_people_are(people: list[dict[str, str]]) -> None:
    """Other scripts, apostrophes, blanks, one letter and very long."""
    names = [one["displayName"] for one in people]

    assert sum(not name.isascii() for name in names) > 60
    assert any("'" in name for name in names)
    assert any(len(name) > 30 for name in names)
    assert any(" " in one["givenName"] for one in people)
    assert {one["accountEnabled"] for one in people} == {"True", "False"}
    assert Counter(one["accountEnabled"] for one in people)["False"] < 20
    assert all(one["employeeId"].startswith("0") for one in people)


def test_managers_form_one_tree(people: list[dict[str, str]]) -> None:
    """Everyone but one has a manager, who stands earlier in the file."""
    seen: set[str] = set()
    for one in people:
        assert one["manager"] in seen or (not one["manager"] and not seen)
        seen.add(one["id"])


async def test_the_sample_is_a_source(tmp_path: Path) -> None:
    """It reads without a problem; groups have members, and one has none."""
    write_sample_directory(tmp_path, people=300, groups=15)
    source = open_source(
        SourceConfig(kind="csv", users="people.csv", groups="groups.csv", members="memberships.csv"), tmp_path
    )

    users = [page async for page in source.pages("user")]
    groups: list[SourceObject] = [one async for page in source.pages("group") for one in page.objects]

    assert sum(len(page.objects) for page in users) == 300
    assert [page.problems for page in users] == [[], []]
    known = {one.id for page in users for one in page.objects}
    assert all(set(group.members or ()) <= known for group in groups)
    assert len({str(group.attributes["displayName"]) for group in groups}) == len(groups) == 15
    assert [bool(group.members) for group in groups] == [True] * 14 + [False]
