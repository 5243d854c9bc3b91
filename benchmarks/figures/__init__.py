"""The figures, by the names that `--only` takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..report import Row
from . import catalog, creating, filters, mapping, member, memory, requests, starting

FIGURES: Final[dict[str, Callable[[], list[Row]]]] = {
    "create": creating.measure,
    "map": mapping.measure,
    "filter": filters.measure,
    "member": member.measure,
    "start": starting.measure,
    "catalog": catalog.measure,
    "memory": memory.measure,
    "requests": requests.measure,
}
