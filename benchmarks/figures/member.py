"""One member changed in a group of 10,000: CPU, and bytes on the wire with the request's head."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..loopback_target import loopback_target, read_counted
from ..report import Aim, Row
from ..running import run_child
from ..workspace import BenchFolder


def measure() -> list[Row]:
    """No peer: scim2-client has no notion of a group that is known already."""
    with loopback_target() as url, tempfile.TemporaryDirectory(prefix="gallery-bench-") as root:
        folder = BenchFolder(Path(root), url, people=1)
        before = read_counted(url)
        sample = run_child("member", folder.workspace, environment=folder.environment)
        counted = read_counted(url).since(before)
    changes = sample["changes"]
    return [
        Row(
            "member",
            "CPU of one member changed in a group of 10,000",
            sample["cpu_seconds"] * 1000,
            unit="ms",
            aim=Aim("below", 5),
            ours=f"{sample['wall_seconds'] * 1000:.1f} ms on the wall",
        ),
        Row(
            "member",
            "bytes sent for it, head and body",
            counted.received / changes,
            unit="B",
            aim=Aim("below", 1024),
            ours=f"{counted.writes / changes:.2f} requests",
        ),
    ]
