"""The detached signature, `catalog.json.sig`, over the exact bytes of `catalog.json`.

Nothing is canonicalised: whoever checks reads the same bytes that were signed. The file names length and SHA-256 of its
target as TUF metadata does, and holds one signature per key, so that two keys can sign while one takes over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, StringConstraints, ValidationError

from .documents import canonical, digest
from .keys import by_id, key_id, public_hex
from .models import Read, Sha256, parse_catalog
from .problems import CatalogError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CATALOG_NAME: Final = "catalog.json"
SIGNATURE_NAME: Final = "catalog.json.sig"
_MOST_SIGNATURES: Final = 16  # the file itself is signed by nobody: a long one would only keep its reader busy


class Target(Read):
    """What is signed. `length` in bytes."""

    name: Literal["catalog.json"] = "catalog.json"
    version: int
    length: int
    hashes: Mapping[Literal["sha256"], Sha256]


class Signature(Read):
    """One key's signature, in hexadecimal."""

    keyid: Sha256
    sig: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


class SignatureFile(Read):
    """`catalog.json.sig`."""

    type: Literal["gallery-catalog-signature"] = "gallery-catalog-signature"
    schema_level: Literal[1] = Field(default=1, alias="schema")
    target: Target
    signatures: Annotated[tuple[Signature, ...], Field(max_length=_MOST_SIGNATURES)]


def sign(data: bytes, key: Ed25519PrivateKey, present: bytes | None = None) -> bytes:
    """The signature file with this key's signature in it.

    Args:
        data: The catalog, as it will be published.
        present: The signature file as it is; other keys' signatures over the same bytes stay in it.

    Raises:
        CatalogError: It is no catalog, or another catalog was signed under the same number.
    """
    catalog = parse_catalog(data)
    target = Target(version=catalog.version, length=len(data), hashes={"sha256": digest(data)})
    kept: tuple[Signature, ...] = ()
    if present is not None:
        before = parse_signature(present)
        if before.target.version == target.version and before.target != target:
            raise CatalogError(
                f"version {target.version} was signed before, with another content",
                CATALOG_NAME,
                "Raise the number with `gallery catalog build --bump`; readers refuse two catalogs of one number",
            )
        if before.target.version > target.version:
            raise CatalogError(
                f"version {before.target.version} was signed before, and this is {target.version}",
                CATALOG_NAME,
                "Sign the newer one; readers refuse to go back",
            )
        kept = before.signatures if before.target == target else ()
    own = Signature(keyid=key_id(public_hex(key)), sig=key.sign(data).hex())
    signatures = sorted((*(one for one in kept if one.keyid != own.keyid), own), key=lambda one: one.keyid)
    return canonical(SignatureFile(target=target, signatures=tuple(signatures)).model_dump(mode="json", by_alias=True))


def parse_signature(data: bytes, where: str = SIGNATURE_NAME) -> SignatureFile:
    """Read a signature file.

    Raises:
        CatalogError: It is none.
    """
    try:
        return SignatureFile.model_validate_json(data)
    except ValidationError as error:
        raise CatalogError("this is no signature file", where, "Get it from where the catalog came from") from error


def check_signature(data: bytes, signature: SignatureFile, trusted: tuple[str, ...]) -> str:
    """Check that a trusted key signed these bytes.

    Args:
        trusted: Public keys in hexadecimal.

    Returns:
        Name of the key.

    Raises:
        CatalogError: The bytes are not those that were signed, or no trusted key signed them.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(data) != signature.target.length or digest(data) != signature.target.hashes["sha256"]:
        raise CatalogError(
            "the catalog is not the one that was signed; somebody altered it, or signature and catalog do not belong "
            "together",
            CATALOG_NAME,
            "Get both anew from the publisher; if it stays so, tell the publisher",
        )
    keys = by_id(trusted)
    known = [one for one in signature.signatures if one.keyid in keys]
    if not known:
        names = ", ".join(one.keyid[:16] for one in signature.signatures) or "none"
        raise CatalogError(
            f"no trusted key signed the catalog (signed by {names})",
            SIGNATURE_NAME,
            "Get the publisher's public key by a way that you trust; `gallery catalog trust KEY.pub.pem`, or --key",
        )
    for one in known:
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[one.keyid])).verify(bytes.fromhex(one.sig), data)
        except InvalidSignature:
            continue
        return one.keyid
    raise CatalogError(
        "the signature is not that of the key that it names; the catalog or its signature was altered",
        SIGNATURE_NAME,
        "Get both anew from the publisher; if it stays so, tell the publisher",
    )
