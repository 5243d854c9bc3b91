"""Five hundred people in Slack: settled in one cycle, kept in step through changes, and through every fault."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gallery_connector_slack.twin import SlackSettings, SlackTwin
from gallery_sdk.apps import Workspace, create_workspace
from gallery_sdk.errors import GalleryError
from gallery_sdk.runner import open_job, restart_job
from gallery_sdk.testing import Fault, serve

COLUMNS = ("id", "userPrincipalName", "mail", "displayName", "givenName", "surname", "jobTitle", "manager")
APP = """connector = "slack"
url = "{url}/scim/v2"
[settings]
api_version = "v2"
[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "members.csv"
[auth]
method = "user_token"
token = "env:SLACK_TWIN_TOKEN"
[lifecycle]
on_group_delete = "delete"
[engine]
rate_scale = 1000
"""
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass
class Team:
    """A folder whose directory a test edits, and the twin that it is provisioned to."""

    workspace: Workspace
    twin: SlackTwin
    people: dict[str, dict[str, str]]
    groups: dict[str, tuple[str, list[str]]]

    def write(self) -> None:
        root = self.workspace.root
        tables: list[tuple[str, Sequence[str], list[Sequence[str]]]] = [
            ("people.csv", COLUMNS, [[one[name] for name in COLUMNS] for one in self.people.values()]),
            ("groups.csv", ("id", "displayName"), [(key, name) for key, (name, _) in self.groups.items()]),
            (
                "members.csv",
                ("groupId", "userId"),
                [(key, one) for key, (_, who) in self.groups.items() for one in who],
            ),
        ]
        for name, header, rows in tables:
            with (root / name).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([header, *rows])

    async def cycle(self) -> Any:
        self.write()
        self.twin.stats.by_route.clear()
        async with open_job(self.workspace, "slack") as job:
            return await job.run_cycle(allow_deprovision=100)

    async def settle(self) -> None:
        """Cycles until what failed was brought, as a schedule would run them; a restart retries escrow at once."""
        for _ in range(4):
            try:
                if not (await self.cycle()).failed:
                    return
            except GalleryError:
                pass
            restart_job(self.workspace, "slack")

    def converged(self) -> None:
        """Everybody of the directory once, named and managed as there, in the right groups; nobody else active."""
        state: Any = self.twin.state()
        users = {user["userName"]: user for user in state["users"]}
        assert len(users) == len(state["users"]), "an account exists twice"
        names = {one["userPrincipalName"].partition("@")[0]: one for one in self.people.values()}
        assert {name for name, user in users.items() if user["active"]} == set(names)
        ids = {key: users[one["userPrincipalName"].partition("@")[0]]["id"] for key, one in self.people.items()}
        for name, person in names.items():
            assert users[name]["name"]["familyName"] == person["surname"]
            assert users[name]["title"] == person["jobTitle"]
            if person["manager"] in ids:
                assert users[name][ENTERPRISE]["manager"] == {"managerId": ids[person["manager"]]}
        found = {one["displayName"]: {member["value"] for member in one["members"]} for one in state["groups"]}
        assert {name: {ids[one] for one in who if one in ids} for name, who in self.groups.values()} == {
            name: {one for one in members if one in set(ids.values())} for name, members in found.items()
        }


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[..., Team]:
    monkeypatch.setenv("SLACK_TWIN_TOKEN", "xoxp-twin")

    def team(*, people: int, groups: int, faults: Sequence[Fault] = ()) -> Team:
        twin = SlackTwin(SlackSettings(limits=(), faults=faults))
        server = serve(twin)
        request.addfinalizer(server.stop)
        workspace = create_workspace(tmp_path / "team")
        (workspace.apps_path / "slack.toml").write_text(APP.format(url=server.url), "utf-8")
        directory = {
            str(n): dict(
                zip(
                    COLUMNS,
                    (str(n), f"p{n}@acme.test", f"p{n}@acme.test", f"Person {n}", "Given", f"Family{n}", "Clerk",
                     str(n // 5) if n // 5 != n else ""),
                    strict=True,
                )
            )
            for n in range(people)
        }  # fmt: skip
        crews = {
            f"g{n}": (f"Crew {n}", [str(one) for one in range(people) if one % groups == n]) for n in range(groups)
        }
        return Team(workspace, twin, directory, crews)

    return team


async def test_five_hundred_people_and_twenty_groups_settle_in_one_cycle(make: Callable[..., Team]) -> None:
    """One request per person and group, managers and members included; the second cycle writes nothing."""
    team = make(people=500, groups=20)

    await team.cycle()
    writes = team.twin.stats.writes()
    team.converged()
    await team.cycle()

    assert writes <= 520 * 1.05
    assert team.twin.stats.writes() == 0


async def test_changes_converge(make: Callable[..., Team]) -> None:
    """Rename, leave, return, manager change, group rename and member churn; then silence."""
    team = make(people=20, groups=3)
    await team.cycle()
    team.people["7"]["surname"] = "Renamed"
    team.people["8"]["manager"] = "3"
    leaver = team.people.pop("9")
    name, members = team.groups["g1"]
    team.groups["g1"] = (f"{name} renamed", [*members[2:], "0"])
    await team.cycle()
    team.converged()

    team.people["9"] = leaver
    await team.cycle()
    team.converged()

    await team.cycle()
    assert team.twin.stats.writes() == 0


FAULTS = {
    "429": Fault(status=429, word="too_many_requests", headers={"Retry-After": "0"}, on=(4, 9)),
    "503": Fault(status=503, on=(4, 9)),
    "500 for a write": Fault(status=500, methods=("POST", "PATCH"), on=(2, 9)),
    "reset": Fault("reset", on=(4, 9)),
    "lost answer": Fault("lost_response", methods=("POST", "PATCH"), on=(2, 8, 14)),
    "page of html": Fault("html", methods=("POST",), on=(5,)),
    "slow": Fault("slow", seconds=0.05, on=(3, 9)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_faults_end_in_convergence(make: Callable[..., Team], fault: Fault) -> None:
    """No account twice, none lost: what failed waits, and the next cycles bring it."""
    team = make(people=14, groups=3, faults=[fault])

    await team.settle()

    team.converged()
    await team.cycle()
    assert team.twin.stats.writes() == 0
