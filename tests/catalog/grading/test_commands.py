"""`gallery check` and `gallery submit`, as an author types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gallery_sdk.catalog.building import build
from gallery_sdk.catalog.grading import find_rule, find_tier, grade, missing
from gallery_sdk.catalog.grading.submitting import CHECKLIST
from gallery_sdk.cli.root import cli

from .conftest import DAY, Workshop, measuring

ROOT = Path(__file__).parents[3]


def gallery(*words: str) -> Result:
    """A command typed in this process."""
    result = CliRunner().invoke(cli, [*words, "--date", str(DAY)], prog_name="gallery")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def repository(workshop: Workshop) -> Path:
    """The gallery's repository, in which the workshop's connector stands; its catalog is of before."""
    root = workshop.path.parents[1]
    shutil.copytree(ROOT / "registry", root / "registry")
    (root / "catalog.json").write_bytes(build_without(root))
    return root


def build_without(root: Path) -> bytes:
    """The catalog without the connector."""
    kept = root / "kept"
    (root / "connectors").rename(kept)
    (root / "connectors").mkdir()
    built = build(root)
    (root / "connectors").rmdir()
    kept.rename(root / "connectors")
    return built.catalog


def test_check_tells_the_tier_and_what_is_missing(workshop: Workshop) -> None:
    """Rule, title and evidence of what keeps it back; exit status by --at-least alone."""
    workshop.record(origin="twin")
    workshop.act()

    shown = gallery("check", str(workshop.path))
    whole = gallery("check", str(workshop.path), "--rules")
    document = json.loads(gallery("check", str(workshop.path), "--json").stdout)
    asked = gallery("check", str(workshop.path), "--at-least", "gold")

    assert shown.exit_code == 0
    assert "silver" in shown.stdout
    assert "create_user is not recorded from the vendor" in shown.stdout
    assert "M01" not in shown.stdout and "M01" in whole.stdout
    assert document["connectors"][0]["tier"] == "silver"
    assert document["connectors"][0]["score"]["failed"] == 4
    assert asked.exit_code == 1


def test_show_grades_a_connector_that_is_installed_from_its_folder(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the evidence that the folder holds, with what keeps it from the next tier."""
    info = workshop.path / "gallery_connector_acme-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gallery-connector-acme\nVersion: 0.1.0\n", "utf-8")
    entry_point = next(iter(workshop.look().entry_points.values()))
    (info / "entry_points.txt").write_text(f"[gallery.connectors]\nacme = {entry_point}\n", "utf-8")
    monkeypatch.syspath_prepend(str(workshop.path))
    monkeypatch.setenv("GALLERY_NO_CACHE", "1")
    workshop.keep(measuring("large_group", filling=6)(workshop.act()))

    shown = CliRunner().invoke(cli, ["show", "acme"])

    report = find_tier("acme", "0.1.0", day=DAY)

    assert shown.exit_code == 0, shown.output
    assert "\nTier  " in shown.stdout and "What keeps it from " in shown.stdout
    assert report is not None and report.tier == "silver"
    told = [(one.id, one.evidence) for one in missing(report)]
    assert told == [("G03", "filling takes 6 requests, and 5 would do")]
    assert find_tier("nothing", "0.1.0", day=DAY) is None


def test_check_of_a_bare_manifest_has_no_tier(workshop: Workshop) -> None:
    """And says so where one is asked for."""
    manifest = str(workshop.package / "connector.toml")

    plain = gallery("check", manifest)
    asked = gallery("check", manifest, "--at-least", "bronze")

    assert plain.exit_code == 0 and "draft" not in plain.stdout
    assert asked.exit_code == 2
    assert "no tier" in asked.stderr


def test_explain_prints_the_rules_page(workshop: Workshop) -> None:
    """Why, and how to mend it; nothing is checked."""
    shown = gallery("check", "--explain", "k04")
    unknown = CliRunner().invoke(cli, ["check", "--explain", "X99", "nowhere"])

    assert shown.exit_code == 0
    assert find_rule("K04").why in shown.stdout
    assert unknown.exit_code == 2
    assert "no such rule" in unknown.stderr


def test_submit_shows_tier_checklist_catalog_and_page(workshop: Workshop, repository: Path) -> None:
    """Nothing is written: neither evidence nor catalog."""
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}

    shown = gallery("submit", str(workshop.path), "--dry-run", "--as-kept", "--root", str(repository))

    assert shown.exit_code == 0, shown.output
    assert "acme  gold" in shown.stdout
    assert "yes" in shown.stdout and "It was tried on a tenant of the vendor's" in shown.stdout
    assert "connector 'acme': it is new" in shown.stdout
    assert "Users: what is filled from what" in shown.stdout
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_submit_answers_each_item_by_its_rules(workshop: Workshop, repository: Path) -> None:
    """A rule that is not kept makes its item a no, and only that."""
    workshop.record(origin="twin")
    workshop.act()

    done = gallery("submit", str(workshop.path), "--dry-run", "--as-kept", "--json", "--root", str(repository))
    items = json.loads(done.stdout)["checklist"]

    assert [one["text"] for one in items] == [text for text, _ in CHECKLIST]
    assert [one["rules"] for one in items if one["answer"] == "no"] == [["K04"]]


def test_submit_writes_the_site_as_it_would_be(
    workshop: Workshop, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A reviewer looks at the page itself, and nothing of the repository changes."""
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    site = tmp_path_factory.mktemp("site")

    done = gallery(
        "submit", str(workshop.path), "--dry-run", "--as-kept", "--root", str(repository), "--site", str(site)
    )

    page = (site / "c" / "acme" / "index.html").read_text("utf-8")
    assert "/c/acme/" in done.stderr and "Not released yet." in page
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_submit_refuses_a_look_alike(workshop: Workshop, repository: Path) -> None:
    """A slug that is one letter from a listed one; a folder outside of the repository is tried in a copy."""
    outside = repository.parent / "outside" / "acne"
    shutil.copytree(workshop.path, outside)
    package = outside / "gallery_connector_acme"
    package.rename(outside / "gallery_connector_acne")
    for name in ("pyproject.toml", "gallery_connector_acne/connector.toml"):
        file = outside / name
        file.write_text(file.read_text("utf-8").replace("acme", "acne"), "utf-8")
    (repository / "catalog.json").write_bytes(build(repository).catalog)

    done = gallery("submit", str(outside), "--dry-run", "--as-kept", "--root", str(repository))

    assert done.exit_code == 1
    assert grade(outside, day=DAY).tier == "draft"
    assert sorted(path.name for path in (repository / "connectors").iterdir()) == ["acme"]


def test_every_item_of_the_checklist_names_rules_that_there_are() -> None:
    """A rule that was renamed would answer no for ever."""
    for _, ids in CHECKLIST:
        assert [find_rule(one).id for one in ids] == list(ids)
