"""A site is the same wherever and whenever it is built, and can stand anywhere."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from gallery_sdk.catalog import build
from gallery_sdk.catalog.documents import digest
from gallery_sdk.site import Publication, Site, SiteName, build_site, publication_of

from .conftest import ROOT, URL, Html, Repository, Shown, told

_SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def test_two_builds_are_equal_to_the_byte(
    varied_publication: Publication, own_site: Site, own_publication: Publication
) -> None:
    """No clock, no order of a set, no path of this machine is in a site."""
    name = SiteName("Arboretum", URL)

    assert build_site(varied_publication, name=name).files == build_site(varied_publication, name=name).files
    assert build_site(own_publication, name=SiteName(url=URL), docs=ROOT / "docs").files == own_site.files
    assert not [name for name, data in own_site.files.items() if str(ROOT).encode() in data]


def test_the_site_map_names_each_page_once_by_its_whole_address(own_site: Site) -> None:
    """What is no page of its own, such as the feed and the page for lost readers, is not in it."""
    found = ElementTree.fromstring(own_site.files["sitemap.xml"]).findall("s:url", _SITEMAP)
    addresses = [one.findtext("s:loc", "", _SITEMAP) for one in found]
    pages = {f"{URL}{name.removesuffix('index.html')}" for name in own_site.files if name.endswith("index.html")}

    assert len(addresses) == len(set(addresses))
    assert set(addresses) == pages
    assert {date.fromisoformat(one.findtext("s:lastmod", "", _SITEMAP)) for one in found}
    assert f"Sitemap: {URL}sitemap.xml" in own_site.files["robots.txt"].decode()


def test_without_an_address_nothing_claims_one(varied_publication: Publication) -> None:
    """No site map, whose entries would have to be absolute, and no canonical addresses; the pages are the same else."""
    site = build_site(varied_publication)

    assert "sitemap.xml" not in site.files
    assert "Sitemap" not in site.files["robots.txt"].decode()
    told([name for name, data in site.files.items() if name.endswith(".html") and b"canonical" in data])


def test_a_title_and_an_address_of_ones_own_are_on_every_page(varied_site: Site) -> None:
    """Whoever publishes a catalog of their own calls it what they like."""
    for name, page in Shown.of(varied_site).pages.items():
        canonical = [one.attributes["href"] for one in page.all("link") if one.attributes["rel"] == "canonical"]
        assert page.all("title")[0].text.endswith(" · Arboretum"), name
        assert canonical == [f"{URL}{name.removesuffix('index.html')}"]


def test_the_page_for_lost_readers_finds_its_style_at_any_depth(varied_publication: Publication) -> None:
    """It is shown in place of `/a/b/c`, so its links begin at the server's root, below the site's own path."""
    site = build_site(varied_publication, name=SiteName(url="https://example.com/gallery/"))

    addresses = [value for _, value in Html(site.files["404.html"].decode()).values("href", "src") if value[0] != "#"]

    told([one for one in addresses if not one.startswith(("/gallery/", "https://example.com/gallery/"))])


def test_scripts_and_styles_change_their_names_with_their_content(varied_site: Site) -> None:
    """Caches may keep them for good: each page names the file that was made with it, and scripts name each other so."""
    assets = {name.removeprefix("static/") for name in varied_site.files if name.startswith("static/")}
    scripts = b"".join(data for name, data in varied_site.files.items() if name.startswith("static/home."))

    assert {name.split(".")[0] for name in assets} >= {"site", "theme", "page", "home", "search", "compare", "icon"}
    assert len({name.split(".")[1] for name in assets}) == 1
    assert f'"./{next(name for name in assets if name.startswith("search."))}"'.encode() in scripts


def test_beside_the_pages_lies_what_programs_read(own_publication: Publication, own_site: Site) -> None:
    """`gallery catalog update` gets the catalog, byte for byte, from where people look at it."""
    assert own_site.files["catalog.json"] == own_publication.files["catalog.json"]
    for one in own_publication.listed:
        assert digest(own_site.files[one.entry.detail.path]) == one.entry.detail.sha256
    assert {"schemas/catalog-1.json", "schemas/detail-1.json", "search.json"} <= own_site.files.keys()


def test_an_empty_catalog_is_a_site_too(repository: Repository) -> None:
    """A repository begins with nothing in it."""
    site = build_site(repository.publication(), name=SiteName(url=URL))

    assert "No connector yet." in site.files["index.html"].decode()


def test_one_broken_connector_hides_no_other(repository: Repository) -> None:
    """It is told of, and the rest is shown."""
    repository.connector("alder")
    repository.connector("birch").write_text("schema = ")

    built = repository.built()
    site = build_site(publication_of(built))

    assert [one.where.partition(",")[0] for one in built.problems] == [
        "connectors/birch/gallery_connector_birch/connector.toml"
    ]
    assert "c/alder/index.html" in site.files
    assert "c/birch/index.html" not in site.files


@pytest.fixture(scope="module")
def ungraded() -> Site:
    """This repository's catalog without tiers."""
    return build_site(publication_of(build(ROOT)))


def test_a_catalog_without_tiers_is_shown_without_them(ungraded: Site) -> None:
    """Nobody is called a draft whom nobody graded."""
    page = Html(ungraded.files["c/slack/index.html"].decode())

    assert "Not graded" in ungraded.files["index.html"].decode()
    assert not [one for _, one in page.values("id") if one == "tier"]
    assert "Why this tier" not in page.source
    assert "0 connectors" in Html(ungraded.files["tier/index.html"].decode()).all("main")[0].text


def test_a_connector_page_says_everything_that_its_manifest_says(own_publication: Publication, own_site: Site) -> None:
    """Every mapping, quirk, way to sign in, step and rule is on the page, without a script's help."""
    for one in own_publication.listed:
        page = Html(own_site.files[f"c/{one.slug}/index.html"].decode())
        text = " ".join(page.all("main")[0].text.split())
        links = {value for _, value in page.values("href")}
        rows = sum(len(mappings) for mappings in one.manifest.mappings.values())
        tables = [table for table in page.all("table") if "mappings" in table.classes]
        told([f"{one.slug}: {step.title}" for step in one.manifest.setup if step.title not in text])
        told([f"{one.slug}: {quirk.id}" for quirk in one.manifest.quirks if f"../../quirks/{quirk.id}/" not in links])
        assert sum(_rows(page, table) for table in tables) == rows
        assert one.detail.tier is not None
        told(
            [
                f"{one.slug}: {rule.id}"
                for rule in one.detail.tier.rules
                if f"../../rules/{rule.id.lower()}/" not in links
            ]
        )
        told([f"{one.slug}: {rule.evidence}" for rule in one.detail.tier.rules if _flat(rule.evidence) not in text])


def test_what_a_machine_reads_is_set_off_and_shows_no_backtick(own_site: Site) -> None:
    """On every page of the gallery: texts of manifests, wordings and documents."""
    problems = []
    for name, data in own_site.files.items():
        if name.endswith(".html"):
            text = re.sub(r"<(pre|code|script)\b.*?</\1>|<[^>]*>", " ", data.decode(), flags=re.DOTALL)
            problems += [f"{name}: {text[max(0, at - 40) : at + 20]!r}" for at in [text.find("`")] if at >= 0]

    told(problems)


def test_documents_are_listed_with_their_first_words(own_site: Site) -> None:
    """Whoever looks for one need not open all."""
    listed = Html(own_site.files["docs/index.html"].decode()).all("main")[0].text

    assert "This page builds a small connector, from nothing to a passing contract suite" in listed
    assert "From a file of people to accounts in an app, in a few minutes and without any account" in listed


def _flat(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def _rows(page: Html, table: object) -> int:
    return sum(1 for row in page.all("tr") if row.parent and row.parent.tag == "tbody" and row.parent.parent is table)
