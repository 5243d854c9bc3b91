"""A team's folder, the engine, and Zoom's twin on a loopback port: accounts become what the source says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gallery_connector_zoom.twin import RATE_LIMITS, ZoomSettings, ZoomTwin
from gallery_sdk.errors import CycleError, GalleryError
from gallery_sdk.runner import open_job
from gallery_sdk.testing import Fault, ScaledClock

from ..conftest import Hall, Team

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SCALE = 40.0
APP = """\
connector = "zoom"
url = "{url}/scim2"

[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "memberships.csv"
multi_valued = ["appRoleAssignments"]

[auth]
method = "server_to_server"
account_id = "A1"
client_id = "twin-client"
client_secret = "env:ZOOM_SECRET"

[safety]
max_deprovision = 5

[engine]
rate_scale = 40
"""


class Account(Team[ZoomTwin]):
    """A folder, its account, and what a test wants to know of both."""

    def writes(self) -> int:
        """Requests that changed something in the last cycle; asking for a token changes nothing."""
        return super().writes() - self.twin.stats.by_route["POST /oauth/token"]

    def users(self) -> dict[str, dict[str, Any]]:
        """The account's people by login address."""
        listed: Any = self.twin.state()["users"]
        found = {one["userName"].lower(): one for one in listed}
        assert len(found) == len(listed), "somebody is there twice"
        return found

    def members(self) -> dict[str, set[str]]:
        """Login addresses by group name."""
        groups: Any = self.twin.state()["groups"]
        by_id = {one["id"]: name for name, one in self.users().items()}
        found = {one["displayName"]: {by_id[each["value"]] for each in one["members"]} for one in groups}
        assert len(found) == len(groups), "a group is there twice"
        return found

    def converged(self) -> None:
        """Assert that the account is what the source says."""
        users, active = self.users(), self.active()
        assert {name for name, one in users.items() if one["active"]} == set(active)
        for name, row in active.items():
            one = users[name]
            assert (one["name"], one["emails"][0]["value"], one[ENTERPRISE]["department"]) == (
                {"givenName": row["givenName"], "familyName": row["surname"]}, row["mail"], row["department"],
            )  # fmt: skip
            assert one["userType"] == (row["appRoleAssignments"] or "Basic").replace("Corp", "On-Prem")
            assert one["state"] == "member"
        assert {group: names & set(active) for group, names in self.members().items()} == self.wanted_members()


def give_licences(rows: list[dict[str, str]]) -> None:
    """App roles, the former name of one among them; every fourth person has none."""
    for place, row in enumerate(rows):
        row["appRoleAssignments"] = ("Licensed", "", "Basic", "Corp")[place % 4]


@pytest.fixture
def make(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Account]:
    """`make(people=, groups=, app=, **settings)`: a team and its twin."""
    monkeypatch.setenv("ZOOM_SECRET", "twin-secret")

    def made(*, people: int = 16, groups: int = 4, app: str = "", **settings: Any) -> Account:
        twin = ZoomTwin(ZoomSettings(**{"clock": ScaledClock(SCALE), **settings}))
        team = hall.open(Account, twin, lambda url: APP.format(url=url) + app, people=people, groups=groups)
        team.edit(give_licences)
        return team

    return made


async def test_five_hundred_people_and_twenty_groups_settle_in_one_cycle(make: Callable[..., Account]) -> None:
    """One request per account, two per group, one token; a second cycle writes nothing."""
    team = make(people=500, groups=20)

    summary = await team.cycle()

    assert summary.failed == 0
    team.converged()
    active = sum(row["accountEnabled"] == "True" for row in team.rows())
    routes = team.twin.stats.by_route
    assert routes["POST /Users"] == active
    assert routes["POST /Groups"] == 20
    assert routes["PATCH /Groups/*"] <= 20
    assert routes["POST /oauth/token"] == 1
    assert team.twin.stats.by_status[429] == 0

    again = await team.cycle()

    assert again.failed == 0
    assert team.writes() == 0
    assert (await team.cycle(initial=True)).failed == 0  # compared with what Zoom holds, not with what was sent
    assert team.writes() == 0


async def test_people_change_leave_and_return(make: Callable[..., Account]) -> None:
    """Marriage, another address, department and licence; then somebody leaves, and comes back as the same account."""
    team = make()
    await team.cycle()
    someone = next(row for row in team.rows()[8:] if row["accountEnabled"] == "True")
    name, before = someone["userPrincipalName"], team.users()[someone["userPrincipalName"]]["id"]

    def change(rows: list[dict[str, str]]) -> None:
        row = next(one for one in rows if one["id"] == someone["id"])
        row.update(
            surname="O'Neill Ørsted", mail="new@example.com", department="Legal", manager=rows[0]["id"],
            appRoleAssignments="Licensed" if row["appRoleAssignments"] != "Licensed" else "Basic",
        )  # fmt: skip

    team.edit(change)
    assert (await team.cycle()).failed == 0
    team.converged()
    assert team.writes() == team.twin.stats.by_route["PUT /Users/*"] == 1

    gone: list[dict[str, str]] = []
    team.edit(lambda rows: gone.append(rows.pop(next(n for n, r in enumerate(rows) if r["id"] == someone["id"]))))
    assert (await team.cycle()).failed == 0
    assert team.users()[name]["active"] is False
    assert team.twin.stats.by_route["PATCH /Users/*"] == 1
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0

    team.edit(lambda rows: rows.append({**gone[0], "department": "Sales"}))
    assert (await team.cycle()).failed == 0
    team.converged()
    assert team.users()[name]["id"] == before
    assert (await team.cycle()).failed == 0
    assert team.writes() == 0


async def test_a_new_login_address_is_never_sent(make: Callable[..., Account]) -> None:
    """Zoom would not take it: the account stays the person's, and everything else follows."""
    team = make()
    await team.cycle()
    row = team.rows()[0]
    before = team.users()[row["userPrincipalName"]]["id"]

    team.edit(lambda rows: rows[0].update(userPrincipalName="renamed@example.com", department="Legal"))
    assert (await team.cycle()).failed == 0

    after = team.users()[row["userPrincipalName"]]
    assert (after["id"], after[ENTERPRISE]["department"]) == (before, "Legal")
    assert "renamed@example.com" not in team.users()
    await team.cycle()
    assert team.writes() == 0


async def test_groups_are_renamed_and_their_members_come_and_go(make: Callable[..., Account]) -> None:
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


async def test_accounts_that_are_there_already_are_adopted(make: Callable[..., Account]) -> None:
    """By login address in any case; the licence becomes the mapped one, admins included."""
    team = make()
    (row,) = [row for row in team.rows() if row["appRoleAssignments"] == "Licensed"][:1]
    team.twin.account.users.put("old", {
        "id": "old", "userName": row["userPrincipalName"].upper(), "displayName": "Old", "emails": [],
        "state": "member", "userType": "Basic", "active": False, "role": "Admin", "loginType": {},
        "created": "", "lastModified": "",
    })  # fmt: skip

    assert (await team.cycle()).failed == 0

    team.converged()
    assert team.users()[row["userPrincipalName"]]["id"] == "old"


FAULTS = {
    "429": Fault(status=429, word="429 Slow down", on=(4, 12)),
    "503": Fault(status=503, on=(4, 12)),
    "500 for a write": Fault(status=500, methods=("POST", "PATCH", "PUT"), path="scim2", on=(2, 14)),
    "reset": Fault("reset", path="scim2", on=(4, 11)),
    "lost answer": Fault("lost_response", methods=("POST", "PATCH"), path="scim2", on=(2, 8, 17, 19)),
    "page of html": Fault("html", status=503, methods=("POST",), path="scim2", on=(5,)),
    "slow": Fault("slow", seconds=0.05, on=(3, 9)),
    "token refused once": Fault(status=401, word="124 Invalid access token.", path="scim2", on=(6,)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_faults_end_in_convergence(make: Callable[..., Account], fault: Fault) -> None:
    """No account twice, none lost: what failed waits, and the next cycles bring it."""
    team = make(people=14, groups=3, faults=[fault])
    await team.settle()

    team.converged()
    await team.cycle()
    assert team.writes() == 0


async def test_limits_that_others_use_up_cost_time_and_nobody(make: Callable[..., Account]) -> None:
    """All apps of an account share its limits: with hardly any left, everybody arrives all the same."""
    limits = {label: replace(limit, requests=limit.requests // 16) for label, limit in RATE_LIMITS.items()}
    team = make(people=16, groups=4, limits=limits)

    await team.settle()

    assert team.twin.stats.by_status[429] > 0
    team.converged()


async def test_a_pending_invitation_is_told_apart_from_somebody_new(make: Callable[..., Account]) -> None:
    """The look-up says 400 for it; the create that follows meets a conflict, and the log says what to do."""
    team = make(people=12, groups=1)
    name = team.rows()[1]["userPrincipalName"]
    team.twin.account.seed_user({"userName": name, "state": "pending"})

    summary = await team.cycle()

    assert summary.failed == 1
    assert "pending invitation" in team.told()
    active = sum(row["accountEnabled"] == "True" for row in team.rows())
    assert sum(one["state"] == "member" for one in team.users().values()) == active - 1


async def test_admins_stay_active_and_are_told_of_once(make: Callable[..., Account]) -> None:
    """Zoom answers with success and leaves them active; nobody retries for ever."""
    team = make(people=12, groups=1)
    await team.cycle()
    row = next(row for row in team.rows()[3:] if row["accountEnabled"] == "True")
    user = team.users()[row["userPrincipalName"]]
    account = team.twin.account
    account.users.put(user["id"], {**(account.users.get(user["id"]) or {}), "role": "Admin"})
    team.edit(lambda rows: next(r for r in rows if r["id"] == row["id"]).update(accountEnabled="False"))

    summary = await team.cycle()

    assert summary.failed == 0
    assert team.users()[row["userPrincipalName"]]["active"] is True
    assert "as active as it was" in team.told()
    await team.cycle()
    assert team.writes() == 0


async def test_licences_that_run_out_are_reported_and_nobody_is_downgraded(make: Callable[..., Account]) -> None:
    """The others go on."""
    team = make(people=12, groups=1, licences=1)
    wanted = [row for row in team.rows() if row["appRoleAssignments"] == "Licensed" and row["accountEnabled"] == "True"]

    summary = await team.cycle()

    assert summary.failed == len(wanted) - 1
    assert sum(one["userType"] == "Licensed" for one in team.users().values()) == 1
    assert not {row["userPrincipalName"] for row in wanted} & {
        name for name, one in team.users().items() if one["userType"] != "Licensed"
    }


@pytest.mark.parametrize("role", ["Collaboration", "None"])
async def test_a_licence_that_zoom_refuses_is_stopped_before_a_request(make: Callable[..., Account], role: str) -> None:
    """Its documentation lists them, and its API does not take them."""
    team = make(people=12, groups=1)
    team.edit(lambda rows: rows[0].update(appRoleAssignments=role))

    summary = await team.cycle()

    assert summary.failed == 1
    active = sum(row["accountEnabled"] == "True" for row in team.rows())
    assert team.twin.stats.by_route["POST /Users"] == active - 1


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"single_sign_on": False}, "single sign-on"),
        ({"scopes": ("user:read:user:admin",)}, "scim2:admin"),
        ({"client_secret": "another"}, "invalid_client"),
    ],
    ids=["single sign-on is off", "the scope is missing", "the secret is wrong"],
)
async def test_what_concerns_the_whole_connection_stops_the_job(
    make: Callable[..., Account], settings: dict[str, Any], word: str
) -> None:
    """In quarantine, with the next step, and without an account made."""
    team = make(people=12, groups=1, **settings)

    with pytest.raises(GalleryError) as caught:
        await team.cycle()

    assert isinstance(caught.value, CycleError)
    assert word in str(caught.value)
    assert not team.users()


async def test_the_connection_test_names_each_step(make: Callable[..., Account]) -> None:
    """Source, people, look-up, groups."""
    team = make(people=3, groups=1)

    async with open_job(team.workspace, "prod") as job:
        report = await job.test()

    assert report.ok, report.steps
    assert [step.name for step in report.steps] == [
        "read the source",
        "sign in",
        "list users",
        "look users up",
        "list groups",
    ]
    assert report.findings == ()


async def test_an_account_without_groups_is_provisioned_without_asking_for_them(make: Callable[..., Account]) -> None:
    """Groups are a matter of choice."""
    team = make(people=12, groups=2, app="\n[groups]\nenabled = false\n")

    assert (await team.cycle()).failed == 0

    assert not any("/Groups" in route for route in team.twin.stats.by_route)
