"""The one error tree: what is wrong, where, and how to mend it.

GalleryError
├── UsageError             a command, file or configuration is not usable (exit status 2)
│   ├── ManifestError      connector.toml
│   ├── ConfigError        gallery.toml, apps/<name>.toml
│   └── PlanError          a plan file that is stale or not a plan
├── ExpressionError        the mapping expression language
│   ├── ExpressionSyntaxError      refused before any object is read
│   └── ExpressionEvaluationError  fails the one object it was evaluated on
├── ScimError              SCIM text that is not what RFC 7643/7644 says
│   ├── FilterError        a filter (scimType invalidFilter)
│   ├── PathError          an attribute path (scimType invalidPath)
│   └── PatchError         a PATCH request (scim_type says which)
├── PluginError            a connector package that cannot be loaded
├── SecretError            a secret reference that does not resolve
├── AuthError              a token cannot be had
├── TransportError         a request got no usable answer
│   ├── HostNotAllowedError
│   ├── TlsError
│   └── OutcomeUnknownError        a write was sent and its answer was lost
├── TargetError            the target answered, and the answer is a failure
├── SourceError            the source cannot be read
├── StoreError             the state database
└── CycleError             a cycle stopped as a whole (quarantine)
"""

from __future__ import annotations


class GalleryError(Exception):
    """Base of every error raised on purpose: what is wrong, where, and how to mend it."""

    def __init__(self, what: str, where: str, mend: str) -> None:
        super().__init__(what, where, mend)  # all three in args, so that pickling restores them
        self.what, self.where, self.mend = what, where, mend

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.mend}."


class UsageError(GalleryError):
    """A command, a file or the configuration cannot be used as it is; exit status 2."""


class ManifestError(UsageError):
    """A connector.toml that does not say what a manifest must say."""


class ConfigError(UsageError):
    """A team's folder: gallery.toml or apps/<name>.toml."""


class PlanError(UsageError):
    """A plan file that is stale, altered, or not a plan."""


class ExpressionError(GalleryError):
    """Anything wrong with a mapping expression."""


class ExpressionSyntaxError(ExpressionError):
    """An expression that cannot be compiled; found before any object is read."""


class ExpressionEvaluationError(ExpressionError):
    """An expression that failed on one object; the object goes to escrow, the others go on."""


class ScimError(GalleryError):
    """SCIM text or data that breaks RFC 7643 or RFC 7644."""


class FilterError(ScimError):
    """A filter outside RFC 7644 section 3.4.2.2 (`scimType` invalidFilter)."""


class PathError(ScimError):
    """An attribute path outside RFC 7644 figure 7 (`scimType` invalidPath)."""


class PatchError(ScimError):
    """A PATCH that RFC 7644 section 3.5.2 answers with an error.

    Attributes:
        scim_type: invalidPath, noTarget, invalidValue, mutability or invalidSyntax.
    """

    def __init__(self, what: str, where: str, mend: str, scim_type: str = "invalidValue") -> None:
        super().__init__(what, where, mend)
        self.args = (what, where, mend, scim_type)
        self.scim_type = scim_type


class PluginError(GalleryError):
    """A connector package that cannot be found, read or loaded."""


class SecretError(GalleryError):
    """A secret reference that does not resolve; the message never holds the secret."""


class AuthError(GalleryError):
    """No token could be had, or the target refuses the credential."""


class TransportError(GalleryError):
    """A request got no usable answer; nothing was changed by it unless a subclass says so."""


class HostNotAllowedError(TransportError):
    """A request outside the connector's allowed hosts; it was not sent."""


class TlsError(TransportError):
    """The certificate or protocol of the target was refused; nothing was sent."""


class OutcomeUnknownError(TransportError):
    """A write was sent and its answer was lost; look before sending again."""


class TargetError(GalleryError):
    """The target answered, and the answer means failure.

    Attributes:
        status: The HTTP status, or None where the protocol has none.
        code: The provisioning log's error code, for example `EntryConflict`.
    """

    def __init__(
        self, what: str, where: str, mend: str, status: int | None = None, code: str = "UnexpectedResponse"
    ) -> None:
        super().__init__(what, where, mend)
        self.args = (what, where, mend, status, code)
        self.status, self.code = status, code


class SourceError(GalleryError):
    """The source cannot be read, or what it holds cannot be trusted."""


class StoreError(GalleryError):
    """The state database cannot be opened, is locked, or is of another version."""


class CycleError(GalleryError):
    """A cycle stopped as a whole; the job is in quarantine for `reason`.

    Attributes:
        reason: The quarantine reason, for example `TooManyDeletes`.
    """

    def __init__(self, what: str, where: str, mend: str, reason: str = "Unknown") -> None:
        super().__init__(what, where, mend)
        self.args = (what, where, mend, reason)
        self.reason = reason
