"""What this SDK runs: its own version, the levels of hooks and of manifests, and the rule for how long.

The SDK API level counts the generations of hook specifications. A connector that brings code names the level that it
was written against (`[tool.gallery] api_level` in its pyproject.toml; 1 where nothing is said). The SDK runs the
current level and the one before it for at least twelve months; a deprecation warns with the version that removes it, at
least six months ahead. Manifests of older schema levels are read by way of `migrating`.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from ..manifest import SCHEMA_LEVEL

API_LEVEL: Final = 1
API_LEVELS: Final[tuple[int, ...]] = (API_LEVEL,)
"""The levels that this SDK runs: the current one, and the one before it where there is one."""
SCHEMA_LEVELS: Final[tuple[int, ...]] = tuple(range(SCHEMA_LEVEL + 1))
"""Levels of connector.toml that it reads, by migration where they are older than the current one."""


@cache
def sdk_version() -> str:
    """Version of the gallery-sdk that is running."""
    from importlib.metadata import version

    return version("gallery-sdk")
