"""Grants, tokens and secret references: from a declared method to a credential for `Transport`.

Secrets enter as references (`env:NAME`, `file:/path`, `keyring:service/user`, or a plugin's scheme) and leave only on
requests. Token requests go through `Transport` too, so that allowed hosts, TLS and redaction hold for them.
"""

from .build import build_credential, check_inputs, open_token_http
from .endpoint import TokenEndpoint, TokenHttp
from .oauth import OAuthCredential
from .secrets import (
    Resolver,
    Secret,
    SecretFinding,
    find_secret_problems,
    is_reference,
    register_resolver,
    resolve,
    unregister_resolver,
)
from .sign_in import sign_in
from .static import StaticCredential
from .store import FileTokenStore, MemoryTokenStore, TokenStore
from .templates import fill, fill_url
from .tokens import TokenSet

__all__ = [
    "FileTokenStore",
    "MemoryTokenStore",
    "OAuthCredential",
    "Resolver",
    "Secret",
    "SecretFinding",
    "StaticCredential",
    "TokenEndpoint",
    "TokenHttp",
    "TokenSet",
    "TokenStore",
    "build_credential",
    "check_inputs",
    "fill",
    "fill_url",
    "find_secret_problems",
    "is_reference",
    "open_token_http",
    "register_resolver",
    "resolve",
    "sign_in",
    "unregister_resolver",
]
