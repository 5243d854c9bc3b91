"""A team's folder, the engine and the twin together: people from files become accounts in Slack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gallery_connector_slack.twin import SlackSettings, SlackTwin
from gallery_sdk.apps import Workspace
from gallery_sdk.runner import open_job
from gallery_sdk.testing import serve

PEOPLE = (
    "id,userPrincipalName,mail,displayName,givenName,surname,jobTitle,department,manager,mobile,telephoneNumber,"
    "preferredLanguage,employeeId,accountEnabled\n"
    "1,Zoe.Mueller@acme.test,zoe@acme.test,Zoë Müller,Zoë,Müller,Boss,R&D,,+1 555 0100,+1 555 0199,de-DE,e1,true\n"
    "2,bob@acme.test,bob@acme.test,Bob 🎉,Bob,,Clerk,Sales,1,,,,e2,true\n"
    "3,carol@acme.test,,Carol,Carol,C,,,1,,,,,false\n"
)
GROUPS = "id,displayName\ng1,Crew\n"
MEMBERS = "groupId,userId\ng1,1\ng1,2\n"
APP = """connector = "slack"
url = "{url}/scim/{version}"
[settings]
api_version = "{version}"
[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "members.csv"
[auth]
method = "user_token"
token = "env:SLACK_TWIN_TOKEN"
"""


async def cycle(root: Path) -> Any:
    async with open_job(Workspace.find(root), "slack") as job:
        return await job.run_cycle()


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_people_become_accounts_and_a_second_cycle_writes_nothing(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then a leaver is deactivated and drops out of nothing else; the run after that is silent again."""
    monkeypatch.setenv("SLACK_TWIN_TOKEN", "xoxp-twin")
    twin = SlackTwin(SlackSettings(limits=()))
    for name, text in (("people.csv", PEOPLE), ("groups.csv", GROUPS), ("members.csv", MEMBERS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "gallery.toml").write_text("schema = 1\n", encoding="utf-8")
    (tmp_path / "apps").mkdir()

    with serve(twin) as server:
        (tmp_path / "apps" / "slack.toml").write_text(APP.format(url=server.url, version=version), encoding="utf-8")
        first = await cycle(tmp_path)
        before: Any = twin.state()
        twin.stats.by_route.clear()
        await cycle(tmp_path)
        silent = twin.stats.writes()
        (tmp_path / "people.csv").write_text(PEOPLE.replace("e2,true", "e2,false"), encoding="utf-8")
        await cycle(tmp_path)
        after: Any = twin.state()
        twin.stats.by_route.clear()
        await cycle(tmp_path)

    users = {user["userName"]: user for user in before["users"]}
    assert first.state == "succeeded"
    assert set(users) == {"zoe.mueller", "bob"}
    assert users["bob"]["displayName"] == "Bob"
    extension = users["bob"]["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]
    assert extension["manager"] == {"managerId": users["zoe.mueller"]["id"]}
    assert users["zoe.mueller"]["phoneNumbers"] == [
        {"value": "+1 555 0100", "type": "mobile"},
        {"value": "+1 555 0199", "primary": True},
    ]
    assert [member["display"] for member in before["groups"][0]["members"]] == ["zoe.mueller", "bob"]
    assert silent == 0
    assert {user["userName"]: user["active"] for user in after["users"]} == {"zoe.mueller": True, "bob": False}
    assert twin.stats.writes() == 0
