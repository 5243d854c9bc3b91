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

from ...errors import GalleryError, PluginError
from ...testing.extra import require_testing_extra
from ..compatibility import sdk_version
from ..documents import digest
from ..folders import files_sha256
from ..names import DIST_PREFIX
from ..wheels import build_wheel, look_into
from .evidence import CheckRecord, Coverage, Evidence, ImportRecord, OwnTests, Replay, WheelRecord
from .importing import QUICK_SECONDS
from .looked_at import LookedAt, cassette_digests

_EPOCH: Final = 1_577_836_800  # 2020-01-01; any day gives equal wheels, and zip files know none before 1980
_SECONDS: Final = 600


def collect(seen: LookedAt) -> Evidence:
    """Act a connector and say what was seen; it need not be installed. Takes some ten seconds, and its own tests' time.

    Raises:
        UsageError: The SDK's extra `testing` is not installed; nothing was acted.
        PluginError: The connector cannot be loaded at all, or its tests cannot be run.
    """
    require_testing_extra(str(seen.path))
    acted = _acted(seen)
    tests, executed = run_own_tests(seen)
    executed |= set(acted["executed"])
    return Evidence(
        source_sha256=seen.source_sha256,
        sdk=sdk_version(),
        contract=tuple(CheckRecord(**one) for one in acted["contract"]),
        not_called_for=tuple(acted["not_called_for"]),
        replay=Replay(
            cassettes=cassette_digests(seen.cassettes), checks=tuple(CheckRecord(**one) for one in acted["replayed"])
        ),
        wheel=_wheel(seen),
        imported=_imported(seen),
        offered={kind: tuple(words) for kind, words in acted["offered"].items()},
        tests=tests,
        coverage=Coverage(statements=acted["statements"], executed=len(executed)) if acted["statements"] else None,
    )


def run_own_tests(seen: LookedAt) -> tuple[OwnTests | None, set[str]]:
    """What came of a connector's own tests, and the lines of its code that they executed, as `path:line`.

    A vendor's stand beside pyproject.toml, as the scaffold writes them; a connector of the gallery's repository has
    them in `tests/connectors/<slug>`, dashes as underscores, and they are run at the repository's root.

    Raises:
        PluginError: They cannot be run.
    """
    path = seen.path.resolve()
    root = path.parent.parent
    places = [(path / "tests", path), (root / "tests" / "connectors" / seen.manifest.slug.replace("-", "_"), root)]
    tests, folder = next((place for place in places if any(place[0].rglob("test_*.py"))), (None, None))
    if tests is None:
        return None, set()
    given = {
        "tests": str(tests),
        "path": str(path),
        "package": str(seen.package.resolve()),
        "own": seen.own_code,
        "dist": str(seen.table.get("name", "")),
        "version": str(seen.table.get("version", "")),
        "entry_points": seen.entry_points,
    }
    told = _run("own_tests", [json.dumps(given)], str(seen.path), folder=folder)
    sha256 = files_sha256(tests, (path for path in tests.rglob("*") if path.suffix != ".pyc"))
    came = OwnTests(sha256=sha256, passed=told["passed"], failed=tuple(told["failed"]))
    return came, set(told["executed"])


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


def _run(module: str, arguments: Sequence[str], where: str, *, folder: Path | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", f"{__package__}.{module}", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment = {**inherited, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603 - a command of our own
        command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=environment, cwd=folder
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or "it ended without a word").splitlines()[-1]
        raise PluginError(f"acting it failed: {said}", where, "Import its package in Python to see everything")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if "refused" in found:
        what, place, mend = found["refused"]
        raise PluginError(what, str(Path(where, place)), mend)
    return found
