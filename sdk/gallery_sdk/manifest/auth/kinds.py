"""The kinds of signing in: which tables each needs, and what contradicts itself in a method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal

from .templates import BUILT_IN_NAMES

if TYPE_CHECKING:
    from .method import AuthMethod
    from .token import TokenRequest

MethodKind = Literal[
    "none",
    "bearer_token",
    "basic",
    "api_key",
    "oauth2_client_credentials",
    "oauth2_authorization_code",
    "oauth2_refresh_only",
    "oauth2_jwt_bearer",
    "app_installation",
    "jwt_self_signed",
    "session_exchange",
]
_TABLES: Final[Mapping[str, frozenset[str]]] = {
    "oauth2_client_credentials": frozenset({"token"}),
    "oauth2_authorization_code": frozenset({"token", "authorize"}),
    "oauth2_refresh_only": frozenset({"token"}),
    "oauth2_jwt_bearer": frozenset({"token", "assertion"}),
    "app_installation": frozenset({"token", "assertion"}),
    "jwt_self_signed": frozenset({"assertion"}),
    "session_exchange": frozenset({"session"}),
}
"""The tables that a kind needs, and no other has."""
REFRESH_KINDS: Final[Mapping[str, tuple[Literal["reissue", "refresh_token", "none"], ...]]] = {
    "oauth2_client_credentials": ("reissue", "refresh_token", "none"),
    "oauth2_authorization_code": ("refresh_token", "none"),
    "oauth2_refresh_only": ("refresh_token",),
    "oauth2_jwt_bearer": ("reissue", "refresh_token", "none"),
    "app_installation": ("reissue",),
}
"""How the token of a kind may be replaced, the default first."""
_ASSERTING: Final = ("private_key_jwt", "client_secret_jwt")


def find_shape_problems(method: AuthMethod) -> Iterator[str]:
    """Everything that contradicts itself within one method; names in templates need the manifest to be checked."""
    yield from _tables(method)
    yield from _placements(method)
    if method.token is not None:
        yield from _token(method, method.token)
    yield from _inputs(method)
    yield from _saved_names(method)
    yield from (problem for slot in method.slots() if (problem := slot.problem()) is not None)


def _tables(method: AuthMethod) -> Iterator[str]:
    needed = _TABLES.get(method.kind, frozenset())
    for name in ("token", "authorize", "assertion", "session"):
        if (name in needed) != (getattr(method, name) is not None):
            yield f"kind {method.kind!r} {'needs a' if name in needed else 'has no'} [auth.method.{name}] table"
    if method.assertion is not None and method.assertion.key_input is None:
        yield "assertion.key_input is missing: name the secret input that holds the key"
    if method.assertion is not None and method.assertion.iss is None:
        yield "assertion.iss is missing: say who signs"
    if method.lookups and not method.fetches_tokens:
        yield f"kind {method.kind!r} fetches nothing, so it has no look-ups"
    if (method.status == "deprecated") != (method.remove_after is not None):
        yield "remove_after belongs to status 'deprecated', and only to it"


def _placements(method: AuthMethod) -> Iterator[str]:
    if method.kind == "api_key" and not method.apply:
        yield "kind 'api_key' needs at least one [[auth.method.apply]] placement"
    if method.kind == "api_key" and any(place.value is None for place in method.apply):
        yield "each placement of kind 'api_key' needs a value, such as value = \"{api_key}\""
    if method.kind in ("none", "basic") and method.apply:
        yield f"kind {method.kind!r} has no placements"


def _token(method: AuthMethod, token: TokenRequest) -> Iterator[str]:
    kinds = REFRESH_KINDS.get(method.kind, (method.refresh.kind,))
    if method.refresh.kind not in kinds:
        yield f"refresh.kind of kind {method.kind!r} is {' or '.join(map(repr, kinds))}, not {method.refresh.kind!r}"
    asserted = token.client_assertion
    if method.kind == "app_installation" and (token.client_auth or token.grant or asserted):
        yield "kind 'app_installation' proves itself by its assertion: remove grant, client_auth, client_assertion"
    if asserted is not None and method.client_auth not in ("private_key_jwt", "client_secret_jwt"):
        yield "client_assertion belongs to client_auth 'private_key_jwt' and 'client_secret_jwt'"
    has_key = asserted is not None and asserted.key_input is not None
    is_shared = asserted is None or asserted.alg.startswith("HS")
    if method.client_auth == "private_key_jwt" and (is_shared or not has_key):
        yield "client_auth 'private_key_jwt' needs a client_assertion with key_input and an alg of RS, PS or ES"
    if method.client_auth == "client_secret_jwt" and (has_key or not is_shared):
        yield "client_auth 'client_secret_jwt' signs with client_secret: an alg of HS, and no key_input"


def _inputs(method: AuthMethod) -> Iterator[str]:
    declared = {one.id: one for one in method.inputs}
    if len(declared) < len(method.inputs):
        yield "two inputs have the same id"
    for where, name in method.named_inputs():
        if name not in declared:
            yield f"{where}: {name!r} is not a declared input"
        elif declared[name].type != "secret" and not where.endswith("x5t_s256"):
            yield f"{where}: input {name!r} is not of type 'secret'"
    given = declared.get(method.certificate.certificate_input)
    if method.client_certificate and given is not None and given.required != (method.client_certificate == "required"):
        yield f"client_certificate is {method.client_certificate}, but input {given.id!r} says otherwise"


def _saved_names(method: AuthMethod) -> Iterator[str]:
    taken = {one.id for one in method.inputs} | BUILT_IN_NAMES | {"access_token"}
    session = method.session
    saved = [*method.kept_names, *(sorted(session.saved_names - set(session.keep)) if session else ())]
    for name in dict.fromkeys(saved):
        if saved.count(name) > 1 or name in taken:
            yield f"{name!r} is saved, and is the name of something else as well"
