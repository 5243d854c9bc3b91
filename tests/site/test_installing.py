"""What a page tells to type in order to install works as it is."""

from __future__ import annotations

from gallery_sdk.site import Publication, Site, build_site

from .conftest import Html, Repository


def _commands(site: Site, page: str) -> list[str]:
    return [command for _, command in Html(site.files[page].decode()).values("data-copy")]


def test_a_connector_page_names_an_installation_that_works(varied_publication: Publication, varied_site: Site) -> None:
    """Birch has a release, the one of Alder is withdrawn, Cedar has none."""
    birch, alder, cedar = (_commands(varied_site, f"c/{name}/index.html") for name in ("birch", "alder", "cedar"))

    assert birch[-2:] == ["gallery install birch", "gallery add birch"]
    assert alder[-1] == "gallery add alder" and not any(" install " in command for command in alder)
    assert "each is withdrawn or a pre-release" in varied_site.files["c/alder/index.html"].decode()
    assert cedar[-2:] == ["pip install -e connectors/cedar", "gallery add cedar"]
    assert "Not released yet." in varied_site.files["c/cedar/index.html"].decode()
    for one in varied_publication.listed:
        named = f"gallery install {one.slug}" in _commands(varied_site, f"c/{one.slug}/index.html")
        assert named == varied_publication.catalog.can_be_installed(one.slug)


def test_the_home_page_begins_with_a_connector_that_can_be_installed(repository: Repository) -> None:
    """Slack, where it can; any other before one that cannot; from a checkout where none can."""
    repository.connector("slack")
    repository.connector("birch")
    nothing = _commands(build_site(repository.publication()), "index.html")
    repository.release("birch", "0.9.0", "2027-01-02")
    another = _commands(build_site(repository.publication()), "index.html")
    repository.release("slack", "0.9.0", "2027-01-02")
    both = _commands(build_site(repository.publication()), "index.html")

    assert nothing[:2] == ["pip install -e connectors/slack", "gallery add slack --name slack-prod"]
    assert another[:2] == ["gallery install birch", "gallery add birch --name birch-prod"]
    assert both[0] == "gallery install slack"
