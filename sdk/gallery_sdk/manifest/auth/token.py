"""The OAuth requests: to the token endpoint, to the authorization page, and the scopes to ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from ..base import Frozen
from .assertion import Assertion
from .templates import Slot, texts_in

ExpiresKind = Literal["in_s", "in_ms", "in_hms", "at_s", "at_ms", "at_iso"]
"""Of an expiry: seconds, milliseconds or `h:m:s` from now; seconds or milliseconds since 1970; an ISO 8601 date."""

ClientAuth = Annotated[
    str,
    Field(pattern=r"^(none|basic|post|private_key_jwt|client_secret_jwt|scheme:[A-Za-z][A-Za-z0-9-]*)$"),
]


class TokenResponse(Frozen):
    """Where a token reply keeps what matters; paths are dotted (`authed_user.access_token`).

    Attributes:
        expires_kind: Of the value at `expires_in`.
        default_lifetime_seconds: When the reply names no expiry; None means until the target refuses it (Salesforce).
        keep: Fields to keep with the token (`instance_url`); the last word of a path is the name in templates.
        error: Path to an error text in a reply of status 200; a reply in which it holds a text is a refusal.
        ok: Path to a flag that must be true (`ok` at Slack); None when the status says it all.
    """

    access_token: str = "access_token"  # noqa: S105 - a path, not a token
    refresh_token: str = "refresh_token"  # noqa: S105 - a path, not a token
    expires_in: str = "expires_in"
    expires_kind: ExpiresKind = "in_s"
    default_lifetime_seconds: Annotated[int, Field(gt=0)] | None = None
    scope: str = "scope"
    keep: tuple[str, ...] = ()
    error: str = "error"
    ok: str | None = None

    @property
    def kept_names(self) -> tuple[str, ...]:
        """The names that templates know kept fields by."""
        return tuple(path.rpartition(".")[2] for path in self.keep)


class Refresh(Frozen):
    """How a token is replaced when it ends.

    Attributes:
        kind: `reissue` asks for a new one with the same grant; `refresh_token` uses RFC 6749 section 6; `none` waits
            for a person.
        url: The token URL when it differs for refreshing (Figma).
        skew_s: Replace it so many seconds before it ends.
        rotation: `single_use` when each refresh token works once and the reply brings the next one.
        params: Added to the refresh request only.
    """

    kind: Literal["reissue", "refresh_token", "none"] = "reissue"
    url: str | None = None
    skew_s: Annotated[int, Field(ge=0)] = 60
    rotation: Literal["none", "reusable", "single_use"] = "none"
    on_401: Literal["reissue_once", "fail"] = "reissue_once"
    params: Mapping[str, str] = Field(default_factory=dict)


class TokenRequest(Frozen):
    """The request to the token endpoint (RFC 6749 section 3.2), and how this vendor departs from it.

    Attributes:
        grant: The literal of `grant_type`; None for the one that belongs to the kind. Zoom: `account_credentials`.
        client_auth: `basic` and `post` as in RFC 6749 section 2.3.1; `none` sends the client id alone;
            `private_key_jwt` and `client_secret_jwt` send an assertion (RFC 7523 section 2.2); `scheme:ID` is `basic`
            with another word (Workday). None for the kind's own: `none` where an assertion is the grant, else `basic`.
        client_id: Template of the client's id; `client_secret` likewise.
        client_assertion: What the client signs; for `private_key_jwt` and `client_secret_jwt`.
        refresh_token: Template of the one that the administrator gives; kind `oauth2_refresh_only` alone.
        body: `form` as the RFC says, `json`, or `query` with an empty body.
        params: Added, or put in place of a standard parameter.
        drop_params: Standard parameters that this vendor rejects.
    """

    url: str
    grant: str | None = None
    client_auth: ClientAuth | None = None
    client_id: str = "{client_id}"
    client_secret: str = "{client_secret}"  # noqa: S105 - a template
    client_assertion: Assertion | None = None
    refresh_token: str = "{refresh_token}"  # noqa: S105 - a template
    method: Literal["POST", "GET"] = "POST"
    body: Literal["form", "json", "query"] = "form"
    params: Mapping[str, str] = Field(default_factory=dict)
    drop_params: tuple[str, ...] = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    response: TokenResponse = TokenResponse()
    refresh: Refresh | None = None

    def slots(self) -> Iterator[Slot]:
        """Templates of every kind; those of the client's proof depend on the method's kind."""
        yield Slot("token.url", self.url, is_address=True)
        tables = {"token.params": self.params, "token.headers": self.headers}
        if self.refresh is not None:
            tables["token.refresh.params"] = self.refresh.params
            if self.refresh.url is not None:
                yield Slot("token.refresh.url", self.refresh.url, is_address=True)
        for where, table in tables.items():
            for place, text in texts_in(table, where):
                yield Slot(place, text)
        if self.client_assertion is not None:
            yield from self.client_assertion.slots("token.client_assertion")


class Authorize(Frozen):
    """The authorization request that a person answers in a browser (RFC 6749 section 4.1.1).

    Attributes:
        pkce: RFC 7636 with S256; `off` only for vendors that reject it.
        scope_param: `scope`, or the vendor's own word (Slack: `user_scope`).
        redirect_port: A fixed port for vendors that compare redirect URIs literally; None takes a free one
            (RFC 8252 section 7.3).
        redirect_keep: Query parameters of the redirect to keep with the token (QuickBooks: `realmId`).
    """

    url: str
    params: Mapping[str, str] = Field(default_factory=dict)
    drop_params: tuple[str, ...] = ()
    pkce: Literal["required", "off"] = "required"
    scope_param: str = "scope"
    redirect_port: Annotated[int, Field(gt=0, lt=65536)] | None = None
    redirect_path: Annotated[str, Field(pattern=r"^/")] = "/callback"
    redirect_keep: tuple[str, ...] = ()

    def slots(self) -> Iterator[Slot]:
        """Its templates."""
        yield Slot("authorize.url", self.url, is_address=True)
        for place, text in texts_in(self.params, "authorize.params"):
            yield Slot(place, text)


class Scopes(Frozen):
    """The scopes to ask for: least privilege by what the administrator switched on.

    Attributes:
        base: Always.
        when: By feature: `users_read`, `users_write`, `groups`.
    """

    separator: str = " "
    base: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    def for_features(self, features: frozenset[str] | set[str]) -> str:
        """The scope text; each scope once, in the order of the manifest."""
        chosen = list(self.base)
        for feature, scopes in self.when.items():
            if feature in features:
                chosen.extend(scopes)
        return self.separator.join(dict.fromkeys(chosen))
