"""The tier of a connector by its name, wherever it is known: its own folder, or the catalog on this machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ...plugins import load_index
from ..details import read_detail
from ..problems import CatalogError
from ..stored import read_state
from ..tiers import TierReport
from ..updating import load_catalog, load_detail
from .grade import grade


def find_tier(slug: str, version: str, *, day: date, offline: bool = False) -> TierReport | None:
    """The tier of that version, with every rule that led to it; None where nobody has computed it.

    A connector that is installed from its folder is graded by that folder and the evidence in it. Any other has the
    tier that the catalog's detail document tells of the version.

    Args:
        day: A folder's facts are dated against it.
        offline: Send no request where the details are not here.
    """
    folder = _folder(slug)
    if folder is not None:
        return grade(folder, day=day)
    if not read_state().sha256:
        return None
    try:
        catalog = load_catalog(expired_ok=True).catalog
        detail, manifest = read_detail(load_detail(catalog, slug, offline=offline), slug)
    except CatalogError:  # the connector is known by another way, and can be shown without a tier
        return None
    return detail.tier if manifest.version == version else None


def _folder(slug: str) -> Path | None:
    """The folder that a connector is installed from; None for one that came as a wheel, or is not here."""
    for one in load_index():
        if one.slug == slug and one.manifest:
            folder = Path(one.manifest).parent.parent
            return folder if (folder / "pyproject.toml").is_file() else None
    return None
