"""Runs in fresh processes, interleaved, and ratios of what they measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).resolve().parent.parent

Sample: TypeAlias = Mapping[str, float]
"""What one run measured, by name; see the child that measured it."""


class MeasuringError(Exception):
    """A run failed, or did not do the work that it is compared for."""


def run_child(name: str, *arguments: object, environment: Mapping[str, str] | None = None) -> Sample:
    """Run `children/<name>.py` in a fresh interpreter and return what it tells.

    Raises:
        MeasuringError: It failed; the text is its own.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.children.{name}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MeasuringError(f"{name} {' '.join(map(str, arguments))} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def interleave(rounds: int, runs: Mapping[str, Callable[[], Sample]]) -> dict[str, list[Sample]]:
    """Run A B C A B C ..., so that what else the machine does falls on all alike."""
    samples: dict[str, list[Sample]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            samples[name].append(run())
    return samples


def ratio(ours: list[Sample], theirs: list[Sample], figure: str) -> float:
    """The median, over the rounds, of ours divided by theirs of the same round."""
    return median(one[figure] / other[figure] for one, other in zip(ours, theirs, strict=True))


def typical(samples: list[Sample], figure: str) -> float:
    """The median of one figure."""
    return median(sample[figure] for sample in samples)
