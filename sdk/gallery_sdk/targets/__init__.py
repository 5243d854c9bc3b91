"""The other side of a connection: the `Target` interface, and SCIM targets with their quirks.

The SCIM target and discovery load the transport and the manifest, and so are imported at their first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use
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

if TYPE_CHECKING:
    from .discovery import Proposal, discover
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

_HOME = {"Proposal": "discovery", "ScimTarget": "scim_target", "discover": "discovery", "open_target": "opening"}

__getattr__ = imported_at_first_use(__name__, _HOME)
