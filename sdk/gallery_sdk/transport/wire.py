"""The wire under a connection: one exchange of bytes, and what is known when it fails."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from multidict import CIMultiDict

from ..errors import TransportError

if TYPE_CHECKING:
    from yarl import URL


@dataclass(slots=True)
class WireResponse:
    """Status, headers (names in any case) and the whole body, decompressed."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class WireError(Exception):
    """An exchange failed; the text says why and holds nothing of the request."""


class NotSentError(WireError):
    """No byte of the request left this machine: no name, no connection, no proxy."""


class TlsFailedError(WireError):
    """The handshake failed; the request was not sent."""


class LostError(WireError):
    """The request may have reached the target, and no whole answer came back."""


class TooLargeError(WireError):
    """The answer is larger than the connection accepts; the request was executed."""


class Wire(Protocol):
    """Sends one request and reads its whole answer, without redirects, cookies, retries or credentials of its own."""

    async def exchange(self, method: str, url: URL, headers: CIMultiDict[str], content: bytes | None) -> WireResponse:
        """The answer, of whatever status.

        Raises:
            WireError: One of its subclasses; which one says whether the target may have seen the request.
        """
        ...

    async def aclose(self) -> None:
        """Close pooled connections."""
        ...


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How to trust the target, and how to show who we are.

    Attributes:
        ca_bundle: PEM file of additional authorities; the system's are trusted as well.
        client_certificate: PEM file with the certificate chain, for targets that ask for one (RFC 8705).
        client_key: PEM file of its private key, when not in the same file.
        client_key_password: For an encrypted key.
    """

    ca_bundle: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    client_key_password: str | None = None

    def context(self) -> ssl.SSLContext:
        """A client context of TLS 1.2 or later.

        Raises:
            TransportError: A file is missing or holds no certificate.
        """
        where = str(self.ca_bundle)
        try:
            context = ssl.create_default_context()
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.ca_bundle is not None:
                context.load_verify_locations(cafile=self.ca_bundle)
            if self.client_certificate is not None:
                where = str(self.client_certificate)
                context.load_cert_chain(self.client_certificate, self.client_key, self.client_key_password)
        except (OSError, ssl.SSLError) as error:
            raise TransportError("the certificate file cannot be read", where, "Give a PEM file") from error
        return context
