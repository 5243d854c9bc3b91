"""The feed: what readers are told of changes, as RFC 4287 has it."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree

import pytest

from gallery_sdk.site import Publication, Site, SiteName, build_site
from gallery_sdk.site.changes import find_changes

from .conftest import URL, Html, Repository

_ATOM = {"a": "http://www.w3.org/2005/Atom"}


def _feed(site: Site) -> ElementTree.Element:
    return ElementTree.fromstring(site.files["changes/feed.atom"])


@pytest.mark.parametrize("kind", ["own", "varied"])
def test_the_feed_has_what_the_standard_asks_for(kind: str, request: pytest.FixtureRequest) -> None:
    """RFC 4287 section 4.1: id, title, updated, author and a link to itself; each entry with id, title, link."""
    feed = _feed(request.getfixturevalue(f"{kind}_site"))
    links = {one.get("rel"): one.get("href") for one in feed.findall("a:link", _ATOM)}
    entries = feed.findall("a:entry", _ATOM)
    ids = [one.findtext("a:id", "", _ATOM) for one in entries]

    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert feed.findtext("a:author/a:name", "", _ATOM)
    assert feed.findtext("a:id", "", _ATOM).startswith("urn:uuid:")
    assert links == {"self": f"{URL}changes/feed.atom", "alternate": f"{URL}changes/"}
    assert entries
    assert len(ids) == len(set(ids))
    for one in [feed, *entries]:
        assert one.findtext("a:title", "", _ATOM)
        assert datetime.fromisoformat(one.findtext("a:updated", "", _ATOM)).tzinfo is not None
    for one in entries:
        link = one.find("a:link", _ATOM)
        assert one.findtext("a:id", "", _ATOM).startswith("urn:uuid:")
        assert link is not None
        assert link.get("href", "").startswith(URL)


def test_the_newest_comes_first_and_dates_the_feed(varied_site: Site) -> None:
    """Readers look at the top, and skip a feed whose date they know."""
    feed = _feed(varied_site)
    days = [one.findtext("a:updated", "", _ATOM) for one in feed.findall("a:entry", _ATOM)]

    assert days == sorted(days, reverse=True)
    assert days[0] == feed.findtext("a:updated", "", _ATOM)
    assert len(set(days)) > 2


def test_releases_breaking_changes_and_withdrawals_are_told(varied_site: Site) -> None:
    """Each as its own kind, in the feed and on the page."""
    feed, page = _feed(varied_site), Html(varied_site.files["changes/index.html"].decode())
    titles = {
        (category.get("term"), one.findtext("a:title", "", _ATOM))
        for one in feed.findall("a:entry", _ATOM)
        for category in one.findall("a:category", _ATOM)
    }

    assert {
        ("release", "Alder 0.9.0"),
        ("breaking", "Maple 1.0.0 asks you to act"),
        ("withdrawal", "alder: versions ==0.9.0 withdrawn"),
    } <= titles
    for _, title in titles:
        assert title in page.all("main")[0].text


def test_an_entry_keeps_its_id_when_the_catalog_and_the_address_change(repository: Repository) -> None:
    """RFC 4287 section 4.2.6: a reader who has seen it is not shown it anew."""
    repository.connector("alder", version="1.1.0")
    repository.release("alder", "1.0.0", "2026-12-24")
    before = build_site(repository.publication())
    repository.connector("birch")
    repository.head(date="2027-02-01")
    after = build_site(repository.publication(), name=SiteName("Elsewhere", "https://elsewhere.example/"))

    ids = [
        {one.findtext("a:id", "", _ATOM) for one in _feed(site).findall("a:entry", _ATOM)} for site in (before, after)
    ]

    assert ids[0] < ids[1]


def test_a_version_that_is_not_released_is_not_called_a_release_of_that_day(varied_publication: Publication) -> None:
    """It is dated by the catalog, and says so."""
    change = next(one for one in find_changes(varied_publication) if one.title == "Cedar 1.2.0")

    assert change.day == varied_publication.catalog.generated.date()
    assert "not yet released" in change.text
