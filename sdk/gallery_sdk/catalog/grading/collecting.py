"""Evidence collected: the long programs run, each in a process of its own, so that none can spoil the one that asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ...errors import GalleryError, PluginError, UsageError
from ..compatibility import sdk_version
from ..documents import digest
from ..names import DIST_PREFIX
from ..wheels import build_wheel, look_into
from .evidence import CheckRecord, Coverage, Evidence, ImportRecord, Replay, WheelRecord
from .importing import QUICK_SECONDS
from .looked_at import LookedAt, cassette_digests

_EPOCH: Final = 1_577_836_800  # 2020-01-01; any day gives equal wheels, and zip files know none before 1980
_SECONDS: Final = 600


def collect(seen: LookedAt, *, coverage: Path | None = None) -> Evidence:
    """Act a connector and say what was seen; it need not be installed. Takes some ten seconds.

    Args:
        coverage: A report of coverage.py (`coverage json`) over all of the connector's tests. Without one it is what
            the contract suite executes, or an earlier report's word on the same source.

    Raises:
        PluginError: The connector cannot be loaded at all.
        UsageError: The coverage report cannot be read.
    """
    acted = _acted(seen)
    statements, executed = acted["coverage"]
    shown = Coverage(statements=statements, executed=executed) if statements else None
    return Evidence(
        source_sha256=seen.source_sha256,
        sdk=sdk_version(),
        contract=tuple(CheckRecord(**one) for one in acted["contract"]),
        replay=Replay(
            cassettes=cassette_digests(seen.cassettes), checks=tuple(CheckRecord(**one) for one in acted["replayed"])
        ),
        wheel=_wheel(seen),
        imported=_imported(seen),
        offered={kind: tuple(words) for kind, words in acted["offered"].items()},
        coverage=read_coverage(seen, coverage) if coverage is not None else _better(shown, seen),
    )


def read_coverage(seen: LookedAt, report: Path) -> Coverage:
    """What a report of coverage.py says of the connector's own code.

    Raises:
        UsageError: It is no such report.
    """
    try:
        files = json.loads(report.read_bytes())["files"]
        own = {f"{seen.package.name}/{name}" for name in seen.own_code}
        found = {
            name: facts["summary"]
            for path, facts in files.items()
            for name in own
            if Path(path).as_posix().endswith(f"/{name}") or Path(path).as_posix() == name
        }
        missing = sorted(own - set(found))
        if missing:
            raise UsageError(
                f"nothing is said of {', '.join(missing)}", str(report), "Measure with --source of the whole package"
            )
        return Coverage(
            statements=sum(int(one["num_statements"]) for one in found.values()),
            executed=sum(int(one["covered_lines"]) for one in found.values()),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError("this is no coverage report", str(report), "Write one with `coverage json`") from error


def _acted(seen: LookedAt) -> dict[str, Any]:
    entry_point = next(iter(seen.entry_points.values()), "")
    tapes = seen.tapes_in.parent if seen.tapes_in is not None else ""
    given = {
        "path": str(seen.path.resolve()),
        "entry_point": entry_point,
        "cassettes": str(tapes),
        "recorded": [one.name for one in seen.cassettes if one.header is not None],
        "own": seen.own_code,
    }
    return _run("acting", [json.dumps(given)], str(seen.path))


def _better(shown: Coverage | None, seen: LookedAt) -> Coverage | None:
    """What the contract executed, or what a report said of the same source before, whichever is more."""
    kept = seen.evidence.coverage if seen.evidence is not None else None
    if shown is None or kept is None:
        return shown or kept
    return max(shown, kept, key=lambda one: one.executed / one.statements)


def _imported(seen: LookedAt) -> ImportRecord:
    entry = [value.partition(":")[0] for value in seen.entry_points.values()]
    modules = list(dict.fromkeys([seen.package.name, *entry]))
    runs = [_run("importing", [str(seen.path.resolve()), *modules], str(seen.path)) for _ in range(3)]
    return ImportRecord(
        problem=next((one["problem"] for one in runs if one["problem"]), ""),
        effects=tuple(sorted({effect for one in runs for effect in one["effects"]})),
        quick=min(one["seconds"] for one in runs) <= QUICK_SECONDS,
    )


def _wheel(seen: LookedAt) -> WheelRecord:
    with TemporaryDirectory() as folder:
        try:
            wheels = [
                build_wheel(seen.path.resolve(), Path(folder) / name, epoch=_EPOCH) for name in ("first", "second")
            ]
            digests = [digest(one.read_bytes()) for one in wheels]
            facts = look_into(wheels[0], digests[0])
        except GalleryError as error:
            return WheelRecord(problem=error.what)
    problem = ""
    if facts.dist != DIST_PREFIX + seen.manifest.slug or list(facts.connectors) != [seen.manifest.slug]:
        problem = f"the wheel is {facts.dist!r} and offers {', '.join(facts.connectors) or 'nothing'}"
    return WheelRecord(problem=problem, reproducible=digests[0] == digests[1])


def _run(module: str, arguments: Sequence[str], where: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"{__package__}.{module}", *arguments]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603 - a command of our own
        command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=environment
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or "it ended without a word").splitlines()[-1]
        raise PluginError(f"acting it failed: {said}", where, "Import its package in Python to see everything")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
