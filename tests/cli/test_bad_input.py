"""Bad input of every kind: a clear error with the next step, status 1 or 2, and nothing lost."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from gallery_sdk.testing import Fault

from .conftest import MANIFEST, Gallery, Team

Commands = tuple[tuple[str, ...], ...]

COMMANDS: Commands = (("test", "desk"), ("plan", "desk"), ("run", "desk", "--once"))
CONNECTING: Commands = (
    ("test", "desk"),
    ("run", "desk", "--once"),
)  # a plan over an unchanged source needs no connection


@pytest.fixture
def settled(team: Team, gallery: Gallery) -> Team:
    """Everybody has an account already."""
    assert gallery("run", "desk", "--once").exit_code == 0
    return team


def _refused(gallery: Gallery, team: Team, *messages: str, status: int = 1, commands: Commands = COMMANDS) -> None:
    """Each command fails with the messages and without a traceback, and nothing was written to the app."""
    before, writes = team.app.server.state(), team.app.writes()
    for words in commands:
        answer = gallery(*words)
        said = answer.stdout + answer.stderr
        assert answer.exit_code == status, (words, said)
        for message in messages:
            assert message in said, (words, said)
        assert "Next: " in answer.stderr, words
        assert "Traceback" not in said
    assert team.app.server.state() == before
    assert team.app.writes() == writes


def _goes_on(gallery: Gallery, team: Team) -> None:
    """With the input mended, a cycle finds everybody linked and has nothing to write."""
    writes = team.app.writes()
    done = gallery("run", "desk", "--once")
    assert done.exit_code == 0, done.stderr
    assert team.app.writes() == writes


# -- the source ------------------------------------------------------------------------------------------


def test_a_csv_without_the_column_that_people_are_matched_by(gallery: Gallery, settled: Team) -> None:
    """The column, the attribute and the columns that are there."""
    rows = settled.rows()
    settled.write(rows, [name for name in rows[0] if name != "userPrincipalName"])

    _refused(gallery, settled, "people.csv", "has no column 'userPrincipalName'", "'userName'", "mailNickname")

    settled.write(rows)
    _goes_on(gallery, settled)


def test_a_scope_that_asks_for_a_column_which_is_not_there(gallery: Gallery, settled: Team) -> None:
    """Taken at its word it would put everybody out of scope, or with IS NULL into it; the likely column is named."""
    path = settled.folder / "apps" / "desk.toml"
    sound = path.read_text()
    for clause in ("departmnt EQUALS Sales", "departmnt IS NULL"):
        path.write_text(f'{sound}\n[[scope.user]]\nclauses = ["{clause}"]\n')

        _refused(
            gallery, settled, "people.csv", "has no column 'departmnt'", "scope.user[0]", "did you mean 'department'"
        )

    path.write_text(f'{sound}\n[[scope.user]]\nclauses = ["DEPARTMENT IS NOT NULL"]\n')
    _goes_on(gallery, settled)


def test_a_csv_without_the_key_that_the_app_names(gallery: Gallery, settled: Team) -> None:
    """No other column takes its place silently."""
    rows = settled.rows()
    path = settled.folder / "apps" / "desk.toml"
    path.write_text(path.read_text().replace('kind = "csv"', 'kind = "csv"\nkey = "id"'))
    settled.write(rows, [name for name in rows[0] if name != "id"])

    _refused(gallery, settled, "people.csv", "'id'")


def test_a_duplicate_key(gallery: Gallery, settled: Team) -> None:
    """Both rows are named."""
    rows = settled.rows()
    settled.write([*rows, rows[3]])

    _refused(gallery, settled, "row 5 and row 32 have the same 'id'")

    settled.write(rows)
    _goes_on(gallery, settled)


def test_broken_utf_8(gallery: Gallery, settled: Team) -> None:
    """Line and byte, and how to name another encoding."""
    good = settled.people.read_bytes()
    settled.people.write_bytes(good.replace("ā".encode(), b"\xff\xfe", 1))

    _refused(gallery, settled, "is not utf-8 text at line", "source.encoding")

    settled.people.write_bytes(good)
    _goes_on(gallery, settled)


@pytest.mark.parametrize(
    ("rest", "message"),
    [(b"", "has no header in its first row"), (b"id,userPrincipalName\n", "holds no rows")],
    ids=["no bytes", "no rows"],
)
def test_an_empty_file(gallery: Gallery, settled: Team, rest: bytes, message: str) -> None:
    """Nobody is taken for gone."""
    good = settled.people.read_bytes()
    settled.people.write_bytes(rest)

    _refused(gallery, settled, message)

    settled.people.write_bytes(good)
    _goes_on(gallery, settled)


def test_a_file_cut_off_in_the_middle(gallery: Gallery, settled: Team) -> None:
    """A row with fewer cells than columns is a sign of a torn export; nobody below it is taken for gone."""
    good = settled.people.read_bytes()
    settled.people.write_bytes(good[: len(good) // 2])
    before = settled.app.server.state()

    answer = gallery("run", "desk", "--once")

    assert answer.exit_code == 1, answer.stdout
    assert settled.app.server.state() == before


def test_a_file_that_is_gone(gallery: Gallery, settled: Team) -> None:
    """Its whole path is said."""
    settled.people.unlink()

    _refused(gallery, settled, "people.csv: there is no such file")


def test_a_source_that_shrank_to_nothing(gallery: Gallery, settled: Team) -> None:
    """The cycle stops before the first person is disabled; the plan shows it and warns."""
    rows = settled.rows()
    settled.write(rows[:1])

    _refused(gallery, settled, "would be deprovisioned", "--allow-deprovision", commands=(("run", "desk", "--once"),))
    assert "would be deprovisioned" in gallery("plan", "desk").stderr

    settled.write(rows)
    _goes_on(gallery, settled)


# -- the connection --------------------------------------------------------------------------------------


def test_a_wrong_address_on_the_right_host(gallery: Gallery, settled: Team) -> None:
    """The place where SCIM does answer is found and named."""
    settled.point_at(f"{settled.app.served.url}/nowhere")

    _refused(gallery, settled, "404", commands=CONNECTING)

    assert settled.app.url in gallery("test", "desk").stderr


@pytest.mark.parametrize(
    ("url", "message"),
    [("http://app.example.com/scim", "https"), ("app.example.com", "URL"), ("https://", "URL")],
    ids=["plain http", "no scheme", "no host"],
)
def test_an_address_that_is_none(gallery: Gallery, settled: Team, url: str, message: str) -> None:
    """Refused before anything is sent."""
    settled.point_at(url)

    for words in COMMANDS:
        answer = gallery(*words)
        assert answer.exit_code in (1, 2)
        assert message in answer.stderr


def test_nobody_at_the_address(gallery: Gallery, settled: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said within the tries of the transport; waiting is cut short here."""
    settled.app.served.stop()
    _hurry(monkeypatch)

    for words in COMMANDS:
        answer = gallery(*words)
        assert answer.exit_code == 1
        assert "Next: " in answer.stderr


def test_a_wrong_token(gallery: Gallery, settled: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app's refusal, and that the credential has to be renewed; the token is nowhere to be seen."""
    monkeypatch.setenv("DESK_TOKEN", "wrong-token-9876543210")

    _refused(gallery, settled, "401", "renew it", commands=CONNECTING)
    assert "wrong-token" not in gallery("test", "desk").output
    assert "quarantine" in gallery("status", "desk").stdout

    monkeypatch.setenv("DESK_TOKEN", "right-token-0123456789")
    _goes_on(gallery, settled)


def test_a_secret_that_is_not_there(gallery: Gallery, settled: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, and how to set it."""
    monkeypatch.delenv("DESK_TOKEN")

    _refused(gallery, settled, "'DESK_TOKEN' is not set", "export DESK_TOKEN=...")


def test_a_certificate_that_nobody_trusts(gallery: Gallery, settled: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent over such a connection."""
    _hurry(monkeypatch)
    with _untrusted_server() as (port, asked):
        settled.point_at(f"https://localhost:{port}/scim/v2")

        _refused(gallery, settled, "no trusted connection", "nothing was sent")

    assert asked == []


def test_a_page_of_html_instead_of_scim(gallery: Gallery, settled: Team) -> None:
    """A sign-in page or a proxy: said to be HTML, and never taken for an empty list."""
    settled.app.server.faults.add(Fault("html", status=200))

    _refused(gallery, settled, "HTML", commands=CONNECTING)

    settled.app.server.faults.clear()
    _goes_on(gallery, settled)


# -- plans, manifests, configuration ---------------------------------------------------------------------


@pytest.mark.parametrize("change", ["source", "configuration", "cycle"])
def test_a_stale_plan(gallery: Gallery, team: Team, change: str) -> None:
    """Whatever changed since is named, and nothing is done."""
    gallery("plan", "desk", "--out", "old.plan")
    rows = team.rows()
    if change == "source":
        rows[0]["jobTitle"] = "Changed"
        team.write(rows)
    elif change == "configuration":
        team.configure('\n[[scope.user]]\nclauses = ["department EQUALS Sales"]\n')
    else:
        gallery("provision", "desk", "--user", rows[0]["id"])
    words = {"source": "the source changed", "configuration": "configuration changed", "cycle": "another cycle ran"}

    _refused(gallery, team, words[change], "gallery plan", status=2, commands=(("apply", "old.plan"),))


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"not json\n", b'{"type": "gallery-plan", "schema": 99}\n'], ids=repr
)
def test_a_file_that_is_no_plan(gallery: Gallery, team: Team, content: bytes) -> None:
    """Refused with status 2, as a file that is not there."""
    (team.folder / "odd.plan").write_bytes(content)

    _refused(gallery, team, "plan", status=2, commands=(("apply", "odd.plan"), ("apply", "absent.plan")))


def test_a_damaged_plan_names_the_line(gallery: Gallery, team: Team) -> None:
    """Half of an action is not carried out."""
    gallery("plan", "desk", "--out", "cut.plan")
    path = team.folder / "cut.plan"
    path.write_bytes(path.read_bytes()[:-20])

    _refused(gallery, team, "line 33", status=2, commands=(("apply", "cut.plan"),))


def test_a_manifest_with_an_unknown_quirk(gallery: Gallery, workspace: Path, install: Callable[..., Path]) -> None:
    """File, path, the nearest known one; from `check` as an error found, from all other commands as one of usage."""
    text = MANIFEST.format(slug="odd", name="Odd") + '\n[[quirk]]\nid = "members.max_per_requst"\nvalue = 100\n'
    path = install("odd", text)

    checked = gallery("check", str(path))
    shown = gallery("show", "odd")
    diagnosed = gallery("doctor")

    assert (checked.exit_code, shown.exit_code, diagnosed.exit_code) == (1, 2, 1)
    for said in (checked.stderr, shown.stderr, diagnosed.stdout):
        assert "quirk[0]" in said
        assert "'members.max_per_requst' is not a known quirk" in said
        assert "Did you mean 'members.max_per_request'" in said


def test_an_app_file_with_several_mistakes_names_all(gallery: Gallery, team: Team) -> None:
    """Unknown field, unreadable clause, a secret written out: status 2, the secret not shown."""
    path = team.folder / "apps" / "desk.toml"
    text = path.read_text().replace("env:DESK_TOKEN", "xoxp-written-out-secret")
    path.write_text(f'colour = "red"\n{text}\n[[scope.user]]\nclauses = ["department IS"]\n')

    _refused(gallery, team, "colour", "scope.user[0].clauses[0]", "must not be written here", status=2)
    assert "xoxp" not in gallery("test", "desk").output


def test_another_process_runs_the_job(gallery: Gallery, team: Team) -> None:
    """Two cycles of one app never run at once."""
    from gallery_sdk.apps import Workspace
    from gallery_sdk.store import job_lock

    with job_lock(Workspace(team.folder).lock_folder, "desk"):
        _refused(gallery, team, "desk", commands=(("run", "desk", "--once"), ("restart", "desk", "--yes")))


# -- helpers ---------------------------------------------------------------------------------------------


def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the transport's waits between tries pass at once."""
    from gallery_sdk.transport import RetryPolicy

    monkeypatch.setattr(RetryPolicy, "backoff_seconds", lambda *_: 0.0)


@contextmanager
def _untrusted_server() -> Iterator[tuple[int, list[str]]]:
    """An HTTPS server whose certificate no system trusts; it notes the paths that it is asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """A refused handshake is what is wanted."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            server.shutdown()
            thread.join()
