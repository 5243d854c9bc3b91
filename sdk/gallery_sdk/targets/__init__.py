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
from .discovery import Proposal, discover
from .failure import Failure, TargetFailure
from .findings import TargetFinding
from .opening import open_target
from .scim_target import ScimTarget

__all__ = [
    "Canonical",
    "Comparer",
    "ConnectionReport",
    "ConnectionStep",
    "Failure",
    "MemberOutcome",
    "Proposal",
    "ScimTarget",
    "Target",
    "TargetCapabilities",
    "TargetFailure",
    "TargetFinding",
    "TargetObject",
    "TargetPage",
    "discover",
    "open_target",
]
