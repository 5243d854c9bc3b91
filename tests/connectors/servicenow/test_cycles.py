"""A team's folder, the engine, and the twin on a loopback port: accounts become what the source says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_connector_servicenow import connection
from gallery_connector_servicenow.twin import PASSWORD, USER, ServiceNowTwin
from gallery_sdk.runner import open_job
from gallery_sdk.testing import Fault

from ..conftest import Hall, Team

APP = """\
connector = "servicenow"
url = "{url}"

[settings]
instance = "acme"
api = "{api}"
{settings}

[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "memberships.csv"
multi_valued = ["appRoleAssignments"]

[auth]
{auth}

[safety]
max_deprovision = 5

[[mapping.user]]
target = "roles"
enabled = {roles}

[[mapping.user]]
target = "country"
enabled = true
"""
BASIC = f'method = "basic"\nusername = "{USER}"\npassword = "env:SERVICENOW_PASSWORD"'
DEPARTMENTS = (
    "Customer Success", "Engineering", "Finance", "Legal", "Marketing", "Operations", "People & Culture",
    "R&D, Materials", "Sales",
)  # fmt: skip
COLUMNS = {
    "first_name": "givenName",
    "last_name": "surname",
    "email": "mail",
    "title": "jobTitle",
    "phone": "telephoneNumber",
    "mobile_phone": "mobile",
    "employee_number": "employeeId",
    "city": "city",
    "country": "country",
}


class Instance(Team[ServiceNowTwin]):
    """A folder, its instance, and what a test wants to know of both."""

    def users(self) -> dict[str, dict[str, str]]:
        """The instance's users by user name, the integration user apart."""
        table = self.twin.instance.tables["sys_user"]
        found = {one["user_name"].lower(): one for one in table.values()}
        assert len(found) == len(table), "a user is there twice"
        del found[USER]
        return found

    def members(self) -> dict[str, list[str]]:
        """User names by group name, with one for each row."""
        tables = self.twin.instance.tables
        names = [one["name"] for one in tables["sys_user_group"].values()]
        assert len(set(names)) == len(names), "a group is there twice"
        found: dict[str, list[str]] = {name: [] for name in names}
        for row in tables["sys_user_grmember"].values():
            name = tables["sys_user_group"][row["group"]]["name"]
            found[name].append(tables["sys_user"][row["user"]]["user_name"].lower())
        return found

    def roles(self, user_name: str) -> list[str]:
        """Names of the roles that a user was given, with one for each row."""
        tables, user = self.twin.instance.tables, self.users()[user_name]["sys_id"]
        rows = [one for one in tables["sys_user_has_role"].values() if one["user"] == user]
        return sorted(tables["sys_user_role"][one["role"]]["name"] for one in rows if one["inherited"] == "false")

    def converged(self, *, roles: bool = True) -> None:
        """Assert that the instance is what the source says."""
        users, by_id = self.users(), {row["id"]: row for row in self.rows()}
        active = self.active()
        assert {name for name, one in users.items() if one["active"] == "true"} == set(active)
        for name, row in active.items():
            one = users[name]
            manager = by_id.get(row["manager"], {}).get("userPrincipalName")
            assert one["manager"] == (users[manager]["sys_id"] if manager in users else ""), name
            assert {column: one[column] for column in COLUMNS} == {
                column: row[source] for column, source in COLUMNS.items()
            }
            assert self.twin.instance.name_of("cmn_department", one["department"]) == row["department"]
            if roles:
                assert self.roles(name) == sorted(filter(None, row["appRoleAssignments"].split("|"))), name
        members = {group: sorted(name for name in names if name in active) for group, names in self.members().items()}
        assert members == {group: sorted(names) for group, names in self.wanted_members().items()}


def add_roles(rows: list[dict[str, str]]) -> None:
    """App roles for every third person, two for some."""
    for place, row in enumerate(rows):
        row["appRoleAssignments"] = ("itil|knowledge", "", "itil", "", "", "")[place % 6]


@pytest.fixture
def make(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Instance]:
    """`make(people=, groups=, api=, auth=, settings=, **twin)`: a team and its twin."""
    monkeypatch.setattr(connection, "_PAUSES", (0.02, 0.05))  # for an instance that wakes as fast
    monkeypatch.setenv("SERVICENOW_PASSWORD", PASSWORD)
    monkeypatch.setenv("SERVICENOW_SECRET", "twin-client-secret")
    monkeypatch.setenv("SERVICENOW_KEY", "twin-api-key")

    def made(
        *, people: int = 24, groups: int = 5, api: str = "table", auth: str = BASIC, settings: str = "", **options: Any
    ) -> Instance:
        def app(url: str) -> str:
            has_roles = "true" if api == "table" else "false"
            return APP.format(url=url, api=api, auth=auth, settings=settings, roles=has_roles)

        twin = ServiceNowTwin(**options)
        for name in DEPARTMENTS:
            twin.instance.seed("cmn_department", name=name)
        team = hall.open(Instance, twin, app, people=people, groups=groups)
        team.edit(add_roles)
        return team

    return made


def of(rows: list[dict[str, str]], person: dict[str, str]) -> dict[str, str]:
    """The row of a person."""
    return next(row for row in rows if row["id"] == person["id"])


async def test_five_hundred_people_and_twenty_groups_settle_in_one_cycle(make: Callable[..., Instance]) -> None:
    """One request per account, one per role and member; a second cycle writes nothing."""
    team = make(people=500, groups=20)

    summary = await team.cycle()

    assert summary.failed == 0
    team.converged()
    active = sum(row["accountEnabled"] == "True" for row in team.rows())
    routes = team.twin.stats.by_route
    assert routes["POST /sys_user"] == active
    assert routes["PATCH /sys_user/*"] == 0
    assert routes["POST /sys_user_grmember"] == sum(map(len, team.members().values()))
    assert routes["GET /sys_user"] + routes["GET /sys_user_group"] + routes["GET /cmn_department"] < 12

    again = await team.cycle()

    assert again.failed == 0
    assert team.writes() == 0
    checked = await team.cycle(initial=True)  # compared with what the instance holds, not with what was sent
    assert checked.failed == 0
    assert team.writes() == 0
    team.converged()


@pytest.mark.parametrize("api", ["table", "scim"])
async def test_people_change_leave_and_return(make: Callable[..., Instance], api: str) -> None:
    """Rename, marriage, new manager, new role and department; then somebody leaves, and comes back to the account."""
    team = make(api=api)
    await team.cycle()
    rows = team.rows()
    someone = next(row for row in rows[10:] if row["accountEnabled"] == "True" and row["department"] != "Legal")
    before = team.users()[someone["userPrincipalName"]]["sys_id"]

    team.edit(
        lambda rows: of(rows, someone).update(
            surname="O'Neill, Ørsted", userPrincipalName="new.name@example.com", mail="new.name@example.com",
            manager=rows[0]["id"], appRoleAssignments="knowledge|catalog_admin", jobTitle="Chief", department="Legal",
        )
    )  # fmt: skip
    assert (await team.cycle()).failed == 0
    team.converged(roles=api == "table")
    after = team.users()["new.name@example.com"]
    assert (after["sys_id"], after["last_name"]) == (before, "O'Neill, Ørsted")

    gone: list[dict[str, str]] = []
    team.edit(lambda rows: gone.append(rows.pop(rows.index(of(rows, someone)))))
    assert (await team.cycle()).failed == 0
    left = team.users()["new.name@example.com"]
    assert (left["active"], left["locked_out"]) == ("false", "true" if api == "table" else "false")
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0

    team.edit(lambda rows: rows.append(gone[0]))
    assert (await team.cycle()).failed == 0
    returned = team.users()["new.name@example.com"]
    assert (returned["sys_id"], returned["active"], returned["locked_out"]) == (before, "true", "false")
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0
    team.converged(roles=api == "table")


@pytest.mark.parametrize("api", ["table", "scim"])
async def test_groups_are_renamed_and_their_members_come_and_go(make: Callable[..., Instance], api: str) -> None:
    """Two leave, two come; a group that is gone is deleted."""
    team = make(api=api)
    await team.cycle()

    team.regroup("Renamed: Ärzte")
    assert (await team.cycle()).failed == 0
    team.converged(roles=api == "table")

    team.drop_last_group()
    assert (await team.cycle()).failed == 0
    team.converged(roles=api == "table")
    await team.cycle()
    assert team.writes() == 0


async def test_accounts_and_groups_that_are_there_already_are_adopted(make: Callable[..., Instance]) -> None:
    """By user name in any case, inactive ones as well; nothing is made twice, no row of membership either."""
    team = make()
    people = [row for row in team.rows() if row["accountEnabled"] == "True"]
    group = team.rows("groups.csv")[0]
    seed = team.twin.instance.seed
    there = seed("sys_user", user_name=people[0]["userPrincipalName"].upper(), last_name="Old", active="false")
    row = seed("sys_user_group", name=group["displayName"])
    seed("sys_user_grmember", user=there, group=row)

    assert (await team.cycle()).failed == 0

    team.converged()
    assert team.users()[people[0]["userPrincipalName"].lower()]["sys_id"] == there


FAULTS = {
    "429": [Fault(status=429, headers={"Retry-After": "0.2"}, on=(3, 9))],
    "503": [Fault(status=503, on=(4, 12))],
    "500": [Fault(status=500, word="Transaction cancelled", methods=("POST", "PATCH"), on=(2, 20, 30))],
    "forgets who asks": [Fault(status=401, on=(4,))],
    "reset": [Fault("reset", on=(4, 11))],
    "lost answers": [
        Fault("lost_response", methods=("POST",), on=(2, 8, 28)),
        Fault("lost_response", methods=("PATCH", "DELETE"), on=(1,)),
    ],
    "pages of html": [Fault("html", status=503, methods=("POST",), on=(5,)), Fault("html", status=200, on=(7, 21))],
    "slow": [Fault("slow", seconds=0.05, on=(3, 9))],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
async def test_faults_end_in_convergence(make: Callable[..., Instance], faults: list[Fault]) -> None:
    """Nothing twice, nothing lost: what failed waits, and the next cycles bring it."""
    team = make(people=12, groups=2, faults=faults)
    await team.settle()
    team.edit(lambda rows: rows[1].update(surname="Changed"))
    team.edit(lambda rows: rows.pop(0), "memberships.csv")
    await team.settle()

    team.converged()
    await team.cycle()
    assert team.writes() == 0


async def test_faults_end_in_convergence_by_scim(make: Callable[..., Instance]) -> None:
    """All of them, one after the other."""
    faults = [fault for name, several in FAULTS.items() if name != "forgets who asks" for fault in several]
    team = make(people=20, groups=2, api="scim", faults=faults)
    await team.settle()

    team.converged(roles=False)
    await team.cycle()
    assert team.writes() == 0


async def test_a_rate_rule_is_kept_to_by_waiting(make: Callable[..., Instance]) -> None:
    """An administrator may write one; nothing fails, and nothing is lost."""
    from gallery_sdk.testing import ScaledClock

    team = make(people=14, groups=3, hourly_requests=20, clock=ScaledClock(3600))

    assert (await team.cycle()).failed == 0

    team.converged()
    assert team.twin.stats.by_status[429] > 0


async def test_by_scim_the_same_mapping_reaches_the_same_instance(make: Callable[..., Instance]) -> None:
    """People and groups of more than a hundred by SCIM; a second cycle writes nothing."""
    team = make(api="scim", people=150, groups=4)
    everybody = team.rows("groups.csv")[0]["id"]
    team.edit(
        lambda rows: rows.__setitem__(
            slice(None),
            [row for row in rows if row["groupId"] != everybody]
            + [{"groupId": everybody, "userId": row["id"]} for row in team.rows()],
        ),
        "memberships.csv",
    )

    assert (await team.cycle()).failed == 0

    team.converged(roles=False)
    assert all("/scim/" in route for route in team.twin.stats.by_route)
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0
    assert (await team.cycle(initial=True)).failed == 0
    assert team.writes() == 0


async def test_an_app_can_change_its_api(make: Callable[..., Instance]) -> None:
    """What was provisioned by one API is found by the other, and left as it is."""
    team = make(api="scim")
    await team.cycle()
    app = team.workspace.apps_path / "prod.toml"
    app.write_text(app.read_text("utf-8").replace('api = "scim"', 'api = "table"'), "utf-8")

    assert (await team.cycle()).failed == 0

    assert team.writes() == 0
    team.converged(roles=False)


@pytest.mark.parametrize("api", ["table", "scim"])
async def test_a_department_that_is_missing_is_left_out_and_told(make: Callable[..., Instance], api: str) -> None:
    """The person is provisioned all the same; no row is made."""
    team = make(people=8, groups=1, api=api)
    await team.cycle()
    held = team.users()[team.rows()[2]["userPrincipalName"]]["department"]
    team.edit(lambda rows: rows[2].update(department="Atlantis", surname="Nemo"))

    assert (await team.cycle()).failed == 0

    changed = team.users()[team.rows()[2]["userPrincipalName"]]
    assert (changed["last_name"], changed["department"]) == ("Nemo", held)
    assert ("value_left_out", "user department") in team.findings
    assert len(team.twin.instance.tables["cmn_department"]) == len(DEPARTMENTS)


async def test_a_privileged_group_refuses_its_members_and_nothing_else(make: Callable[..., Instance]) -> None:
    """A few are tried, not thousands; the other groups get theirs."""
    team = make(people=60, groups=3)
    name = team.rows("groups.csv")[0]["displayName"]
    privileged = team.twin.instance.seed("sys_user_group", name=name)
    team.twin.instance.privileged.add(privileged)

    await team.cycle()

    members = team.members()
    assert members.pop(name) == []
    assert any(members.values())
    refused = team.twin.stats.by_route["POST /sys_user_grmember"] - sum(map(len, members.values()))
    assert 3 <= refused <= 11


async def test_inherited_roles_are_left_alone(make: Callable[..., Instance]) -> None:
    """They come from groups and would come back; those that may not be given are none of ours either."""
    team = make(people=8, groups=1)
    await team.cycle()
    instance = team.twin.instance
    role = instance.named("sys_user_role", "catalog_admin")
    someone = team.users()[team.rows()[1]["userPrincipalName"]]["sys_id"]
    group = instance.seed("sys_user_group", name="By hand")
    instance.insert("sys_group_has_role", {"group": group, "role": role})
    instance.insert("sys_user_grmember", {"user": someone, "group": group})
    instance.seed("sys_user_has_role", user=someone, role="glide.maint")

    assert (await team.cycle(initial=True)).failed == 0

    assert team.writes() == 0
    team.edit(lambda rows: rows[1].update(appRoleAssignments="itil"))
    assert (await team.cycle()).failed == 0
    assert team.roles(team.rows()[1]["userPrincipalName"]) == ["itil", "maint"]


SIGNING_IN = {
    "client credentials": 'method = "client_credentials"\nclient_id = "twin-client"\n'
    'client_secret = "env:SERVICENOW_SECRET"',
    "api key": 'method = "api_key"\napi_key = "env:SERVICENOW_KEY"',
}


@pytest.mark.parametrize("auth", SIGNING_IN.values(), ids=SIGNING_IN.keys())
async def test_one_can_sign_in_otherwise(make: Callable[..., Instance], auth: str) -> None:
    """The connection test says what it saw."""
    team = make(people=3, groups=1, auth=auth)
    team.twin.instance.seed("sys_user", user_name="gone", active="false")

    async with open_job(team.workspace, "prod") as job:
        report = await job.test()

    details = {step.name: step.detail for step in report.steps}
    assert report.ok, report.steps
    assert details["read users"] == "2 users"
    assert details["look users up"] == "by user_name"
    assert details["see inactive users"] == "they are visible"


async def test_jwt_bearer_signs_in(make: Callable[..., Instance], tmp_path: Path) -> None:
    """The assertion names client and user."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = tmp_path / "key.pem"
    key.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    key.chmod(0o600)
    auth = (
        f'method = "jwt_bearer"\nclient_id = "twin-client"\nclient_secret = "env:SERVICENOW_SECRET"\n'
        f'username = "{USER}"\nprivate_key = "file:{key}"'
    )
    team = make(people=3, groups=1, auth=auth)

    async with open_job(team.workspace, "prod") as job:
        report = await job.test()

    assert report.ok, report.steps
