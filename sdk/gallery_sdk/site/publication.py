"""What a site is made of: a catalog, and the details behind each of its entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..catalog import (
    Built,
    Catalog,
    CatalogEntry,
    CatalogError,
    Detail,
    parse_catalog,
    published_schemas,
    read_detail,
)
from ..catalog.documents import digest
from ..catalog.publishing import SCHEMAS
from ..catalog.signing import CATALOG_NAME, SIGNATURE_NAME
from ..manifest import Manifest, Problem
from .collector import seldom_collected


@dataclass(frozen=True, slots=True)
class Listed:
    """A connector of the catalog with its details."""

    entry: CatalogEntry
    detail: Detail
    manifest: Manifest

    @property
    def slug(self) -> str:
        """Its name everywhere."""
        return self.entry.slug


@dataclass(frozen=True, slots=True)
class Publication:
    """A catalog with all its details.

    Attributes:
        catalog: With the connectors that are shown, and no others.
        listed: By slug.
        files: What is published beside the pages, byte for byte: the catalog, its signature where there is one, detail
            documents, JSON Schemas; paths relative to the site.
        problems: Connectors of the catalog that this SDK cannot read, such as those that ask for a later one; each
            hides itself alone.
    """

    catalog: Catalog
    listed: tuple[Listed, ...]
    files: Mapping[str, bytes]
    problems: tuple[Problem, ...] = ()


def publication_of(built: Built) -> Publication:
    """The publication of a catalog that was just built."""
    return _publication({CATALOG_NAME: built.catalog, **built.details})


def read_publication(folder: Path) -> Publication:
    """A publication that `gallery catalog build --out` wrote.

    Raises:
        CatalogError: There is no catalog in the folder, a detail document is missing, or is not the one that the
            catalog names by its hash.
    """
    path = folder / CATALOG_NAME
    if not path.is_file():
        raise CatalogError(
            f"there is no {CATALOG_NAME}", str(folder), "Make one with `gallery catalog build --out FOLDER`"
        )
    files = {CATALOG_NAME: path.read_bytes()}
    if (folder / SIGNATURE_NAME).is_file():
        files[SIGNATURE_NAME] = (folder / SIGNATURE_NAME).read_bytes()
    for entry in parse_catalog(files[CATALOG_NAME], str(path)).connectors:
        detail = folder / entry.detail.path
        if not detail.is_file():
            raise CatalogError("the file is missing", str(detail), "Build the publication anew")
        files[entry.detail.path] = detail.read_bytes()
    return _publication(files)


@seldom_collected()
def _publication(files: dict[str, bytes]) -> Publication:
    catalog = parse_catalog(files[CATALOG_NAME])
    problems = [Problem(CATALOG_NAME, line, "Upgrade gallery-sdk") for line in catalog.unreadable]
    listed = []
    for entry in catalog.connectors:
        data = files[entry.detail.path]
        if digest(data) != entry.detail.sha256:
            raise CatalogError(
                "the document is not the one that the catalog names", entry.detail.path, "Build the publication anew"
            )
        try:
            listed.append(Listed(entry, *read_detail(data, entry.slug)))
        except CatalogError as error:
            problems.append(Problem(error.where, error.what, error.mend))
    listed.sort(key=lambda one: one.slug)
    shown = catalog.model_copy(update={"connectors": tuple(one.entry for one in listed)})
    schemas = {f"{SCHEMAS}/{name}": data for name, data in published_schemas().items()}
    return Publication(shown, tuple(listed), {**files, **schemas}, tuple(problems))
