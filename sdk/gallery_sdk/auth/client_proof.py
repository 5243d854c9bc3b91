"""How a client proves itself at the token endpoint (RFC 6749 section 2.3, RFC 7523 section 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Final

from ..errors import AuthError
from ..manifest.auth import Assertion, AuthMethod, TokenRequest
from .assertions import AssertionSigner
from .secrets import Secret
from .templates import Value, fill

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ClientProof:
    """Puts the client's id and proof on token requests.

    Attributes:
        client_id: "" where an assertion alone says who is asking.
    """

    def __init__(
        self,
        method: AuthMethod,
        token: TokenRequest,
        values: Mapping[str, Value],
        *,
        token_url: str,
        where: str,
        wall_clock: Callable[[], float],
    ) -> None:
        """`token_url` is the audience of assertions that name none.

        Raises:
            AuthError: A template lacks a value.
        """
        self._kind, self._where = method.client_auth, where
        self._method = token.method
        is_anonymous = self._kind == "" or (self._kind == "none" and method.kind == "oauth2_jwt_bearer")
        self.client_id = "" if is_anonymous else fill(token.client_id, values, where=where)
        self._secret: Secret | None = None
        self._signer: AssertionSigner | None = None
        if self._kind not in ("", "none", "private_key_jwt"):
            self._secret = Secret(fill(token.client_secret, values, where=where))
        if self._kind in ("private_key_jwt", "client_secret_jwt"):
            self._signer = AssertionSigner(
                token.client_assertion or Assertion(alg="HS256"),
                values,
                where=where,
                wall_clock=wall_clock,
                issuer=self.client_id,
                audience=token_url,
                secret=self._secret.reveal() if self._secret is not None else None,
            )

    @property
    def is_single_use(self) -> bool:
        """Whether what it puts on a request is taken once, so that a repeated request needs another."""
        return self._signer is not None and self._signer.is_single_use

    def put_on(self, url: str, params: dict[str, str], headers: dict[str, str]) -> None:
        """Add the proof to a request that goes to `url`.

        Raises:
            AuthError: The secret cannot stand in a header, or the key cannot sign.
        """
        if self._signer is not None:
            params.setdefault("client_id", self.client_id)
            params["client_assertion_type"] = ASSERTION_TYPE
            params["client_assertion"] = self._signer.sign().reveal()
        elif self._secret is None:
            if self.client_id:
                params.setdefault("client_id", self.client_id)
        elif self._kind == "post":
            params.setdefault("client_id", self.client_id)
            params.setdefault("client_secret", self._secret.reveal())
        else:
            headers["Authorization"] = self._basic(url, self._secret)

    def _basic(self, url: str, secret: Secret) -> str:
        from authlib.oauth2.auth import encode_client_secret_basic  # type: ignore[import-untyped]  # ships no types

        headers: dict[str, str] = {}
        try:
            client = SimpleNamespace(client_id=self.client_id, client_secret=secret.reveal())
            encode_client_secret_basic(client, self._method, url, headers, "")
        except UnicodeEncodeError:
            raise AuthError(
                "client id or secret hold characters that HTTP Basic cannot carry", self._where, "Copy them again"
            ) from None
        encoded = Secret(headers["Authorization"].removeprefix("Basic "))  # registers the encoded form for masking
        return f"{self._kind.partition(':')[2] or 'Basic'} {encoded.reveal()}"
