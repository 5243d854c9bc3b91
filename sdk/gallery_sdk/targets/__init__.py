"""The other side of a connection: the `Target` interface, and SCIM targets with their quirks."""

from __future__ import annotations

from .base import (
    Canonical,
    Comparer,
    ConnectionReport,
    ConnectionStep,
    MemberOutcome,
    Target,
    TargetCapabilities,
    TargetObject,
    TargetPage,
)
from .failure import Failure, TargetFailure
from .findings import TargetFinding

__all__ = [
    "Canonical",
    "Comparer",
    "ConnectionReport",
    "ConnectionStep",
    "Failure",
    "MemberOutcome",
    "Target",
    "TargetCapabilities",
    "TargetFailure",
    "TargetFinding",
    "TargetObject",
    "TargetPage",
]
