"""App roles, from a column of a file to requests at a SCIM server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.apps import Workspace, create_workspace
from gallery_sdk.runner import open_job
from gallery_sdk.testing import ScimServer, TwinBehaviour, serve

ADMIN, EDITOR, VIEWER = "Admin", "Editor", "Viewer"
EXISTING = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "grace@example.com",
    "active": True,
    # Given by hand in the app, which keeps no more of a role than its value.
    "roles": [{"value": "Auditor"}, {"value": "editor"}],
}
APP = """\
connector = "scim"
url = "{url}"

[source]
kind = "csv"
users = "people.csv"

[auth]
method = "none"

[[mapping.user]]
target = '{target}'
expression = '{expression}'
{more}
"""


@dataclass
class Team:
    """A file of people and an app."""

    workspace: Workspace
    server: ScimServer
    url: str

    def connect(self, expression: str, target: str = "roles", more: str = "") -> None:
        """Write the app's file."""
        text = APP.format(url=self.url, target=target, expression=expression, more=more)
        (self.workspace.apps_path / "prod.toml").write_text(text, "utf-8")

    def write(self, *, column: bool = True, **roles: str) -> None:
        """Write the file: name to the cell of roles, as it stands in CSV."""
        rows = [[name, f"{name}@example.com", "True", *([cell] if column else [])] for name, cell in roles.items()]
        head = ["id", "userPrincipalName", "accountEnabled", *(["appRoleAssignments"] if column else [])]
        lines = [head, *rows]
        quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
        (self.workspace.root / "people.csv").write_text("\n".join(quoted) + "\n", "utf-8")

    async def cycle(self) -> int:
        """Run one cycle; the number of writes."""
        before = self.server.stats.writes()
        async with open_job(self.workspace, "prod") as job:
            summary = await job.run_cycle()
        assert summary.failed == 0
        return self.server.stats.writes() - before

    def user(self, name: str) -> dict[str, Any]:
        """The resource of a user."""
        (found,) = [one for one in self.server.state()["users"] if one["userName"] == f"{name}@example.com"]  # type: ignore[attr-defined]  # JSON
        return dict(found)

    def roles(self, name: str) -> list[str]:
        """Values of a user's roles, sorted."""
        return sorted(one["value"] for one in self.user(name).get("roles", []))


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """A workspace, and an app that has an account with two roles."""
    server = ScimServer(TwinBehaviour(users=[EXISTING]))
    with serve(server) as served:
        yield Team(create_workspace(tmp_path / "team"), server, f"{served.url}/scim/v2")


async def test_assertive_roles_are_added_and_removed(team: Team) -> None:
    """The account has the roles of the file and no other: those given by hand go, and so does the last one."""
    team.connect("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])")
    team.write(ada=f"{ADMIN}|{EDITOR}", grace=f"{EDITOR}|{VIEWER}", bob="")

    await team.cycle()
    assert (team.roles("ada"), team.roles("bob")) == ([ADMIN, EDITOR], [])
    assert sorted(one.casefold() for one in team.roles("grace")) == ["editor", "viewer"]
    assert await team.cycle() == 0

    team.write(ada=f"{VIEWER}|{EDITOR}", grace="", bob=ADMIN)
    assert await team.cycle() == 3
    assert (team.roles("ada"), team.roles("grace"), team.roles("bob")) == ([EDITOR, VIEWER], [], [ADMIN])
    assert await team.cycle() == 0


async def test_complex_roles_are_added_and_never_removed(team: Team) -> None:
    """What was given by hand, or by an assignment that ended, stays."""
    team.connect("AppRoleAssignmentsComplex([appRoleAssignments])")
    team.write(ada=f"{ADMIN}|{EDITOR}", grace=f"{EDITOR}|{VIEWER}")

    await team.cycle()
    assert team.roles("ada") == [ADMIN, EDITOR]
    assert team.roles("grace") == ["Auditor", VIEWER, "editor"]
    assert await team.cycle() == 0

    team.write(ada=VIEWER, grace="")
    assert await team.cycle() == 1
    assert team.roles("ada") == [ADMIN, EDITOR, VIEWER]
    assert team.roles("grace") == ["Auditor", VIEWER, "editor"]
    assert await team.cycle() == 0


async def test_a_single_role_is_replaced_and_cleared_where_that_is_asked_for(team: Team) -> None:
    """One role, primary; of several the first by name."""
    target = 'roles[primary eq "True"].value'
    team.connect("SingleAppRoleAssignment([appRoleAssignments])", target, "clear_when_empty = true")
    team.write(ada=ADMIN, bob=f"{VIEWER}|{EDITOR}")

    await team.cycle()
    assert team.user("ada")["roles"] == [{"primary": True, "value": ADMIN}]
    assert team.roles("bob") == [EDITOR]
    assert await team.cycle() == 0

    team.write(ada=VIEWER, bob="")
    assert await team.cycle() == 2
    assert team.user("ada")["roles"] == [{"primary": True, "value": VIEWER}]
    assert team.roles("bob") == []
    assert await team.cycle() == 0


@pytest.mark.parametrize("target", ["roles", "entitlements"])
async def test_a_cell_may_hold_json(team: Team, target: str) -> None:
    """`value` is what the app knows the role by, `displayName` what people call it; an app may take it otherwise."""
    team.connect("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", target)
    team.write(ada=json.dumps([{"id": "7", "value": "billing", "displayName": "Billing | EMEA"}]))

    await team.cycle()

    assert team.user("ada")[target] == [
        {
            "primary": False,
            "type": "WindowsAzureActiveDirectoryRole",
            "display": "Billing | EMEA",
            "value": "billing",
        }
    ]
    assert await team.cycle() == 0

    team.write(ada="")
    assert await team.cycle() == 1
    assert target not in team.user("ada")


async def test_an_export_without_the_column_takes_no_roles_away(team: Team) -> None:
    """A blank cell says that there are none; a file without the column says nothing."""
    team.connect("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])")
    team.write(ada=ADMIN, grace=EDITOR)
    await team.cycle()

    team.write(column=False, ada="", grace="")

    assert await team.cycle() == 0
    assert team.roles("ada") == [ADMIN]
