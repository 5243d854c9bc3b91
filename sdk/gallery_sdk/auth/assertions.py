"""Signed assertions (RFC 7523), and the token that is nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..errors import AuthError
from ..manifest.auth import Assertion, AuthMethod
from .keys import certificate_thumbprint, signing_key
from .secrets import Secret
from .templates import Value, fill
from .tokens import TokenSet

if TYPE_CHECKING:
    from joserfc.jwk import Key


class AssertionSigner:
    """Makes assertions, each a new one.

    Attributes:
        issuer: Who signs; `subject` is whom it is about, "" when it names none.
        is_single_use: Whether each has an id of its own, so that a server takes it once.
    """

    def __init__(
        self,
        assertion: Assertion,
        values: Mapping[str, Value],
        *,
        where: str,
        wall_clock: Callable[[], float],
        issuer: str = "",
        audience: str = "",
        secret: str | None = None,
    ) -> None:
        """`issuer` and `audience` serve where the manifest names none; `secret` is a key that no input holds.

        Raises:
            AuthError: A template lacks a value.
        """
        self._assertion, self._values, self._where, self._wall_clock = assertion, values, where, wall_clock
        self._secret = None if secret is None else Secret(secret)
        self._key: Key | None = None
        self.issuer = issuer if assertion.iss is None else self._fill(assertion.iss)
        self.subject = issuer if assertion.sub is None else self._fill(assertion.sub)
        self._audience = audience if assertion.aud is None else self._fill(assertion.aud)
        self.is_single_use = assertion.jti

    @property
    def lifetime_seconds(self) -> int:
        """From signing to the end."""
        return self._assertion.ttl_s

    def sign(self) -> Secret:
        """An assertion of this moment.

        Raises:
            AuthError: The key cannot be read or does not fit.
        """
        from joserfc import jwt
        from joserfc.errors import JoseError

        assertion, now = self._assertion, int(self._wall_clock())
        header = {"alg": assertion.alg, "typ": "JWT", "kid": self._fill(assertion.kid or "")}
        if assertion.x5t_s256 is not None:
            header["x5t#S256"] = certificate_thumbprint(self._fill(f"{{{assertion.x5t_s256}}}"), where=self._where)
        claims: dict[str, object] = {"iss": self.issuer, "sub": self.subject, "aud": self._audience}
        for name, value in assertion.claims.items():
            claims[name] = self._fill(value) if isinstance(value, str) else value
        claims |= {"iat": now - assertion.backdate_s, "exp": now + assertion.ttl_s}
        if assertion.jti:
            claims["jti"] = str(uuid.uuid4())
        try:
            token = jwt.encode(_filled(header), _filled(claims), self._signing_key(), algorithms=[assertion.alg])
        except (JoseError, ValueError):
            raise AuthError(f"nothing can be signed with this key and {assertion.alg}", self._where, _CHECK) from None
        return Secret(token)

    def _signing_key(self) -> Key:
        if self._key is None:
            assertion, secret = self._assertion, self._secret
            text = secret.reveal() if secret is not None else self._fill(f"{{{assertion.key_input}}}")
            password = self._fill(f"{{{assertion.password_input}}}") if assertion.password_input else ""
            self._key = signing_key(assertion.alg, text, password, where=self._where)
        return self._key

    def _fill(self, template: str) -> str:
        return fill(template, self._values, where=self._where)


class SelfSigner:
    """Tokens that the client signs itself and no server issues (Snowflake's key pairs)."""

    fingerprint = ""
    is_self_sufficient = True

    def __init__(
        self, method: AuthMethod, values: Mapping[str, Value], *, where: str, wall_clock: Callable[[], float]
    ) -> None:
        assert method.assertion is not None
        self._signer = AssertionSigner(method.assertion, values, where=where, wall_clock=wall_clock)
        self._wall_clock = wall_clock

    async def issue(self) -> TokenSet:
        """A new token; no request is sent."""
        now = self._wall_clock()
        return TokenSet(self._signer.sign(), now, expires_at=now + self._signer.lifetime_seconds)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """The next token."""
        return await self.issue()


_CHECK = "Check that the key is the one whose public half the application knows"


def _filled(table: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in table.items() if value != ""}
