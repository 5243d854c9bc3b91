"""Jobs on schedule: each at its own pace, and none at the expense of the others."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gallery_sdk.apps import Workspace
from gallery_sdk.errors import ConfigError, GalleryError, SecretError
from gallery_sdk.provisioning import CycleSummary
from gallery_sdk.runner import run_schedule

APP = """
connector = "scim"
url = "http://127.0.0.1:1/scim/v2"
[auth]
method = "bearer"
token = "env:SECRET_THAT_NOBODY_SET"
[source]
kind = "csv"
users = "people.csv"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A job without its secret, and one whose file was broken by an edit."""
    (tmp_path / "gallery.toml").write_text("schema = 1\n")
    (tmp_path / "people.csv").write_text("id,userPrincipalName\n1,ada@example.com\n")
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "secretless.toml").write_text(APP)
    (tmp_path / "apps" / "broken.toml").write_text(APP.replace("[source]", "[source"))
    return Workspace.find(tmp_path)


async def test_a_job_that_cannot_be_opened_is_tried_ever_more_rarely_beside_the_others(workspace: Workspace) -> None:
    """Neither in a loop without a pause, nor once and then never again; a broken file ends nobody else's schedule."""
    stop = asyncio.Event()
    told: list[tuple[str, CycleSummary | GalleryError]] = []

    running = asyncio.create_task(
        run_schedule(
            workspace,
            ["secretless", "broken"],
            stop=stop,
            on_summary=lambda name, outcome: told.append((name, outcome)),
            first_pause_seconds=0.4,
        )
    )
    await asyncio.sleep(2.0)
    stop.set()
    await asyncio.wait_for(running, 5)

    for name, error in (("secretless", SecretError), ("broken", ConfigError)):
        outcomes = [outcome for of, outcome in told if of == name]
        assert 2 <= len(outcomes) <= 4
        assert all(isinstance(one, error) for one in outcomes)
