"""Requests per provisioned person, app by app, beside the least that its API allows. Counted on the apps' twins."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gallery_sdk.apps import Workspace, create_workspace, write_sample_directory
from gallery_sdk.cli.demo_twin import served_twin
from gallery_sdk.plugins import ConnectionPlugins, connection_manager, load_index
from gallery_sdk.provisioning import CycleSummary
from gallery_sdk.runner import open_job
from gallery_sdk.testing import Twin

from ..report import Aim, Row

_PEOPLE: Final = 200
_GROUPS: Final = 10
_APP: Final = "bench"


@dataclass(frozen=True, slots=True)
class _Least:
    """What one new person costs at least: requests, and by which operation."""

    requests: float
    by: str


LEAST: Final[Mapping[str, _Least]] = {
    # docs.slack.dev/reference/scim-api: Bulk is not among the endpoints.
    "slack": _Least(1, "POST /Users"),
    "zoom": _Least(1, "POST /Users; no Bulk in the inventory"),
    "snowflake": _Least(1, "POST /Users; no Bulk is documented"),
    "servicenow": _Least(1, "POST table/sys_user"),
    "salesforce": _Least(1, "POST sobjects/User"),
    # dropbox.com/developers/documentation/http/teams: members/add_v2 takes up to 20 members.
    "dropbox": _Least(1 / 20, "members/add_v2, 20 at a time"),
}


def measure() -> list[Row]:
    """An initial cycle of sample people and groups, and an unchanged second one, on every twin that is installed."""
    rows: list[Row] = []
    for entry in load_index():
        least = LEAST.get(entry.slug)
        if least is None or entry.broken is not None:
            continue
        first, second = _cycles(connection_manager(entry))
        created = max(1, first.counts.get("create", 0))
        rows.append(
            Row(
                "requests",
                f"{entry.name}: requests per object created, members included",
                first.requests / created,
                unit="",
                ours=f"{first.requests} for {created}",
                peer=f"{least.requests:g} at least ({least.by})",
            )
        )
        rows.append(
            Row(
                "requests",
                f"{entry.name}: requests of an unchanged second cycle",
                float(second.requests),
                unit="",
                aim=Aim("at most", 5),
            )
        )
    return rows


def _cycles(plugins: ConnectionPlugins) -> tuple[CycleSummary, CycleSummary]:
    with tempfile.TemporaryDirectory(prefix="gallery-bench-") as folder, served_twin(plugins) as (twin, server):
        root = Path(folder)
        workspace = create_workspace(root)
        write_sample_directory(root, people=_PEOPLE, groups=_GROUPS)
        with _credentials(twin):
            url = f"{server.url}{twin.base_path}"
            workspace.write_app(_APP, _app_file(plugins, twin, url))
            return asyncio.run(_twice(workspace))


async def _twice(workspace: Workspace) -> tuple[CycleSummary, CycleSummary]:
    async with open_job(workspace, _APP) as job:
        first = await job.run_cycle()
        return first, await job.run_cycle()


def _app_file(plugins: ConnectionPlugins, twin: Twin, url: str) -> dict[str, object]:
    manifest = plugins.manifest
    method = next((one for one in manifest.auth_methods if one.id == twin.method), None)
    secret = {one.id for one in method.inputs if one.type == "secret"} if method is not None else set()
    auth = {name: f"env:{_variable(name)}" if name in secret else value for name, value in twin.credentials.items()}
    return {
        "connector": manifest.slug,
        "url": url,
        "settings": dict(twin.settings),
        "source": {"kind": "csv", "users": "people.csv", "groups": "groups.csv", "members": "memberships.csv"},
        "auth": {"method": twin.method, **auth} if method is not None else {},
        "engine": {"rate_scale": float(twin.rate_scale)},
    }


def _variable(name: str) -> str:
    return f"GALLERY_BENCH_{name.upper()}"


@contextmanager
def _credentials(twin: Twin) -> Iterator[None]:
    """The twin's credentials in the environment, where the app's file refers to them."""
    names = {_variable(name): value for name, value in twin.credentials.items()}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)
