"""Memory of an initial cycle at 10,000 and 100,000 users, and the requests of first and second cycles."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from ..loopback_target import Counted, loopback_target, read_counted
from ..report import Aim, Row
from ..running import Sample, run_child
from ..workspace import BenchFolder

_SMALL: Final = 10_000
_LARGE: Final = 100_000
_FLAT: Final = 1.1


def measure() -> list[Row]:
    """The larger run against the smaller, each in a process of its own."""
    small, large = _run(_SMALL, cycles=1)[0], _run(_LARGE, cycles=1)[0]
    again, counted = _run(_SMALL, cycles=2)
    return [
        Row(
            "memory",
            f"peak memory at {_LARGE:,} users, of that at {_SMALL:,}",
            large["peak_bytes"] / small["peak_bytes"],
            aim=Aim("at most", _FLAT),
            ours=f"{large['peak_bytes'] / 2**20:.0f} MiB",
            peer=f"{small['peak_bytes'] / 2**20:.0f} MiB",
        ),
        Row(
            "memory",
            f"requests per new user, {_LARGE:,} users",
            large["requests"] / large["users"],
            unit="per user",
            aim=Aim("at most", 1.02),
            ours=f"{large['users'] / large['wall_seconds']:,.0f} users/s",
        ),
        Row(
            "memory",
            f"writes of a second cycle, {_SMALL:,} users unchanged",
            counted.writes - counted.created,
            unit="writes",
            aim=Aim("at most", 0),
            ours=f"{again['again_cpu_seconds'] / again['users'] * 1e6:,.0f} µs CPU each",
        ),
    ]


def _run(people: int, *, cycles: int) -> tuple[Sample, Counted]:
    with loopback_target() as url, tempfile.TemporaryDirectory(prefix="gallery-bench-") as root:
        folder = BenchFolder(Path(root), url, people=people)
        sample = run_child("engine", folder.workspace, cycles, environment=folder.environment)
        return sample, read_counted(url)
