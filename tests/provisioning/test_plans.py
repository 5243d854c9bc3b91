"""A plan says what a cycle would do, changes nothing, and is carried out exactly or refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gallery_sdk.apps import AppConfig
from gallery_sdk.errors import CycleError, PlanError
from gallery_sdk.manifest import Manifest, parse_manifest
from gallery_sdk.provisioning import PutOffError, read_plan
from gallery_sdk.runner import Job
from gallery_sdk.store import LogQuery
from gallery_sdk.targets import Failure, TargetFailure

from .conftest import Team, refused

MANIFEST = """
schema = 1
slug = "memory"
name = "Memory"
version = "1.0.0"
[transport]
base_url = "https://memory.example.com/scim"
allowed_hosts = ["memory.example.com"]
"""


@pytest.fixture
def manifest() -> Manifest:
    return parse_manifest(MANIFEST, "connector.toml")


@contextmanager
def opened(team: Team, manifest: Manifest) -> Iterator[Job]:
    app = AppConfig.model_validate(
        {"name": "team", "connector": "memory", "source": {"kind": "csv", "users": "people.csv"}}
    )
    context = team.context()
    try:
        yield Job("team", app, manifest, context)
    finally:
        context.close()
        context.store.engine.dispose()


async def test_a_plan_changes_nothing_and_counts_its_requests(team: Team, manifest: Manifest, tmp_path: Path) -> None:
    """Planning twelve creates sends none, remembers none, and says how many requests applying it will send."""
    with opened(team, manifest) as job:
        summary = await job.plan(tmp_path / "a.plan")

    assert summary.operations == {"user": {"create": 10}, "group": {"create": 2}}
    assert summary.requests == {"check": 1, "create": 12}
    assert team.target.writes == 0
    assert team.store().counts() == {}


async def test_applying_a_plan_does_what_it_says_and_leaves_nothing_to_do(
    team: Team, manifest: Manifest, tmp_path: Path
) -> None:
    """Managers and members among people whom the plan itself creates arrive too; the next cycle sends nothing."""
    team.directory.add("p0", jobTitle="Clerk", manager="p9")
    with opened(team, manifest) as job:
        await job.plan(tmp_path / "a.plan")
        summary = await job.apply(tmp_path / "a.plan")

    assert (summary.state, summary.counts["create"]) == ("succeeded", 12)
    boss = next(key for key, one in team.target.accounts["user"].items() if one["userName"] == "p9@example.com")
    assert team.target.users()["p0@example.com"]["manager"] == boss
    assert len(team.target.group_members("Everyone")) == 10
    await team.cycle()
    assert team.target.writes == 0


async def test_a_plan_of_changes_and_leavers_is_carried_out(team: Team, manifest: Manifest, tmp_path: Path) -> None:
    """Update, disable, and member changes in one plan."""
    await team.cycle()
    team.directory.add("p3", jobTitle="Head")
    del team.directory.people["p4"]
    team.directory.groups["g2"] = ("Few", ["p2", "p3"])

    with opened(team, manifest) as job:
        planned = await job.plan(tmp_path / "a.plan")
        team.target.calls.clear()
        applied = await job.apply(tmp_path / "a.plan")

    assert planned.operations["user"] == {"update": 1, "disable": 1}
    assert applied.requests == planned.total_requests
    assert team.target.writes == planned.total_requests - planned.requests["check"]
    assert team.target.users()["p4@example.com"]["active"] is False
    assert team.target.group_members("Few") == {"p2@example.com", "p3@example.com"}


async def test_each_attribute_of_a_plan_has_its_reason(team: Team, manifest: Manifest, tmp_path: Path) -> None:
    """The actions carry what was, what will be, and why the object is in scope."""
    await team.cycle()
    team.directory.add("p3", jobTitle="Head")

    with opened(team, manifest) as job:
        await job.plan(tmp_path / "a.plan")
    _, actions = read_plan(tmp_path / "a.plan")

    (action,) = actions
    assert (action.operation, action.changed, action.cause) == ("update", ["title"], "in scope")
    assert (action.before["title"], action.after["title"]) == ("Clerk", "Head")


@pytest.mark.parametrize("what", ["source", "another-cycle", "manifest", "restart"])
async def test_a_stale_plan_is_refused_before_anything_is_done(
    team: Team, manifest: Manifest, tmp_path: Path, what: str
) -> None:
    """The refusal says what changed since the plan was made."""
    with opened(team, manifest) as job:
        await job.plan(tmp_path / "a.plan")
        words = {"source": "the source changed", "manifest": "version", "another-cycle": "another cycle"}.get(what, "")
        if what == "source":
            team.directory.add("p77")
        elif what == "another-cycle":
            await job.provision("user", "p1")
            words = "another cycle ran"
        elif what == "manifest":
            job.manifest = manifest.model_copy(update={"version": "1.0.1"})
            words = "another version"
        else:
            row = job.context.store.read_job()
            row.revision += 1
            job.context.store.save_job(row)
            words = "another cycle ran"
        writes = team.target.writes

        with pytest.raises(PlanError, match=words):
            await job.apply(tmp_path / "a.plan")

    assert team.target.writes == writes


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "not a plan"), (b"hello\n", "not a plan"), (b'{"type":"gallery-plan","schema":99}\n', "schema 99")],
    ids=["empty", "text", "newer"],
)
async def test_a_file_that_is_no_plan_is_refused(
    team: Team, manifest: Manifest, tmp_path: Path, content: bytes, words: str
) -> None:
    """What is not a plan of this schema is refused with its place."""
    (tmp_path / "a.plan").write_bytes(content)

    with opened(team, manifest) as job, pytest.raises(PlanError, match=words):
        await job.apply(tmp_path / "a.plan")


async def test_a_plan_over_the_threshold_says_so_and_stops_before_the_first(
    team: Team, manifest: Manifest, tmp_path: Path
) -> None:
    """Seven of ten leave: the plan shows it, applying it disables nobody, and the job is in quarantine."""
    team.scope = ["department EQUALS Sales"]
    await team.cycle()
    for number in range(7):
        team.directory.add(f"p{number}", department="Legal")

    with opened(team, manifest) as job:
        summary = await job.plan(tmp_path / "a.plan")
        with pytest.raises(CycleError, match="would be deprovisioned"):
            await job.apply(tmp_path / "a.plan")
        row = job.context.store.read_job()

    assert summary.over_limit is not None
    assert (row.status, row.quarantine_reason) == ("quarantine", "TooManyDeletes")
    assert all(one["active"] for one in team.target.accounts["user"].values())


async def test_redacted_values_never_reach_a_plan_or_the_log(team: Team, manifest: Manifest, tmp_path: Path) -> None:
    """A mapping that calls Redact shows that something changes, not what."""
    from gallery_sdk.manifest import AttributeMapping

    extra = AttributeMapping(id="nickName", target="nickName", expression="Redact([secretName])")
    team.mappings = {**team.mappings, "user": (*team.mappings["user"], extra)}
    team.directory.add("p0", secretName="Marker-7781")

    with opened(team, manifest) as job:
        await job.plan(tmp_path / "a.plan")
        summary = await job.apply(tmp_path / "a.plan")

    assert summary.counts["create"] == 12
    assert team.target.users()["p0@example.com"]["nickName"] == "Marker-7781"
    assert b"Marker-7781" not in (tmp_path / "a.plan").read_bytes()
    assert "Marker-7781" not in repr(team.store().log(LogQuery(limit=1000)))
    assert b"Marker-7781" not in (team.folder / "state.db").read_bytes()
    await team.cycle()
    assert team.target.writes == 0
    team.directory.add("p0", secretName="Marker-7782")
    await team.cycle()
    assert team.target.users()["p0@example.com"]["nickName"] == "Marker-7782"


async def test_a_plan_names_whom_it_would_fail_on(team: Team, manifest: Manifest, tmp_path: Path) -> None:
    """They are in no line of the plan; the first are named with the reason, the rest is counted."""
    for number in range(25):
        team.directory.add(f"x{number:02}", userPrincipalName="p0@example.com")

    with opened(team, manifest) as job:
        summary = await job.plan(tmp_path / "p.plan")

    assert summary.operations["user"]["create"] == 10
    assert len(summary.warnings) == 22
    assert all("another user of the source has the same userName" in one for one in summary.warnings[:20])
    assert summary.warnings[20] == "5 more objects would fail"
    assert summary.warnings[21] == "25 of 37 objects would fail, too many for the job to go on"


async def test_provisioning_on_demand_shows_its_steps_and_touches_nobody_else(team: Team, manifest: Manifest) -> None:
    """One person by address: import, scope, match, action, one account."""
    with opened(team, manifest) as job:
        report = await job.provision("user", "p3@example.com")

    assert (report.result, len(team.target.accounts["user"])) == ("success", 1)
    assert [step for step, _ in report.records[0].steps] == ["import", "scope", "match", "action"]
    with opened(team, manifest) as job:
        again = await job.provision("user", "p3")
    assert len(team.target.accounts["user"]) == 1
    assert again.result in ("success", "skipped")


async def test_on_demand_for_someone_out_of_scope_says_which_clause(team: Team, manifest: Manifest) -> None:
    """The answer names the clause that keeps the person out, and nothing is sent."""
    team.scope = ["department EQUALS Legal"]

    with opened(team, manifest) as job:
        report = await job.provision("user", "p3")

    assert report.result == "skipped"
    assert "department EQUALS Legal" in (report.records[0].reason or "")
    assert team.target.writes == 0


async def test_a_cycle_that_stopped_as_a_whole_has_its_line_in_the_log(team: Team, manifest: Manifest) -> None:
    """The log says what, where and how to mend it, as it does of a single object."""
    team.target.test_ok = False

    with opened(team, manifest) as job:
        with pytest.raises(CycleError):
            await job.run_cycle()
        (line,) = job.context.store.log(LogQuery(kind="job"))

    assert (line.status, line.code) == ("failure", "EncounteredQuarantineException")
    assert "401" in (line.reason or "")
    assert "Check the token" in (line.reason or "")


async def test_a_target_that_asks_for_a_day_puts_the_job_off_and_nothing_is_lost(
    team: Team, manifest: Manifest
) -> None:
    """The cycle ends at once, nobody fails or waits in escrow for it, and afterwards everyone is there once."""
    day = refused(Failure.RATE_LIMITED, times=1000, retry_after_seconds=86_400.0)
    with opened(team, manifest) as job:
        team.target.faults.append(day)
        with pytest.raises(PutOffError) as caught:
            await job.run_cycle()
        put_off, cycle = job.context.store.read_job(), job.context.store.cycles()[0]
        sent = team.target.calls["create user"]
        counts = job.context.store.counts()["user"]
        team.target.faults.clear()
        summary = await job.run_cycle()
        afterwards = job.context.store.read_job()

    assert caught.value.retry_after_seconds == 86_400.0
    assert (put_off.status, put_off.next_attempt, cycle.state) == ("active", team.now + 86_400.0, "put_off")
    assert sent <= 8  # those in flight
    assert counts.get("escrow", 0) == counts.get("failed", 0) == 0
    assert (summary.kind, summary.failed, len(team.target.users())) == ("initial", 0, 10)
    assert afterwards.next_attempt is None


async def test_throttling_is_never_a_reason_for_quarantine(team: Team, manifest: Manifest) -> None:
    """Not even where the first question of a cycle meets it."""
    slow = TargetFailure("429", "memory", "Wait", status=429, failure=Failure.RATE_LIMITED)

    with opened(team, manifest) as job:
        team.target.count_fault = slow
        with pytest.raises(PutOffError):
            await job.run_cycle()
        row = job.context.store.read_job()

    assert (row.status, row.quarantine_count) == ("active", 0)
    assert row.next_attempt is not None


async def test_a_job_that_nobody_mends_for_28_days_is_disabled_and_says_what_to_do(
    team: Team, manifest: Manifest
) -> None:
    """Its last cycle names the command that starts it again."""
    team.target.test_ok = False

    with opened(team, manifest) as job:
        for _ in range(2):
            with pytest.raises(CycleError):
                await job.run_cycle()
            team.now += 29 * 86_400
        row, cycle = job.context.store.read_job(), job.context.store.cycles()[0]

    assert row.status == "disabled"
    assert "gallery restart team" in (cycle.error or "")


async def test_a_failed_connection_puts_the_job_into_quarantine_that_ends_by_itself(
    team: Team, manifest: Manifest
) -> None:
    """The wait doubles with every attempt; a cycle that works ends it."""
    team.target.test_ok = False
    waits = []
    with opened(team, manifest) as job:
        for _ in range(3):
            with pytest.raises(CycleError):
                await job.run_cycle()
            row = job.context.store.read_job()
            assert row.next_attempt is not None
            waits.append(row.next_attempt - team.now)
        team.target.test_ok = True
        summary = await job.run_cycle()
        row = job.context.store.read_job()

    assert waits[0] < waits[1] < waits[2]
    assert (summary.kind, row.status, row.next_attempt) == ("initial", "active", None)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_a_plan_that_finds_no_room_says_so_and_leaves_nothing(
    team: Team, manifest: Manifest, tmp_path: Path
) -> None:
    """The disk is full: the error names the file, and no half plan stays beside it."""
    (tmp_path / "a.plan.partial").symlink_to("/dev/full")

    with opened(team, manifest) as job, pytest.raises(PlanError, match="No space left") as told:
        await job.plan(tmp_path / "a.plan")

    assert told.value.where == str(tmp_path / "a.plan")
    assert list(tmp_path.glob("a.plan*")) == []


async def test_a_plan_file_that_cannot_be_made_is_told(team: Team, manifest: Manifest, tmp_path: Path) -> None:
    """A file stands where the folder of the plan belongs."""
    (tmp_path / "plans").write_text("in the way")

    with opened(team, manifest) as job, pytest.raises(PlanError, match="the plan cannot be written"):
        await job.plan(tmp_path / "plans" / "a.plan")
