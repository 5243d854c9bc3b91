"""The vendor's word: the maker of the app answers for the wheels of a release, whoever wrote the connector.

`confirmation.json` is a statement (see `statements`) that names the vendor, signed by a key that
`registry/vendors.toml` lists as that vendor's. Whoever merges the key has made sure whose it is; that a manifest names
a vendor as its publisher shows nothing, since anybody can write it.

    [[vendor]]
    slug = "acme"
    name = "Acme Inc."     # as in the manifest's [vendor]
    public = "…"           # 32 bytes in hexadecimal
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..models import Artefact
from .statements import ListedKey, StatementError, Text, read_keys, read_statement, write_statement

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CONFIRMATION_NAME: Final = "confirmation.json"
VENDORS_NAME: Final = "vendors.toml"
_PREDICATE: Final = "urn:gallery:vendor-confirmation:1"


class VendorKey(ListedKey):
    """A key that is known to be a vendor's."""

    name: Text


def read_vendor_keys(registry: Path, slug: str) -> tuple[VendorKey, ...]:
    """The keys of the vendor of a connector's app; none where the registry lists none.

    Raises:
        ConfigError: The file cannot be read.
    """
    return read_keys(registry, VENDORS_NAME, "vendor", VendorKey, slug)


def write_confirmation(path: Path, wheels: Sequence[Artefact], key: Ed25519PrivateKey, vendor: str) -> None:
    """Sign that the vendor answers for the wheels of a release."""
    write_statement(path / CONFIRMATION_NAME, _PREDICATE, {"vendor": vendor}, wheels, key)


def find_doubts(data: bytes, wheels: Sequence[Artefact], keys: Sequence[VendorKey], vendor: str) -> list[str]:
    """What keeps a confirmation from being believed.

    Args:
        wheels: Those of the release; each must be named with the SHA-256 that it is pinned by.
        vendor: Its name by the manifest.
    """
    try:
        statement = read_statement(data, _PREDICATE)
    except StatementError as error:
        return [f"{CONFIRMATION_NAME}: {error}"]
    doubts = statement.unnamed(wheels)
    named = statement.predicate.get("vendor")
    if named != vendor:
        doubts.append(f"it speaks for {named!r}, and the manifest names {vendor!r}")
    if not any(statement.is_signed_by(one.public) for one in keys if one.name == vendor):
        doubts.append(f"no key of registry/{VENDORS_NAME} for {vendor!r} signed it")
    return doubts
