"""A connector by its name, wherever it is known: kept details, an installed one, the catalog's address."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from ..plugins import load_index
from .comparing import Subject
from .details import read_detail
from .migrating import read_any_level
from .models import Catalog
from .names import nearest_slug
from .stored import HOW_TO_GET, read_state, stored_detail
from .updating import load_catalog, load_detail


def find_subject(slug: str, *, offline: bool = False) -> Subject:
    """The connector of that name, whether it is installed or only in the catalog.

    What is on this machine is taken first, so that it works offline.

    Args:
        offline: Send no request even where details are not here.

    Raises:
        UsageError: Neither the catalog nor this installation has it.
        CatalogError: The catalog must not be believed, or the details cannot be had.
    """
    catalog = _catalog()
    entry = catalog.by_slug.get(slug) if catalog is not None else None
    kept = stored_detail(entry.detail.sha256) if entry is not None else None
    if kept is not None:
        return Subject.of(read_detail(kept, slug)[1], entry)
    installed = {one.slug: one for one in load_index() if one.broken is None}
    if slug in installed:
        return Subject.of(read_any_level(Path(installed[slug].manifest)), entry)
    if catalog is None or entry is None:
        known = [*installed, *(catalog.by_slug if catalog is not None else ())]
        near = nearest_slug(slug, known)
        otherwise = "Find one with `gallery search`" if catalog else f"Get a catalog: {HOW_TO_GET}"
        raise UsageError(
            "there is no such connector", f"connector {slug!r}", f"Did you mean {near!r}" if near else otherwise
        )
    return Subject.of(read_detail(load_detail(catalog, slug, offline=offline), slug)[1], entry)


def _catalog() -> Catalog | None:
    # What a catalog says of itself stays readable when it is past its time; installing from it is another matter.
    return load_catalog(expired_ok=True).catalog if read_state().sha256 else None
