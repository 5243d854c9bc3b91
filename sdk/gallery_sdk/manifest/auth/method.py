"""One way to sign in, whole: its tables, and whether they fit its kind and each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..base import Frozen, refuse
from .assertion import Assertion
from .inputs import AuthInput, Identifier
from .kinds import REFRESH_KINDS, MethodKind, find_shape_problems
from .placing import BEARER, Apply
from .session import Lookup, Session
from .templates import BUILT_IN_NAMES, Slot
from .token import Authorize, Refresh, Scopes, TokenRequest


class Verify(Frozen):
    """A cheap read that proves the credential works; `gallery test` sends it.

    Attributes:
        path: Relative to the connection's base URL.
        body: Sent as it is, of the connection's content type.
        expect: Statuses that prove it.
        who: Where a JSON answer names whom the credential speaks for, as a dotted path; shown to the administrator.
    """

    method: Literal["GET", "POST", "HEAD"] = "GET"
    path: str
    body: str | None = None
    expect: tuple[int, ...] = (200,)
    who: str | None = None


class Verified(Frozen):
    """When and how the facts of a method were checked."""

    on: date
    how: Annotated[str, Field(pattern=r"^(docs|live|cassette:.+)$")]


class ClientCertificate(Frozen):
    """Which inputs hold the client certificate and its key, both in PEM.

    Attributes:
        key_input: The administrator may leave it out when the key stands in the same text as the certificate.
        password_input: The password of an encrypted key.
    """

    certificate_input: Identifier = "client_certificate"
    key_input: Identifier = "client_key"
    password_input: Identifier | None = None

    def input_names(self) -> dict[str, str]:
        """Field and id of the inputs that it names."""
        named = {"certificate_input": self.certificate_input, "key_input": self.key_input}
        return named | ({"password_input": self.password_input} if self.password_input else {})


class AuthMethod(Frozen):
    """One way to sign in to the target.

    Attributes:
        assertion: What is signed: the grant of `oauth2_jwt_bearer`, the app's proof of `app_installation`, the token
            itself of `jwt_self_signed`.
        lookups: `[[auth.method.lookup]]`, for kinds whose token is fetched; each knows what those before it saved.
        apply: Where the proof goes; empty for `Authorization: Bearer`. Several for targets that want two keys.
        client_certificate: Mutual TLS (RFC 8705) towards the token endpoint and the API; `optional` where the
            administrator may leave the inputs of `certificate` out.
        user_template: With `password_template`, the two halves of HTTP Basic (`{email}/token`, or a literal `x`).
        token_template: The token of `bearer_token`.
    """

    id: Identifier
    title: str = ""
    kind: MethodKind
    status: Literal["preferred", "supported", "deprecated"] = "supported"
    remove_after: date | None = None
    docs_url: str | None = None
    verified: Verified | None = None
    inputs: Annotated[tuple[AuthInput, ...], Field(alias="input")] = ()
    token: TokenRequest | None = None
    authorize: Authorize | None = None
    assertion: Assertion | None = None
    session: Session | None = None
    lookups: Annotated[tuple[Lookup, ...], Field(alias="lookup")] = ()
    scopes: Scopes = Scopes()
    apply: tuple[Apply, ...] = ()
    verify: Verify | None = None
    client_certificate: Literal["required", "optional"] | None = None
    certificate: ClientCertificate = ClientCertificate()
    user_template: str = "{username}"
    password_template: str = "{password}"  # noqa: S105 - a template
    token_template: str = "{token}"  # noqa: S105 - a template

    @model_validator(mode="before")
    @classmethod
    def _one_placement_is_a_list(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("apply"), dict | Apply):
            return {**data, "apply": (data["apply"],)}
        return data

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problems := list(find_shape_problems(self)):
            raise refuse("; ".join(problems), f"Correct the tables of auth method {self.id!r}")
        return self

    @property
    def placements(self) -> tuple[Apply, ...]:
        """Where the proof goes, the default filled in."""
        return self.apply or (BEARER,)

    @property
    def fetches_tokens(self) -> bool:
        """Whether its proof comes from a request of its own."""
        return self.token is not None or self.session is not None

    @property
    def kept_names(self) -> tuple[str, ...]:
        """Names that base URLs may use besides inputs: what replies, the redirect and look-ups gave."""
        kept = self.token.response.kept_names if self.token else ()
        kept += self.authorize.redirect_keep if self.authorize else ()
        kept += self.session.keep if self.session else ()
        return kept + tuple(one.save for one in self.lookups)

    @property
    def saved_names(self) -> frozenset[str]:
        """`kept_names`, and what else a login saves."""
        return frozenset(self.kept_names) | (self.session.saved_names if self.session else frozenset())

    @property
    def client_auth(self) -> str:
        """How the client proves itself at the token endpoint; "" where the app's assertion does that."""
        if self.token is None or self.kind == "app_installation":
            return ""
        return self.token.client_auth or ("none" if self.kind == "oauth2_jwt_bearer" else "basic")

    @property
    def refresh(self) -> Refresh:
        """How its token is replaced; by default as the kind allows."""
        if self.session is not None:
            return Refresh(skew_s=self.session.skew_s, on_401=self.session.on_401)
        if self.token is not None and self.token.refresh is not None:
            return self.token.refresh
        return Refresh(kind=REFRESH_KINDS.get(self.kind, ("reissue",))[0])

    def used_names(self) -> frozenset[str]:
        """Every name that the method's templates use, and every input that its tables name."""
        used = {name for slot in self.slots() for name in slot.names()}
        used |= {name for _, name in self.named_inputs()}
        if self.session is not None:
            used |= {self.session.token, *self.session.keep, *filter(None, (self.session.expires,))}
        return frozenset(used)

    def unknown_names(self, settings: Collection[str]) -> Iterator[tuple[str, str]]:
        """Field and name wherever a template uses what nothing gives.

        Args:
            settings: Ids of the connector's own inputs, `[[config.input]]`.
        """
        at_hand = {one.id for one in self.inputs} | BUILT_IN_NAMES | set(settings)
        for slot in self.slots():
            for name in sorted(slot.names() - at_hand - slot.given):
                yield slot.where, name

    def unused_names(self, elsewhere: Collection[str]) -> Iterator[str]:
        """Names that are saved or kept and that nothing uses.

        Args:
            elsewhere: Names that the connector's addresses use.
        """
        used = {name for slot in self.slots() for name in slot.names()} | set(elsewhere)
        if self.session is not None:
            used |= {self.session.token, *filter(None, (self.session.expires,))}
        yield from sorted(self.saved_names - used)

    def slots(self) -> Iterator[Slot]:
        """Every template of the method that its kind looks at."""
        if self.kind == "bearer_token":
            yield Slot("token_template", self.token_template)
        if self.kind == "basic":
            yield Slot("user_template", self.user_template)
            yield Slot("password_template", self.password_template)
        if self.token is not None:
            yield from self._token_slots(self.token)
        if self.authorize is not None:
            yield from self.authorize.slots()
        if self.assertion is not None:
            yield from self.assertion.slots("assertion")
        if self.session is not None:
            yield from self.session.slots("session")
        given = self._given_by_token()
        for index, lookup in enumerate(self.lookups):
            yield from lookup.slots(f"lookup[{index}]", given)
            given |= {lookup.save}
        for index, place in enumerate(self.apply):
            if place.value is not None:
                yield Slot(f"apply[{index}].value", place.value, given)

    def _token_slots(self, token: TokenRequest) -> Iterator[Slot]:
        yield from token.slots()
        if self.kind == "oauth2_refresh_only":
            yield Slot("token.refresh_token", token.refresh_token)
        has_client = self.client_auth != "" and not self._is_anonymous()
        if has_client:
            yield Slot("token.client_id", token.client_id)
        if has_client and self.client_auth not in ("none", "private_key_jwt"):
            yield Slot("token.client_secret", token.client_secret)

    def _is_anonymous(self) -> bool:
        """Whether the assertion alone says who is asking (RFC 7521 section 4.1)."""
        return self.kind == "oauth2_jwt_bearer" and self.client_auth == "none"

    def _given_by_token(self) -> frozenset[str]:
        lookups = {one.save for one in self.lookups}
        given = set(self.kept_names) - lookups
        if self.session is not None:
            given |= self.session.saved_names
        if self.fetches_tokens or self.assertion is not None:
            given.add("access_token")
        return frozenset(given)

    def named_inputs(self) -> Iterator[tuple[str, str]]:
        """Field and id of the inputs that its tables name outside of templates."""
        tables: list[tuple[str, Assertion | ClientCertificate | None]] = [
            ("assertion", self.assertion),
            ("token.client_assertion", self.token.client_assertion if self.token else None),
            ("certificate", self.certificate if self.client_certificate else None),
        ]
        for where, table in tables:
            if table is not None:
                yield from ((f"{where}.{field}", name) for field, name in table.input_names().items())
