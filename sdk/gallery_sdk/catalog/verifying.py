"""Whether a catalog may be believed: signed by a trusted key, not expired, not older than one seen before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .documents import digest
from .models import Catalog, parse_catalog
from .problems import CatalogError
from .signing import CATALOG_NAME, check_signature, parse_signature

_AGAIN: Final = "Get the newest one with `gallery catalog update`; if it stays so, somebody may be holding it back"


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest catalog that this installation has believed."""

    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A catalog that may be believed. `key` is the name of the key; None for an unsigned one of one's own."""

    catalog: Catalog
    sha256: str
    key: str | None


def verify_catalog(
    data: bytes,
    signature: bytes | None,
    trusted: tuple[str, ...],
    *,
    now: datetime,
    seen: Seen | None = None,
    expired_ok: bool = False,
) -> Verified:
    """Check a catalog; nothing of it is read before its signature holds.

    Args:
        data: `catalog.json`, byte for byte.
        signature: `catalog.json.sig`; None for a catalog that is taken unsigned, from one's own disk.
        trusted: Public keys in hexadecimal.
        now: With its time zone.
        seen: The newest believed so far.
        expired_ok: Read it although its time is over, for what it says of versions that are pinned already.

    Raises:
        CatalogError: It must not be believed; the message says which of the checks failed.
    """
    key = None if signature is None else check_signature(data, parse_signature(signature), trusted)
    catalog, sha256 = parse_catalog(data), digest(data)
    check_order(catalog.version, sha256, seen)
    if catalog.is_expired(now) and not expired_ok:
        raise CatalogError(
            f"version {catalog.version} expired on {catalog.expires:%Y-%m-%d}", f"{CATALOG_NAME}, expires", _AGAIN
        )
    return Verified(catalog, sha256, key)


def check_order(version: int, sha256: str, seen: Seen | None) -> None:
    """Refuse to go back (rollback), and to take two contents for one number.

    Raises:
        CatalogError: The catalog is older than the one seen, or differs from it under the same number.
    """
    if seen is None:
        return
    if version < seen.version:
        raise CatalogError(
            f"version {version} is older than {seen.version}, which was here already",
            f"{CATALOG_NAME}, version",
            _AGAIN,
        )
    if version == seen.version and sha256 != seen.sha256:
        raise CatalogError(
            f"version {version} was here already with another content",
            f"{CATALOG_NAME}, version",
            "Tell the publisher: a catalog that changes must get a higher version",
        )
