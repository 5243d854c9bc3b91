"""Mutual TLS (RFC 8705): the client certificate from secret references, towards token endpoint and API alike."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import AuthError, TransportError
from ..manifest.auth import AuthMethod
from ..transport import MASK, TlsSettings
from .keys import unfolded
from .secrets import Secret


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SecretTlsSettings(TlsSettings):
    """TLS with a certificate and a key that are held as secrets instead of in files.

    Attributes:
        chain: Certificate chain and private key, in PEM.
        password: Of an encrypted key.
    """

    chain: Secret
    password: Secret | None = None

    def context(self) -> ssl.SSLContext:
        """A client context; see `TlsSettings.context`.

        The system's library reads files only, so the key stands in one for that moment, readable by its owner alone.
        """
        context = TlsSettings.context(self)
        with tempfile.TemporaryDirectory(prefix="gallery-") as folder:  # mode 0700
            path = Path(folder) / "client.pem"
            path.touch(mode=0o600)
            path.write_text(self.chain.reveal(), encoding="utf-8")
            password = self.password.reveal() if self.password is not None else ""
            try:
                # A function: the library would otherwise ask on the terminal for the password of an encrypted key.
                context.load_cert_chain(path, password=lambda: password)
            except (OSError, ValueError):
                raise TransportError(
                    "the client certificate or its key cannot be used",
                    "client certificate",
                    "Give a certificate in PEM, the key that belongs to it, and its password if it is encrypted",
                ) from None
        return context

    def __repr__(self) -> str:
        return f"{type(self).__name__}(ca_bundle={self.ca_bundle}, chain={MASK})"


def build_tls(method: AuthMethod, secrets: Mapping[str, Secret], *, app: str = "default") -> TlsSettings | None:
    """The TLS settings of a connection whose method has a client certificate; None when it has none.

    Args:
        secrets: Resolved secrets, by input id.

    Raises:
        AuthError: The certificate is required and missing, or there is a key without one.
    """
    if method.client_certificate is None:
        return None
    names = method.certificate
    certificate, key = secrets.get(names.certificate_input), secrets.get(names.key_input)
    if certificate is None:
        if method.client_certificate == "optional" and key is None:
            return None
        raise AuthError(
            f"{names.certificate_input!r} is missing",
            f"auth method {method.id!r} of app {app!r}",
            "Name the client certificate in the app's [auth] table",
        )
    parts = [unfolded(part.reveal()).strip() for part in (certificate, key) if part is not None]
    password = secrets.get(names.password_input) if names.password_input is not None else None
    return SecretTlsSettings(chain=Secret("\n".join(parts) + "\n"), password=password)
