"""Grants, tokens and secret references: from a declared method to a credential for `Transport`.

Secrets enter as references (`env:NAME`, `file:/path`, `keyring:service/user`, or a plugin's scheme) and leave only on
requests. Token requests go through `Transport` too, so that allowed hosts, TLS and redaction hold for them.
"""

from .build import build_credential, check_inputs, open_token_http
from .credential import TokenCredential
from .endpoint import TokenEndpoint
from .mutual_tls import build_tls
from .replies import TokenHttp
from .secrets import (
    Resolver,
    Secret,
    SecretFinding,
    find_secret_problems,
    is_reference,
    register_resolver,
    register_resolvers,
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
    "Resolver",
    "Secret",
    "SecretFinding",
    "StaticCredential",
    "TokenCredential",
    "TokenEndpoint",
    "TokenHttp",
    "TokenSet",
    "TokenStore",
    "build_credential",
    "build_tls",
    "check_inputs",
    "fill",
    "fill_url",
    "find_secret_problems",
    "is_reference",
    "open_token_http",
    "register_resolver",
    "register_resolvers",
    "resolve",
    "sign_in",
    "unregister_resolver",
]
