"""Detail documents, `c/<slug>.json`: all that is known of one connector."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ..manifest import Manifest
from .models import Read, Release, Withdrawal
from .problems import CatalogError
from .tiers import TierReport


class Detail(Read):
    """`c/<slug>.json`: all that is known of one connector.

    Attributes:
        manifest: The connector's manifest, as `connector-1.json` says.
        guide: The set-up guide, Markdown; null without one.
        tier: The tier with every rule's result; null while nobody has computed it.
    """

    slug: str
    manifest: dict[str, Any]
    guide: str | None
    code: bool
    dist: str
    releases: tuple[Release, ...]
    tier: TierReport | None
    withdrawn: tuple[Withdrawal, ...]


def read_detail(data: bytes, slug: str) -> tuple[Detail, Manifest]:
    """A detail document whose hash was compared with the catalog's, and the manifest in it.

    Raises:
        CatalogError: It is of a form that this SDK does not read.
    """
    try:
        detail = Detail.model_validate_json(data)
        # Not strict: JSON has texts where TOML has dates.
        return detail, Manifest.model_validate(detail.manifest, strict=False)
    except ValidationError as error:
        raise CatalogError(
            "its details are of a form that this SDK does not read", f"connector {slug!r}", "Upgrade gallery-sdk"
        ) from error
