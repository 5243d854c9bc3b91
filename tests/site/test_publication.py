"""What a site is made of: a catalog that was built here, or one that somebody published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.catalog import CatalogError
from gallery_sdk.site import SiteName, build_site, publication_of, read_publication

from .conftest import URL, Repository, Shown, published, report, told


@pytest.fixture
def two(repository: Repository) -> Repository:
    """Alder and Birch."""
    repository.connector("alder")
    repository.connector("birch")
    return repository


def test_a_published_catalog_makes_the_site_that_its_repository_makes(two: Repository, tmp_path: Path) -> None:
    """With the same bytes; the signature goes along where there is one."""
    built = two.built({"alder": "silver"})
    place = published(built, tmp_path / "out")

    assert build_site(read_publication(place)).files == build_site(publication_of(built)).files
    (place / "catalog.json.sig").write_bytes(b"signed")
    signed = build_site(read_publication(place))
    assert signed.files["catalog.json.sig"] == b"signed"
    assert signed.files["catalog.json"] == (place / "catalog.json").read_bytes()
    assert "/catalog.json.sig" in signed.files["api/index.html"].decode()


def test_a_document_that_was_changed_is_refused(two: Repository, tmp_path: Path) -> None:
    """The catalog, which is signed, names each document's hash: one byte more and nothing is shown."""
    place = published(two.built(), tmp_path / "out")
    path = place / "c" / "alder.json"
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(CatalogError, match=r"c/alder\.json: the document is not the one that the catalog names"):
        read_publication(place)


def test_a_document_that_is_missing_is_named(two: Repository, tmp_path: Path) -> None:
    """So is a folder that holds no catalog."""
    place = published(two.built(), tmp_path / "out")
    (place / "c" / "birch.json").unlink()

    with pytest.raises(CatalogError, match=r"birch\.json: the file is missing"):
        read_publication(place)
    with pytest.raises(CatalogError, match="there is no catalog"):
        read_publication(tmp_path)


def test_what_only_a_later_sdk_knows_is_shown_by_its_id(two: Repository, tmp_path: Path) -> None:
    """A category, kind of sign-in, protocol, ability or rule without words here: the pages stand, and links lead."""

    def later(catalog: dict[str, Any]) -> None:
        entry = catalog["connectors"][0]
        for name in ("categories", "auth", "quirks"):
            entry[name] = [*entry[name], f"later-{name}"]
        entry.update(transport="later", more={"field": 1}, replaced_by="nobody", status="deprecated")
        entry["capabilities"]["user"].append("clone")

    def later_detail(detail: dict[str, Any]) -> None:
        rules = report("bronze").model_dump(mode="json")
        rules["rules"].append({"id": "Z99", "tier": "gold", "status": "failed", "evidence": "seen"})
        detail.update(tier=rules, more=[1])
        detail["manifest"].update(replaced_by="nobody", status="deprecated")

    place = published(two.built(), tmp_path / "out", catalog=later, details=later_detail)
    publication = read_publication(place)
    shown = Shown.of(build_site(publication, name=SiteName(url=URL)))
    page = shown.pages["c/alder/index.html"]

    assert publication.problems == ()
    for path in ("category/later-categories", "auth/later-auth", "protocol/later"):
        assert "Alder" in shown.pages[f"{path}/index.html"].all("main")[0].text
    assert "Z99" in page.all("main")[0].text
    assert "nobody" in page.all("main")[0].text
    told(
        [
            f"{name}: {address}"
            for name, one in shown.pages.items()
            for _, address in one.values("href")
            if "z99" in address or "nobody" in address
        ]
    )


@pytest.mark.parametrize("where", ["detail", "entry"])
def test_a_connector_that_asks_for_a_later_sdk_hides_no_other(two: Repository, tmp_path: Path, where: str) -> None:
    """It is told of, and nothing links to a page that it does not have."""

    def later_detail(detail: dict[str, Any]) -> None:
        if detail["slug"] == "birch" and where == "detail":
            detail["manifest"]["quirk"] = [{"id": "later.quirk", "value": 1}]

    def later(catalog: dict[str, Any]) -> None:
        if where == "entry":
            catalog["connectors"][1]["status"] = "dormant"

    two.head('[[withdrawn]]\nslug = "birch"\nseverity = "withdrawn"\nreason = "R"\nsince = 2027-01-10\n')
    place = published(two.built(), tmp_path / "out", catalog=later, details=later_detail)
    publication = read_publication(place)
    shown = Shown.of(build_site(publication))

    assert [one.slug for one in publication.listed] == ["alder"]
    assert ["birch" in str(one) for one in publication.problems] == [True]
    assert "c/alder/index.html" in shown.pages
    told([name for name, page in shown.pages.items() for _, address in page.values("href") if "c/birch/" in address])
