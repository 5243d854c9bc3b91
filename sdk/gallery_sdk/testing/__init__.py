"""Twins: simulators of apps that tests, the demo and benchmarks talk to. Nothing here needs a test framework."""

from __future__ import annotations

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
