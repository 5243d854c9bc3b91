"""Twins: simulators of apps that tests, the demo and benchmarks talk to. Nothing here needs a test framework.

Names are imported at first use: reading a recording's head needs no server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._faces import imported_at_first_use

if TYPE_CHECKING:
    from .application import ConnectionLost, Refusal, TwinApplication, TwinRequest, TwinResponse, TwinStats
    from .client import Answer, TwinClient
    from .clocks import Clock, ManualClock, ScaledClock
    from .declared import behaviour_of, twin_of
    from .faults import Fault, FaultPlan
    from .limits import RateLimit, RateLimiter
    from .scim_server import Bulk, Filtering, Paging, Patching, ScimServer, TwinBehaviour
    from .serving import TwinServer, serve, serve_in_process
    from .twin import Twin

__all__ = [
    "Answer",
    "Bulk",
    "Clock",
    "ConnectionLost",
    "Fault",
    "FaultPlan",
    "Filtering",
    "ManualClock",
    "Paging",
    "Patching",
    "RateLimit",
    "RateLimiter",
    "Refusal",
    "ScaledClock",
    "ScimServer",
    "Twin",
    "TwinApplication",
    "TwinBehaviour",
    "TwinClient",
    "TwinRequest",
    "TwinResponse",
    "TwinServer",
    "TwinStats",
    "behaviour_of",
    "serve",
    "serve_in_process",
    "twin_of",
]

_HOME = {
    "Answer": "client",
    "Bulk": "scim_server",
    "Clock": "clocks",
    "ConnectionLost": "application",
    "Fault": "faults",
    "FaultPlan": "faults",
    "Filtering": "scim_server",
    "ManualClock": "clocks",
    "Paging": "scim_server",
    "Patching": "scim_server",
    "RateLimit": "limits",
    "RateLimiter": "limits",
    "Refusal": "application",
    "ScaledClock": "clocks",
    "ScimServer": "scim_server",
    "Twin": "twin",
    "TwinApplication": "application",
    "TwinBehaviour": "scim_server",
    "TwinClient": "client",
    "TwinRequest": "application",
    "TwinResponse": "application",
    "TwinServer": "serving",
    "TwinStats": "application",
    "behaviour_of": "declared",
    "serve": "serving",
    "serve_in_process": "serving",
    "twin_of": "declared",
}

__getattr__ = imported_at_first_use(__name__, _HOME)
