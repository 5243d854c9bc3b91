"""Whatever happens to people, to the network and to the process, accounts end up as the directory says, once each."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery_sdk.errors import GalleryError
from gallery_sdk.provisioning import Safety
from gallery_sdk.targets import Failure

from .conftest import Fault, MemoryDirectory, MemoryTarget, Team, lost, refused

IDS = [f"p{number}" for number in range(6)]
Edit: TypeAlias = tuple[object, ...]

people = st.sampled_from(IDS)
edits = st.one_of(
    st.tuples(st.just("add"), people, st.sampled_from(["Sales", "Legal"]), st.booleans(), st.none() | people),
    st.tuples(st.just("remove"), people),
    st.tuples(st.just("title"), people, st.sampled_from(["Clerk", "Head", "Chief"])),
    st.tuples(st.just("group"), st.sampled_from(["g1", "g2"]), st.sets(people)),
    st.tuples(st.just("vanish"), people),  # deleted in the app behind our back
)
faults = st.sampled_from(["none", "lost-done", "lost-undone", "refused", "stop", "lost-update", "crash"])
rounds = st.lists(st.tuples(st.lists(edits, max_size=5), faults), min_size=1, max_size=6)


def fault_of(name: str) -> list[Fault]:
    return {
        "lost-done": [lost(carried_out=True)],
        "lost-undone": [lost(carried_out=False, times=4)],
        "refused": [refused(Failure.OBJECT, times=2)],
        "stop": [refused(Failure.STOP, "update user")],
        "lost-update": [
            lost(carried_out=True, operation="update user"),
            lost(carried_out=False, operation="members group"),
        ],
    }.get(name, [])


def apply_edit(team: Team, edit: Edit) -> None:
    what, who = edit[0], str(edit[1])
    directory = team.directory
    if what == "add":
        manager = {"manager": edit[4]} if edit[4] else {}
        directory.add(who, department=edit[2], accountEnabled=str(edit[3]), jobTitle="Clerk", **manager)
    elif what == "remove":
        directory.people.pop(who, None)
    elif what == "title" and who in directory.people:
        directory.people[who]["jobTitle"] = edit[2]
    elif what == "group":
        assert isinstance(edit[2], set)
        directory.groups[who] = (f"Group {who}", sorted(edit[2]))
    elif what == "vanish":
        for key, values in list(team.target.accounts["user"].items()):
            if values["userName"] == f"{who}@example.com":
                del team.target.accounts["user"][key]
                for members in team.target.members.values():
                    members.discard(key)


async def live_through(team: Team, rounds: Sequence[tuple[list[Edit], str]]) -> None:
    for round_edits, fault in rounds:
        for edit in round_edits:
            apply_edit(team, edit)
        team.target.faults = fault_of(fault)
        try:
            if fault == "crash":
                task = asyncio.create_task(team.cycle(allow=100))
                for _ in range(12):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            else:
                await team.cycle(allow=100)
        except GalleryError:
            pass
        team.now += 13 * 3600
    team.target.faults = []
    # One cycle repairs, one with verification finds what vanished behind our back, one settles what depended on it.
    for verify in (False, True, False):
        team.now += 40 * 24 * 3600
        await team.cycle(verify=verify, allow=100)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rounds=rounds)
def test_accounts_converge_to_the_directory(rounds: list[tuple[list[Edit], str]]) -> None:
    """After any edits, lost answers, refusals, stops and crashes: right accounts, right members, none twice."""
    with tempfile.TemporaryDirectory() as folder:
        team = Team(
            MemoryDirectory(), MemoryTarget(unique=False), Path(folder), scope=["department EQUALS Sales"],
            safety=Safety(allow_empty=True), page_size=2,
        )  # fmt: skip
        asyncio.run(live_through(team, rounds))
        accounts = list(team.target.accounts["user"].values())
        names = [one["userName"] for one in accounts]
        assert len(names) == len(set(names)), "an account exists twice"
        wanted = {
            f"{who}@example.com": one
            for who, one in team.directory.people.items()
            if one["department"] == "Sales" and one.get("accountEnabled", "True") == "True"
        }
        assert {one["userName"] for one in accounts if one["active"]} == set(wanted)
        by_id = {key: one["userName"] for key, one in team.target.accounts["user"].items()}
        for name, person in wanted.items():
            account = team.target.users()[name]
            assert account["title"] == person["jobTitle"]
            manager = f"{person.get('manager')}@example.com"
            if manager in wanted:
                assert by_id[str(account["manager"])] == manager
        for group, (display_name, members) in team.directory.groups.items():
            expected = {f"{one}@example.com" for one in members} & set(wanted)
            in_target = {one for one in team.target.group_members(display_name) if one in wanted}
            assert in_target == expected, group

        asyncio.run(team.cycle(allow=100))
        assert team.target.writes == 0
