"""A team's folder, the engine, and Snowflake's twin on a loopback port: users and grants follow the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_connector_snowflake.twin import Grant, SnowflakeSettings, SnowflakeTwin
from gallery_sdk.errors import CycleError
from gallery_sdk.runner import open_job
from gallery_sdk.targets import TargetFailure
from gallery_sdk.testing import Fault

from ..conftest import Hall, Team

EXTENSION = "urn:ietf:params:scim:schemas:extension:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TOKEN = next(iter(SnowflakeSettings().tokens))
APP = """\
connector = "snowflake"
url = "{url}/scim/v2"

[settings]
account = "acme-twin"
{settings}

[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "memberships.csv"

[auth]
method = "{method}"
token = "env:SNOWFLAKE_TOKEN"

[safety]
max_deprovision = 5
"""


class Account(Team[SnowflakeTwin]):
    """A folder, its account, and what a test wants to know of both."""

    def users(self) -> dict[str, dict[str, Any]]:
        """The account's users by user name in lower case."""
        listed: Any = self.twin.state()["users"]
        found = {one["userName"].lower(): one for one in listed}
        assert len(found) == len(listed), "a user is there twice"
        return found

    def members(self) -> dict[str, set[str]]:
        """User names by role."""
        groups: Any = self.twin.state()["groups"]
        by_id = {one["id"]: name for name, one in self.users().items()}
        found = {one["displayName"]: {by_id[each["value"]] for each in one["members"]} for one in groups}
        assert len(found) == len(groups), "a role is there twice"
        return found

    def converged(self) -> None:
        """Assert that the account is what the source says."""
        users, active = self.users(), self.active()
        assert {name for name, one in users.items() if one["active"]} == set(active)
        for name, row in active.items():
            one = users[name]
            assert (one["name"], one["emails"], one["displayName"]) == (
                {"givenName": row["givenName"], "familyName": row["surname"]},
                [{"primary": True, "value": row["mail"]}],
                row["displayName"],
            )
        assert {role: names & set(active) for role, names in self.members().items()} == self.wanted_members()


@pytest.fixture
def make(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Account]:
    """`make(people=, groups=, app=, method=, settings=, **twin)`: a team and its twin."""

    def made(
        *, people: int = 16, groups: int = 4, app: str = "", method: str = "scim_token", settings: str = "", **twin: Any
    ) -> Account:
        application = SnowflakeTwin(SnowflakeSettings(**twin))
        monkeypatch.setenv("SNOWFLAKE_TOKEN", next(iter(application.settings.tokens)))
        return hall.open(
            Account,
            application,
            lambda url: APP.format(url=url, method=method, settings=settings) + app,
            people=people,
            groups=groups,
        )

    return made


async def test_five_hundred_people_and_twenty_groups_settle_in_one_cycle(make: Callable[..., Account]) -> None:
    """A look-up and a create per user, two requests more per role; a second cycle writes nothing."""
    team = make(people=500, groups=20)

    summary = await team.cycle()

    assert summary.failed == 0
    team.converged()
    routes = team.twin.stats.by_route
    assert routes["POST /Users"] == len(team.active())
    assert routes["POST /Groups"] == 20
    assert routes["PATCH /Groups/*"] <= 20

    again = await team.cycle()

    assert again.failed == 0
    assert team.writes() == 0
    assert (await team.cycle(initial=True)).failed == 0  # compared with what Snowflake holds, not with what was sent
    assert team.writes() == 0
    assert team.twin.stats.by_route["GET /ServiceProviderConfig"] == 1


async def test_people_change_leave_and_return(make: Callable[..., Account]) -> None:
    """A new user name, name and address; then somebody leaves, and comes back as the same user."""
    team = make()
    await team.cycle()
    name, someone = list(team.active().items())[7]
    before = team.users()[name]["id"]

    def change(rows: list[dict[str, str]]) -> None:
        next(one for one in rows if one["id"] == someone["id"]).update(
            surname="O'Neill Ørsted", displayName="Ada Ørsted", userPrincipalName="new.name@example.com",
            mail="new.name@example.com", manager=rows[0]["id"],
        )  # fmt: skip

    team.edit(change)
    assert (await team.cycle()).failed == 0
    team.converged()
    assert team.users()["new.name@example.com"]["id"] == before
    assert team.writes() == team.twin.stats.by_route["PATCH /Users/*"] == 1

    gone: list[dict[str, str]] = []
    team.edit(lambda rows: gone.append(rows.pop(next(n for n, r in enumerate(rows) if r["id"] == someone["id"]))))
    assert (await team.cycle()).failed == 0
    assert team.users()["new.name@example.com"]["active"] is False
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0

    team.edit(lambda rows: rows.append({**gone[0], "givenName": "Ada"}))
    assert (await team.cycle()).failed == 0
    team.converged()
    assert team.users()["new.name@example.com"]["id"] == before
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0


async def test_roles_are_renamed_granted_and_revoked(make: Callable[..., Account]) -> None:
    """Two leave, two come; a group that is gone is dropped."""
    team = make()
    await team.cycle()

    team.regroup("RENAMED_ÄRZTE")
    assert (await team.cycle()).failed == 0
    team.converged()

    team.drop_last_group()
    assert (await team.cycle()).failed == 0
    team.converged()
    await team.cycle()
    assert team.writes() == 0


async def test_default_role_and_warehouse_follow_the_source(make: Callable[..., Account]) -> None:
    """Under the extension of a generic integration, and changed by one request each."""
    app = "".join(
        f'\n[[mapping.user]]\ntarget = "{EXTENSION}:{name}"\nsource = "{source}"\nenabled = true\n'
        for name, source in (("defaultRole", "department"), ("defaultWarehouse", "jobTitle"))
    )
    team = make(app=app)
    team.edit(lambda rows: rows[0].update(jobTitle=""))
    await team.cycle()
    name = team.rows()[0]["userPrincipalName"]
    assert "defaultWarehouse" not in team.users()[name][EXTENSION]

    team.edit(lambda rows: rows[0].update(department="ANALYST", jobTitle="COMPUTE_WH"))
    assert (await team.cycle()).failed == 0

    assert team.users()[name][EXTENSION] == {
        "type": "person", "defaultRole": "ANALYST", "defaultWarehouse": "COMPUTE_WH",
    }  # fmt: skip
    assert team.writes() == 1


async def test_users_that_are_there_already_are_adopted(make: Callable[..., Account]) -> None:
    """By user name in any case; capitals alone are no difference."""
    team = make()
    row = next(iter(team.active().values()))
    body = {"userName": row["userPrincipalName"].upper(), "displayName": "Old", "active": False}
    old = team.twin.account.create_user(body)

    assert (await team.cycle()).failed == 0

    team.converged()
    assert team.users()[row["userPrincipalName"]]["id"] == old["id"]
    await team.cycle(initial=True)
    assert team.writes() == 0


FAULTS = {
    "429": Fault(status=429, on=(4, 12)),
    "503": Fault(status=503, on=(4, 12)),
    "500 for a write": Fault(status=500, methods=("POST", "PATCH"), on=(2, 14)),
    "409 for no reason": Fault(status=409, word="User could not be created", methods=("POST",), path="Users", on=(3,)),
    "reset": Fault("reset", on=(4, 11)),
    "lost answer": Fault("lost_response", methods=("POST", "PATCH"), on=(2, 8, 17, 19)),
    "page of html": Fault("html", status=403, methods=("POST",), on=(5,)),
    "slow": Fault("slow", seconds=0.05, on=(3, 9)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_faults_end_in_convergence(make: Callable[..., Account], fault: Fault) -> None:
    """No user twice, none lost: what failed waits, and the next cycles bring it."""
    team = make(people=14, groups=3, faults=[fault])
    await team.settle()

    team.converged()
    await team.cycle()
    assert team.writes() == 0


async def test_the_former_lists_are_never_believed(make: Callable[..., Account]) -> None:
    """Look-ups serve every cycle, a restart too, and nobody is forgotten; a list that is asked for names the bundle."""
    team = make(people=14, groups=3, lists="legacy")
    assert (await team.cycle()).failed == 0
    team.converged()
    name = list(team.active())[5]
    team.edit(lambda rows: next(r for r in rows if r["userPrincipalName"] == name).update(accountEnabled="False"))
    team.restart()

    assert (await team.cycle()).failed == 0

    team.converged()
    assert team.users()[name]["active"] is False
    assert team.writes() == 1
    async with open_job(team.workspace, "prod") as job:
        with pytest.raises(TargetFailure, match="2026_03"):
            _ = [page async for page in job.context.target.list_objects("user")]


@pytest.mark.parametrize("monitors", [True, False], ids=["seen", "hidden"])
async def test_a_user_of_another_role_is_reported_with_the_grant_to_make(
    make: Callable[..., Account], monitors: bool
) -> None:
    """Neither made twice nor taken over; once the grant is there, the user is kept in step."""
    team = make(people=12, groups=1, monitors_users=monitors)
    name = list(team.active())[3]
    other = team.twin.account.create_user({"userName": name, "displayName": "Old"})
    team.twin.account.users.put(str(other["id"]), {**other, "owner": "SECURITYADMIN"})

    summary = await team.cycle()

    assert summary.failed == 1
    assert "GRANT OWNERSHIP ON USER" in team.told()
    owned = team.twin.account.users.get(str(other["id"])) or {}
    team.twin.account.users.put(str(other["id"]), {**owned, "owner": team.twin.settings.run_as_role})
    await team.settle()
    team.converged()


async def test_a_role_that_exists_cannot_be_adopted(make: Callable[..., Account]) -> None:
    """It fails alone, and the others go on."""
    team = make(people=12, groups=3)
    name = team.rows("groups.csv")[0]["displayName"]
    role = team.twin.account.create_role({"displayName": name})
    team.twin.account.roles.put(str(role["id"]), {**role, "owner": "USERADMIN"})

    summary = await team.cycle()

    assert summary.failed == 1
    assert "cannot be adopted" in team.told()
    assert len(team.members()) == 3


async def test_names_that_are_kept_apart_need_their_mapping(make: Callable[..., Account]) -> None:
    """Without it the job stops and says which; with it everybody arrives."""
    team = make(people=12, groups=1, separate_names=True)

    with pytest.raises(CycleError, match="snowflakeUserName"):
        await team.cycle()

    path = team.workspace.apps_path / "prod.toml"
    path.write_text(
        f'{path.read_text("utf-8")}\n[[mapping.user]]\ntarget = "{ENTERPRISE}:snowflakeUserName"\nenabled = true\n',
        "utf-8",
    )
    team.restart()
    assert (await team.cycle()).failed == 0
    team.converged()
    name = next(iter(team.active()))
    assert team.users()[name][ENTERPRISE]["snowflakeUserName"] == name.partition("@")[0].upper()
    await team.cycle()
    assert team.writes() == 0


async def test_a_programmatic_access_token_goes_below_its_integration(make: Callable[..., Account]) -> None:
    """Where there are several integrations, the address names one."""
    settings = f'integration = "{SnowflakeSettings().integration}"'
    team = make(
        people=12, groups=2, method="programmatic_access_token", settings=settings,
        tokens={"pat-1": Grant("other")}, only_integration=False,
    )  # fmt: skip

    assert (await team.cycle()).failed == 0

    team.converged()
    assert all(SnowflakeSettings().integration in path for _, path, _ in team.twin.events)
    assert (await team.cycle(initial=True)).failed == 0
    assert team.writes() == 0


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"tokens": {TOKEN: Grant(issued=-200 * 86_400.0)}}, "SYSTEM$GENERATE_SCIM_ACCESS_TOKEN"),
        ({"blocked": True}, "network"),
    ],
    ids=["the token has ended", "a network policy"],
)
async def test_what_concerns_the_whole_connection_stops_the_job(
    make: Callable[..., Account], settings: dict[str, Any], word: str
) -> None:
    """In quarantine, with the next step, and without a user made."""
    team = make(people=12, groups=1, **settings)

    with pytest.raises(CycleError) as caught:
        await team.cycle()

    assert word in str(caught.value)
    assert not team.users()


@pytest.mark.parametrize("lists", ["legacy", "bundle_2026_03"])
async def test_the_connection_test_names_each_step(make: Callable[..., Account], lists: str) -> None:
    """Both generations pass it."""
    team = make(people=3, groups=1, lists=lists)

    async with open_job(team.workspace, "prod") as job:
        report = await job.test()

    assert report.ok, report.steps
    assert [step.name for step in report.steps] == [
        "read the source", "sign in", "list users", "look users up", "list groups", "look groups up",
    ]  # fmt: skip
    assert {one.code for one in report.findings} == ({"missing_schemas"} if lists == "legacy" else set())
