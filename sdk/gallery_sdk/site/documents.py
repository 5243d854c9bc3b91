"""Pages of text: the repository's documents, the reference that is made from the code, and the formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .. import reference
from ..catalog.publishing import SCHEMAS
from ..catalog.signing import SIGNATURE_NAME
from ..reference.docstrings import parse_docstring
from ..reference.types import type_words
from .markdown import Rendered, render_markdown
from .page import Page
from .publication import Publication


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its place in the navigation."""

    path: str
    title: str
    about: str
    text: Rendered


_SENTENCE_END: Final = re.compile(r"[.:;](?= |$)")
_ORDER: Final = ("getting-started", "running", "mappings", "commands", "write-a-connector", "publish-a-catalog")


def guides(folder: Path) -> list[Document]:
    """The documents in a repository's `docs/`, in the order in which a newcomer reads them."""
    paths = {path.stem: path for path in sorted(folder.glob("*.md"))}
    names = [name for name in _ORDER if name in paths] + [name for name in paths if name not in _ORDER]
    found = []
    for name in names:
        text = render_markdown(paths[name].read_text("utf-8"), link=_linker(set(paths), "docs"))
        found.append(Document(f"docs/{name}/", text.title or name, _first_words(paths[name].read_text("utf-8")), text))
    return found


def _first_words(text: str) -> str:
    """The first sentence of a document, without what ends it: what stands beside its title in a list."""
    paragraphs = (part for part in text.split("\n\n") if part.strip() and not part.startswith(("#", "```")))
    return _SENTENCE_END.split(" ".join(next(paragraphs, "").split()), maxsplit=1)[0]


def references() -> list[Document]:
    """The reference pages of the SDK."""
    return [
        Document(
            f"reference/{name}/",
            (text := render_markdown(reference.render(name), link=_linker(set(reference.PAGES), "reference"))).title,
            about,
            text,
        )
        for name, about in reference.PAGES.items()
    ]


def _linker(names: set[str], section: str) -> Callable[[str], str]:
    """Links between Markdown files, as links between the pages that they become."""

    def link(address: str) -> str:
        file, hash, fragment = address.partition("#")
        if not file:
            return address
        name = Path(file).stem
        # What the site does not have, such as a file of the repository, leads to the overview.
        return f"../{name}/{hash}{fragment}" if name in names and file.endswith(".md") else f"../../{section}/"

    return link


def document_pages(guides: list[Document], references: list[Document]) -> Iterator[Page]:
    """An overview, and a page for each text."""
    yield Page(
        "docs/", "docs.html", "Documentation", "How to set up, run and write connectors.", section="docs",
        data={"guides": guides, "references": references},
    )  # fmt: skip
    yield Page(
        "reference/", "docs.html", "Reference", "Made from the code: hooks, quirks, manifest, expressions, commands.",
        section="docs", data={"guides": [], "references": references},
    )  # fmt: skip
    for one in [*guides, *references]:
        yield Page(
            one.path, "document.html", one.title, one.about or one.title, section="docs",
            data={"document": one, "guides": guides, "references": references},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a published format."""

    name: str
    type: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Format:
    """A published format: its JSON Schema, and its objects in the order in which they are met."""

    file: str
    title: str
    objects: tuple[tuple[str, str, tuple[Field, ...]], ...]


_FORMATS: Final[Mapping[str, str]] = {
    "catalog-1.json": "The catalog, catalog.json",
    "detail-1.json": "A connector's details, c/SLUG.json",
    "catalog-signature-1.json": "The signature, catalog.json.sig",
    "lock-1.json": "The lock file, gallery.lock",
    "connector-1.json": "A connector's manifest, connector.toml",
    "app-1.json": "A team's app, apps/NAME.toml",
}


def api_page(publication: Publication) -> Page:
    """What programs read: addresses and formats."""
    formats = []
    for file, title in _FORMATS.items():
        data = publication.files.get(f"{SCHEMAS}/{file}")
        if data is not None:
            # The manifest has a page of its own in the reference.
            objects = () if file == "connector-1.json" else tuple(_objects(json.loads(data)))
            formats.append(Format(file, title, objects))
    return Page(
        "api/", "api.html", "API", "The catalog as data: addresses, formats, signature.", section="api",
        data={"formats": formats, "signed": SIGNATURE_NAME in publication.files},
    )  # fmt: skip


def _objects(schema: dict[str, Any]) -> Iterator[tuple[str, str, tuple[Field, ...]]]:
    for name, one in [(str(schema.get("title", "")), schema), *schema.get("$defs", {}).items()]:
        required = set(one.get("required", ()))
        described = parse_docstring(str(one.get("description", "")))
        meanings = described.entries("Attributes")
        fields = tuple(
            Field(key, type_words(value, "json"), key in required, meanings.get(key, ""))
            for key, value in one.get("properties", {}).items()
        )
        if fields:
            yield name, described.text, fields
