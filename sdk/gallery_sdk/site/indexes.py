"""What the pages' scripts read: the search index, and each connector's lines of a comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..catalog import CatalogEntry, Subject, compare
from ..manifest.wording import protocol_text, sign_in_text
from .publication import Publication
from .topics import Facet

SEARCH = "search.json"


def search_index(publication: Publication, all_facets: tuple[Facet, ...]) -> bytes:
    """`search.json`: by slug what a search looks at, and the values of each facet that narrows down.

    The names, topics and means (ways to sign in and protocol, ids and labels) are those that `gallery search` ranks by.
    """
    values: dict[str, dict[str, list[str]]] = {}
    for facet in (one for one in all_facets if one.narrows):
        for topic in facet.topics:
            for one in topic.listed:
                values.setdefault(one.slug, {}).setdefault(facet.id, []).append(topic.id)
    rows = [
        {
            "slug": one.slug,
            "name": one.entry.name,
            "aliases": one.entry.aliases,
            "categories": one.entry.categories,
            "keywords": one.entry.keywords,
            "means": _means(one.entry),
            "vendor": one.entry.vendor,
            "facets": values.get(one.slug, {}),
        }
        for one in publication.listed
    ]
    return _compact({"connectors": rows})


def _means(entry: CatalogEntry) -> list[str]:
    signing_in = [text for kind in entry.auth for text in (kind, sign_in_text(kind))]
    return list(dict.fromkeys((*signing_in, entry.transport, protocol_text(entry.transport))))


def comparison_rows(publication: Publication) -> Iterator[tuple[str, bytes]]:
    """For each connector a file with the lines that it has in a comparison, as `gallery compare` prints them."""
    for one in publication.listed:
        rows = compare([Subject.of(one.manifest, one.entry)])
        lines = [[row.section, row.label, row.values[0]] for row in rows]
        yield f"compare/{one.slug}.json", _compact({"slug": one.slug, "name": one.entry.name, "rows": lines})


def _compact(document: dict[str, object]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n").encode()
