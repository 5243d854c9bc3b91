"""A connection that cannot be opened: the job fails where cycles fail, and everybody can see why."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gallery_sdk.apps import Workspace
from gallery_sdk.cli.root import cli
from gallery_sdk.errors import CycleError, TransportError
from gallery_sdk.runner import job_status, open_job, read_log
from gallery_sdk.store import LogQuery
from gallery_sdk.transport import RetryPolicy

APP = """
connector = "scim"
url = "{url}"
[auth]
method = "none"
[source]
kind = "csv"
users = "people.csv"
"""


@pytest.fixture
def silent() -> Iterator[str]:
    """An address at which nothing listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{holder.getsockname()[1]}/scim/v2"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are repeated without the pauses between them, which have tests of their own."""
    monkeypatch.setattr(RetryPolicy, "backoff_seconds", lambda *_: 0.0)


@pytest.fixture
def workspace(tmp_path: Path, silent: str) -> Workspace:
    """One app whose target is not there."""
    (tmp_path / "gallery.toml").write_text("schema = 1\n")
    (tmp_path / "people.csv").write_text(
        "id,userPrincipalName,givenName,surname,displayName,mail,accountEnabled\n"
        "1,a@example.com,A,B,A B,a@example.com,True\n"
    )
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "prod.toml").write_text(APP.format(url=silent))
    return Workspace.find(tmp_path)


async def test_an_unreachable_target_is_a_failed_cycle_and_counts_towards_quarantine(workspace: Workspace) -> None:
    """With its reason in status and log, and with waits that grow."""
    waits = []
    for _ in range(2):
        async with open_job(workspace, "prod") as job:
            with pytest.raises(CycleError):
                await job.run_cycle()
        status = job_status(workspace, "prod")
        assert status.job.next_attempt is not None
        assert status.job.last_run is not None
        waits.append(status.job.next_attempt - status.job.last_run)

    assert (status.job.status, status.job.quarantine_count) == ("quarantine", 2)
    assert [one.state for one in status.cycles] == ["failed", "failed"]
    assert 40 * 60 * 0.9 <= waits[0] < waits[1]
    lines = read_log(workspace, "prod", LogQuery(status="failure"))
    assert [one.kind for one in lines] == ["job", "job"]
    for text in (status.job.quarantine_error or "", status.cycles[0].error or "", lines[0].reason or ""):
        assert "127.0.0.1" in text
        assert "Check the base URL" in text


async def test_nobody_is_in_escrow_for_a_target_that_is_not_there(workspace: Workspace) -> None:
    """Provisioning one person says why it cannot be done, and leaves the person alone."""
    async with open_job(workspace, "prod") as job:
        with pytest.raises(TransportError):
            await job.provision("user", "1")

    assert job_status(workspace, "prod").counts == {}


def test_the_connection_test_marks_the_step_that_failed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What works is shown beside what does not, with the next step."""
    monkeypatch.chdir(workspace.root)

    result = CliRunner().invoke(cli, ["test", "prod"], prog_name="gallery")

    assert result.exit_code == 1
    assert "ok      read the source" in result.output
    assert "FAILED  connect" in result.output
    assert "Next: Check the base URL" in result.output
