"""The whole site: every page, and every file beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .changes import find_changes
from .collector import seldom_collected
from .connector import connector_page
from .documents import Document, api_page, document_pages, guides, references
from .indexes import SEARCH, comparison_rows, search_index
from .page import Page
from .publication import Publication
from .rendering import MISSING, Renderer, SiteName, static_files
from .rules import rule_pages
from .topics import Facet, facets, topic_pages
from .writing import write_files

FEED = "changes/feed.atom"
SITEMAP = "sitemap.xml"


@dataclass(frozen=True, slots=True)
class Site:
    """A built site: file content by path relative to its root."""

    files: dict[str, bytes]
    pages: tuple[Page, ...]

    def write(self, out: Path) -> int:
        """Write it to a folder, which is then the site and nothing else; how many files changed.

        Raises:
            UsageError: The folder holds something that is no site.
        """
        return write_files(self.files, out)


@seldom_collected()
def build_site(publication: Publication, *, name: SiteName | None = None, docs: Path | None = None) -> Site:
    """Make every page of a publication.

    Args:
        name: What the site calls itself, and its address; without an address there is no site map, whose entries must
            be absolute.
        docs: Folder with the repository's documents; None leaves them out.
    """
    name = name or SiteName()
    renderer = Renderer(name, publication.catalog)
    all_facets = facets(publication)
    pages = tuple(_pages(publication, all_facets, guides(docs) if docs is not None else [], references()))
    files = dict(publication.files) | static_files() | {SEARCH: search_index(publication, all_facets)}
    files |= dict(comparison_rows(publication))
    for page in pages:
        files[page.file] = renderer.render(page)
    files["robots.txt"] = _robots(name)
    if name.url is not None:
        files[SITEMAP] = renderer.render(Page(SITEMAP, "sitemap.xml", "", data={"pages": pages}))
    return Site(files, pages)


def _pages(
    publication: Publication, all_facets: tuple[Facet, ...], guides: list[Document], references: list[Document]
) -> Iterator[Page]:
    changes = find_changes(publication)
    yield Page(
        "", "home.html", "Provisioning connectors for gallery apps",
        "An open catalog of provisioning connectors: mappings, sign-in, quirks with sources, and a computed tier.",
        section="connectors", data={"publication": publication, "facets": all_facets, "changes": changes},
    )  # fmt: skip
    for listed in publication.listed:
        yield connector_page(listed)
    yield from topic_pages(all_facets)
    yield from rule_pages(publication)
    yield Page(
        "compare/", "compare.html", "Compare connectors", "Connectors side by side.", section="compare",
        data={"publication": publication},
    )  # fmt: skip
    yield Page(
        "changes/", "changes.html", "What changed", "Releases, breaking changes and withdrawals.", section="changes",
        data={"changes": changes},
    )  # fmt: skip
    yield Page(FEED, "feed.xml", "What changed", listed=False, data={"changes": changes})
    yield api_page(publication)
    yield from document_pages(guides, references)
    yield Page(MISSING, "missing.html", "Page not found", listed=False)


def _robots(name: SiteName) -> bytes:
    where = f"Sitemap: {name.url}{SITEMAP}\n" if name.url else ""
    return f"User-agent: *\nAllow: /\n{where}".encode()
