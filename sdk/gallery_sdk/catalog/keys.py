"""Ed25519 keys (RFC 8032): made, read, named, trusted.

A key is named as The Update Framework names it: SHA-256 of the key object's canonical JSON (TUF specification 1.0,
section 4.2), so that names stay when `catalog.json` becomes a TUF target. Public keys are the 32 bytes in hexadecimal;
files are PEM, as openssl writes and reads them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .documents import digest
from .problems import CatalogError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SHIPPED_KEYS: Final[tuple[str, ...]] = ()
"""Public keys that every installation trusts, at most two: the present one and its successor. A publisher of a catalog
puts its own here; `gallery catalog trust` adds keys on one machine."""

MOST_KEYS: Final = 2
"""Keys that are accepted at once: enough to change from one to the next without a day on which neither holds."""

PASSPHRASE_VARIABLE: Final = "GALLERY_SIGNING_PASSPHRASE"  # noqa: S105 - the name of a variable


def key_id(public: str) -> str:
    """The key's name, 64 hexadecimal digits.

    Args:
        public: The 32 bytes of the public key, in hexadecimal.
    """
    return digest(f'{{"keytype":"ed25519","keyval":{{"public":"{public}"}},"scheme":"ed25519"}}'.encode())


def by_id(publics: Iterable[str]) -> Mapping[str, str]:
    """Public keys by their names."""
    return {key_id(public): public for public in publics}


def make_key(private_path: Path, public_path: Path) -> str:
    """Make a new key pair and write both files; the private one for its owner's eyes, encrypted where a passphrase is
    set in GALLERY_SIGNING_PASSPHRASE.

    Returns:
        The key's name.

    Raises:
        CatalogError: One of the files exists, or cannot be written.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "")
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        protection = serialization.BestAvailableEncryption(passphrase.encode())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for path in (private_path, public_path):
        if path.exists():
            raise CatalogError(
                "the file exists", str(path), "Choose another name; a key that is lost cannot be had back"
            )
    try:
        handle = os.open(private_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(private)
        public_path.write_bytes(public)
    except OSError as error:
        raise CatalogError(
            f"cannot be written: {error.strerror}", str(private_path), "Check who may write there"
        ) from error
    return key_id(public_hex(key))


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a signing key; an encrypted one is opened with GALLERY_SIGNING_PASSPHRASE.

    Raises:
        CatalogError: It cannot be read, is no Ed25519 key, or the passphrase does not fit.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "").encode() or None
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"the key cannot be read: {error.strerror}", str(path), "Check the path") from error
    try:
        key = load_pem_private_key(data, None if b"ENCRYPTED" not in data else passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CatalogError(
            "the key cannot be opened",
            str(path),
            f"Give a private key in PEM, and its passphrase in {PASSPHRASE_VARIABLE} where it is encrypted",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CatalogError("this is no Ed25519 key", str(path), "Make one with `gallery catalog keygen`")
    return key


def read_public_key(path: Path) -> str:
    """Read a public key, in hexadecimal.

    Raises:
        CatalogError: It cannot be read, or is no Ed25519 public key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise CatalogError(f"the key cannot be read: {error.strerror}", str(path), "Check the path") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CatalogError("this is no public key in PEM", str(path), "Ask the catalog's publisher for it") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CatalogError("this is no Ed25519 key", str(path), "Ask the catalog's publisher for the right one")
    return key.public_bytes_raw().hex()


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half, in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()
