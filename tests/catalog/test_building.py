"""catalog.json says what the repository says: the same to the byte, and nothing more."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gallery_sdk.catalog.building import build
from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.folders import read_folder, source_sha256
from gallery_sdk.catalog.models import Catalog, parse_catalog
from gallery_sdk.catalog.publishing import bump, compare_with_written, release, write
from gallery_sdk.catalog.registry import InvalidRegistryError
from gallery_sdk.catalog.tiers import RuleOutcome, TierReport
from gallery_sdk.errors import ConfigError, GalleryError

from .conftest import Repository, Wheel, manifest_text


def _entry(catalog: bytes, slug: str) -> dict[str, object]:
    rows: list[dict[str, object]] = json.loads(catalog)["connectors"]
    return next(row for row in rows if row["slug"] == slug)


def test_two_builds_of_one_repository_are_equal_to_the_byte(repository: Repository, tmp_path: Path) -> None:
    """Neither the folder's place, nor times, nor the order of hashing counts."""
    for slug in ("slack", "acme", "zoom"):
        repository.connector(slug)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(repository.root, elsewhere)
    for path in elsewhere.rglob("*"):
        os.utime(path, (1, 1))
    (elsewhere / "connectors/slack/gallery_connector_slack/__pycache__").mkdir()
    (elsewhere / "connectors/slack/gallery_connector_slack/__pycache__/x.pyc").touch()
    code = "import sys; from pathlib import Path; from gallery_sdk.catalog.building import build; "
    code += "sys.stdout.buffer.write(build(Path(sys.argv[1])).catalog)"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}

    here = repository.build()
    there = subprocess.run([sys.executable, "-c", code, str(elsewhere)], env=environment, capture_output=True)

    assert here.catalog == there.stdout
    assert [row["slug"] for row in json.loads(here.catalog)["connectors"]] == ["acme", "slack", "zoom"]


def test_every_detail_document_is_pinned_by_its_hash(repository: Repository) -> None:
    """Index and details cannot be mixed from two builds."""
    repository.connector("acme")

    built = repository.build()

    entry = parse_catalog(built.catalog).by_slug["acme"]
    assert digest(built.details[entry.detail.path]) == entry.detail.sha256
    detail = json.loads(built.details["c/acme.json"])
    assert detail["manifest"]["slug"] == "acme"
    assert detail["guide"] == "## Make a token\n"
    assert detail["tier"] is None and entry.tier is None


def test_before_a_release_source_and_manifest_are_pinned(repository: Repository) -> None:
    """Every shipped byte counts; there is no wheel to install yet."""
    folder = repository.connector("acme")
    before = parse_catalog(repository.build().catalog).by_slug["acme"].releases[0]
    (folder / "gallery_connector_acme" / "plugin.py").write_text("x = 1\n")

    after = parse_catalog(repository.build().catalog).by_slug["acme"].releases[0]

    assert before.files == () and before.released is None
    assert before.source_sha256 != after.source_sha256
    assert before.manifest_sha256 == after.manifest_sha256


def test_the_hash_of_the_source_can_be_checked_by_hand(repository: Repository) -> None:
    """It is that of what `sha256sum` prints, as registry/README.md says."""
    folder = repository.connector("acme")
    (folder / "gallery_connector_acme" / ".hidden").write_text("no")

    names = ["README.md"] + [f"gallery_connector_acme/{name}" for name in ("__init__.py", "connector.toml", "setup.md")]
    lines = [f"{digest((folder / name).read_bytes())}  {name}\n" for name in [*names, "pyproject.toml"]]
    assert source_sha256(read_folder(folder)) == digest("".join(lines).encode())


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda folder: (folder / "pyproject.toml").unlink(), "pyproject.toml"),
        (lambda folder: (folder / "gallery_connector_acme/connector.toml").write_text("slug ="), "not TOML"),
        (lambda folder: (folder / "gallery_connector_acme/connector.toml").unlink(), "connector.toml"),
        (lambda folder: (folder / "pyproject.toml").write_bytes(b"\xff"), "cannot be read"),
        (lambda folder: folder.rename(folder.with_name("other")), "not named after the slug"),
        (
            lambda folder: (folder / "gallery_connector_acme/connector.toml").write_text(
                manifest_text("acme", version="2.0.0")
            ),
            "is not the manifest's",
        ),
    ],
    ids=["no project", "torn manifest", "no manifest", "not UTF-8", "renamed", "two versions"],
)
def test_a_broken_connector_hides_no_other(repository: Repository, spoil: object, word: str) -> None:
    """It is left out and told; the others are listed as if it were not there."""
    repository.connector("acme")
    repository.connector("slack")
    spoil(repository.root / "connectors" / "acme")  # type: ignore[operator]

    built = repository.build()

    assert [row["slug"] for row in json.loads(built.catalog)["connectors"]] == ["slack"]
    assert any(word in str(problem) for problem in built.problems)


def test_a_grade_that_fails_costs_only_the_grade(repository: Repository) -> None:
    """Tiers come from a callable; where it fails the tier is null and the failure told."""
    repository.connector("acme")
    repository.connector("slack")

    def grade(folder: Path) -> TierReport:
        if folder.name == "acme":
            raise ValueError("no")
        return TierReport(tier="silver", rules=(RuleOutcome(id="M01", tier="bronze", status="passed"),))

    built = build(repository.root, grade=grade)

    assert _entry(built.catalog, "acme")["tier"] is None
    assert _entry(built.catalog, "slack")["tier"] == "silver"
    assert _entry(built.catalog, "slack")["score"] == {"passed": 1, "failed": 0, "waived": 0, "not_applicable": 0}
    assert "ValueError" in str(built.problems[0])


def test_two_packages_that_claim_one_slug_are_both_left_out(repository: Repository) -> None:
    """Which one is meant is not for a program to guess."""
    repository.connector("acme")
    repository.connector("slack")
    repository.outside("acme", Wheel("acme", dist="acme-gallery"))

    built = repository.build()

    assert [row["slug"] for row in json.loads(built.catalog)["connectors"]] == ["slack"]
    assert sum("both claim the slug 'acme'" in str(one) for one in built.problems) == 2


def test_a_slug_that_looks_like_an_established_one_is_refused(repository: Repository) -> None:
    """Whoever was released stays; the registry can say that both are meant."""
    repository.outside("slack", Wheel("slack"))
    repository.connector("s1ack")

    refused = repository.build()
    repository.head(more='distinct = [["s1ack", "slack"]]\n')
    allowed = repository.build()

    assert [row["slug"] for row in json.loads(refused.catalog)["connectors"]] == ["slack"]
    assert "looks like 'slack'" in str(refused.problems[0])
    assert [row["slug"] for row in json.loads(allowed.catalog)["connectors"]] == ["s1ack", "slack"]


def test_only_its_publisher_may_list_an_outside_package(repository: Repository) -> None:
    """The registry names who may; a manifest of somebody else is refused."""
    repository.outside("acme", Wheel("acme"), publisher="Somebody else")

    built = repository.build()

    assert json.loads(built.catalog)["connectors"] == []
    assert "'Ada' as publisher" in str(built.problems[0])


def test_check_tells_stale_and_edited_files_apart_from_good_ones(repository: Repository) -> None:
    """Everything that was written passes; any other byte does not."""
    folder = repository.connector("acme")
    write(repository.build(), repository.root)
    catalog = repository.root / "catalog.json"

    assert compare_with_written(repository.build(), repository.root) == []

    catalog.write_text(catalog.read_text().replace('"tier": null', '"tier": "gold"'))
    edited = compare_with_written(repository.build(), repository.root)
    write(repository.build(), repository.root)
    (folder / "gallery_connector_acme" / "setup.md").write_text("Other words\n")
    stale = compare_with_written(repository.build(), repository.root)
    catalog.write_bytes(repository.build().catalog.replace(b"\n", b"\r\n"))
    other_bytes = compare_with_written(repository.build(), repository.root)

    assert [(one.where, one.what) for one in edited] == [("catalog.json, connector 'acme'", "changed: tier")]
    assert [one.what for one in stale] == ["changed: detail, releases"]
    assert [one.what for one in other_bytes] == ["it says the same in other bytes"]


def test_a_publication_holds_details_and_forgets_old_ones(repository: Repository, tmp_path: Path) -> None:
    """The repository gets catalog.json and schemas/ alone."""
    repository.connector("acme")
    repository.connector("slack")
    out = tmp_path / "out"
    write(repository.build(), repository.root, out)
    shutil.rmtree(repository.root / "connectors" / "slack")

    again = write(repository.build(), repository.root, out)
    nothing = write(repository.build(), repository.root, out)

    assert sorted(path.name for path in (out / "c").iterdir()) == ["acme.json"]
    assert not (repository.root / "c").exists()
    assert sorted(path.name for path in again) == ["catalog.json", "catalog.json"]
    assert nothing == []


def test_bump_raises_the_number_and_never_goes_back(repository: Repository) -> None:
    """Comments in the registry stay; a date before the present one is refused."""
    from datetime import date

    head = bump(repository.root, date(2027, 2, 1))

    assert (head.version, head.date) == (2, date(2027, 2, 1))
    assert (repository.root / "registry/catalog.toml").read_text().startswith("# kept\n")
    catalog = Catalog.model_validate_json(repository.build().catalog)
    assert (catalog.version, f"{catalog.expires:%Y-%m-%d}") == (2, "2027-05-02")
    with pytest.raises(ConfigError, match="is before"):
        bump(repository.root, date(2027, 1, 1))


def test_a_release_is_reproducible_and_final(repository: Repository, tmp_path: Path) -> None:
    """Two builds of one tree are one wheel; a folder that changes under a released version is refused."""
    from datetime import date

    folder = repository.connector("acme")
    first = release(repository.root, ["acme"], tmp_path / "dist", day=date(2027, 1, 18))
    (repository.root / "registry/releases.toml").rename(tmp_path / "releases.toml")
    os.utime(folder / "pyproject.toml", (5, 5))
    second = release(repository.root, ["acme"], tmp_path / "again", day=date(2027, 1, 18))

    listed = parse_catalog(repository.build().catalog).by_slug["acme"]
    (folder / "gallery_connector_acme" / "plugin.py").write_text("x = 1\n")
    changed = repository.build()

    assert (tmp_path / "releases.toml").read_bytes() == (repository.root / "registry/releases.toml").read_bytes()
    assert first[0][0] == second[0][0]
    assert [one.sha256 for one in listed.releases[0].files] == [digest(first[0][1].read_bytes())]
    assert str(listed.updated) == "2027-01-18"
    assert "is not what was released as 1.0.0" in str(changed.problems[0])
    with pytest.raises(GalleryError, match="released already"):
        release(repository.root, ["acme"], tmp_path / "third", day=date(2027, 1, 19))


@pytest.mark.parametrize("name", ["setup.md", "data.txt", "README.md"])
def test_a_link_out_of_its_folder_publishes_nothing(repository: Repository, tmp_path: Path, name: str) -> None:
    """A guide that is a link to a key of whoever publishes would be on the site; the other connectors are."""
    (tmp_path / "secret").write_text("of whoever publishes")
    repository.connector("acme")
    folder = repository.connector("slack")
    place = folder / name if name == "README.md" else folder / "gallery_connector_slack" / name
    place.unlink(missing_ok=True)
    place.symlink_to(tmp_path / "secret")

    built = repository.build()

    assert list(built.details) == ["c/acme.json"]
    assert [problem.what for problem in built.problems] == ["it is a link that leads out of the folder"]


def test_a_released_wheel_holds_the_folder_and_nothing_else(repository: Repository, tmp_path: Path) -> None:
    """Told by pyproject.toml, a build backend takes any file of the machine along."""
    from datetime import date

    (tmp_path / "secret").write_text("of whoever publishes")
    folder = repository.connector("acme")
    project = folder / "pyproject.toml"
    more = "[tool.hatch.build.targets.wheel.force-include]\n"
    project.write_text(f'{project.read_text()}{more}"{tmp_path / "secret"}" = "gallery_connector_acme/data.txt"\n')

    with pytest.raises(GalleryError, match=r"would hold 'gallery_connector_acme/data\.txt'"):
        release(repository.root, ["acme"], tmp_path / "out", day=date(2027, 1, 15))

    assert not list((tmp_path / "out").iterdir())
    assert not (repository.root / "registry" / "releases.toml").exists()


def test_the_registry_is_read_strictly(repository: Repository) -> None:
    """A word that is misspelt would be believed to hold; it is refused with the nearest one."""
    repository.head(more="valid_day = 3\n")

    with pytest.raises(InvalidRegistryError, match="Did you mean 'valid_days'"):
        repository.build()


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda text: text.replace("gallery-connector-acme", "gallery-connector-slack"), "another connector's"),
        (lambda text: text.replace('version = "1.0.0"', 'version = "1.0.1"'), "the newest release is 1.0.1"),
        (lambda text: re.sub('manifest_sha256 = "..', 'manifest_sha256 = "00', text), "is not that of acme.toml"),
    ],
    ids=["a reserved name", "another version", "another manifest"],
)
def test_an_outside_package_must_agree_with_its_manifest(
    repository: Repository, spoil: Callable[[str], str], word: str
) -> None:
    """Name, version and bytes; what does not agree is not listed."""
    repository.outside("acme", Wheel("acme"))
    path = repository.root / "registry" / "packages.toml"
    path.write_text(spoil(path.read_text()))

    built = repository.build()

    assert json.loads(built.catalog)["connectors"] == []
    assert word in str(built.problems[0])
