"""The whole engine: cycles of one app from a CSV file to the target, with state and log on disk.

Arguments: the team's folder, and how many cycles to run. The first is measured, and so is the last if there are more;
opening the job (imports, manifest, database) is not.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gallery_sdk.apps import Workspace
from gallery_sdk.runner import open_job

from ..usage import Usage, peak_bytes, tell
from ..workspace import APP


async def main(folder: Path, cycles: int) -> None:
    """Run the cycles and tell what they took."""
    async with open_job(Workspace.find(folder), APP) as job:
        with Usage() as used:
            summary = await job.run_cycle()
        users = summary.counts["create"] - 1  # one of them is the group
        figures = {
            "users": users,
            "wall_seconds": used.wall_seconds,
            "cpu_seconds": used.cpu_seconds,
            "requests": summary.requests,
            "peak_bytes": peak_bytes(),
        }
        assert summary.failed == 0, summary
        for _ in range(cycles - 1):
            with Usage() as again:
                summary = await job.run_cycle()
            figures |= {
                "again_wall_seconds": again.wall_seconds,
                "again_cpu_seconds": again.cpu_seconds,
                "again_requests": summary.requests,
                "again_unchanged": summary.counts["unchanged"],
            }
    tell(**figures)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
