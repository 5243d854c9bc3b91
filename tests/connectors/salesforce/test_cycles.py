"""A team's folder, the engine, and the twin on a loopback port: accounts become what the source says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_connector_salesforce.target import SalesforceTarget
from gallery_connector_salesforce.twin import TOKEN, SalesforceTwin
from gallery_sdk.runner import open_job
from gallery_sdk.testing import Fault

from ..conftest import Hall, Team

APP = """\
connector = "salesforce"
url = "{url}"

[settings]
my_domain = "acme"
api = "{api}"
{settings}

[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "memberships.csv"
multi_valued = ["appRoleAssignments", "permissionSets"]

[auth]
method = "access_token"
token = "env:SALESFORCE_TOKEN"

[safety]
max_deprovision = 5

[[mapping.user]]
target = "PermissionSets"
enabled = {permission_sets}

[[mapping.user]]
target = "UserRoleName"
enabled = true
"""


class Org(Team[SalesforceTwin]):
    """A folder, its organization, and what a test wants to know of both."""

    def users(self) -> dict[str, dict[str, Any]]:
        """The organization's users by user name, the integration user apart."""
        found = {one["Username"].lower(): one for one in self.twin.org.tables["User"].values()}
        assert len(found) == len(self.twin.org.tables["User"]), "a user is there twice"
        del found["integration@twin.example"]
        return found

    def members(self) -> dict[str, set[str]]:
        """User names by group name."""
        org = self.twin.org
        found: dict[str, set[str]] = {one["Name"]: set() for one in org.tables["Group"].values()}
        for row in org.tables["GroupMember"].values():
            group = org.tables["Group"][row["GroupId"]]["Name"]
            found[group].add(org.tables["User"][row["UserOrGroupId"]]["Username"].lower())
        return found

    def permission_sets(self, username: str) -> set[str]:
        """API names of the permission sets that a user was granted."""
        org, identifier = self.twin.org, self.users()[username]["Id"]
        return {
            org.tables["PermissionSet"][row["PermissionSetId"]]["Name"]
            for row in org.tables["PermissionSetAssignment"].values()
            if row["AssigneeId"] == identifier
        }

    def name_of(self, table: str, identifier: str | None) -> str | None:
        """A profile's or role's name."""
        return None if identifier is None else str(self.twin.org.tables[table][identifier]["Name"])

    def converged(self, *, groups: bool = True) -> None:
        """Assert that the organization is what the source says."""
        users, by_id = self.users(), {row["id"]: row for row in self.rows()}
        active = self.active()
        assert {name for name, one in users.items() if one["IsActive"]} == set(active)
        for name, row in active.items():
            one = users[name]
            manager = by_id.get(row["manager"], {}).get("userPrincipalName")
            expected = None if manager not in users else users[manager]["Id"]
            assert one.get("ManagerId") == expected, name
            assert (one["LastName"], one.get("FirstName"), one.get("Title") or "") == (
                row["surname"], row["givenName"], row["jobTitle"],
            )  # fmt: skip
            assert self.name_of("Profile", one["ProfileId"]) == (row["appRoleAssignments"] or "Chatter Free User")
            assert self.name_of("UserRole", one.get("UserRoleId")) == (row["userRole"] or None)
        if groups:
            members = {group: names & set(active) for group, names in self.members().items()}
            assert members == self.wanted_members()


def add_roles(rows: list[dict[str, str]]) -> None:
    """App roles: every second person a Standard User, some with permission sets and a role."""
    for place, row in enumerate(rows):
        row["appRoleAssignments"] = ("Standard User", "", "Minimum Access - Salesforce")[place % 3]
        row["permissionSets"] = ("Sales_Insights|Survey_Creator", "", "", "Service_Console")[place % 4]
        row["userRole"] = ("Sales Rep", "", "")[place % 3]


@pytest.fixture
def make(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Org]:
    """`make(people=, groups=, api=, settings=, **twin)`: a team and its twin."""
    monkeypatch.setenv("SALESFORCE_TOKEN", TOKEN)

    def made(*, people: int = 24, groups: int = 5, api: str = "rest", settings: str = "", **options: Any) -> Org:
        def app(url: str) -> str:
            has_sets = "true" if api == "rest" else "false"
            return APP.format(url=url, api=api, settings=settings, permission_sets=has_sets)

        team = hall.open(Org, SalesforceTwin(**options), app, people=people, groups=groups)
        team.edit(add_roles)
        return team

    return made


async def test_five_hundred_people_and_twenty_groups_settle_in_one_cycle(
    make: Callable[..., Org], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request per account, a few per group; a second cycle writes nothing, nor does one that reads all back."""
    monkeypatch.setattr(SalesforceTarget, "page_size", 200)  # so that listings have several pages
    team = make(people=500, groups=20)

    summary = await team.cycle()

    assert summary.failed == 0
    team.converged()
    active = sum(row["accountEnabled"] == "True" for row in team.rows())
    routes = team.twin.stats.by_route
    assert routes["POST /sobjects/User"] == active
    assert routes["GET /query"] < 40
    assert routes["POST /composite/sobjects"] + routes["POST /sobjects/GroupMember"] < 25 + active
    assert team.permission_sets(team.rows()[0]["userPrincipalName"]) == {"Sales_Insights", "Survey_Creator"}

    again = await team.cycle()

    assert again.failed == 0
    assert team.writes() == 0
    checked = await team.cycle(initial=True)  # compared with what the organization holds, not with what was sent
    assert checked.failed == 0
    assert team.writes() == 0
    team.converged()


async def test_people_change_leave_and_return(make: Callable[..., Org]) -> None:
    """Rename, marriage, new manager, new role and profile; then somebody leaves, and comes back as the same account."""
    team = make()
    await team.cycle()
    rows = team.rows()
    someone = next(row for row in rows[10:] if row["accountEnabled"] == "True")
    before = team.users()[someone["userPrincipalName"]]["Id"]

    def change(rows: list[dict[str, str]]) -> None:
        row = next(one for one in rows if one["id"] == someone["id"])
        row.update(
            surname="O'Neill\\Ørsted", userPrincipalName="new.name@example.com", mail="new.name@example.com",
            manager=rows[0]["id"], appRoleAssignments="System Administrator", userRole="CEO", jobTitle="",
            permissionSets="Service_Console|Sales_Insights",
        )  # fmt: skip

    team.edit(change)
    assert (await team.cycle()).failed == 0
    after = team.users()["new.name@example.com"]
    assert after["Id"] == before
    assert after["LastName"] == "O'Neill\\Ørsted"
    assert team.name_of("Profile", after["ProfileId"]) == "System Administrator"
    assert team.permission_sets("new.name@example.com") == {"Service_Console", "Sales_Insights"}

    gone: list[dict[str, str]] = []
    team.edit(lambda rows: gone.append(rows.pop(next(n for n, r in enumerate(rows) if r["id"] == someone["id"]))))
    assert (await team.cycle()).failed == 0
    assert team.users()["new.name@example.com"]["IsActive"] is False
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0

    team.edit(lambda rows: rows.append(gone[0]))
    assert (await team.cycle()).failed == 0
    returned = team.users()["new.name@example.com"]
    assert (returned["Id"], returned["IsActive"]) == (before, True)
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0


async def test_groups_are_renamed_and_their_members_come_and_go(make: Callable[..., Org]) -> None:
    """Two leave, two come; a group that is gone is deleted."""
    team = make()
    await team.cycle()

    team.regroup("Renamed: Ärzte")
    assert (await team.cycle()).failed == 0
    team.converged()

    team.drop_last_group()
    assert (await team.cycle()).failed == 0
    team.converged()
    await team.cycle()
    assert team.writes() == 0


async def test_accounts_that_are_there_already_are_adopted(make: Callable[..., Org]) -> None:
    """By user name in any case; nothing is made twice, and the profile becomes the mapped one."""
    team = make()
    name = next(row["userPrincipalName"] for row in team.rows() if row["accountEnabled"] == "True")
    profile = next(iter(team.twin.org.tables["Profile"]))
    team.twin.org.create("User", {
        "Username": name.upper(), "LastName": "Old", "Email": name, "Alias": "old", "ProfileId": profile,
        "TimeZoneSidKey": "Europe/Berlin", "LocaleSidKey": "de_DE", "EmailEncodingKey": "UTF-8",
        "LanguageLocaleKey": "de", "IsActive": False,
    })  # fmt: skip

    assert (await team.cycle()).failed == 0

    team.converged()
    assert team.users()[name]["TimeZoneSidKey"] == "Europe/Berlin"  # defaults are for new accounts


FAULTS = {
    "403 for the rate": Fault(status=403, word="REQUEST_LIMIT_EXCEEDED", on=(3, 9)),
    "503": Fault(status=503, word="SERVER_UNAVAILABLE", on=(4, 12)),
    "500 for a write": Fault(status=500, word="UNKNOWN_EXCEPTION", methods=("POST", "PATCH"), on=(2, 20)),
    "locked row": Fault(status=400, word="UNABLE_TO_LOCK_ROW", methods=("POST", "PATCH"), on=(2, 5, 30)),
    "reset": Fault("reset", on=(4, 11)),
    "lost answer": Fault("lost_response", methods=("POST",), on=(2, 8, 28)),
    "page of html": Fault("html", status=503, methods=("POST",), on=(5,)),
    "slow": Fault("slow", seconds=0.05, on=(3, 9)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_faults_end_in_convergence(make: Callable[..., Org], fault: Fault) -> None:
    """No account twice, none lost: what failed waits, and the next cycles bring it."""
    team = make(people=16, groups=3, faults=[fault])
    team.edit(lambda rows: rows.pop())
    await team.settle()

    team.converged()
    await team.cycle()
    assert team.writes() == 0


async def test_a_user_name_that_is_taken_elsewhere_fails_alone(make: Callable[..., Org]) -> None:
    """Nobody in this organization has it, so there is nobody to link; the others go on."""
    team = make(people=12, groups=1)
    team.twin.org.elsewhere.add(team.rows()[1]["userPrincipalName"])

    summary = await team.cycle()

    assert summary.failed == 1
    assert len(team.users()) == sum(row["accountEnabled"] == "True" for row in team.rows()) - 1


async def test_the_reserve_of_daily_requests_stops_the_job(make: Callable[..., Org]) -> None:
    """Other integrations of the organization are not starved."""
    from gallery_sdk.errors import CycleError

    team = make(people=30, groups=1, daily_requests=40, settings="daily_reserve_percent = 50")

    with pytest.raises(CycleError, match="API requests"):
        await team.cycle()

    assert 5 < len(team.users()) < 28
    assert team.twin.used < 20 + 8 + 8  # the half, and what was in flight


async def test_an_unconfirmed_address_is_not_sent_again(make: Callable[..., Org]) -> None:
    """One mail for the user to confirm, not one per cycle."""
    team = make(people=8, groups=1, confirms_email=True)
    await team.cycle()
    team.edit(lambda rows: rows[2].update(mail="elsewhere@example.com"))

    assert (await team.cycle()).failed == 0

    assert list(team.twin.org.waiting.values()) == ["elsewhere@example.com"]
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0


async def test_who_cannot_be_deactivated_is_frozen_where_that_is_wanted(make: Callable[..., Org]) -> None:
    """Salesforce protects some users; frozen, they cannot sign in. On return they are let in again."""
    team = make(people=12, groups=1, settings="freeze_when_refused = true")
    await team.cycle()
    row = next(row for row in team.rows()[4:] if row["accountEnabled"] == "True")
    user = team.users()[row["userPrincipalName"]]["Id"]
    team.twin.org.protected.add(user)
    login = next(one for one in team.twin.org.tables["UserLogin"].values() if one["UserId"] == user)

    def enable(value: str) -> None:
        team.edit(lambda rows: next(r for r in rows if r["id"] == row["id"]).update(accountEnabled=value))

    enable("False")
    assert (await team.cycle()).failed == 0
    assert (login["IsFrozen"], team.twin.org.tables["User"][user]["IsActive"]) == (True, True)
    enable("True")
    assert (await team.cycle()).failed == 0
    assert login["IsFrozen"] is False


async def test_a_protected_user_is_skipped_otherwise(make: Callable[..., Org]) -> None:
    """It is told once, and not tried again before the source changes."""
    team = make(people=12, groups=1)
    await team.cycle()
    row = next(row for row in team.rows()[4:] if row["accountEnabled"] == "True")
    team.twin.org.protected.add(team.users()[row["userPrincipalName"]]["Id"])
    team.edit(lambda rows: next(r for r in rows if r["id"] == row["id"]).update(accountEnabled="False"))

    assert (await team.cycle()).failed == 0

    assert team.users()[row["userPrincipalName"]]["IsActive"] is True
    await team.cycle()
    assert team.writes() == 0


async def test_new_users_get_a_mail_where_that_is_wanted(make: Callable[..., Org]) -> None:
    """A user that is made by API gets none otherwise."""
    team = make(people=6, groups=5, settings="send_password_mail = true")

    await team.cycle()

    assert sorted(name.lower() for name in team.twin.rest.mails) == sorted(team.users())


async def test_by_scim_the_same_mapping_reaches_the_same_organization(make: Callable[..., Org]) -> None:
    """People by SCIM, members of groups that are there; a second cycle writes nothing."""
    team = make(api="scim", people=40, groups=4, scim_page_size=20)
    for number, row in enumerate(team.rows("groups.csv")):
        team.twin.org.seed("Group", Name=row["displayName"], DeveloperName=f"g{number}", Type="Regular")

    assert (await team.cycle()).failed == 0

    team.converged()
    assert not any(route.startswith(("POST /sobjects", "GET /query")) for route in team.twin.stats.by_route)
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0
    assert (await team.cycle(initial=True)).failed == 0
    assert team.writes() == 0

    def change(rows: list[dict[str, str]]) -> None:
        rows[1].update(surname="Married", appRoleAssignments="System Administrator", userRole="CEO", jobTitle="Boss")
        rows[2].update(accountEnabled="False")
        rows[9].update(manager=rows[1]["id"])

    team.edit(change)
    team.edit(lambda rows: rows.pop(0), "memberships.csv")
    assert (await team.cycle()).failed == 0
    team.converged()


async def test_the_connection_test_says_what_it_saw(make: Callable[..., Org]) -> None:
    """Requests left, profiles, look-up, rights, licences."""
    team = make(people=3, groups=1)

    async with open_job(team.workspace, "prod") as job:
        report = await job.test()

    details = {step.name: step.detail for step in report.steps}
    assert report.ok, report.steps
    assert details["reach the API"] == "99998 of 100000 API requests are left today"
    assert details["read profiles"] == "5 profiles"
    assert "Salesforce: 1 of 10000 used" in details["free licences"]


async def test_a_team_signs_in_with_client_credentials(
    make: Callable[..., Org], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the app's file to the token endpoint of its My Domain, and through a cycle whose session ends half-way."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("SALESFORCE_TOKEN", "twin-client-secret")
    ended = Fault(status=401, word="INVALID_SESSION_ID", methods=("POST",), path="sobjects/User", on=(3,))
    team = make(people=8, groups=5, faults=[ended])
    path = team.workspace.apps_path / "prod.toml"
    text = path.read_text("utf-8").replace('method = "access_token"', 'method = "client_credentials"')
    path.write_text(text.replace("token = ", 'client_id = "twin-client"\nclient_secret = '), "utf-8")

    assert (await team.cycle()).failed == 0

    team.converged()
    assert team.twin.stats.by_route["POST /services/oauth2/token"] == 2
