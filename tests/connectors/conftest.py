"""A team's folder, provisioned by the engine to a twin on a loopback port: on it every connector's cycles are tried."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from gallery_sdk.apps import Workspace, create_workspace, write_sample_directory
from gallery_sdk.errors import GalleryError
from gallery_sdk.manifest import AuthMethod
from gallery_sdk.provisioning import CycleSummary
from gallery_sdk.runner import open_job, read_log, restart_job
from gallery_sdk.store import LogQuery
from gallery_sdk.testing import TwinApplication, TwinServer, serve

Row = dict[str, str]
AnyTwin = TypeVar("AnyTwin", bound=TwinApplication)
APP = "prod"
CYCLES = 8


def on_any_port(method: AuthMethod) -> AuthMethod:
    """A method whose browser comes back to a free port: a fixed one may be somebody else's while tests run."""
    if method.authorize is None:
        return method
    return method.model_copy(update={"authorize": method.authorize.model_copy(update={"redirect_port": None})})


@dataclass
class Team(Generic[AnyTwin]):
    """A folder with invented people, and the twin that they are provisioned to.

    A connector's tests add what they read of their twin, and what it is to have converged.

    Attributes:
        findings: Code and place of what the target told in the last cycle.
    """

    workspace: Workspace
    twin: AnyTwin
    server: TwinServer
    findings: set[tuple[str, str]] = field(default_factory=set)

    async def cycle(self, **options: Any) -> CycleSummary:
        """Run one cycle; the twin's counters begin anew."""
        self.twin.stats.by_route.clear()
        async with open_job(self.workspace, APP) as job:
            summary = await job.run_cycle(**options)
            self.findings = {(one.code, one.where) for one in job.context.target.findings}
        return summary

    def restart(self) -> None:
        """What waits in escrow or quarantine is tried in the next cycle."""
        restart_job(self.workspace, APP)

    async def settle(self) -> None:
        """Cycles as a schedule would run them, until nobody fails; waiting objects are tried each time."""
        for _ in range(CYCLES):
            try:
                if (await self.cycle()).failed == 0:
                    return
            except GalleryError:
                pass
            self.restart()
        raise AssertionError(f"{CYCLES} cycles did not settle it")

    def writes(self) -> int:
        """Requests of the last cycle that changed something."""
        return self.twin.stats.writes()

    def told(self) -> str:
        """What the log says of what failed or was left to a person."""
        records = read_log(self.workspace, APP, LogQuery(limit=1000))
        return "\n".join(str(one.reason) for one in records if one.status in ("failure", "skipped"))

    def rows(self, file: str = "people.csv") -> list[Row]:
        """Rows of the source."""
        with (self.workspace.root / file).open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))

    def edit(self, change: Callable[[list[Row]], object], file: str = "people.csv") -> None:
        """Change rows of the source."""
        rows = self.rows(file)
        change(rows)
        with (self.workspace.root / file).open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def put(self, source_id: str, **values: str) -> None:
        """Change one person of the source."""
        self.edit(lambda rows: next(row for row in rows if row["id"] == source_id).update(values))

    def regroup(self, name: str) -> None:
        """Rename the first group; two of its members leave, and two enabled people who were none come."""
        first = self.rows("groups.csv")[0]["id"]
        active = [row["id"] for row in self.active().values()]

        def swap(rows: list[Row]) -> None:
            members = [row for row in rows if row["groupId"] == first]
            present = {row["userId"] for row in members}
            for row in members[:2]:
                rows.remove(row)
            rows.extend({"groupId": first, "userId": one} for one in [one for one in active if one not in present][:2])

        self.edit(swap, "memberships.csv")
        self.edit(lambda rows: rows[0].update(displayName=name), "groups.csv")

    def drop_last_group(self) -> None:
        """It is gone from the source, its memberships with it."""
        last = self.rows("groups.csv")[-1]["id"]
        self.edit(lambda rows: rows.pop(), "groups.csv")
        self.edit(
            lambda rows: rows.__setitem__(slice(None), [one for one in rows if one["groupId"] != last]),
            "memberships.csv",
        )

    def active(self, key: str = "userPrincipalName") -> dict[str, Row]:
        """People of the source who are enabled, by a column of theirs."""
        return {row[key]: row for row in self.rows() if row["accountEnabled"] == "True"}

    def wanted_members(self, key: str = "userPrincipalName") -> dict[str, set[str]]:
        """Enabled members by the display name of their group."""
        wanted: dict[str, set[str]] = {row["displayName"]: set() for row in self.rows("groups.csv")}
        named = {row["id"]: row["displayName"] for row in self.rows("groups.csv")}
        people = {row["id"]: name for name, row in self.active(key).items()}
        for row in self.rows("memberships.csv"):
            if row["userId"] in people:
                wanted[named[row["groupId"]]].add(people[row["userId"]])
        return wanted


TeamKind = TypeVar("TeamKind", bound=Team[Any])


class Hall:
    """Where teams are made; it closes what they opened."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._servers = folder, list[TwinServer]()

    def open(
        self, kind: type[TeamKind], twin: TwinApplication, app: Callable[[str], str], *, people: int, groups: int
    ) -> TeamKind:
        """A team whose twin is being served; `app` writes its app's file for the twin's address."""
        server = serve(twin)
        self._servers.append(server)
        workspace = create_workspace(self._folder / "team")
        write_sample_directory(workspace.root, people=people, groups=groups)
        (workspace.apps_path / f"{APP}.toml").write_text(app(server.url), "utf-8")
        return kind(workspace, twin, server)

    def close(self) -> None:
        """Stop every twin."""
        for server in self._servers:
            server.stop()


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    """For a connector's own `make`; tokens are kept in the test's folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    opened = Hall(tmp_path)
    yield opened
    opened.close()
