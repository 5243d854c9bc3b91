"""A signed statement of who is asking: a JSON Web Token (RFC 7519) as RFC 7523 uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..base import Frozen, refuse
from .inputs import Identifier
from .templates import Slot

_OWN_CLAIMS = frozenset({"iss", "sub", "aud", "iat", "exp", "jti"})


class Assertion(Frozen):
    """What is signed, and with which key. Claims and header values whose template is filled with nothing are left out.

    Attributes:
        alg: Of RFC 7518 section 3.1; HS256 and its like sign with a shared secret instead of a private key.
        iss: Issuer; a client's own assertion has the client id when none is named, and so has `sub`.
        aud: Audience; the token URL when none is named and there is one to be asked (RFC 7523 section 3).
        ttl_s: Seconds from signing to `exp`.
        backdate_s: Seconds that `iat` lies before signing, for targets whose clock may be behind (GitHub: 60).
        kid: Key id for the header.
        jti: Whether each has an id of its own, so that it works once.
        x5t_s256: Input that holds the certificate in PEM; its SHA-256 goes into the header (RFC 7515 section 4.1.8).
        claims: Further claims: templates, numbers, booleans. `{scope}` is the scopes of what is switched on.
        key_input: Secret input that holds the private key in PEM, or the shared secret.
        password_input: Secret input with the password of an encrypted key.
    """

    alg: Literal[
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512"
    ] = "RS256"
    iss: str | None = None
    sub: str | None = None
    aud: str | None = None
    ttl_s: Annotated[int, Field(gt=0, le=86_400)] = 300
    backdate_s: Annotated[int, Field(ge=0, le=600)] = 0
    kid: str | None = None
    jti: bool = True
    x5t_s256: Identifier | None = None
    claims: Mapping[str, str | bool | int] = Field(default_factory=dict)
    key_input: Identifier | None = None
    password_input: Identifier | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if own := sorted(_OWN_CLAIMS & set(self.claims)):
            raise refuse(f"claims names {', '.join(own)}", "Use the fields iss, sub and aud; the others are made anew")
        if self.alg.startswith("HS") and (self.password_input or self.x5t_s256):
            raise refuse(f"{self.alg} signs with a shared secret", "Remove password_input and x5t_s256")
        return self

    def input_names(self) -> dict[str, str]:
        """Field and id of the inputs that it names."""
        named = {"key_input": self.key_input, "password_input": self.password_input, "x5t_s256": self.x5t_s256}
        return {field: name for field, name in named.items() if name is not None}

    def slots(self, where: str) -> Iterator[Slot]:
        """Its templates."""
        for field, text in (("iss", self.iss), ("sub", self.sub), ("aud", self.aud), ("kid", self.kid)):
            if text is not None:
                yield Slot(f"{where}.{field}", text)
        for name, value in self.claims.items():
            if isinstance(value, str):
                yield Slot(f"{where}.claims.{name}", value)
