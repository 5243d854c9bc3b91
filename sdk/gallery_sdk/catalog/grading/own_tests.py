"""A connector's own tests run, in a process of its own: what came of them, and which of its lines they executed.

Run by `collect` as `python -m`; prints one JSON document as its last line. The tests may look the connector up by its
slug, so one that is not installed is shown to this process as if it were.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from .tracing import traced

if TYPE_CHECKING:
    import pytest

_OPTIONS: Final = (
    "-q", "--no-header", "-p", "no:cacheprovider",
    "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning",  # this program is of the SDK itself
)  # fmt: skip


class Outcomes:
    """A pytest plugin that counts, and leaves out what `acting` has just acted at full size."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Heavy checks of a contract suite take a minute when watched, and execute no line that others do not."""
        acted = [item for item in items if any(_heavy(one) for one in item.iter_markers("contract"))]
        if acted:
            config.hook.pytest_deselected(items=acted)
            items[:] = [item for item in items if item not in acted]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported is a failure, too."""
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set-up and tear-down fail a test as its body does."""
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed += 1


def _heavy(mark: pytest.Mark) -> bool:
    return getattr(mark.kwargs.get("check"), "heavy", False)


def run(tests: Path, package: Path, own: list[str]) -> dict[str, Any]:
    """Run the tests and say what came of them, as plain data."""
    import pytest

    tracer, outcomes = traced(package, own), Outcomes()
    with tracer.watching():
        status = pytest.main([str(tests), *_OPTIONS, *_alone()], plugins=[outcomes])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and not outcomes.failed:
        # A conftest.py that cannot be imported, an option that is none: no test was run, and none may count as kept.
        why = f"its tests cannot be run: pytest ends with status {int(status)} before the first"
        return {"refused": (why, str(tests), "Run pytest there to see what it says")}
    return {"passed": outcomes.passed, "failed": sorted(outcomes.failed), "executed": tracer.executed()}


def _alone() -> list[str]:
    """In one process, which is the one that is watched, and from one seed."""
    return [
        option
        for library, option in (("xdist", "-n0"), ("hypothesis", "--hypothesis-seed=0"))
        if find_spec(library) is not None
    ]


def offer(dist: str, version: str, entry_points: Mapping[str, str], folder: Path) -> None:
    """Put a distribution's metadata into a folder on the import path, where it is not installed."""
    try:
        distribution(dist)
    except PackageNotFoundError:
        info = folder / f"{dist.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n", "utf-8")
        lines = ["[gallery.connectors]", *(f"{name} = {value}" for name, value in entry_points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")
        sys.path.insert(0, str(folder))


def main(arguments: Sequence[str]) -> None:
    """One argument: JSON of the tests' folder, the connector's, its package, its modules, and what it offers."""
    given = json.loads(arguments[0])
    sys.path.insert(0, given["path"])
    with TemporaryDirectory() as folder:
        offer(given["dist"], given["version"], given["entry_points"], Path(folder))
        found = run(Path(given["tests"]), Path(given["package"]), given["own"])
    sys.stdout.write("\n" + json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)  # threads that a test forgot must not hold the answer back


if __name__ == "__main__":
    main(sys.argv[1:])
