"""Tiers: what leads to them, what caps them, and that nothing but files does."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gallery_sdk.catalog.grading import find_rule, grade, grader, missing, rules
from gallery_sdk.errors import GalleryError

from .conftest import DAY, LIMITATIONS, Workshop

WAIVER = '\n[tests]\nwaive = [{{ test = "{rule}", reason = "the vendor is asked", until = {until} }}]\n'


def waive(workshop: Workshop, rule: str, until: date) -> None:
    """Append a waiver, and act the changed source."""
    file = workshop.package / "connector.toml"
    file.write_text(file.read_text("utf-8") + WAIVER.format(rule=rule, until=until), "utf-8")
    workshop.act()


def test_a_connector_that_keeps_all_rules_is_gold(workshop: Workshop) -> None:
    """And platinum is for what its vendor signed for."""
    report = workshop.grade()

    assert [
        f"{one.id}: {one.evidence}" for one in report.rules if one.status == "failed" and one.tier != "platinum"
    ] == []
    assert report.tier == "gold"
    assert {one.id for one in missing(report)} == {"V01", "V02", "Z02"}


def test_what_the_vendor_signed_for_is_platinum(workshop: Workshop) -> None:
    """Confirmed by the vendor, built in public, and reading changes; whoever wrote it."""
    builder, vendor = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    wheel = workshop.release()
    workshop.attest(wheel, builder)
    workshop.trust(builder)
    workshop.confirm(wheel, vendor)
    workshop.know_vendor(vendor)
    workshop.manifest('features = ["', 'features = ["delta", "')
    workshop.act()

    assert workshop.grade().tier == "platinum"
    assert missing(workshop.grade()) == []


def test_a_connector_proved_on_its_twin_is_silver_at_most(workshop: Workshop) -> None:
    """Gold needs the vendor's own answers; a waiver does not help."""
    workshop.record(origin="twin")
    workshop.act()
    on_twin = workshop.grade().tier
    waive(workshop, "K04", DAY + timedelta(days=30))
    waived = workshop.grade()

    assert on_twin == "silver"
    assert waived.tier == "silver"
    assert "no waiver stands in" in workshop.outcome("K04").evidence


def test_a_waiver_caps_the_tier_at_silver(workshop: Workshop) -> None:
    """Its reason and its end are shown, and what keeps the connector from gold is the waiver."""
    workshop.manifest(f"limitations = {LIMITATIONS}", "limitations = []")
    workshop.manifest('"deactivate", "delete"]', '"deactivate"]')
    workshop.act()
    before = workshop.grade().tier
    waive(workshop, "D03", DAY + timedelta(days=30))

    report = workshop.grade()

    assert before == "bronze"
    assert report.tier == "silver"
    assert report.score.waived == 1
    assert "the vendor is asked (until 2027-02-19)" in workshop.outcome("D03").evidence
    assert [one.id for one in missing(report)] == ["D03", "G02"]  # what becomes of nested groups was said there, too


@pytest.mark.parametrize(
    ("days", "said"), [(-1, "ended on 2027-01-19"), (181, "180 days are the most")], ids=["over", "too-long"]
)
def test_a_waiver_ends(workshop: Workshop, days: int, said: str) -> None:
    """One that is over, or that runs for longer than 180 days, is none."""
    workshop.manifest("[[setup]]", '[[setup]]\nurl = "https://docs.example.com/x"')
    waive(workshop, "D02", DAY + timedelta(days=days))

    assert workshop.outcome("D02").status == "failed"
    assert said in workshop.outcome("D02").evidence
    assert workshop.grade().tier == "bronze"


def test_evidence_counts_for_its_own_source_alone(workshop: Workshop) -> None:
    """One changed byte of what is shipped, and it must be acted again."""
    workshop.edit("gallery_connector_acme/target.py", "page_size = 100", "page_size = 101")
    changed = workshop.grade()
    workshop.act()

    assert changed.tier == "draft"
    assert "changed since it was acted" in next(one for one in changed.rules if one.id == "T01").evidence
    assert workshop.grade().tier == "gold"


def test_replays_count_for_their_own_recordings_alone(workshop: Workshop) -> None:
    """A recording that was made anew must be replayed."""
    workshop.record(body="interactions: []\nversion: 1\n")

    assert workshop.outcome("K02").status == "failed"
    assert workshop.grade().tier == "bronze"


def test_a_grade_is_the_same_each_time_and_changes_nothing(workshop: Workshop) -> None:
    """A function of files and a day."""
    files = {path: path.read_bytes() for path in workshop.path.rglob("*") if path.is_file()}

    first, second = (grade(workshop.path, day=DAY) for _ in range(2))

    assert first == second
    assert {path: path.read_bytes() for path in workshop.path.rglob("*") if path.is_file()} == files


def test_a_manifest_that_cannot_be_read_is_a_draft(workshop: Workshop) -> None:
    """With the reason, and no traceback."""
    workshop.manifest("schema = 1", "schema = = 1")

    report = grade(workshop.path, day=DAY)

    assert report.tier == "draft"
    assert [(one.id, one.status) for one in report.rules] == [("M01", "failed")]
    assert "TOML" in report.rules[0].evidence


def test_evidence_that_cannot_be_read_is_a_draft(workshop: Workshop) -> None:
    """Nothing is believed of it."""
    (workshop.path / "evidence.json").write_text('{"source_sha256": 7}')

    report = grade(workshop.path, day=DAY)

    assert report.tier == "draft"
    assert "evidence" in report.rules[0].evidence


def test_a_package_hosted_elsewhere_has_no_tier(tmp_path: Path) -> None:
    """Its manifest alone proves nothing."""
    (tmp_path / "acme.toml").write_text("schema = 1\n")

    assert grader(DAY)(tmp_path) is None


def test_every_rule_has_its_page() -> None:
    """What is asked, why, how to mend it, and whether a waiver helps."""
    for one in rules():
        page = one.page()
        assert page.startswith(f"{one.id} ({one.tier}): ")
        assert "Why: " in page and "To mend it: " in page and "aiver" in page
        assert len(one.why) > 20 and len(one.mend) > 10
        assert find_rule(one.id.lower()) is one
    with pytest.raises(GalleryError, match="no such rule"):
        find_rule("X99")
