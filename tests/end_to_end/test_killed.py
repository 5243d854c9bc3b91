"""kill -9 at random instants: nothing is lost, nothing is doubled, the log is complete."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gallery_sdk.apps import Workspace, create_workspace
from gallery_sdk.runner import job_status, open_job
from gallery_sdk.store import LINKED, JobStore, open_database
from gallery_sdk.testing import ScimServer, TwinBehaviour, TwinServer, serve

PEOPLE = 2000
KILLS = 20

# One process that has imported everything forks the victims, so that a kill costs no start of an interpreter.
VICTIMS = """
import asyncio, os, random, signal, sys, time
from pathlib import Path
from gallery_sdk.apps import Workspace
from gallery_sdk.runner import open_job
import gallery_sdk.targets.scim_target, gallery_sdk.transport.wire_aiohttp, sqlalchemy.dialects.sqlite

async def cycle(started):
    def tell(event):
        if event.method == "POST":
            try: os.write(started, b"x")
            except BlockingIOError: pass
    async with open_job(Workspace.find(Path(sys.argv[1])), "prod", events=tell) as job:
        await job.run_cycle()

chance = random.Random(20261125)
for _ in range(int(sys.argv[2])):
    read, write = os.pipe()
    victim = os.fork()
    if victim == 0:
        os.set_blocking(write, False)
        asyncio.run(cycle(write))
        os._exit(0)
    os.close(write)
    os.read(read, 1)  # until the first create is sent, or there is nothing left to create
    time.sleep(chance.uniform(0.0, 0.4))
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
    os.close(read)
"""


@pytest.fixture
def target() -> Iterator[TwinServer]:
    """A server that lets two users have one name, so that a doubled create would show."""
    with serve(ScimServer(TwinBehaviour(unique={}))) as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path, target: TwinServer) -> Workspace:
    made = create_workspace(tmp_path / "team")
    lines = ["id,userPrincipalName,givenName,surname,displayName,mail,accountEnabled"]
    lines += [f"{n},p{n}@example.com,Given{n},Family{n},Person {n},p{n}@example.com,True" for n in range(PEOPLE)]
    (made.root / "people.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (made.apps_path / "prod.toml").write_text(
        f'connector = "scim"\nurl = "{target.url}/scim/v2"\n'
        '[source]\nkind = "csv"\nusers = "people.csv"\n[auth]\nmethod = "none"\n[engine]\nconcurrency = 16\n',
        "utf-8",
    )
    return made


def test_twenty_kills_during_an_initial_cycle_lose_and_double_nobody(workspace: Workspace, target: TwinServer) -> None:
    """Each process dies at a random instant of its cycle; the last one finishes. Every user is there exactly once."""
    subprocess.run([sys.executable, "-c", VICTIMS, str(workspace.root), str(KILLS)], check=True)
    interrupted = len(people_of(target))
    asyncio.run(finish(workspace))

    users = people_of(target)
    names = sorted(one["userName"] for one in users)
    assert interrupted > 0
    assert names == sorted(f"p{n}@example.com" for n in range(PEOPLE))
    with_links(workspace, {one["userName"]: one["id"] for one in users})


def people_of(target: TwinServer) -> list[dict[str, str]]:
    users = target.state()["users"]
    assert isinstance(users, list)
    return users


async def finish(workspace: Workspace) -> None:
    async with open_job(workspace, "prod") as job:
        summary = await job.run_cycle()
    assert summary.failed == 0


def with_links(workspace: Workspace, ids: dict[str, str]) -> None:
    """Every person is linked to the one account, and the log tells of each."""
    engine = open_database(workspace.state_path)
    store = JobStore(engine, "prod")
    rows = store.by_source_ids("user", [str(n) for n in range(PEOPLE)])
    with engine.connect() as connection:
        logged = connection.exec_driver_sql(
            "select count(distinct source_id) from log"
            " where status = 'success' and action in ('create', 'other', 'update')"
        ).scalar_one()
    engine.dispose()
    assert {row.name: row.target_id for row in rows.values()} == ids
    assert {row.state for row in rows.values()} == {LINKED}
    assert logged == PEOPLE
    assert {one.state for one in job_status(workspace, "prod").cycles} >= {"stopped", "succeeded"}
