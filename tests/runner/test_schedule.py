"""Jobs on schedule: each at its own pace, and none at the expense of the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gallery_sdk.apps import Workspace
from gallery_sdk.errors import ConfigError, CycleError, SecretError
from gallery_sdk.provisioning import CycleSummary
from gallery_sdk.runner import job_status, restart_job, run_schedule
from gallery_sdk.runner.schedule import _Scheduled
from gallery_sdk.runner.state import opened_store
from gallery_sdk.store import CycleRow, JobRow, job_lock
from gallery_sdk.testing import ScimServer, TwinBehaviour, serve

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

OPEN_APP = """
connector = "scim"
url = "{url}/scim/v2"
[auth]
method = "none"
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
    told: list[tuple[str, CycleSummary | Exception]] = []

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


async def test_a_disabled_job_is_told_of_and_picked_up_again_after_a_restart(
    workspace: Workspace, tmp_path: Path
) -> None:
    """The process that runs the schedule goes on as it is; nobody has to start it anew."""
    stop = asyncio.Event()
    told: list[CycleSummary | Exception] = []
    with serve(ScimServer(TwinBehaviour())) as server:
        (tmp_path / "apps" / "prod.toml").write_text(OPEN_APP.format(url=server.url))
        with opened_store(workspace, "prod") as store:
            store.save_job(JobRow("prod", status="disabled", last_run=1.0))

        running = asyncio.create_task(
            run_schedule(
                workspace, ["prod"], stop=stop, look_again_seconds=0.05, on_summary=lambda _, one: told.append(one)
            )
        )
        await until(lambda: len(told) == 1)
        await asyncio.sleep(0.2)
        before = list(told)
        restart_job(workspace, "prod")
        await until(lambda: len(told) == 2)
        stop.set()
        await asyncio.wait_for(running, 5)

    assert [type(one) for one in before] == [CycleError]
    assert "gallery restart prod" in str(before[0])
    assert isinstance(told[1], CycleSummary)
    assert told[1].counts["create"] == 1


async def test_a_restart_ends_the_wait_of_a_quarantine(workspace: Workspace, tmp_path: Path) -> None:
    """An administrator who mended the credential does not wait a day for the schedule to look."""
    stop = asyncio.Event()
    told: list[CycleSummary | Exception] = []
    with serve(ScimServer(TwinBehaviour())) as server:
        (tmp_path / "apps" / "prod.toml").write_text(OPEN_APP.format(url=server.url))
        with opened_store(workspace, "prod") as store:
            tomorrow = time.time() + 86_400
            store.save_job(JobRow("prod", status="quarantine", quarantine_began=1.0, next_attempt=tomorrow))

        running = asyncio.create_task(
            run_schedule(
                workspace, ["prod"], stop=stop, look_again_seconds=0.05, on_summary=lambda _, one: told.append(one)
            )
        )
        await asyncio.sleep(0.2)
        waiting = list(told)
        restart_job(workspace, "prod")
        await until(lambda: bool(told))
        stop.set()
        await asyncio.wait_for(running, 5)

    assert waiting == []
    assert isinstance(told[0], CycleSummary)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens in another task."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.02)


def host_plugin(site: Path, name: str, module: str, hook: str) -> Path:
    """A folder as an installer leaves it, with a host plugin of one hook."""
    info = site / f"host_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: host-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[gallery.plugins]\n{name} = {module}\n")
    (site / f"{module}.py").write_text(f"from gallery_sdk.plugins import hookimpl\n@hookimpl\n{hook}")
    return site


def test_a_job_whose_secret_is_a_plugins_waits_for_its_interval(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference by a plugin's scheme is as good as any: the file is no broken one, which would be due at once."""
    hook = "def gallery_secret_resolvers():\n    return {'vault': lambda rest: rest}\n"
    monkeypatch.syspath_prepend(str(host_plugin(tmp_path / "site", "vault", "gallery_host_of_schedules", hook)))
    (tmp_path / "apps" / "prod.toml").write_text(APP.replace("env:SECRET_THAT_NOBODY_SET", "vault:prod"))
    with opened_store(workspace, "prod") as store:
        store.save_job(JobRow("prod", last_run=time.time()))
    job = _Scheduled(workspace, "prod", asyncio.Event(), lambda *_: None, 60.0, 30.0)

    wait = job._seconds_until_due()

    assert wait is not None
    assert wait > 30 * 60


def turn_of(workspace: Workspace, kind: str, state: str, *, began: float) -> None:
    """Store a cycle that ended so."""
    with opened_store(workspace, "prod") as store:
        number = store.begin_cycle(kind, began)
        record = CycleRow(number, kind, state, began, began, {}, 0, None)
        store.end_cycle(record, store.read_job())


@pytest.fixture
def prod(workspace: Workspace, tmp_path: Path) -> _Scheduled:
    """A job on schedule, every forty minutes."""
    (tmp_path / "apps" / "prod.toml").write_text(OPEN_APP.format(url="http://127.0.0.1:1"))
    return _Scheduled(workspace, "prod", asyncio.Event(), lambda *_: None, 60.0, 30.0)


def test_a_cycle_that_was_stopped_is_gone_on_with_at_once(workspace: Workspace, prod: _Scheduled) -> None:
    """Whoever stops a schedule and starts it again does not wait for an interval with half of the people missing."""
    turn_of(workspace, "initial", "succeeded", began=time.time())
    before = prod._seconds_until_due()
    turn_of(workspace, "incremental", "stopped", began=time.time())

    assert before is not None
    assert before > 30 * 60
    assert prod._seconds_until_due() == 0.0


def test_a_cycle_whose_process_was_killed_is_gone_on_with_at_once(workspace: Workspace, prod: _Scheduled) -> None:
    """It is recorded as running, and nobody holds the lock; while another process does, this one waits."""
    with opened_store(workspace, "prod") as store:
        store.begin_cycle("initial", time.time())

    with job_lock(workspace.lock_folder, "prod"):
        running = prod._seconds_until_due(), job_status(workspace, "prod").cycles[0].state
    (gone,) = job_status(workspace, "prod").cycles

    assert running == (None, "running")
    assert prod._seconds_until_due() == 0.0
    assert gone.state == "stopped"
    assert "the process ended before" in (gone.error or "")


def test_one_person_on_demand_takes_no_turn_of_the_schedule(workspace: Workspace, prod: _Scheduled) -> None:
    """Trying one person does not put off the first cycle, nor one between two cycles the second."""
    turn_of(workspace, "on_demand", "succeeded", began=time.time())
    first = prod._seconds_until_due()
    turn_of(workspace, "initial", "succeeded", began=time.time() - 39 * 60)
    turn_of(workspace, "on_demand", "succeeded", began=time.time())
    later = prod._seconds_until_due()

    assert first == 0.0
    assert later is not None
    assert later < 3 * 60


def test_a_clock_that_was_ahead_does_not_stop_the_schedule(workspace: Workspace, prod: _Scheduled) -> None:
    """A cycle run under the date of next year is no reason to wait until then."""
    turn_of(workspace, "incremental", "succeeded", began=time.time() + 365 * 86_400)

    assert prod._seconds_until_due() == 0.0


async def test_a_fault_of_a_plugin_ends_nobody_elses_schedule(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app whose source raises what nobody foresaw is told of and tried again; the app beside it is provisioned."""
    hook = "def gallery_sources():\n    return {'odd': lambda *_: 1 // 0}\n"
    monkeypatch.syspath_prepend(str(host_plugin(tmp_path / "site", "odd", "gallery_host_with_a_fault", hook)))
    stop = asyncio.Event()
    told: list[tuple[str, CycleSummary | Exception]] = []
    with serve(ScimServer(TwinBehaviour())) as server:
        good = OPEN_APP.format(url=server.url)
        (tmp_path / "apps" / "prod.toml").write_text(good)
        (tmp_path / "apps" / "odd.toml").write_text(good.replace('"csv"', '"odd"'))

        running = asyncio.create_task(
            run_schedule(
                workspace, ["odd", "prod"], stop=stop, first_pause_seconds=0.05,
                on_summary=lambda name, outcome: told.append((name, outcome)),
            )
        )  # fmt: skip
        await until(lambda: sum(name == "odd" for name, _ in told) > 1 and any(name == "prod" for name, _ in told))
        stop.set()
        await asyncio.wait_for(running, 5)

    assert {type(outcome) for name, outcome in told if name == "odd"} == {ZeroDivisionError}
    assert [outcome.counts["create"] for name, outcome in told if isinstance(outcome, CycleSummary)] == [1]
