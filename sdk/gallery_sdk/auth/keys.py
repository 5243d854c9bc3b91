"""Private keys and certificates in PEM; what is wrong with one is told without quoting it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from ..errors import AuthError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from joserfc.jwk import Key

_SHORTEST_RSA_BITS: Final = 2048
_CURVES: Final = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}


def signing_key(alg: str, text: str, password: str = "", *, where: str) -> Key:
    """The key to sign with.

    Args:
        text: A private key in PEM; for HS256 and its like the shared secret.
        password: Of an encrypted key; "" for none.

    Raises:
        AuthError: It cannot be read, or does not belong to the algorithm.
    """
    import warnings

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from joserfc.jwk import ECKey, OctKey, RSAKey

    if alg.startswith("HS"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # how long a client secret is, is the vendor's choice
            return OctKey.import_key(text.encode())
    key = _load(text, password, where=where)
    if alg in _CURVES:
        if not isinstance(key, EllipticCurvePrivateKey) or key.curve.name != _CURVES[alg]:
            raise AuthError(f"{alg} needs an elliptic-curve key on {_CURVES[alg]}", where, "Give a key of that kind")
        return ECKey.import_key(_plain(key))
    if not isinstance(key, RSAPrivateKey) or key.key_size < _SHORTEST_RSA_BITS:
        raise AuthError(
            f"{alg} needs an RSA key of {_SHORTEST_RSA_BITS} bits or more", where, "Give a key of that kind"
        )  # RFC 7518 sections 3.3 and 3.5
    return RSAKey.import_key(_plain(key))


def public_key_digest(text: str, password: str = "", *, where: str) -> str:
    """SHA-256 of the public half (DER, SubjectPublicKeyInfo) of a private key, in base64 as Snowflake shows it.

    Raises:
        AuthError: The key cannot be read.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = _load(text, password, where=where).public_key()
    encoded = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(encoded).digest()).decode()


def certificate_thumbprint(text: str, *, where: str) -> str:
    """`x5t#S256` of a certificate in PEM (RFC 7515 section 4.1.8).

    Raises:
        AuthError: It cannot be read.
    """
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    try:
        digest = load_pem_x509_certificate(unfolded(text).encode()).fingerprint(SHA256())
    except ValueError:
        raise AuthError("the certificate cannot be read", where, "Give a certificate in PEM") from None
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def unfolded(text: str) -> str:
    """PEM with its line breaks: environment variables often hold them as a backslash and an n."""
    return text if "\n" in text.strip() else text.replace("\\n", "\n")


def _plain(key: PrivateKeyTypes) -> bytes:
    """The key in PEM without a password: the form that every version of the JWT library reads."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load(text: str, password: str, *, where: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(unfolded(text).encode(), password.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthError(
            "the private key cannot be read",
            where,
            "Give it in PEM, with its password when it is encrypted and without when it is not",
        ) from None
