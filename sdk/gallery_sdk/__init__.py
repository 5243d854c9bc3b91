"""The open gallery's SDK: what a connector author needs, in one place.

Names are imported at first use, so that a command which needs none of them starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import (
        AuthError,
        ConfigError,
        CycleError,
        ExpressionError,
        GalleryError,
        ManifestError,
        OutcomeUnknownError,
        PluginError,
        SecretError,
        SourceError,
        StoreError,
        TargetError,
        TransportError,
        UsageError,
    )
    from .expressions import FunctionFailure, FunctionRegistry, FunctionSpec, Parameter, ResultType
    from .manifest import Manifest, Problem, find_problems, read_manifest
    from .plugins import hookimpl
    from .scim import PatchOperation
    from .sources import Source, SourceConfig, SourceObject, SourcePage, SourceProblem
    from .targets import (
        ConnectionReport,
        ConnectionStep,
        Failure,
        MemberOutcome,
        Target,
        TargetCapabilities,
        TargetFailure,
        TargetObject,
        TargetPage,
    )
    from .transport import Request, Response, Transport

__all__ = [
    "AuthError",
    "ConfigError",
    "ConnectionReport",
    "ConnectionStep",
    "CycleError",
    "ExpressionError",
    "Failure",
    "FunctionFailure",
    "FunctionRegistry",
    "FunctionSpec",
    "GalleryError",
    "Manifest",
    "ManifestError",
    "MemberOutcome",
    "OutcomeUnknownError",
    "Parameter",
    "PatchOperation",
    "PluginError",
    "Problem",
    "Request",
    "Response",
    "ResultType",
    "SecretError",
    "Source",
    "SourceConfig",
    "SourceError",
    "SourceObject",
    "SourcePage",
    "SourceProblem",
    "StoreError",
    "Target",
    "TargetCapabilities",
    "TargetError",
    "TargetFailure",
    "TargetObject",
    "TargetPage",
    "Transport",
    "TransportError",
    "UsageError",
    "find_problems",
    "hookimpl",
    "read_manifest",
]

_ROOMS = {
    "expressions": ("FunctionFailure", "FunctionRegistry", "FunctionSpec", "Parameter", "ResultType"),
    "manifest": ("Manifest", "Problem", "find_problems", "read_manifest"),
    "plugins": ("hookimpl",),
    "scim": ("PatchOperation",),
    "sources": ("Source", "SourceConfig", "SourceObject", "SourcePage", "SourceProblem"),
    "targets": (
        "ConnectionReport", "ConnectionStep", "Failure", "MemberOutcome", "Target", "TargetCapabilities",
        "TargetFailure", "TargetObject", "TargetPage",
    ),
    "transport": ("Request", "Response", "Transport"),
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name in __all__:
        room = next((room for room, names in _ROOMS.items() if name in names), "errors")
        return getattr(import_module(f".{room}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
