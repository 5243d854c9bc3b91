"""Detail documents, read: a connector's resolved manifest, its guide, and the tier report behind its tier."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import ValidationError

from ..manifest import Manifest
from .problems import CatalogError
from .tiers import TierReport


@dataclass(frozen=True, slots=True)
class Detail:
    """One connector's detail document.

    Attributes:
        manifest: Resolved, of the newest release.
        report: None where no tier was computed.
        guide: The connector's set-up guide in Markdown; None where it has none.
    """

    manifest: Manifest
    report: TierReport | None
    guide: str | None


def read_detail(data: bytes, slug: str) -> Detail:
    """A detail document whose hash was compared with the catalog's.

    Raises:
        CatalogError: It is of a form that this SDK does not read.
    """
    try:
        document = json.loads(data)
        report = document.get("tier")
        # Not strict: JSON has texts and lists where TOML has dates and the models tuples.
        return Detail(
            manifest=Manifest.model_validate(document["manifest"], strict=False),
            report=None if report is None else TierReport.model_validate(report, strict=False),
            guide=document.get("guide"),
        )
    except (ValueError, KeyError, AttributeError, ValidationError) as error:
        raise CatalogError(
            "its details are of a form that this SDK does not read", f"connector {slug!r}", "Upgrade gallery-sdk"
        ) from error
