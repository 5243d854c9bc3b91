"""Full cycles through the generic connector against scim2-server over HTTP."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from gallery_sdk.apps import Workspace
from gallery_sdk.runner import open_job, read_log, restart_job
from gallery_sdk.scim import urns
from gallery_sdk.store import LogQuery

from .conftest import Peer

Row = dict[str, str]


def edit(path: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Rewrite a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns, rows = list(reader.fieldnames or []), list(reader)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(change(rows))


def people(workspace: Workspace) -> list[Row]:
    with (workspace.root / "people.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def memberships(workspace: Workspace) -> dict[str, set[str]]:
    """Group display name to user names of its enabled members, read from the files alone."""
    with (workspace.root / "groups.csv").open(newline="", encoding="utf-8") as file:
        names = {row["id"]: row["displayName"] for row in csv.DictReader(file)}
    enabled = {row["id"]: row["userPrincipalName"] for row in people(workspace) if row["accountEnabled"] == "True"}
    found: dict[str, set[str]] = {name: set() for name in names.values()}
    with (workspace.root / "memberships.csv").open(newline="", encoding="utf-8") as file:
        for group, member in list(csv.reader(file))[1:]:
            if member in enabled:
                found[names[group]].add(enabled[member])
    return found


async def run(workspace: Workspace) -> dict[str, int]:
    async with open_job(workspace, "prod") as job:
        return dict((await job.run_cycle()).counts)


async def test_people_and_groups_of_a_file_become_users_and_groups(peer: Peer, workspace: Workspace) -> None:
    """Every enabled person once, with name, department and manager; every group with its members."""
    await run(workspace)

    users = peer.users()
    enabled = [row for row in people(workspace) if row["accountEnabled"] == "True"]
    assert set(users) == {row["userPrincipalName"] for row in enabled}
    by_source = {row["id"]: row["userPrincipalName"] for row in enabled}
    for row in enabled:
        user = users[row["userPrincipalName"]]
        assert user["name"]["familyName"] == row["surname"]
        assert user["active"] is True
        assert user[urns.ENTERPRISE_USER]["department"] == row["department"]
        if row["manager"] in by_source:
            assert user[urns.ENTERPRISE_USER]["manager"]["value"] == users[by_source[row["manager"]]]["id"]
    by_id = {one["id"]: name for name, one in users.items()}
    in_target = {
        name: {by_id[one["value"]] for one in group.get("members", [])} for name, group in peer.groups().items()
    }
    assert in_target == memberships(workspace)


async def test_a_new_person_costs_one_request_and_an_unchanged_one_none(peer: Peer, workspace: Workspace) -> None:
    """Managers and members included: as many writes as objects, and then none."""
    counts = await run(workspace)
    assert len(peer.writes()) == counts["create"] + (counts["create"] - len(peer.users()) - len(peer.groups()))
    peer.requests.clear()

    await run(workspace)

    assert peer.writes() == []
    assert len(peer.requests) <= 2


async def test_changes_arrive_and_leavers_are_disabled(peer: Peer, workspace: Workspace) -> None:
    """A rename, a move to another department, a leaver, a joiner, and a member who changes groups."""
    await run(workspace)
    enabled = [row for row in people(workspace) if row["accountEnabled"] == "True"]
    renamed, moved, leaver = enabled[5], enabled[6], enabled[7]

    def change(rows: list[Row]) -> list[Row]:
        for row in rows:
            if row["id"] == renamed["id"]:
                row["surname"] = "Renamed"
            if row["id"] == moved["id"]:
                row["department"] = "Moved"
        joiner = {**renamed, "id": "joiner-1", "userPrincipalName": "joiner@example.com", "mail": "joiner@example.com"}
        joiner["employeeId"] = "999999"
        return [row for row in rows if row["id"] != leaver["id"]] + [joiner]

    edit(workspace.root / "people.csv", change)
    group = next(iter(peer.groups()))
    with (workspace.root / "groups.csv").open(newline="", encoding="utf-8") as file:
        group_id = next(row["id"] for row in csv.DictReader(file) if row["displayName"] == group)
    edit(
        workspace.root / "memberships.csv",
        lambda rows: (
            [row for row in rows if leaver["id"] not in row.values()]
            + [dict(zip(rows[0], (group_id, "joiner-1"), strict=True))]
        ),
    )
    peer.requests.clear()

    await run(workspace)

    users = peer.users()
    assert users[renamed["userPrincipalName"]]["name"]["familyName"] == "Renamed"
    assert users[moved["userPrincipalName"]][urns.ENTERPRISE_USER]["department"] == "Moved"
    assert users[leaver["userPrincipalName"]]["active"] is False
    by_id = {one["id"]: name for name, one in users.items()}
    assert "joiner@example.com" in {by_id[one["value"]] for one in peer.groups()[group]["members"]}
    peer.requests.clear()
    await run(workspace)
    assert peer.writes() == []


async def test_a_plan_tells_the_requests_and_apply_sends_exactly_these(peer: Peer, workspace: Workspace) -> None:
    """The plan file of the first cycle, applied."""
    async with open_job(workspace, "prod") as job:
        plan = await job.plan(workspace.root / "first.plan")
        assert peer.writes() == []
        await job.apply(workspace.root / "first.plan")

    assert len(peer.writes()) == plan.total_requests - plan.requests["check"]
    peer.requests.clear()
    await run(workspace)
    assert peer.writes() == []


async def test_a_restart_repairs_what_was_changed_behind_our_back(peer: Peer, workspace: Workspace) -> None:
    """A department changed in the app and a user deleted there are as the source says after a restart."""
    import httpx2

    await run(workspace)
    users = peer.users()
    changed, deleted = list(users.values())[3:5]
    body = {
        "schemas": [urns.PATCH_OP],
        "Operations": [{"op": "replace", "path": f"{urns.ENTERPRISE_USER}:department", "value": "By hand"}],
    }
    httpx2.patch(f"{peer.url}/Users/{changed['id']}", json=body).raise_for_status()
    httpx2.delete(f"{peer.url}/Users/{deleted['id']}").raise_for_status()

    restart_job(workspace, "prod")
    await run(workspace)
    await run(workspace)

    again = peer.users()
    department = changed[urns.ENTERPRISE_USER]["department"]
    assert again[changed["userName"]][urns.ENTERPRISE_USER]["department"] == department
    assert again[deleted["userName"]]["active"] is True
    by_id = {one["id"]: name for name, one in again.items()}
    in_target = {name: {by_id[one["value"]] for one in group.get("members", []) if one["value"] in by_id}
                 for name, group in peer.groups().items()}  # fmt: skip
    assert in_target == memberships(workspace)


async def test_provisioning_one_person_shows_what_happened(peer: Peer, workspace: Workspace) -> None:
    """On demand, by user name; the log has the same line."""
    person = next(row for row in people(workspace) if row["accountEnabled"] == "True")

    async with open_job(workspace, "prod") as job:
        report = await job.provision("user", person["userPrincipalName"])

    assert (report.result, list(peer.users())) == ("success", [person["userPrincipalName"]])
    (line,) = read_log(workspace, "prod", LogQuery(about=person["userPrincipalName"]))
    assert (line.action, line.status) == ("create", "success")
