"""How a connector's target is signed in to, as data: the `[[auth.method]]` tables of connector.toml.

A manifest holds no secret. It names inputs; an app's configuration gives each a value, or a reference to one where the
input is secret. Texts with `{name}` are filled from inputs and from fields that a token reply is told to keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from .base import Frozen, refuse

MethodKind = Literal[
    "none", "bearer_token", "basic", "api_key", "oauth2_client_credentials", "oauth2_authorization_code"
]
TEMPLATE_NAME: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
BUILT_IN_NAMES: Final = frozenset({"uuid4", "now_iso"})
_BRACE = re.compile(r"[{}]")
_OAUTH: Final = frozenset({"oauth2_client_credentials", "oauth2_authorization_code"})
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class AuthInput(Frozen):
    """One thing that the administrator gives.

    Attributes:
        type: A `secret` is given as a reference (`env:NAME`), everything else as its value.
        pattern: A regular expression that a non-secret value must match as a whole.
    """

    id: Identifier
    title: str = ""
    help: str = ""
    type: Literal["string", "url", "choice", "secret"] = "string"
    required: bool = True
    default: str | None = None
    choices: tuple[str, ...] = ()
    example: str = ""
    pattern: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.type == "secret" and (self.default is not None or self.example):
            raise refuse(
                f"input {self.id!r} is a secret with a default or an example", "Remove both; secrets are given later"
            )
        if (self.type == "choice") != bool(self.choices):
            raise refuse(f"input {self.id!r} is of type {self.type!r}", "Give choices to type 'choice', and only to it")
        if self.default is not None and self.choices and self.default not in self.choices:
            raise refuse(f"default {self.default!r} of input {self.id!r} is not a choice", "Name one of the choices")
        return self


class TokenResponse(Frozen):
    """Where a token reply keeps what matters; paths are dotted (`authed_user.access_token`).

    Attributes:
        expires_kind: Of the value at `expires_in`: seconds or milliseconds from now, epoch seconds or milliseconds, or
            an ISO 8601 date-time.
        default_lifetime_seconds: When the reply names no expiry (Salesforce); None means that it does not expire.
        keep: Fields to keep with the token (`instance_url`); the last word of a path is the name in templates.
        error: Path to an error text in a reply of status 200; a reply in which it holds a text is a refusal.
        ok: Path to a flag that must be true (`ok` at Slack); None when the status says it all.
    """

    access_token: str = "access_token"  # noqa: S105 - a path, not a token
    refresh_token: str = "refresh_token"  # noqa: S105 - a path, not a token
    expires_in: str = "expires_in"
    expires_kind: Literal["in_s", "in_ms", "at_s", "at_ms", "at_iso"] = "in_s"
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
        client_auth: `basic` and `post` as in RFC 6749 section 2.3.1; `none` sends the client id alone.
        client_id: Template of the client's id; `client_secret` likewise.
        body: `form` as the RFC says, `json`, or `query` with an empty body.
        params: Added, or put in place of a standard parameter.
        drop_params: Standard parameters that this vendor rejects.
    """

    url: str
    grant: str | None = None
    client_auth: Literal["basic", "post", "none"] = "basic"
    client_id: str = "{client_id}"
    client_secret: str = "{client_secret}"  # noqa: S105 - a template
    method: Literal["POST", "GET"] = "POST"
    body: Literal["form", "json", "query"] = "form"
    params: Mapping[str, str] = Field(default_factory=dict)
    drop_params: tuple[str, ...] = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    response: TokenResponse = TokenResponse()
    refresh: Refresh | None = None


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


class Apply(Frozen):
    """One place where the proof is put on a request.

    Attributes:
        header: Header name; `Authorization` when neither header nor query is named.
        query: Query parameter name.
        scheme: The word before the value (`Bearer`, `SSWS`, `ApiToken`); "" for none.
        value: Template of the value; None means the token itself.
    """

    header: str | None = None
    query: str | None = None
    scheme: str = ""
    value: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.header is not None and self.query is not None:
            raise refuse("a placement has one place", "Give it either a header or a query parameter")
        return self


BEARER: Final = Apply(scheme="Bearer")


class Verify(Frozen):
    """A cheap read that proves the credential works."""

    method: Literal["GET", "POST", "HEAD"] = "GET"
    path: str
    expect: tuple[int, ...] = (200,)
    who: str | None = None


class Verified(Frozen):
    """When and how the facts of a method were checked."""

    on: date
    how: Annotated[str, Field(pattern=r"^(docs|live|cassette:.+)$")]


class AuthMethod(Frozen):
    """One way to sign in to the target.

    Attributes:
        apply: Where the proof goes; empty for `Authorization: Bearer`. Several for targets that want two keys.
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
    scopes: Scopes = Scopes()
    apply: tuple[Apply, ...] = ()
    verify: Verify | None = None
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
        if problems := list(self._shape_problems()) + list(self._template_problems()):
            raise refuse("; ".join(problems), f"Correct the tables of auth method {self.id!r}")
        return self

    @property
    def placements(self) -> tuple[Apply, ...]:
        """Where the proof goes, the default filled in."""
        return self.apply or (BEARER,)

    @property
    def kept_names(self) -> tuple[str, ...]:
        """Names that base URLs may use besides inputs: fields kept from the token reply and the redirect."""
        kept = self.token.response.kept_names if self.token else ()
        return kept + (self.authorize.redirect_keep if self.authorize else ())

    @property
    def refresh(self) -> Refresh:
        """How its token is replaced; by default as the kind allows."""
        if self.token is not None and self.token.refresh is not None:
            return self.token.refresh
        return Refresh(kind="reissue" if self.kind == "oauth2_client_credentials" else "refresh_token")

    def used_names(self) -> frozenset[str]:
        """Every `{name}` that the method's templates use."""
        return frozenset(name for _, text in self._templates() for name in TEMPLATE_NAME.findall(text))

    def _shape_problems(self) -> Iterator[str]:
        if (self.kind in _OAUTH) != (self.token is not None):
            yield f"kind {self.kind!r} {'needs a' if self.kind in _OAUTH else 'has no'} [auth.method.token] table"
        if (self.kind == "oauth2_authorization_code") != (self.authorize is not None):
            yield "an [auth.method.authorize] table belongs to kind 'oauth2_authorization_code', and only to it"
        if self.kind == "api_key" and not self.apply:
            yield "kind 'api_key' needs at least one [[auth.method.apply]] placement"
        if self.kind == "api_key" and any(place.value is None for place in self.apply):
            yield "each placement of kind 'api_key' needs a value, such as value = \"{api_key}\""
        if self.kind in ("none", "basic") and self.apply:
            yield f"kind {self.kind!r} has no placements"
        if self.kind == "oauth2_authorization_code" and self.refresh.kind == "reissue":
            yield "an authorization code works once: refresh.kind is 'refresh_token' or 'none'"
        if (self.status == "deprecated") != (self.remove_after is not None):
            yield "remove_after belongs to status 'deprecated', and only to it"

    def _template_problems(self) -> Iterator[str]:
        declared = {item.id for item in self.inputs}
        if len(declared) < len(self.inputs):
            yield "two inputs have the same id"
        at_hand = declared | BUILT_IN_NAMES
        for where, text in self._templates():
            if _BRACE.search(TEMPLATE_NAME.sub("", text)):
                yield f"{where}: {text!r} has a brace outside a {{name}}"
            known = at_hand | set(self.kept_names) | {"access_token"} if where.startswith("apply") else at_hand
            for name in TEMPLATE_NAME.findall(text):
                if name not in known:
                    yield f"{where}: {{{name}}} is not a declared input"

    def _templates(self) -> Iterator[tuple[str, str]]:
        if self.kind == "bearer_token":
            yield "token_template", self.token_template
        if self.kind == "basic":
            yield "user_template", self.user_template
            yield "password_template", self.password_template
        for index, place in enumerate(self.apply):
            if place.value is not None:
                yield f"apply[{index}].value", place.value
        if self.token is not None:
            yield from _token_templates(self.token)
        if self.authorize is not None:
            yield "authorize.url", self.authorize.url
            yield from ((f"authorize.params.{name}", text) for name, text in self.authorize.params.items())


def _token_templates(token: TokenRequest) -> Iterator[tuple[str, str]]:
    yield "token.url", token.url
    yield "token.client_id", token.client_id
    if token.client_auth != "none":
        yield "token.client_secret", token.client_secret
    tables = {"token.params": token.params, "token.headers": token.headers}
    if token.refresh is not None:
        tables["token.refresh.params"] = token.refresh.params
        if token.refresh.url is not None:
            yield "token.refresh.url", token.refresh.url
    for where, table in tables.items():
        yield from ((f"{where}.{name}", text) for name, text in table.items())
