"""Test, plan, apply, provision, run, status, log, restart: against a SCIM server on a loopback port."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from gallery_sdk.testing import Fault

from .conftest import COMMAND, Gallery, Team


def test_test_names_each_step(gallery: Gallery, team: Team) -> None:
    """Source, list, look-up; nothing is written anywhere."""
    shown = gallery("test", "desk")
    document = json.loads(gallery("test", "desk", "--json").stdout)

    assert shown.exit_code == 0
    assert "30 people in csv people.csv" in shown.stdout
    assert document["ok"] is True
    assert set(document) == {"app", "ok", "steps", "findings", "notes"}
    assert set(document["steps"][0]) == {"name", "ok", "detail", "mend"}
    assert team.app.writes() == 0


def test_a_plan_shows_every_change_and_its_reason_and_changes_nothing(gallery: Gallery, team: Team) -> None:
    """Operation, object, attribute, value, where it comes from, requests; and the file that apply takes."""
    shown = gallery("plan", "desk", "--limit", "2", "--out", "first.plan")

    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith("Plan for desk  scim ")
    assert "[userPrincipalName]" in shown.stdout
    assert "more objects (--limit 0 shows all)" in shown.stdout
    assert "requests to apply it (create 32" in shown.stdout
    assert "Next: `gallery apply first.plan`" in shown.stdout
    assert team.app.writes() == 0
    assert team.app.users() == {}


def test_a_plan_as_json(gallery: Gallery, team: Team) -> None:
    """All actions, with names that do not change; the default file is in plans/."""
    document = json.loads(gallery("plan", "desk", "--json").stdout)

    assert set(document) == {
        "app", "file", "created", "connector", "connector_version", "operations", "requests", "total_requests",
        "read_requests", "total_actions", "counts", "over_limit", "warnings", "notes", "actions",
    }  # fmt: skip
    assert document["operations"] == {"user": {"create": 27}, "group": {"create": 5}}
    assert len(document["actions"]) == document["total_actions"] == 32
    first = document["actions"][0]
    assert set(first) == {
        "operation", "kind", "source_id", "target_id", "name", "cause", "matched", "changes", "references",
        "absent", "members_add", "members_remove",
    }  # fmt: skip
    assert {"attribute", "before", "after", "from"} == set(first["changes"][0])
    file = Path(document["file"])
    assert file.parent == team.folder / "plans"
    assert file.name.startswith("desk-")


@pytest.mark.parametrize("by", ["id", "userPrincipalName"])
def test_a_plan_tells_a_manager_who_waits_from_one_who_is_not_there(gallery: Gallery, team: Team, by: str) -> None:
    """Nobody in the source: left out. In it, disabled and without an account: once there is one."""
    rows = team.rows()
    disabled = next(one for one in rows if one["accountEnabled"] == "False")
    two = [one for one in rows if one["accountEnabled"] == "True"][:2]
    for one, manager in zip(two, ("77", disabled[by]), strict=True):
        one["manager"] = manager
    team.write([*two, disabled])
    if by != "id":
        team.configure(f'\n[source.references]\nmanager = "{by}"\n')

    shown = gallery("plan", "desk")
    actions = json.loads(gallery("plan", "desk", "--json").stdout)["actions"]

    assert "left out: 77 is not in the source" in shown.stdout
    assert f"account of {disabled['id']}, once it exists" in shown.stdout
    people = {one["source_id"]: one for one in actions if one["kind"] == "user"}
    gone, waits = (people[one["id"]] for one in two)
    assert gone["absent"] == list(gone["references"]) == list(waits["references"])
    assert waits["absent"] == []


def test_apply_does_what_the_plan_says(gallery: Gallery, team: Team) -> None:
    """Exactly the planned accounts; afterwards there is nothing to do."""
    gallery("plan", "desk", "--out", "first.plan")

    done = gallery("apply", "first.plan")
    again = gallery("plan", "desk")

    assert done.exit_code == 0, done.stderr
    assert "created 32" in done.stdout
    assert len(team.app.users()) == 27
    assert "Nothing to do" in again.stdout


def test_one_person_goes_through_four_steps(gallery: Gallery, team: Team) -> None:
    """Import, scope, match, action; by address, by key, and a second time without a request to write."""
    person = next(one for one in team.rows() if one["accountEnabled"] == "True")

    shown = gallery("provision", "desk", "--user", person["userPrincipalName"])
    document = json.loads(gallery("provision", "desk", "--user", person["id"], "--json").stdout)

    assert shown.exit_code == 0
    for step in ("1. import", "2. scope", "3. match   no account found", "4. action  create: success"):
        assert step in shown.stdout
    assert person["userPrincipalName"] in team.app.users()
    assert set(document) == {"app", "kind", "source_id", "name", "result", "requests", "attributes", "records"}
    assert document["source_id"] == person["id"]
    assert team.app.writes() == 1


def test_nobody_of_that_name_is_an_error(gallery: Gallery, team: Team) -> None:
    """Status 1: the source was asked and has nobody; without --user or --group it is 2."""
    answer = gallery("provision", "desk", "--user", "nobody@example.com")

    assert answer.exit_code == 1
    assert "nobody@example.com" in answer.stderr
    assert gallery("provision", "desk").exit_code == 2
    assert gallery("provision", "desk", "--user", "a", "--group", "b").exit_code == 2


def test_a_group_of_an_app_without_groups_is_wrong_usage(gallery: Gallery, team: Team) -> None:
    """The file to change is named, and nothing is sent."""
    path = team.folder / "apps" / "desk.toml"
    path.write_text(path.read_text().replace('groups = "groups.csv"\nmembers = "memberships.csv"\n', ""))

    answer = gallery("provision", "desk", "--group", "Sales")

    assert answer.exit_code == 2
    assert "desk provisions no groups" in answer.stderr
    assert team.app.writes() == 0


def test_one_group_goes_through_the_same_steps(gallery: Gallery, team: Team) -> None:
    """By its display name; members who have no account yet wait."""
    shown = gallery("provision", "desk", "--group", "Sales – all")

    assert shown.exit_code == 0, shown.stderr
    assert "4. action  create: success" in shown.stdout
    assert len(team.app.server.directory.collections["group"]) == 1


def test_a_cycle_creates_a_second_one_sends_nothing(gallery: Gallery, team: Team) -> None:
    """The promise of every connector, seen from the command line."""
    first = gallery("run", "desk", "--once")
    writes = team.app.writes()
    second = json.loads(gallery("run", "desk", "--once", "--json").stdout)

    assert first.exit_code == 0
    assert "initial cycle 1 done in" in first.stdout
    assert "created 32" in first.stdout
    assert "users 30 of 30" in first.stderr
    assert len(second) == 1
    assert set(second[0]) == {
        "app", "cycle", "kind", "state", "seconds", "requests", "failed", "counts", "warnings",
    }  # fmt: skip
    assert second[0]["kind"] == "incremental"
    assert team.app.writes() == writes


def test_failed_objects_are_status_1_and_lead_to_the_log(gallery: Gallery, team: Team) -> None:
    """The others go on; the log says why, in text, JSON and CSV."""
    team.app.server.faults.add(Fault("status", status=400, word="the title is odd", methods=("POST",), times=2))

    done = gallery("run", "desk", "--once")
    failures = gallery("log", "desk", "--status", "failure")
    document = json.loads(gallery("log", "desk", "--status", "failure", "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(gallery("log", "desk", "--csv", "--limit", "500").stdout)))

    assert done.exit_code == 1
    assert "2 objects failed" in done.stderr
    assert "gallery log desk --status failure" in done.stderr
    assert failures.exit_code == 0
    assert failures.stdout.count("failure") == 2
    assert len(document) == 2
    assert set(document[0]) == {
        "at", "cycle", "action", "status", "kind", "source_id", "target_id", "name", "code", "reason", "steps",
        "changes", "milliseconds",
    }  # fmt: skip
    assert sum(row["action"] == "create" and row["status"] == "success" for row in rows) == 30
    assert json.loads(gallery("status", "desk", "--json").stdout)["counts"]["user"]["escrow"] == 2


def test_the_log_of_one_person_shows_each_change(gallery: Gallery, team: Team) -> None:
    """Old and new value, the steps, the newest last; filters narrow it."""
    gallery("run", "desk", "--once")
    rows = team.rows()
    person = next(one for one in rows if one["accountEnabled"] == "True")
    person["jobTitle"] = "Head of Tea"
    team.write(rows)
    gallery("run", "desk", "--once")

    shown = gallery("log", "desk", "--about", person["id"])
    updates = json.loads(
        gallery("log", "desk", "--action", "update", "--since", "1h", "--kind", "user", "--json").stdout
    )

    assert '-> "Head of Tea"' in shown.stdout
    assert shown.stdout.index("create success") < shown.stdout.index("update success")
    assert "match: linked" in shown.stdout
    assert [one["source_id"] for one in updates] == [person["id"]]
    assert gallery("log", "desk", "--about", "nobody-at-all").stdout == ""
    assert gallery("log", "desk", "--since", "soon").exit_code == 2
    assert gallery("log", "desk", "--limit", "1").stderr.startswith("The newest 1")


def test_status_before_and_after(gallery: Gallery, team: Team) -> None:
    """It never ran; then people, groups, the latest cycles."""
    before = gallery("status", "desk")
    gallery("run", "desk", "--once")
    table = gallery("status")
    after = gallery("status", "desk")
    document = json.loads(gallery("status", "--json").stdout)

    assert "It never ran" in before.stdout
    assert table.stdout.splitlines()[1].split()[:5] == ["desk", "active", "27", "5", "0"]
    assert "created 32" in after.stdout
    assert set(document[0]) == {
        "app", "status", "problems", "quarantine", "restart", "last_run", "last_success", "counts", "cycles",
    }  # fmt: skip
    assert document[0]["cycles"][0]["state"] == "succeeded"


def test_restart_asks_or_needs_yes_and_repairs_what_drifted(gallery: Gallery, team: Team) -> None:
    """Where nobody can be asked it needs --yes; the next cycle then sees what somebody changed in the app."""
    gallery("run", "desk", "--once")
    account = next(iter(team.app.server.directory.collections["user"].values()))
    title = account.get("title")
    account["title"] = "changed by hand"

    refused = gallery("restart", "desk", stdin="")
    done = gallery("restart", "desk", "--yes")
    pending = gallery("status", "desk").stdout
    gallery("run", "desk", "--once")

    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert done.exit_code == 0
    assert "reads everything anew" in pending
    assert team.app.users()[str(account["userName"])].get("title") == title


def test_too_many_leavers_stop_before_the_first_and_can_be_allowed(gallery: Gallery, team: Team) -> None:
    """Nobody is disabled; the message says how to mean it."""
    gallery("run", "desk", "--once")
    rows = team.rows()
    team.write(rows[:10])

    stopped = gallery("run", "desk", "--once")
    status = gallery("status", "desk").stdout
    planned = gallery("plan", "desk")
    active = sum(bool(one["active"]) for one in team.app.users().values())
    allowed = gallery("run", "desk", "--once", "--allow-deprovision", "30")

    assert stopped.exit_code == 1
    assert "--allow-deprovision" in stopped.stderr
    assert "quarantine" in status
    assert "TooManyDeletes" in status
    assert "Warning:" in planned.stderr
    assert active == 27
    assert allowed.exit_code == 0
    assert sum(bool(one["active"]) for one in team.app.users().values()) < 10


def test_several_apps_run_one_after_the_other_and_one_that_fails_stops_none(
    gallery: Gallery, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst status counts: 2 for a configuration that cannot be used."""
    good = (team.folder / "apps" / "desk.toml").read_text()
    (team.folder / "apps" / "also.toml").write_text(good.replace("env:DESK_TOKEN", "env:NOT_SET"))

    done = gallery("run", "--once")
    document = json.loads(gallery("run", "--once", "--json").stdout)

    assert done.exit_code == 1
    assert "created 32" in done.stdout
    assert "NOT_SET" in done.stderr
    assert [one["app"] for one in document] == ["also", "desk"]
    assert "error" in document[0]
    (team.folder / "apps" / "also.toml").write_text("connector = 1\n")
    assert gallery("run", "--once").exit_code == 2
    assert gallery("run", "--once", "--allow-deprovision", "3").exit_code == 2
    assert gallery("run", "--json").exit_code == 2


def test_a_fault_of_a_plugin_keeps_no_other_app_from_running(
    gallery: Gallery, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw in one app is one line about that app, status 1; the next one is provisioned."""
    site = tmp_path / "host"
    info = site / "host_odd-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: host-odd\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gallery.plugins]\nodd = gallery_host_that_divides\n")
    (site / "gallery_host_that_divides.py").write_text(
        "from gallery_sdk.plugins import hookimpl\n"
        "@hookimpl\ndef gallery_sources():\n    return {'odd': lambda *_: 1 // 0}\n"
    )
    monkeypatch.syspath_prepend(str(site))
    text = (team.folder / "apps" / "desk.toml").read_text()
    (team.folder / "apps" / "also.toml").write_text(text.replace('"csv"', '"odd"'))

    done = gallery("run", "--once")
    document = json.loads(gallery("run", "--once", "--json").stdout)

    assert done.exit_code == 1
    assert "created 32" in done.stdout
    assert "also: something unexpected happened (ZeroDivisionError" in done.stderr
    assert "ZeroDivisionError" in document[0]["error"]
    assert (document[1]["app"], document[1]["failed"]) == ("desk", 0)


def _wait_for(condition: object, running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while not condition():  # type: ignore[operator]  # a callable without arguments
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "term"])
def test_a_signal_ends_a_cycle_after_what_is_in_flight(
    gallery: Gallery, team: Team, number: signal.Signals, status: int
) -> None:
    """Nothing is lost or doubled: the next run goes on, and everybody is there once."""
    team.configure("\n[engine]\npage_size = 5\nconcurrency = 1\n")
    team.app.server.faults.add(Fault("slow", seconds=0.05, methods=("POST",)))
    with subprocess.Popen(
        [*COMMAND, "run", "desk", "--once"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        _wait_for(lambda: len(team.app.server.directory.collections["user"]) >= 2, running)
        running.send_signal(number)
        _, errors = running.communicate(timeout=30)
    there = len(team.app.users())
    team.app.server.faults.clear()

    done = gallery("run", "desk", "--once")

    assert running.returncode == status, errors
    assert "Stopping after what is in flight" in errors
    assert "Traceback" not in errors
    assert 2 <= there < 27
    assert done.exit_code == 0
    assert len(team.app.users()) == len(team.app.server.directory.collections["user"]) == 27


def test_a_schedule_runs_until_it_is_told_to_stop(team: Team) -> None:
    """Each app at its interval; SIGTERM is the ordinary end of it, status 0."""
    with subprocess.Popen(
        [*COMMAND, "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as running:
        _wait_for(lambda: len(team.app.server.directory.collections["group"]) == 5, running)
        time.sleep(0.3)
        running.send_signal(signal.SIGTERM)
        shown, errors = running.communicate(timeout=30)

    assert running.returncode == 0, errors
    assert "Running 1 app on schedule: desk" in errors
    assert "created 32" in shown


def test_a_schedule_says_for_what_it_waits(gallery: Gallery, team: Team) -> None:
    """Started beside a cycle that just ended, or in a quarantine, it does not sit there without a word."""
    gallery("run", "desk", "--once")
    text = (team.folder / "apps" / "desk.toml").read_text()
    (team.folder / "apps" / "shut.toml").write_text(text.replace(team.app.url, "http://127.0.0.1:1/scim/v2"))
    gallery("run", "shut", "--once")

    with subprocess.Popen([*COMMAND, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        said = [running.stderr.readline() for _ in range(3)]
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)

    assert re.match(r"desk: next cycle in (39|40) min", said[1])
    assert re.match(r"shut: next cycle in \d+ min \d+ s \(in quarantine; `gallery status shut` says why\)", said[2])
