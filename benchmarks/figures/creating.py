"""Users created: the whole engine against bare loops that post prebuilt JSON, and against scim2-client."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..loopback_target import loopback_target, read_counted
from ..report import Aim, Row
from ..running import MeasuringError, Sample, interleave, ratio, run_child, typical
from ..workspace import BenchFolder

_USERS: Final = 2000
_SCIM2_CLIENT_USERS: Final = 300  # it takes several times as long for each
_ROUNDS: Final = 5

_PEERS: Final = (
    ("httpx2", "a bare loop, httpx2 over aiohttp", Aim("at least", 0.75)),
    ("aiohttp", "a bare loop, aiohttp alone", None),
    ("scim2-client", "scim2-client, async engine", Aim("at least", 3)),
)


def measure() -> list[Row]:
    """Rates on the wall and per CPU second, each as a multiple of the peer's."""
    with loopback_target() as url:
        samples = interleave(
            _ROUNDS,
            {
                "engine": lambda: _rated(lambda: _engine(url), url),
                "httpx2": lambda: _rated(lambda: run_child("loop_httpx2", url, _USERS), url),
                "aiohttp": lambda: _rated(lambda: run_child("loop_aiohttp", url, _USERS), url),
                "scim2-client": lambda: _rated(lambda: run_child("loop_scim2_client", url, _SCIM2_CLIENT_USERS), url),
            },
        )
    bodies = {name: typical(of_name, "bytes") for name, of_name in samples.items()}
    if max(bodies.values()) - min(bodies.values()) > 8:  # else somebody sends less than the others
        raise MeasuringError(f"the runs did not send the same users; bytes of body per user: {bodies}")
    return [row for peer, what, aim in _PEERS for row in _rows(samples, peer, what, aim)]


def _rows(samples: dict[str, list[Sample]], peer: str, what: str, aim: Aim | None) -> list[Row]:
    ours, theirs = samples["engine"], samples[peer]
    return [
        Row(
            "create",
            f"users per second, of {what}",
            ratio(ours, theirs, "per_second"),
            aim=aim,
            ours=f"{typical(ours, 'per_second'):,.0f}/s",
            peer=f"{typical(theirs, 'per_second'):,.0f}/s",
        ),
        Row(
            "create",
            f"users per CPU second, of {what}",
            ratio(ours, theirs, "per_cpu_second"),
            aim=aim,
            ours=f"{1e6 / typical(ours, 'per_cpu_second'):,.0f} µs each",
            peer=f"{1e6 / typical(theirs, 'per_cpu_second'):,.0f} µs each",
        ),
    ]


def _engine(url: str) -> Sample:
    with tempfile.TemporaryDirectory(prefix="gallery-bench-") as root:
        folder = BenchFolder(Path(root), url, people=_USERS)
        return run_child("engine", folder.workspace, 1, environment=folder.environment)


def _rated(run: Callable[[], Sample], url: str) -> Sample:
    """A run's rates, and how many bytes of body it sent for each user."""
    before = read_counted(url)
    sample = run()
    counted = read_counted(url).since(before)
    return {
        "per_second": sample["users"] / sample["wall_seconds"],
        "per_cpu_second": sample["users"] / sample["cpu_seconds"],
        "bytes": counted.bodies / sample["users"],
    }
