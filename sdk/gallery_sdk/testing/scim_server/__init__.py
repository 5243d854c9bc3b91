"""An in-memory SCIM 2.0 server, set up by data: the target of tests and benchmarks, and the ground under twins."""

from __future__ import annotations

from .behaviour import Bulk, Filtering, Paging, Patching, TwinBehaviour
from .directory import Directory
from .server import ScimServer
from .store import Collection

__all__ = ["Bulk", "Collection", "Directory", "Filtering", "Paging", "Patching", "ScimServer", "TwinBehaviour"]
