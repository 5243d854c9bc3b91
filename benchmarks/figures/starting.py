"""Commands against a bare interpreter start, with 300 connectors installed and the index warm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from ..invented import MOST, SOUGHT, install_connectors
from ..report import Aim, Row
from ..running import MeasuringError, Sample, interleave, typical
from ..usage import children_cpu_seconds
from ..workspace import python_path

_FOUND: Final = MOST // 5
_ROUNDS: Final = 25
# On a machine that does nothing else both are the same; the second is what a busy one leaves to compare.
_CLOCKS: Final = (("wall", "time"), ("cpu", "CPU"))
_AIM: Final = Aim("at most", 60)


def measure() -> list[Row]:
    """Milliseconds above `python -c pass`, on the wall and of CPU, with 300 connectors installed."""
    gallery = str(Path(sys.executable).with_name("gallery"))
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        "import click": [sys.executable, "-c", "import click"],  # what every command pays before our first line
        "gallery --help": [gallery, "--help"],
        "gallery search": [gallery, "search", SOUGHT],
    }
    with tempfile.TemporaryDirectory(prefix="gallery-bench-") as root:
        site = Path(root) / "site"
        install_connectors(site)
        environment = {**os.environ, "PYTHONPATH": python_path(site), "XDG_CACHE_HOME": str(Path(root) / "cache")}
        found = len(json.loads(_run([*commands["gallery search"], "--json"], environment)))
        if found < _FOUND:  # connectors that are really installed may answer, too
            raise MeasuringError(f"the search found {found} connectors, and should {_FOUND}")
        _run(commands["gallery --help"], environment)
        samples = interleave(
            _ROUNDS, {name: partial(_timed, command, environment) for name, command in commands.items()}
        )
    return [
        Row(
            "start",
            f"{name}, {what} above a bare start",
            median(ours[clock] - bare[clock] for ours, bare in zip(samples[name], samples["pass"], strict=True)),
            unit="ms",
            aim=_AIM if name.startswith("gallery") else None,
            ours=f"{typical(samples[name], clock):.0f} ms",
            peer=f"{typical(samples['pass'], clock):.0f} ms",
        )
        for name in commands
        if name != "pass"
        for clock, what in _CLOCKS
    ]


def _timed(command: list[str], environment: dict[str, str]) -> Sample:
    cpu, began = children_cpu_seconds(), time.perf_counter()
    _run(command, environment)
    wall = time.perf_counter() - began
    return {"wall": wall * 1000, "cpu": (children_cpu_seconds() - cpu) * 1000}


def _run(command: list[str], environment: dict[str, str]) -> bytes:
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode != 0:
        raise MeasuringError(f"{' '.join(command)} failed:\n{done.stderr.decode(errors='replace')}")
    return done.stdout
