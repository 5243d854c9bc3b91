"""The catalog with 300 connectors: what is installed, what is signed, and the site of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from gallery_sdk.catalog import build, sign
from gallery_sdk.catalog.keys import make_key, read_private_key, read_public_key

from ..invented import install_connectors, write_repository
from ..report import Aim, Row
from ..running import MeasuringError, Sample, interleave, ratio, run_child, typical
from ..workspace import python_path

_ROUNDS: Final = 7


def measure() -> list[Row]:
    """Times in fresh processes, by turns; pluggy's way is to import every plugin that is installed."""
    with tempfile.TemporaryDirectory(prefix="gallery-bench-") as folder:
        root = Path(folder)
        install_connectors(root / "site")
        published = _publish(write_repository(root / "repository"), root / "published")
        installed = {"PYTHONPATH": python_path(root / "site"), "XDG_CACHE_HOME": str(root / "cache")}
        run_child("catalog", "warm-index", environment=installed)
        run_child("catalog", "pluggy", environment=installed)  # compiles what is installed, as an installer does
        runs: dict[str, Callable[[], Sample]] = {
            "cold-index": partial(_cold, installed, root / "cold"),
            "warm-index": partial(run_child, "catalog", "warm-index", environment=installed),
            "pluggy": partial(run_child, "catalog", "pluggy", environment=installed),
            "verify": partial(run_child, "catalog", "verify", published),
            "site": partial(run_child, "catalog", "site", published),
        }
        samples = interleave(_ROUNDS, runs)
    rows = [
        _row(samples, "cold-index", "index of 300 installed, nothing kept", Aim("at most", 150)),
        _row(samples, "warm-index", "index of 300 installed, kept"),
        _row(samples, "verify", "signed catalog of 300 verified", Aim("at most", 20)),
        _row(samples, "site", "site of 300 built", Aim("at most", 3000)),
    ]
    for name in ("cold-index", "warm-index"):
        ours, theirs = samples[name], samples["pluggy"]
        what = f"{name.replace('-', ' ')} / pluggy loading everything"
        times = (f"{typical(one, 'wall'):.0f} ms" for one in (ours, theirs))
        rows.append(Row("catalog", what, ratio(ours, theirs, "wall"), "x", Aim("below", 1), *times))
    return rows


def _row(samples: dict[str, list[Sample]], name: str, what: str, aim: Aim | None = None) -> Row:
    wall, cpu = (typical(samples[name], clock) for clock in ("wall", "cpu"))
    return Row("catalog", what, wall, unit="ms", aim=aim, ours=f"{cpu:.0f} ms CPU")


def _cold(environment: dict[str, str], cache: Path) -> Sample:
    shutil.rmtree(cache, ignore_errors=True)
    return run_child("catalog", "cold-index", environment={**environment, "XDG_CACHE_HOME": str(cache)})


def _publish(repository: Path, out: Path) -> Path:
    """The repository's catalog, signed, with its details; key and signature lie beside it."""
    built = build(repository)
    if built.problems:
        raise MeasuringError(f"{len(built.problems)} invented connectors are not sound: {built.problems[0]}")
    (out / "c").mkdir(parents=True)
    (out / "catalog.json").write_bytes(built.catalog)
    for path, data in built.details.items():
        (out / path).write_bytes(data)
    make_key(out / "private.pem", out / "public.pem")
    (out / "signature").write_bytes(sign(built.catalog, read_private_key(out / "private.pem")))
    (out / "key").write_text(read_public_key(out / "public.pem"), "utf-8")
    return out
