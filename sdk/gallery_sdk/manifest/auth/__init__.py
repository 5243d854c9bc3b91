"""How a connector's target is signed in to, as data: the `[[auth.method]]` tables of connector.toml.

A manifest holds no secret. It names inputs; an app's configuration gives each a value, or a reference to one where the
input is secret. Texts with `{name}` are filled from inputs, from `[[config.input]]`, and from what replies are told to
keep.
"""

from .assertion import Assertion
from .inputs import AuthInput, Identifier
from .kinds import MethodKind
from .method import AuthMethod, ClientCertificate, Verified, Verify
from .placing import BEARER, Apply
from .session import Lookup, Session, Step
from .templates import BUILT_IN_NAMES, TEMPLATE_NAME, TEMPLATE_TERM, names_in
from .token import Authorize, ExpiresKind, Refresh, Scopes, TokenRequest, TokenResponse

__all__ = [
    "BEARER",
    "BUILT_IN_NAMES",
    "TEMPLATE_NAME",
    "TEMPLATE_TERM",
    "Apply",
    "Assertion",
    "AuthInput",
    "AuthMethod",
    "Authorize",
    "ClientCertificate",
    "ExpiresKind",
    "Identifier",
    "Lookup",
    "MethodKind",
    "Refresh",
    "Scopes",
    "Session",
    "Step",
    "TokenRequest",
    "TokenResponse",
    "Verified",
    "Verify",
    "names_in",
]
