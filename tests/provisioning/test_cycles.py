"""Accounts follow people: created once, changed with one request, disabled when their people go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from gallery_sdk.errors import CycleError, SourceError
from gallery_sdk.manifest import AttributeMapping, Lifecycle
from gallery_sdk.provisioning import Cycle, ProgressEvent, Safety
from gallery_sdk.sources import SourceProblem
from gallery_sdk.store import LogQuery
from gallery_sdk.targets import TargetObject

from .conftest import MAPPINGS, MemoryTarget, Team


async def test_the_first_cycle_creates_everyone_with_one_request_each(team: Team) -> None:
    """Ten people and two groups into an empty target: twelve writes and no look-up."""
    cycle = await team.cycle()

    assert cycle.counts["create"] == 12
    assert (team.target.calls["create user"], team.target.calls["create group"]) == (10, 2)
    assert team.target.calls["find user"] == 0
    assert team.target.users()["p3@example.com"]["title"] == "Clerk"
    assert len(team.target.group_members("Everyone")) == 10


async def test_a_second_cycle_over_an_unchanged_source_sends_no_write(team: Team) -> None:
    """Nothing changed, so nothing is asked of the target but whether it answers."""
    await team.cycle()

    cycle = await team.cycle()

    assert team.target.writes == 0
    assert cycle.counts["unchanged"] == 12
    assert not team.target.calls


async def test_a_change_costs_one_request_and_carries_all_changed_attributes(team: Team) -> None:
    """A new title and name travel in one update; nobody else is touched."""
    await team.cycle()
    team.directory.add("p3", jobTitle="Head", displayName="Ada")

    await team.cycle()

    assert (team.target.calls["update user"], team.target.writes) == (1, 1)
    assert team.target.users()["p3@example.com"]["title"] == "Head"
    assert team.target.users()["p3@example.com"]["displayName"] == "Ada"


async def test_an_absent_value_leaves_the_account_alone(team: Team) -> None:
    """A source that lost a column must not empty accounts."""
    await team.cycle()
    del team.directory.people["p3"]["jobTitle"]

    await team.cycle()

    assert team.target.users()["p3@example.com"]["title"] == "Clerk"
    assert team.target.writes == 0


async def test_a_default_is_for_new_accounts_only(team: Team) -> None:
    """Default values are written at creation, never over what an account holds."""
    team.directory.add("p11")

    await team.cycle()

    assert team.target.users()["p11@example.com"]["title"] == "Member"


@pytest.mark.parametrize("how", ["leaves-scope", "disabled", "gone"])
async def test_who_goes_is_disabled_and_who_returns_is_enabled(team: Team, how: str) -> None:
    """Leaving by any road disables the one account; returning enables the same account again."""
    team.scope = ["department EQUALS Sales"]
    await team.cycle()
    account = team.target.users()["p3@example.com"]
    before = dict(team.directory.people["p3"])
    if how == "leaves-scope":
        team.directory.add("p3", jobTitle="Clerk", department="Legal")
    elif how == "disabled":
        team.directory.add("p3", jobTitle="Clerk", accountEnabled="False")
    else:
        del team.directory.people["p3"]

    gone = await team.cycle()
    assert (account["active"], gone.counts["disable"], team.target.calls["update user"]) == (False, 1, 1)

    again = await team.cycle()
    assert (again.counts["disable"], team.target.writes) == (0, 0)

    team.directory.people["p3"] = before
    back = await team.cycle()
    assert (account["active"], back.counts["enable"]) == (True, 1)
    assert len(team.target.accounts["user"]) == 10


async def test_an_account_enabled_again_gets_its_memberships_again(team: Team) -> None:
    """An app may drop a disabled member from groups; on return they are sent once more."""
    await team.cycle()
    team.directory.add("p1", jobTitle="Clerk", accountEnabled="False")
    await team.cycle()
    (few,) = [key for key, one in team.target.accounts["group"].items() if one["displayName"] == "Few"]
    (account,) = [key for key, one in team.target.accounts["user"].items() if one["userName"] == "p1@example.com"]
    team.target.members[few].discard(account)
    team.directory.add("p1", jobTitle="Clerk")

    await team.cycle()

    assert "p1@example.com" in team.target.group_members("Few")


async def test_a_connector_that_deletes_deletes_only_who_left_the_source(team: Team) -> None:
    """on_delete = delete sends one delete; the row is linked no more, and a return creates a new account."""
    team.lifecycle = Lifecycle(on_delete="delete")
    await team.cycle()
    del team.directory.people["p3"]

    cycle = await team.cycle()

    assert (cycle.counts["delete"], team.target.calls["delete user"]) == (1, 1)
    assert "p3@example.com" not in team.target.users()
    team.directory.add("p3")
    await team.cycle()
    assert team.target.users()["p3@example.com"]["active"] is True


async def test_disables_over_the_threshold_stop_the_job_before_the_first(team: Team) -> None:
    """Seven of ten leave and five are allowed: nobody is disabled, everything is logged as staged."""
    team.scope = ["department EQUALS Sales"]
    await team.cycle()
    for number in range(7):
        team.directory.add(f"p{number}", jobTitle="Clerk", department="Legal")

    with pytest.raises(CycleError, match="7 of 12 managed objects") as stopped:
        await team.cycle()

    assert stopped.value.reason == "TooManyDeletes"
    assert all(one["active"] for one in team.target.accounts["user"].values())
    assert len(team.store().log(LogQuery(action="stagedDelete"))) == 7

    allowed = await team.cycle(allow=7)
    assert allowed.counts["disable"] == 7


@pytest.mark.parametrize(
    ("managed", "allowed"), [(1, 1), (2, 1), (3, 1), (4, 2), (9, 4), (10, 5), (25, 5), (30, 6), (250, 50), (9_000, 50)]
)
def test_a_small_team_is_not_emptied(managed: int, allowed: int) -> None:
    """Five at most where a fifth is less, and never more than half; fifty of however many."""
    assert Safety().limit(managed) == allowed


async def test_exactly_the_threshold_is_allowed(team: Team) -> None:
    """More than the limit trips it; the limit itself does not."""
    team.safety = Safety(max_deprovision=3, max_deprovision_percent=100)
    await team.cycle()
    for number in range(3):
        del team.directory.people[f"p{number}"]

    assert (await team.cycle()).counts["disable"] == 3


async def test_an_empty_source_deprovisions_nobody(team: Team) -> None:
    """No people where there were ten is taken for a mistake."""
    await team.cycle()
    team.directory.people.clear()

    with pytest.raises(CycleError, match="holds no user although 10 are linked"):
        await team.cycle(allow=1000)

    assert all(one["active"] for one in team.target.accounts["user"].values())


async def test_a_source_that_breaks_off_deprovisions_nobody_and_keeps_what_it_gave(team: Team) -> None:
    """Changes that were read are carried out; people after the break are not taken for gone."""
    team.page_size = 2
    await team.cycle()
    team.directory.add("p0", jobTitle="Head")
    team.directory.fails_after = 4

    with pytest.raises(SourceError, match="cut off"):
        await team.cycle()

    assert team.target.users()["p0@example.com"]["title"] == "Head"
    assert all(one["active"] for one in team.target.accounts["user"].values())


async def test_a_row_that_cannot_be_read_is_not_taken_for_gone(team: Team) -> None:
    """A broken row keeps its account; one without a readable key keeps everybody's."""
    await team.cycle()
    del team.directory.people["p3"]
    del team.directory.people["p4"]
    team.directory.problems = [SourceProblem("row 4", "too few columns", "Export again", "p3")]
    first = await team.cycle()
    assert (first.counts["disable"], team.target.users()["p3@example.com"]["active"]) == (1, True)

    del team.directory.people["p5"]
    team.directory.problems = [SourceProblem("row 4", "no key", "Export again", None)]
    second = await team.cycle()
    assert (second.counts["disable"], team.target.users()["p5@example.com"]["active"]) == (0, True)
    assert any("nobody is taken for gone" in one for one in second.warnings)


async def test_a_person_with_a_manager_costs_one_request(team: Team) -> None:
    """A chain of managers in the wrong order of the file: everybody is created once, complete, with no update."""
    for number in range(9):
        team.directory.add(f"p{number}", manager=f"p{number + 1}")
    team.page_size = 4

    await team.cycle()

    assert (team.target.calls["create user"], team.target.calls["update user"]) == (10, 0)
    by_id = {key: one["userName"] for key, one in team.target.accounts["user"].items()}
    assert by_id[str(team.target.users()["p0@example.com"]["manager"])] == "p1@example.com"


async def test_people_who_wait_for_their_manager_are_seen_to_be_created(team: Team) -> None:
    """Reading takes seconds and creating takes hours; progress tells of the second as well, up to its end."""
    for number in range(9):
        team.directory.add(f"p{number}", manager=f"p{number + 1}")
    team.page_size = 4
    told: list[ProgressEvent] = []

    await team.cycle(progress=told.append)

    waited = [(one.done, one.total) for one in told if one.phase == "users to create"]
    assert waited[-1] == (9, 9)
    assert waited == sorted(waited)
    assert len(waited) > 2


async def test_managers_in_a_circle_are_created_and_then_referred_to(team: Team) -> None:
    """Two who manage each other, and one who manages herself, all end up complete."""
    team.directory.add("p0", manager="p1")
    team.directory.add("p1", manager="p0")
    team.directory.add("p2", manager="p2")

    await team.cycle()

    by_id = {key: one["userName"] for key, one in team.target.accounts["user"].items()}
    managers = {name: by_id[str(one["manager"])] for name, one in team.target.users().items() if "manager" in one}
    assert managers == {
        "p0@example.com": "p1@example.com", "p1@example.com": "p0@example.com", "p2@example.com": "p2@example.com",
    }  # fmt: skip


async def test_managers_are_written_however_the_source_is_ordered(team: Team) -> None:
    """A manager further down the file, and one who joins later, both end up on the account."""
    team.directory.add("p0", manager="p9")
    team.directory.add("p1", manager="late")
    team.page_size = 3
    await team.cycle()
    boss = next(key for key, one in team.target.accounts["user"].items() if one["userName"] == "p9@example.com")
    assert team.target.users()["p0@example.com"]["manager"] == boss
    assert "manager" not in team.target.users()["p1@example.com"]

    team.directory.add("late")
    await team.cycle()

    late = next(key for key, one in team.target.accounts["user"].items() if one["userName"] == "late@example.com")
    assert team.target.users()["p1@example.com"]["manager"] == late
    await team.cycle()
    assert team.target.writes == 0


async def test_only_changed_members_travel(team: Team) -> None:
    """One joins and one leaves a group: one request, and the group itself is not written."""
    await team.cycle()
    team.directory.groups["g2"] = ("Few", ["p2", "p3"])

    cycle = await team.cycle()

    assert (team.target.calls["members group"], team.target.writes) == (1, 1)
    assert (cycle.counts["members_added"], cycle.counts["members_removed"]) == (1, 1)
    assert team.target.group_members("Few") == {"p2@example.com", "p3@example.com"}


async def test_a_member_out_of_scope_joins_the_group_on_coming_into_scope(team: Team) -> None:
    """The group waits for its members; nobody has to touch it."""
    team.scope = ["department EQUALS Sales"]
    team.directory.add("p1", department="Legal")
    await team.cycle()
    assert team.target.group_members("Few") == {"p2@example.com"}

    team.directory.add("p1")
    await team.cycle()

    assert team.target.group_members("Few") == {"p1@example.com", "p2@example.com"}
    await team.cycle()
    assert team.target.writes == 0


async def test_members_added_by_hand_are_left_alone(team: Team) -> None:
    """A group that existed keeps members nobody in the source stands behind."""
    stranger = team.target.seed("user", userName="stranger@partner.test")
    group = team.target.seed("group", displayName="Few")
    team.target.members[group].add(stranger)

    await team.cycle()

    assert team.target.group_members("Few") == {"stranger@partner.test", "p1@example.com", "p2@example.com"}


async def test_accounts_that_exist_are_linked_not_doubled(team: Team) -> None:
    """Matching ignores letter case, brings the account up to date, and touches nobody else."""
    team.target.seed("user", userName="P3@example.com", displayName="Person p3", title="Clerk", active=True)
    team.target.seed("user", userName="other@example.com", active=True)

    cycle = await team.cycle()

    assert len(team.target.accounts["user"]) == 11
    assert cycle.counts["create"] == 9 + 2
    assert cycle.counts["update"] + cycle.counts["link"] == 1


async def test_a_target_that_cannot_search_is_listed_once(team: Team) -> None:
    """Without filters the accounts are found by listing, in as few requests as it has pages."""
    team.target = MemoryTarget(filterable=False)
    for number in range(10):
        team.target.seed("user", userName=f"p{number}@example.com", active=True)

    cycle = await team.cycle()

    assert cycle.counts["create"] == 2
    assert (team.target.calls["list user"], team.target.calls["find user"]) == (1, 0)


async def test_a_restart_repairs_what_drifted_in_the_target(team: Team) -> None:
    """A value changed by hand in the app is set right when the accounts are read anew."""
    await team.cycle()
    team.target.users()["p3@example.com"]["title"] = "Changed by hand"
    await team.cycle()
    assert team.target.users()["p3@example.com"]["title"] == "Changed by hand"

    await team.cycle(verify=True)

    assert team.target.users()["p3@example.com"]["title"] == "Clerk"
    assert team.target.writes == 1


async def test_a_narrower_scope_reaches_those_who_did_not_change(team: Team) -> None:
    """And a wider one as well: what a cycle may skip depends on the rules, not on the people alone."""
    team.directory.groups = {}
    team.directory.add("p3", department="Writing", jobTitle="Clerk")
    await team.cycle()
    team.scope = ["department EQUALS Sales"]

    narrow = await team.cycle()
    team.scope = []
    wide = await team.cycle()

    assert (narrow.counts["disable"], narrow.counts["unchanged"]) == (1, 9)
    assert (wide.counts["enable"], wide.counts["unchanged"]) == (1, 9)
    assert (await team.cycle()).counts["unchanged"] == 10


async def test_who_left_keeps_the_values_that_cannot_be_told_without_them(team: Team) -> None:
    """A name made of the parts of a person who is not in the source any more would be made of nothing."""
    team.directory.groups = {}
    nick = 'IIF([IsSoftDeleted]="True", Join(" ", "Left:", [displayName]), [displayName])'
    left = 'IIF([IsSoftDeleted]="True", "left", "here")'
    more = (
        AttributeMapping(id="nick", target="nick", expression=nick),
        AttributeMapping(id="note", target="note", expression=left),
    )
    team.mappings = {**MAPPINGS, "user": MAPPINGS["user"] + more}
    await team.cycle()
    del team.directory.people["p3"]
    team.directory.add("p4", accountEnabled="False")

    await team.cycle()

    gone, disabled = (team.target.users()[f"{one}@example.com"] for one in ("p3", "p4"))
    assert (gone["active"], gone["nick"], gone["note"]) == (False, "Person p3", "left")
    assert (disabled["active"], disabled["nick"]) == (False, "Left: Person p4")


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("accountEnabled", "False", "skipped"),
        ("AccountEnabled", "FALSE", "skipped"),
        ("accountEnabled", " false ", "skipped"),
        ("accountEnabled", 0, "skipped"),
        ("active", "N", "skipped"),
        ("accountEnabled", "True", "create"),
        ("accountEnabled", 1, "create"),
        ("accountEnabled", "", "create"),
        ("accountEnabled", "Terminated", "failure"),
    ],
)
async def test_nobody_is_let_in_whom_the_source_disabled(team: Team, name: str, value: object, result: str) -> None:
    """However the export spells the column and the word; a word that nobody knows is not taken for a yes."""
    team.directory.people, team.directory.groups = {}, {}
    team.directory.add("ada", **{name: value})
    team.directory.columns = ("userPrincipalName", "displayName", name)

    cycle = await team.cycle()

    assert cycle.counts[result] == 1
    assert len(team.target.accounts["user"]) == (result == "create")


async def test_no_more_writes_are_in_flight_than_the_connector_declares(team: Team) -> None:
    """Whatever the reads are allowed, and over all pages in flight."""
    team.page_size = 2
    in_flight, most = 0, 0
    create = team.target.create

    async def slow(kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(0.005)
        in_flight -= 1
        return await create(kind, values, members=members)

    team.target.create = slow  # type: ignore[method-assign]  # a target that takes its time
    context = team.context()
    context.write_concurrency = 3
    try:
        await Cycle(context, 1).run()
    finally:
        context.close()
        context.store.engine.dispose()

    assert most == 3
    assert len(team.target.accounts["user"]) == 10


async def test_a_manager_who_is_written_already_is_nothing_to_do_when_a_rule_changes(team: Team) -> None:
    """Nor is one who never came: a plan after a change of rules names only those whom it changes."""
    team.directory.groups = {}
    team.directory.add("p1", manager="p0")
    team.directory.add("p2", manager="stranger")
    await team.cycle()
    team.lifecycle = Lifecycle(on_unassign="none")

    cycle = await team.cycle()

    assert (cycle.counts["unchanged"], cycle.counts["link"], team.target.writes) == (10, 0, 0)
    assert len(team.store().log(LogQuery())) == 10
    team.directory.add("stranger")
    assert (await team.cycle()).counts["update"] == 1
    assert team.target.users()["p2@example.com"]["manager"]
