"""A team's folder, the engine, and the twin on a loopback port: accounts become what the source says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gallery_connector_dropbox.target import DropboxTarget
from gallery_connector_dropbox.twin import ADMIN, TOKEN, DropboxTwin, Member
from gallery_connector_dropbox.twin.team import ROLES, WINDOW_SECONDS
from gallery_sdk.runner import open_job
from gallery_sdk.testing import Fault, ManualClock, TwinClient

from ..conftest import Hall, Team

APP = """\
connector = "dropbox"
url = "{url}"

[settings]
send_welcome_email = false
{settings}

[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "memberships.csv"
multi_valued = ["appRoleAssignments"]

[auth]
method = "access_token"
token = "env:DROPBOX_TOKEN"

[safety]
max_deprovision = 5

[[mapping.user]]
target = "role"
enabled = true
"""


class Folder(Team[DropboxTwin]):
    """A folder, its team, and what a test wants to know of both."""

    async def twin_call(self, route: str, argument: object) -> None:
        """Change something in the team by hand."""
        assert (await TwinClient(self.twin, token=TOKEN).post(f"/2/{route}", argument)).status == 200

    def members(self) -> dict[str, Member]:
        """The team's members by address, removed ones and the admin apart."""
        there = [one for one in self.twin.team.members.values() if one.status != "removed"]
        found = {one.email.casefold(): one for one in there}
        assert len(found) == len(there), "a member is there twice"
        del found[ADMIN]
        return found

    def groups(self) -> dict[str, set[str]]:
        """Addresses by group name."""
        team = self.twin.team
        return {
            one.group_name: {team.members[key].email.casefold() for key in one.members} for one in team.groups.values()
        }

    def converged(self) -> None:
        """Assert that the team is what the source says."""
        members, active = self.members(), self.active("mail")
        assert {mail for mail, one in members.items() if one.status != "suspended"} == set(active)
        for mail, row in active.items():
            one = members[mail]
            assert (one.given_name, one.surname, one.external_id) == (row["givenName"], row["surname"], row["id"])
            assert [ROLES[role] for role in one.role_ids] == [row["appRoleAssignments"]] * bool(
                row["appRoleAssignments"]
            )
        assert {group: mails & set(active) for group, mails in self.groups().items()} == self.wanted_members("mail")


def add_roles(rows: list[dict[str, str]]) -> None:
    """An admin role for every fifth person."""
    for place, row in enumerate(rows):
        row["appRoleAssignments"] = ("User management admin", "", "", "", "")[place % 5]


@pytest.fixture
def make(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Folder]:
    """`make(people=, groups=, settings=, **twin)`: a folder and its twin."""
    monkeypatch.setenv("DROPBOX_TOKEN", TOKEN)
    monkeypatch.setattr("gallery_connector_dropbox.calls._FIRST_PAUSE", 0.001)

    def made(*, people: int = 16, groups: int = 3, settings: str = "", **options: Any) -> Folder:
        twin = DropboxTwin(**{"joins_at_once": True, **options})
        folder = hall.open(
            Folder, twin, lambda url: APP.format(url=url, settings=settings), people=people, groups=groups
        )
        folder.edit(add_roles)
        return folder

    return made


async def test_five_hundred_people_and_twenty_groups_settle_in_one_cycle(
    make: Callable[..., Folder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty people per request, two requests per group; a second cycle writes nothing, nor one that reads all back."""
    monkeypatch.setattr(DropboxTarget, "page_size", 200)  # so that listings have several pages
    folder = make(people=500, groups=20, jobs_every=7)

    summary = await folder.cycle()

    assert summary.failed == 0
    folder.converged()
    routes, active = folder.twin.stats.by_route, len(folder.active())
    assert active / 20 <= routes["POST /team/members/add_v2"] < active / 20 + 12
    assert routes["POST /team/groups/create"] == 20
    assert routes["POST /team/groups/members/add"] <= 20
    assert sum(routes.values()) < 110

    again = await folder.cycle()

    assert again.failed == 0
    assert folder.writes() == 0
    checked = await folder.cycle(initial=True)  # compared with what the team holds, not with what was sent
    assert checked.failed == 0
    assert folder.writes() == 0
    folder.converged()


async def test_people_change_leave_and_return(make: Callable[..., Folder]) -> None:
    """A marriage with a new address, a new role, no role any more; then somebody leaves, and comes back the same."""
    folder = make()
    await folder.cycle()
    someone = list(folder.active().values())[6]
    before = folder.members()[someone["mail"]].team_member_id

    folder.put(someone["id"], surname='O|Neill "Ø"', mail="new.name@example.com", appRoleAssignments="Support admin")
    assert (await folder.cycle()).failed == 0

    after = folder.members()["new.name@example.com"]
    assert (after.team_member_id, after.surname) == (before, "ONeill Ø")
    assert after.role_ids == ["pid_dbtmr:4567"]
    folder.put(someone["id"], surname="Neill", appRoleAssignments="")
    assert (await folder.cycle()).failed == 0
    folder.converged()

    gone: list[dict[str, str]] = []
    folder.edit(lambda rows: gone.append(rows.pop(next(n for n, r in enumerate(rows) if r["id"] == someone["id"]))))
    assert (await folder.cycle()).failed == 0
    assert (after.status, after.wiped) == ("suspended", False)
    assert (await folder.cycle()).failed == 0
    assert folder.writes() == 0

    gone[0]["appRoleAssignments"] = "Billing admin"
    folder.edit(lambda rows: rows.append(gone[0]))
    assert (await folder.cycle()).failed == 0
    assert after.status == "active"
    folder.converged()
    assert (await folder.cycle()).failed == 0
    assert folder.writes() == 0


async def test_an_invitation_is_withdrawn_and_recovered(make: Callable[..., Folder]) -> None:
    """Who has not accepted cannot be suspended; who returns within seven days is recovered, later is added anew."""
    clock = ManualClock()
    folder = make(joins_at_once=False, clock=clock)
    await folder.cycle()
    folder.converged()
    someone = list(folder.active().values())[6]
    member = folder.members()[someone["mail"]]

    folder.put(someone["id"], accountEnabled="False")
    assert (await folder.cycle()).failed == 0
    assert (member.status, member.wiped) == ("removed", False)
    assert (await folder.cycle()).failed == 0
    assert folder.writes() == 0

    folder.put(someone["id"], accountEnabled="True", surname="Returned")
    assert (await folder.cycle()).failed == 0
    assert (member.status, member.surname) == ("invited", "Returned")
    folder.converged()

    folder.put(someone["id"], accountEnabled="False")
    await folder.cycle()
    clock.advance(WINDOW_SECONDS)
    folder.put(someone["id"], accountEnabled="True")
    assert (await folder.cycle()).failed == 0
    assert folder.members()[someone["mail"]] is not member
    folder.converged()


async def test_an_invitation_is_left_alone_where_that_is_wanted(make: Callable[..., Folder]) -> None:
    """It is told once, and not tried again before the source changes."""
    folder = make(joins_at_once=False, settings='invited_leavers = "keep"')
    await folder.cycle()
    someone = list(folder.active().values())[6]

    folder.put(someone["id"], accountEnabled="False")

    assert (await folder.cycle()).failed == 0
    assert folder.members()[someone["mail"]].status == "invited"
    await folder.cycle()
    assert folder.writes() == 0


async def test_leavers_are_removed_where_that_is_wanted(make: Callable[..., Folder]) -> None:
    """Their files go to somebody; devices are left alone, and who returns is recovered with its groups."""
    folder = make(settings=f'transfer_files_to = "{ADMIN}"\ntransfer_admin = "{ADMIN}"')
    app = folder.workspace.apps_path / "prod.toml"
    app.write_text(app.read_text() + '\n[lifecycle]\non_delete = "delete"\n', "utf-8")
    await folder.cycle()
    mail = next(mail for mails in folder.groups().values() for mail in sorted(mails))
    someone, member = next(row for row in folder.rows() if row["mail"] == mail), folder.members()[mail]
    gone: list[dict[str, str]] = []

    folder.edit(lambda rows: gone.append(rows.pop(next(n for n, r in enumerate(rows) if r["id"] == someone["id"]))))
    assert (await folder.cycle()).failed == 0

    assert (member.status, member.wiped) == ("removed", False)
    assert member.removal["transfer_dest_id"] == {".tag": "email", "email": ADMIN}
    folder.edit(lambda rows: rows.append(gone[0]))
    assert (await folder.cycle()).failed == 0
    assert member.status == "active"
    await folder.cycle()
    folder.converged()


async def test_groups_are_renamed_and_their_members_come_and_go(make: Callable[..., Folder]) -> None:
    """Two leave, two come; a group that is gone is deleted, by a job."""
    folder = make(jobs_every=1)
    await folder.cycle()

    folder.regroup("Renamed: Ärzte")
    assert (await folder.cycle()).failed == 0
    folder.converged()

    folder.drop_last_group()
    assert (await folder.cycle()).failed == 0
    folder.converged()
    await folder.cycle()
    assert folder.writes() == 0


async def test_what_is_there_already_is_adopted(make: Callable[..., Folder]) -> None:
    """Members by address in any case or by external id, groups by name; nothing is made twice."""
    folder = make()
    one, other = list(folder.active().values())[4:6]
    team = folder.twin.team
    by_mail = team.seed(one["mail"].upper(), surname="Old")
    by_id = team.seed("maiden.name@example.com", external_id=other["id"])
    group = folder.rows("groups.csv")[0]["displayName"]
    await folder.twin_call("team/groups/create", {"group_name": group})
    await folder.twin_call("team/groups/create", {"group_name": "Everyone"})
    next(g for g in team.groups.values() if g.group_name == "Everyone").management = "system_managed"

    assert (await folder.cycle()).failed == 0

    assert by_mail.external_id == one["id"]
    assert by_id.email == other["mail"]
    del team.groups[next(key for key, g in team.groups.items() if g.group_name == "Everyone")]
    by_mail.email = one["mail"]  # equal in the team's eyes, so it was left as it is
    folder.converged()


FAULTS = {
    "429": Fault(status=429, headers={"Retry-After": "0"}, on=(14, 17)),
    "409 for too many writes": Fault(status=409, word="too_many_write_operations", on=(14, 17)),
    "503": Fault(status=503, on=(4, 12)),
    "500 for a new member": Fault(status=500, path="add_v2|groups/create", on=(1, 3)),
    "reset": Fault("reset", on=(4, 11)),
    "lost answer": Fault("lost_response", on=(2, 6, 9, 11)),
    "lost answer to a write": Fault("lost_response", path="add_v2|groups/(create|members/add)", on=(1, 3, 4)),
    "page of html": Fault("html", status=503, on=(5,)),
    "page of html under 400": Fault("html", status=400, path="add_v2|create", on=(1,)),
    "slow": Fault("slow", seconds=0.05, on=(3, 9)),
    "void cursor": Fault(status=409, word="invalid_cursor", path="continue", on=(1,)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_faults_end_in_convergence(
    make: Callable[..., Folder], fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No account twice, none lost: what failed waits, and the next cycles bring it."""
    monkeypatch.setattr(DropboxTarget, "page_size", 5)
    folder = make(people=14, groups=3, faults=[fault])
    folder.twin.team.seed(list(folder.active().values())[3]["mail"])
    for number in range(8):
        folder.twin.team.groups[f"g:{number}"] = _unmanaged(number)

    await folder.settle()

    for number in range(8):
        del folder.twin.team.groups[f"g:{number}"]
    folder.converged()
    await folder.cycle()
    assert folder.writes() == 0


def _unmanaged(number: int) -> Any:
    from gallery_connector_dropbox.twin import Group

    return Group(f"g:{number}", f"By members {number}", management="user_managed")


async def test_those_for_whom_no_licence_is_left_come_when_there_is_one(make: Callable[..., Folder]) -> None:
    """They fail alone, and wait."""
    folder = make(people=24, groups=1)
    active = len(folder.active())
    folder.twin.team.licences = active - 2

    summary = await folder.cycle()

    assert (summary.failed, len(folder.members())) == (3, active - 3)
    folder.twin.team.licences = active + 1
    folder.restart()
    assert (await folder.cycle()).failed == 0
    folder.converged()


async def test_one_who_belongs_to_another_team_fails_alone(make: Callable[..., Folder]) -> None:
    """Nothing can be done about it from here; the others go on, those in the same request too."""
    folder = make(people=12, groups=1)
    folder.twin.team.elsewhere.add(list(folder.active().values())[1]["mail"])
    folder.put(list(folder.active().values())[2]["id"], mail="ascii-only!@example.com")

    summary = await folder.cycle()

    assert summary.failed == 2
    assert len(folder.members()) == len(folder.active()) - 2


async def test_the_last_admin_is_protected(make: Callable[..., Folder]) -> None:
    """It is skipped, and not tried again."""
    folder = make()
    await folder.cycle()
    someone = list(folder.active().values())[6]
    team = folder.twin.team
    team.members[next(iter(team.members))].role_ids.clear()
    folder.members()[someone["mail"]].role_ids = ["pid_dbtmr:2345"]

    folder.put(someone["id"], accountEnabled="False")

    assert (await folder.cycle()).failed == 0
    assert folder.members()[someone["mail"]].status == "active"


async def test_the_connection_test_says_what_it_saw(make: Callable[..., Folder]) -> None:
    """Admin, licences, look-up, rights, roles; and it changed nothing."""
    folder = make(people=3, groups=1, licences=7)
    before = folder.twin.state()

    async with open_job(folder.workspace, "prod") as job:
        report = await job.test()

    details = {step.name: step.detail for step in report.steps}
    assert report.ok, report.steps
    assert details["sign in as a team admin"] == f"signed in as {ADMIN}"
    assert details["free licences"] == "Dropbox Inc.: 1 of 7 licences are used"
    assert details["right to change members"] == details["right to change groups"] == "granted"
    assert "Support admin" in details["read admin roles"]
    assert folder.twin.state() == before
