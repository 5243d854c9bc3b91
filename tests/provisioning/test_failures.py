"""One object's failure is its own; nothing is lost, and nothing is created twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from gallery_sdk.errors import CycleError
from gallery_sdk.manifest import AttributeMapping
from gallery_sdk.provisioning import Cycle
from gallery_sdk.provisioning.actions import Action
from gallery_sdk.provisioning.escrow import quarantine_reason
from gallery_sdk.provisioning.execute import Executor
from gallery_sdk.provisioning.matching import Matcher
from gallery_sdk.store import INTENT, LogQuery, ObjectRow
from gallery_sdk.targets import Failure, TargetObject

from .conftest import MAPPINGS, MemoryTarget, Team, lost, refused


async def test_a_refused_object_waits_in_escrow_while_the_others_go_on(team: Team) -> None:
    """Nine of ten are created; the tenth is tried in the next cycle, then after six hours, then it succeeds."""
    team.directory.groups = {}
    team.target.faults = [refused(Failure.OBJECT)]
    first = await team.cycle()
    assert (first.counts["create"], first.counts["failure"]) == (9, 1)

    team.target.faults = [refused(Failure.OBJECT)]
    second = await team.cycle()
    assert (second.counts["unchanged"], second.counts["failure"]) == (9, 1)

    third = await team.cycle()
    assert (third.counts["waiting"], team.target.writes) == (1, 0)

    team.now += 7 * 3600
    fourth = await team.cycle()
    assert (fourth.counts["create"], len(team.target.users())) == (1, 10)
    assert team.store().counts()["user"].get("escrow", 0) == 0


async def test_a_changed_source_retries_a_failed_object_at_once(team: Team) -> None:
    """Escrow waits for time or for better data, whichever comes first."""
    team.directory.people = {"p0": team.directory.people["p0"]}
    team.directory.groups = {}
    team.target.faults = [refused(Failure.OBJECT, times=2)]
    await team.cycle()
    await team.cycle()
    assert (await team.cycle()).counts["waiting"] == 1
    team.directory.add("p0", jobTitle="Mended")

    cycle = await team.cycle()

    assert (cycle.counts["create"], team.store().counts()["user"].get("escrow", 0)) == (1, 0)


async def test_a_conflict_adopts_the_account_that_is_in_the_way(team: Team) -> None:
    """An account made by hand after the listing answers 409; it is found and linked."""
    team.directory.groups = {}
    await team.cycle()
    team.directory.add("late")
    team.target.seed("user", userName="late@example.com", displayName="By hand", active=True)
    team.target.faults = []
    team.store()

    cycle = await team.cycle()

    assert len(team.target.accounts["user"]) == 11
    assert team.target.users()["late@example.com"]["displayName"] == "Person late"
    assert cycle.counts["failure"] == 0


async def test_a_group_that_is_in_the_way_is_adopted_with_the_members_it_has(team: Team) -> None:
    """Linked people whom the source lacks leave it at once, strangers stay, and nothing is left for later."""
    await team.cycle()
    users = {str(one["userName"]): key for key, one in team.target.accounts["user"].items()}
    team.directory.groups["g9"] = ("Late", ["p1", "p2"])

    def another_was_faster() -> None:
        group_id = team.target.seed("group", displayName="Late")
        stranger = team.target.seed("user", userName="stranger@example.com")
        team.target.members[group_id] = {users["p2@example.com"], users["p5@example.com"], stranger}

    team.target.before_create = another_was_faster
    await team.cycle()
    adopted = team.target.group_members("Late")
    reads = team.target.calls["read members"]
    await team.cycle()

    assert adopted == {"p1@example.com", "p2@example.com", "stranger@example.com"}
    assert reads == 1
    assert team.target.writes == team.target.calls["read members"] == 0


@pytest.mark.parametrize("carried_out", [True, False], ids=["it-happened", "it-did-not"])
async def test_a_create_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(
    team: Team, carried_out: bool
) -> None:
    """One account in the end, whether or not the target had made it."""
    team.target.faults = [lost(carried_out=carried_out)]

    cycle = await team.cycle()

    assert len(team.target.accounts["user"]) == 10
    assert cycle.counts["failure"] == 0
    assert team.target.calls["find user"] == 1


async def test_an_intent_that_a_crash_left_behind_is_resolved_by_matching(team: Team) -> None:
    """A create announced and not concluded is looked up in the next cycle, also on a target thought empty."""
    context = team.context()
    row = context.store.by_source_ids("user", ["p3"]).get("p3")
    assert row is None
    context.store.save([_intent("p3")])
    context.close()
    team.target.seed("user", userName="p3@example.com", displayName="Person p3", title="Clerk", active=True)

    await team.cycle()

    assert len(team.target.accounts["user"]) == 10
    (line,) = team.store().log(LogQuery(about="p3@example.com"))
    assert line.status == "success"


async def test_an_intent_of_someone_who_left_meanwhile_is_found_and_disabled(team: Team) -> None:
    """An account whose create was interrupted is never orphaned, even when its person is gone."""
    context = team.context()
    context.store.save([_intent("ghost")])
    context.close()
    team.target.seed("user", userName="ghost@example.com", active=True)

    await team.cycle()

    assert team.target.users()["ghost@example.com"]["active"] is False


async def test_an_account_deleted_in_the_app_is_matched_once_more_then_created(team: Team) -> None:
    """A link that leads nowhere heals itself, group memberships included."""
    await team.cycle()
    (victim,) = [key for key, one in team.target.accounts["user"].items() if one["userName"] == "p1@example.com"]
    del team.target.accounts["user"][victim]
    team.directory.add("p1", jobTitle="Head")

    await team.cycle()

    assert team.target.users()["p1@example.com"]["title"] == "Head"
    await team.cycle()
    assert "p1@example.com" in team.target.group_members("Few")


async def test_a_refused_attribute_does_not_hold_up_the_others(team: Team) -> None:
    """The app keeps display names to itself: the title still arrives, and the cycle after sends nothing."""
    await team.cycle()
    team.directory.add("p3", jobTitle="Head", displayName="New name")
    team.target.faults = [refused(Failure.ATTRIBUTE, "update user", attributes=("displayName",))]

    cycle = await team.cycle()

    account = team.target.users()["p3@example.com"]
    assert (account["title"], account["displayName"], cycle.counts["failure"]) == ("Head", "Person p3", 0)
    await team.cycle()
    assert team.target.writes == 0


async def test_a_protected_account_is_skipped_and_not_tried_again(team: Team) -> None:
    """An owner that the app protects is no failure and costs no request until the source changes."""
    await team.cycle()
    team.directory.add("p3", jobTitle="Head")
    team.target.faults = [refused(Failure.SKIP, "update user")]
    cycle = await team.cycle()
    assert (cycle.counts["failure"], cycle.counts["skipped"]) == (0, 1)

    await team.cycle()

    assert team.target.writes == 0


async def test_a_credential_that_dies_stops_the_job_and_keeps_what_was_done(team: Team) -> None:
    """The cycle stops at once; the next one makes the rest, and nobody twice."""
    team.page_size = 2
    team.target.faults = [refused(Failure.STOP, "create user")]

    with pytest.raises(CycleError) as stopped:
        await team.cycle()

    assert stopped.value.reason == "EncounteredQuarantineException"
    made = len(team.target.accounts["user"])
    assert made < 10
    await team.cycle()
    assert len(team.target.accounts["user"]) == 10
    assert not [
        row for row in team.store().by_source_ids("user", [f"p{n}" for n in range(10)]).values() if row.state == INTENT
    ]


async def test_two_accounts_for_one_person_are_reported_not_guessed(team: Team) -> None:
    """A matching value that is not unique in the target fails that object only."""
    team.target.seed("user", userName="p3@example.com")
    team.target.seed("user", userName="p3@example.com")

    cycle = await team.cycle()

    (line,) = team.store().log(LogQuery(status="failure"))
    assert (line.code, cycle.counts["failure"]) == ("DuplicateTargetEntries", 1)
    assert len(team.target.accounts["user"]) == 11


async def test_two_people_never_share_an_account(team: Team) -> None:
    """The second source object that matches a linked account fails, and the first keeps it."""
    team.target.seed("user", userName="p3@example.com", active=True)
    team.directory.add("twin", userPrincipalName="p3@example.com")

    cycle = await team.cycle()

    codes = [one.code for one in team.store().log(LogQuery(status="failure"))]
    assert codes == ["DuplicateSourceEntries"]
    assert cycle.counts["failure"] == 1


@pytest.mark.parametrize("page_size", [50, 1], ids=["one-page", "a-page-each"])
@pytest.mark.parametrize("unique", [True, False], ids=["target-refuses-doubles", "target-takes-doubles"])
async def test_two_new_people_with_one_matching_value_get_one_account_and_one_failure(
    team: Team, unique: bool, page_size: int
) -> None:
    """The first in the source has it, in every cycle; the second is told so, and changes nothing of the first."""
    team.directory.people, team.directory.groups, team.page_size = {}, {}, page_size
    team.target = MemoryTarget(unique=unique)
    team.directory.add("first", userPrincipalName="same@example.com", displayName="First")
    team.directory.add("second", userPrincipalName="Same@example.com", displayName="Second")

    for _ in range(3):
        cycle = await team.cycle()
        team.now += 7 * 3600

        assert [one["displayName"] for one in team.target.accounts["user"].values()] == ["First"]
        assert cycle.counts["failure"] == 1

    assert {one.code for one in team.store().log(LogQuery(status="failure"))} == {"DuplicateSourceEntries"}


async def test_a_conflict_never_leads_to_an_account_that_was_just_given_away(team: Team) -> None:
    """Two people of one page share a second matching value that only the target's 409 brings to light."""
    team.directory.people, team.directory.groups = {}, {}
    team.directory.add("first", displayName="Same")
    team.directory.add("second", displayName="Same")
    by_name = AttributeMapping(
        id="displayName", target="displayName", expression='Join("", [displayName])', match=2, when="create"
    )
    team.mappings = {**MAPPINGS, "user": (MAPPINGS["user"][0], by_name)}
    conflict = refused(Failure.CONFLICT)
    create = team.target.create

    async def late(kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        if "second" in str(values["userName"]):
            await asyncio.sleep(0.01)
            raise conflict.error
        return await create(kind, values, members=members)

    team.target.create = late  # type: ignore[method-assign]  # a target with a rule of its own
    context = team.context()
    try:
        matcher = Matcher(context, asyncio.Semaphore(8))
        counts = Counter[str]()
        executor = Executor(context, matcher, asyncio.Semaphore(8), cycle=1, counts=counts)
        actions = [
            Action("create", "user", one, name=one, cause="in scope",
                   after={"userName": f"{one}@example.com", "displayName": "Same"}, changed=["userName"])
            for one in ("first", "second")
        ]  # fmt: skip
        records = await executor.run(actions, {})
    finally:
        context.close()

    assert sorted((one.source_id, one.status, one.code) for one in records) == [
        ("first", "success", None),
        ("second", "failure", "DuplicateSourceEntries"),
    ]


async def test_one_refused_member_never_blocks_the_rest(team: Team) -> None:
    """The others join; the refused one is tried again in every cycle until it is let in."""
    await team.cycle()
    (guest,) = [key for key, one in team.target.accounts["user"].items() if one["userName"] == "p5@example.com"]
    team.target.refused_members = {guest}
    team.directory.groups["g2"] = ("Few", ["p1", "p2", "p4", "p5"])
    await team.cycle()
    assert team.target.group_members("Few") == {"p1@example.com", "p2@example.com", "p4@example.com"}

    team.target.refused_members = set()
    await team.cycle()

    assert "p5@example.com" in team.target.group_members("Few")


async def test_failures_of_many_stop_the_job(team: Team) -> None:
    """When most objects fail, the job and not the objects is at fault."""
    for number in range(40):
        team.directory.add(f"q{number}")
    team.directory.groups = {}
    team.target.faults = [refused(Failure.OBJECT, times=45)]

    with pytest.raises(CycleError) as stopped:
        await team.cycle()

    assert stopped.value.reason == "EncounteredEscrowProportionThreshold"


def _intent(source_id: str) -> ObjectRow:
    return ObjectRow(
        "user", source_id, state=INTENT, in_scope=True, shadow={"userName": f"{source_id}@example.com", "active": True}
    )


async def test_a_look_up_that_says_stop_stops_the_job(team: Team) -> None:
    """A credential that dies between the probe and the look-ups is the job's failure, not ten people's."""
    team.target.seed("user", userName="somebody@example.com")
    for number in range(200):
        team.target.seed("user", userName=f"other{number}@example.com")
    team.directory.people = {"p0": team.directory.people["p0"]}
    team.target.faults = [refused(Failure.STOP, "find user")]

    with pytest.raises(CycleError):
        await team.cycle()

    assert team.store().log(LogQuery(status="failure")) == []


@pytest.mark.parametrize(
    ("failure", "reference_failure", "processed", "reason"),
    [
        (24, 0, 24, None),
        (45_000, 0, 100_000_000, "EncounteredBaseEscrowThreshold"),
        (30_000, 0, 35_000, "EncounteredEscrowProportionThreshold"),
        (20_000, 0, 120_000, None),
        (40_000, 0, 110_000, None),
        (61_000, 21_000, 200_000, "EncounteredTotalEscrowThreshold"),
        (30_000, 30_000, 35_000, None),
    ],
)
def test_thresholds_are_the_documented_ones(
    failure: int, reference_failure: int, processed: int, reason: str | None
) -> None:
    """The worked examples of Microsoft Entra's "Quarantine status"; references count for the total alone."""
    counts = {"failure": failure, "reference_failure": reference_failure, "processed": processed}

    assert quarantine_reason(counts) == reason


async def test_a_manager_that_the_target_refuses_is_a_reference_failure(team: Team) -> None:
    """It is reported as a failure, and told apart for the threshold."""
    team.directory.groups = {}
    await team.cycle()
    for number in range(1, 4):
        team.directory.people[f"p{number}"]["manager"] = "p0"
    team.directory.people["p4"]["jobTitle"] = "Changed"
    team.target.faults = [refused(Failure.OBJECT, "update user", times=4)]

    cycle = await team.cycle()

    assert (cycle.counts["failure"], cycle.counts["reference_failure"]) == (4, 3)


async def test_two_people_of_a_page_never_choose_the_same_unique_value(team: Team) -> None:
    """Both ask the target at the same time and hear that it is free; only one of them has it."""
    team.directory.people, team.directory.groups = {}, {}
    team.target = MemoryTarget(unique=False)
    for one in ("first", "second"):
        team.directory.add(one, userPrincipalName=f"{one}@example.com", displayName="ada")
    nick = 'SelectUniqueValue([displayName], Join("", [displayName], "1"))'
    name = AttributeMapping(id="displayName", target="displayName", expression=nick, when="create")
    team.mappings = {**MAPPINGS, "user": (MAPPINGS["user"][0], name)}

    await team.cycle()

    assert sorted(str(one["displayName"]) for one in team.target.users().values()) == ["ada", "ada1"]


async def test_a_cycle_stopped_in_the_middle_finishes_its_page_and_the_next_one_sends_nothing_twice(
    team: Team,
) -> None:
    """Here in the pass that writes references: what was sent is remembered, what was not is not lost."""
    team.directory.add("p1", manager="p2")  # a loop, which only the second pass can close
    team.directory.add("p2", manager="p1")
    for group in ("g1", "g2"):
        team.directory.groups[group] = (group, ["p1", "p2"])
    team.target.capabilities = replace(team.target.capabilities, create_with_members=False)
    reached = team.target.hold("update user")
    context = team.context()
    running = asyncio.create_task(Cycle(context, 1).run())
    await reached.wait()

    running.cancel()
    await asyncio.sleep(0)
    team.target.release()
    with pytest.raises(asyncio.CancelledError):
        await running
    context.close()
    sent = Counter(team.target.calls)
    team.number = 1
    await team.cycle()
    again = Counter(team.target.calls)

    assert team.target.users()["p1@example.com"]["manager"]
    assert team.target.group_members("g1") == team.target.group_members("g2") == {"p1@example.com", "p2@example.com"}
    assert sent["create user"] + again["create user"] == len(team.directory.people)
    assert sent["update user"] + again["update user"] == 2
