"""`make bench`: measure, and print one table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time

from .figures import FIGURES
from .report import Row, table
from .running import MeasuringError


def main() -> int:
    """Measure what is asked for. Figures are told, never tested: exit status 1 is for what could not be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(FIGURES), help="one figure; may be given several times")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gallery-bench-") as folder:
        # Installed programs are compiled already. Here too, whatever the surroundings say about bytecode, and
        # without leaving any behind.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        rows, broken = _measured(options.only or list(FIGURES))
    if options.json:
        print(json.dumps([row.as_json() for row in rows], indent=2, ensure_ascii=False))
        return 1 if broken else 0
    print(f"\nPython {platform.python_version()} on {platform.machine()}. Ratios are medians of rounds run by turns.\n")
    print(table(rows))
    met, missed = (sum(row.verdict == verdict for row in rows) for verdict in ("met", "missed"))
    print(f"\n{met} met, {missed} missed" + (f", not measured: {', '.join(broken)}" if broken else ""))
    return 1 if broken else 0


def _measured(names: list[str]) -> tuple[list[Row], list[str]]:
    """The rows of all figures, and the names of those that could not be measured."""
    rows: list[Row] = []
    broken: list[str] = []
    for name in names:
        began = time.perf_counter()
        print(f"measuring {name} ...", end="", file=sys.stderr, flush=True)
        try:
            rows += FIGURES[name]()
        except (MeasuringError, OSError) as error:
            broken.append(name)
            print(f" failed: {error}", file=sys.stderr, flush=True)
            continue
        print(f" {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return rows, broken


if __name__ == "__main__":
    sys.exit(main())
