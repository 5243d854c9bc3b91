"""What the engine remembers survives, is found again, and is never shared between jobs."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.exc import IntegrityError

from gallery_sdk.errors import StoreError
from gallery_sdk.store import (
    INTENT,
    LINKED,
    CycleRow,
    JobStore,
    LogQuery,
    LogRecord,
    ObjectRow,
    TargetListing,
    is_locked,
    job_lock,
    open_database,
    scratch_copy,
)
from gallery_sdk.store.database import _migrate


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "state.db")
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> JobStore:
    return JobStore(engine, "slack-prod")


def linked(source_id: str, target_id: str, **more: object) -> ObjectRow:
    row = ObjectRow("user", source_id, target_id=target_id, state=LINKED, in_scope=True, enabled=True)
    for name, value in more.items():
        setattr(row, name, value)
    return row


def test_a_row_comes_back_as_it_was_stored(store: JobStore) -> None:
    """Links, shadows, pending references and escrow read back equal."""
    row = linked("1", "U1", shadow={"userName": "ada", "active": True}, pending={"manager": "2"}, attempts=2, due=5.0)

    store.save([row])
    found = store.by_source_ids("user", ["1"])["1"]

    row.row_id = found.row_id
    assert found == row
    assert found.row_id > 0


def test_storing_again_keeps_the_row_id(store: JobStore) -> None:
    """The sweep for missing objects counts on row ids that never change."""
    store.save([linked("1", "U1")])
    before = store.by_source_ids("user", ["1"])["1"].row_id

    store.save([linked("1", "U9")])

    after = store.by_source_ids("user", ["1"])["1"]
    assert (after.row_id, after.target_id) == (before, "U9")


def test_jobs_do_not_see_each_other(engine: Engine, store: JobStore) -> None:
    """Two apps in one database share nothing, and forgetting the links of one leaves those of the other."""
    other = JobStore(engine, "zoom-prod")
    store.save([linked("1", "U1")])
    other.save([linked("1", "Z1")])

    store.reset(links=True)

    assert store.by_source_ids("user", ["1"]) == {}
    assert other.by_source_ids("user", ["1"])["1"].target_id == "Z1"


def test_only_linked_enabled_objects_in_scope_lend_their_target_id(store: JobStore) -> None:
    """A manager or member without a live account is not referred to."""
    store.save(
        [
            linked("1", "U1"),
            linked("2", "U2", enabled=False),
            linked("3", "U3", in_scope=False),
            ObjectRow("user", "4", state=INTENT),
        ]
    )

    assert store.target_ids("user", ["1", "2", "3", "4", "5"]) == {"1": "U1"}


def test_more_ids_than_one_statement_takes_are_looked_up(store: JobStore) -> None:
    """A page may be larger than a driver's bound on parameters."""
    store.save([linked(str(number), f"U{number}") for number in range(1201)])

    assert len(store.by_source_ids("user", [str(number) for number in range(1201)])) == 1201


def test_log_lines_are_found_by_name_status_and_time(store: JobStore) -> None:
    """The newest matching lines come back, oldest first."""
    lines = [
        LogRecord(1, float(at), "user", str(at), "create", status, name=f"Person {at}@example.com")
        for at, status in enumerate(["success", "failure", "success", "failure"])
    ]
    store.save([], lines)

    assert [one.source_id for one in store.log(LogQuery(status="failure"))] == ["1", "3"]
    assert [one.source_id for one in store.log(LogQuery(about="PERSON 2@"))] == ["2"]
    assert [one.source_id for one in store.log(LogQuery(since=2.0))] == ["2", "3"]
    assert [one.source_id for one in store.log(LogQuery(limit=1))] == ["3"]
    assert store.log(LogQuery(about="100%")) == []


def test_a_cycle_that_a_crash_left_open_is_closed_by_the_next(store: JobStore) -> None:
    """The history never shows two cycles running."""
    first = store.begin_cycle("initial", 1.0)
    second = store.begin_cycle("initial", 2.0)
    job = store.read_job()
    store.end_cycle(CycleRow(second, "initial", "succeeded", 2.0, 3.0, {"create": 1}, 7, None), job)

    states = {one.number: one.state for one in store.cycles()}

    assert states == {first: "stopped", second: "succeeded"}


def test_a_restart_keeps_links_unless_told_otherwise(store: JobStore) -> None:
    """Fingerprints go, so that everything is decided anew; links and shadows stay."""
    store.save([linked("1", "U1", fingerprint=b"x", attempts=3, due=9.0, error_code="Conflict")])

    store.reset(escrow=True)
    kept = store.by_source_ids("user", ["1"])["1"]
    store.reset(links=True)

    assert (kept.target_id, kept.fingerprint, kept.attempts) == ("U1", None, 0)
    assert store.by_source_ids("user", ["1"]) == {}


def test_the_listing_finds_accounts_whatever_their_letter_case(engine: Engine) -> None:
    """Matching by a listing ignores case and reports every account that answers."""
    listing = TargetListing(engine, "slack-prod")
    listing.add("user", [("U1", {"userName": "Ada"}), ("U2", {"userName": "ada"}), ("U3", {})], ["userName"])

    assert listing.find("user", "userName", ["ada", "bob"]) == {"ada": ["U1", "U2"]}
    assert listing.values("user", ["U2"]) == {"U2": {"userName": "ada"}}


def test_a_scratch_copy_forgets(engine: Engine, store: JobStore) -> None:
    """A plan works on a copy: what it stores is gone afterwards."""
    store.save([linked("1", "U1")])

    with scratch_copy(engine) as copy:
        scratch = JobStore(copy, "slack-prod")
        scratch.save([linked("2", "U2")])
        assert set(scratch.by_source_ids("user", ["1", "2"])) == {"1", "2"}

    assert set(store.by_source_ids("user", ["1", "2"])) == {"1"}


def test_migrations_lead_to_the_schema_of_the_code(tmp_path: Path) -> None:
    """A database brought up by migrations has the same tables, columns and indexes as a new one."""
    fresh = open_database(tmp_path / "fresh.db")
    migrated = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    _migrate(migrated, "migrated")

    def shape(engine: Engine) -> dict[str, object]:
        found = inspect(engine)
        return {
            table: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)],
                sorted(str(index["name"]) for index in found.get_indexes(table)),
            )
            for table in found.get_table_names()
            if table != "alembic_version"
        }

    assert shape(migrated) == shape(fresh)
    fresh.dispose()
    migrated.dispose()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"not a database at all, only text" * 50, "not a database"), (None, "schema 9999")],
    ids=["not-a-database", "newer"],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_alone(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    """The error says what is wrong; the file keeps its bytes."""
    path = tmp_path / "state.db"
    if content is None:
        engine = open_database(path)
        with engine.begin() as connection:
            connection.exec_driver_sql("update alembic_version set version_num = '9999'")
        engine.dispose()
    else:
        path.write_bytes(content)
    before = path.read_bytes()

    with pytest.raises(StoreError, match=words):
        open_database(path)

    assert path.read_bytes() == before


def test_a_second_process_is_told_who_runs_the_job(tmp_path: Path) -> None:
    """The lock names its holder, and ends with the process however it ends."""
    code = (
        "import sys, pathlib\n"
        "from gallery_sdk.store import job_lock\n"
        "from gallery_sdk.errors import StoreError\n"
        "try:\n"
        "    with job_lock(pathlib.Path(sys.argv[1]), 'slack-prod'): print('held')\n"
        "except StoreError as error: print(error)\n"
    )

    with job_lock(tmp_path, "slack-prod"):
        refused = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
        )
    allowed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)

    assert "is being run by process" in refused.stdout
    assert allowed.stdout == "held\n"


def test_the_lock_can_be_looked_at(tmp_path: Path) -> None:
    """While it is held, and when the file is left over from a process that was killed."""
    before = is_locked(tmp_path, "slack-prod")
    with job_lock(tmp_path, "slack-prod"):
        held = is_locked(tmp_path, "slack-prod")

    assert (before, held, is_locked(tmp_path, "slack-prod")) == (False, True, False)
    assert (tmp_path / "slack-prod.lock").exists()


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A read-only workspace, or a file where the folder belongs, is an error of ours with a next step."""
    (tmp_path / "locks").write_text("in the way")

    with pytest.raises(StoreError, match="the lock of the job cannot be written"), job_lock(tmp_path / "locks", "a"):
        pass


def test_a_full_disk_is_told_and_what_was_stored_stays(engine: Engine, store: JobStore) -> None:
    """The error says where and how to mend it; once there is room the same state goes on."""
    store.save([linked("1", "U1")])
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", fill)
    engine.dispose()
    with pytest.raises(StoreError, match="database or disk is full") as told:
        store.save([linked(str(n), f"U{n}", shadow={"title": "x" * 900}) for n in range(500)])
    event.remove(engine, "connect", fill)
    engine.dispose()

    assert "Make room" in told.value.mend
    assert told.value.where.endswith("state.db")
    assert list(store.by_source_ids("user", ["1", "2"])) == ["1"]


def test_damage_beyond_the_first_page_is_told(tmp_path: Path) -> None:
    """A file that opens and breaks at a question is as damaged as one that does not open; also for a plan's copy."""
    path = tmp_path / "state.db"
    engine = open_database(path)
    JobStore(engine, "slack-prod").save([linked(str(n), f"U{n}") for n in range(200)])
    with engine.connect() as connection:
        root = connection.exec_driver_sql("select rootpage from sqlite_master where name = 'object'").scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xaa" * size
    path.write_bytes(content)
    engine = open_database(path)

    with pytest.raises(StoreError, match="malformed") as told:
        JobStore(engine, "slack-prod").counts()
    assert str(path) in told.value.where
    with pytest.raises(StoreError, match="malformed") as told, scratch_copy(engine) as copy:
        JobStore(copy, "slack-prod").counts()
    engine.dispose()

    assert str(path) in told.value.where
    assert "Restore the file from a copy" in told.value.mend


def test_a_statement_that_is_wrong_is_not_the_databases_fault(engine: Engine) -> None:
    """A mistake of ours stays one, so that it is not sought on the disk."""
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("insert into job (name) values (null)")
