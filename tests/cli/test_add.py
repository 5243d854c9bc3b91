"""`gallery add`: by options, by questions, by URL alone; a secret is never written down."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.cli.asking import write_secret
from gallery_sdk.errors import UsageError
from gallery_sdk.testing import ScimServer, TwinBehaviour, serve

from .conftest import COMMAND, App, Gallery

Install = Callable[..., Path]


def _file(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / "apps" / f"{name}.toml").read_text())


def test_options_make_the_file(gallery: Gallery, workspace: Path, install: Install) -> None:
    """Settings by type, a method, references, a source; then what is next, missing secrets first."""
    install("acme")
    (workspace / "people.csv").write_text("employeeId,id,userPrincipalName\n1,a,ada@example.com\n")

    done = gallery(
        "add", "acme", "--name", "acme-prod", "--set", "region=eu", "--set", "guests=yes", "--set", "seats=12",
        "--set", "token=env:ACME_TOKEN", "--source", "people.csv",
    )  # fmt: skip

    assert done.exit_code == 0, done.stderr
    assert _file(workspace, "acme-prod") == {
        "connector": "acme",
        "settings": {"region": "eu", "guests": True, "seats": 12},
        "auth": {"method": "token", "token": "env:ACME_TOKEN"},
        "source": {"kind": "csv", "users": "people.csv", "key": "id"},
    }
    assert "Wrote apps/acme-prod.toml." in done.stdout
    assert "Next: set ACME_TOKEN in the environment: export ACME_TOKEN=..." in done.stdout
    assert "`gallery test acme-prod`" in done.stdout


def test_everything_missing_is_listed_at_once_with_its_option(
    gallery: Gallery, workspace: Path, install: Install
) -> None:
    """Where nobody can be asked, one error holds the whole rest of the command; nothing is written."""
    install("acme")

    answer = gallery("add", "acme", stdin="")

    assert answer.exit_code == 2
    assert "missing: name, Region, Token, people" in answer.stderr
    assert "Add --name acme-prod --set region=eu --set token=env:ACME_TOKEN --source people.csv" in answer.stderr
    assert not list((workspace / "apps").glob("*"))


def test_a_secret_itself_is_refused_and_not_repeated(gallery: Gallery, workspace: Path, install: Install) -> None:
    """Neither the file nor the message holds it."""
    install("acme")

    answer = gallery(
        "add", "acme", "--name", "a", "--set", "region=eu", "--set", "token=xoxp-secret-1234567", "--source", "p.csv"
    )

    assert answer.exit_code == 2
    assert "must not be written here" in answer.stderr
    assert "xoxp-secret" not in answer.stderr + answer.stdout
    assert not list((workspace / "apps").glob("*"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--set", "regoin=eu"), "Did you mean 'region'"),
        (("--set", "region=mars"), "'mars' is not a choice"),
        (("--set", "region=eu", "--set", "seats=many"), "not a whole number"),
        (("--set", "region=eu", "--set", "guests=perhaps"), "not true or false"),
        (("--set", "region=eu", "--auth", "passwrod"), "Did you mean 'password'"),
        (("--set", "region"), "key=value"),
    ],
    ids=["unknown", "choice", "integer", "boolean", "method", "form"],
)
def test_an_answer_that_does_not_fit_is_refused(
    gallery: Gallery, workspace: Path, install: Install, words: tuple[str, ...], message: str
) -> None:
    """With the value, the place and the next step; nothing is written."""
    install("acme")

    answer = gallery("add", "acme", "--name", "a", "--set", "token=env:T", "--source", "p.csv", *words)

    assert answer.exit_code == 2
    assert message in answer.stderr
    assert not list((workspace / "apps").glob("*"))


@pytest.mark.parametrize(
    ("form", "given"),
    [("xoxp-secret-1234567", "--set"), ("tokn=xoxp-secret-1234567", "--set"), ("region=xoxp-secret-1234567", "region")],
    ids=["without a name", "misspelt name", "another input"],
)
def test_a_secret_given_in_a_wrong_place_is_not_repeated(
    gallery: Gallery, workspace: Path, install: Install, form: str, given: str
) -> None:
    """Whatever is wrong with it, the message names the option and not what was typed."""
    install("acme")

    answer = gallery(
        "add", "acme", "--name", "a", "--set", "token=env:T", "--set", "region=eu", "--source", "p.csv", "--set", form
    )

    assert answer.exit_code == 2
    assert given in answer.stderr
    assert "xoxp-secret" not in answer.stderr + answer.stdout


def test_the_place_of_a_secret_is_said_as_the_option_to_give(
    gallery: Gallery, workspace: Path, install: Install
) -> None:
    """Word for word, with the variable that the app's name leads to."""
    install("acme")

    answer = gallery(
        "add", "acme", "--name", "my-app", "--set", "region=eu", "--set", "token=s3cret", "--source", "p.csv"
    )

    assert "give --set token=env:MY_APP_TOKEN (or file:…, keyring:…)" in answer.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("acme", "--set", "region=eu", "--url", "notaurl"), "'notaurl' is not an absolute https URL"),
        (("acme", "--set", "region=eu", "--url", "https://example.com"), "acme has a fixed address"),
        (("scim", "--url", "notaurl"), "'notaurl' is not a URL"),
        (("--url", "http://app.example.com/scim"), "would send credentials unencrypted"),
        (("scim", "--set", "url=http://app.example.com"), "would send credentials unencrypted"),
    ],
    ids=["no url", "another machine", "no url, asked for", "plain http", "as an input"],
)
def test_an_address_that_must_not_be_used_is_refused(
    gallery: Gallery, workspace: Path, install: Install, words: tuple[str, ...], message: str
) -> None:
    """By connectors that ask for one and by those that have their own; nothing is written."""
    install("acme")

    answer = gallery("add", *words, "--name", "a", "--set", "token=env:T", "--source", "p.csv")

    assert answer.exit_code == 2
    assert message in answer.stderr
    assert "Next: " in answer.stderr
    assert not list((workspace / "apps").glob("*"))


def test_an_app_is_replaced_only_by_force(gallery: Gallery, workspace: Path, install: Install) -> None:
    """The first one stays as it is."""
    install("acme")
    words = ("add", "acme", "--name", "a", "--set", "token=env:T", "--source", "p.csv", "--set")
    gallery(*words, "region=eu")

    refused = gallery(*words, "region=us")
    assert refused.exit_code == 2
    assert _file(workspace, "a")["settings"]["region"] == "eu"

    assert gallery(*words, "region=us", "--force").exit_code == 0
    assert _file(workspace, "a")["settings"]["region"] == "us"


def test_a_url_alone_is_taken_by_the_generic_connector(gallery: Gallery, workspace: Path, app: App) -> None:
    """Its discovery documents are read; what it declares beyond the usual is proposed, and off."""
    done = gallery("add", "--url", app.url, "--name", "desk", "--set", "token=env:DESK_TOKEN", "--source", "p.csv")

    assert done.exit_code == 0, done.stderr
    assert "describes itself: ServiceProviderConfig, Schemas, ResourceTypes" in done.stdout
    written = _file(workspace, "desk")
    assert (written["connector"], written["url"]) == ("scim", app.url)
    extras = {one["target"].rpartition(":")[2]: one for one in written["mapping"]["user"]}
    assert extras["costCenter"]["enabled"] is False
    assert gallery("mappings", "desk").exit_code == 0


def test_a_server_without_discovery_gets_the_usual_mappings(gallery: Gallery, workspace: Path) -> None:
    """It is said, and nothing is proposed beyond them."""
    server = ScimServer(TwinBehaviour(base_path="/scim", discovery=False, tokens={"right-token-0123456789": "admin"}))
    with serve(server) as served:
        done = gallery(
            "add", "--url", f"{served.url}/scim", "--name", "desk", "--set", "token=env:DESK_TOKEN", "--source", "p.csv"
        )

    assert done.exit_code == 0
    assert "serves no discovery documents" in done.stdout
    assert "mapping" not in _file(workspace, "desk")


def test_an_app_that_cannot_be_asked_yet_is_added_all_the_same(
    gallery: Gallery, workspace: Path, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret is not there yet: the usual mappings stand, and that is said."""
    monkeypatch.delenv("DESK_TOKEN")

    done = gallery("add", "--url", app.url, "--name", "desk", "--set", "token=env:DESK_TOKEN", "--source", "p.csv")

    assert done.exit_code == 0
    assert "the usual mappings stand" in done.stderr
    assert _file(workspace, "desk")["connector"] == "scim"


def test_neither_connector_nor_url_is_wrong_usage(gallery: Gallery, workspace: Path) -> None:
    """The way to find one is named."""
    answer = gallery("add", "--name", "a")

    assert answer.exit_code == 2
    assert "gallery search" in answer.stderr


def test_a_secret_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 0600 from the first instant; an existing file is never replaced."""
    path = tmp_path / "deep" / "token"

    write_secret(path, "s3cret")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "s3cret\n"
    with pytest.raises(UsageError):
        write_secret(path, "other")


def _typed(words: list[str], answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run a command on a terminal and answer each question once it is asked; status and screen."""
    master, slave = pty.openpty()
    screen, place = "", 0

    def read() -> bool:
        """More of the screen; False when the command has ended, or asks something that nobody answers."""
        nonlocal screen
        ready, _, _ = select.select([master], [], [], 15)
        try:
            more = os.read(master, 4096) if ready else b""
        except OSError:  # the terminal was closed from the other side
            more = b""
        screen += more.decode(errors="replace")
        return bool(more)

    with subprocess.Popen([*COMMAND, *words], stdin=slave, stdout=slave, stderr=slave, close_fds=True) as running:
        os.close(slave)
        try:
            for question, answer in answers:
                while question not in screen[place:]:
                    assert read(), f"{question!r} was never asked: {screen}"
                place = screen.index(question, place) + len(question)
                os.write(master, f"{answer}\n".encode())
            while read():
                pass
            running.terminate()  # ended already, unless it still asks
        finally:
            running.kill()
            os.close(master)
    return running.returncode, screen


def test_on_a_terminal_it_asks_and_explains(workspace: Path, install: Install, tmp_path: Path) -> None:
    """One question after the other, each with where to find it; the secret goes into a file unseen."""
    install("acme")
    (workspace / "people.csv").write_text("id,userPrincipalName\na,ada@example.com\n")
    secret = tmp_path / "secrets" / "acme"

    status, screen = _typed(
        ["add", "acme"],
        [
            ("Name of the app here", "acme-prod"),
            ("Region", "eu"),
            ("Provision guests", "perhaps"),
            ("not true or false", ""),
            ("Seats", ""),
            ("How to sign in", ""),
            ("where is it kept?", "file"),
            ("Path of the file", str(workspace / "token")),
            ("is for version control", str(tmp_path)),
            ("this is a folder", str(secret)),
            ("not shown", "s3cret-token-value"),
            ("File of people", ""),
        ],
    )

    assert status == 0, screen
    assert "1. Make a token" in screen
    assert "Shown on the billing page." in screen
    assert "s3cret-token-value" not in screen
    assert secret.read_text() == "s3cret-token-value\n"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert _file(workspace, "acme-prod") == {
        "connector": "acme",
        "settings": {"region": "eu"},
        "auth": {"method": "token", "token": f"file:{secret}"},
        "source": {"kind": "csv", "users": "people.csv", "key": "id"},
    }


def test_a_secret_pasted_at_a_wrong_question_is_neither_stored_nor_repeated(workspace: Path, install: Install) -> None:
    """The terminal shows what is typed, and that is all: each question is asked again, and the file names a place."""
    install("acme")
    (workspace / "people.csv").write_text("id,userPrincipalName\na,ada@example.com\n")
    pasted = "xoxp-s3cret-token-value"

    status, screen = _typed(
        ["add", "acme", "--name", "3m-prod", "--set", "region=eu", "--set", "guests=no", "--set", "seats=5"],
        [
            ("How to sign in", "token"),
            ("where is it kept?", pasted),
            ("where is it kept?", "env"),
            ("Name of the variable", pasted),
            ("Name of the variable", ""),
            ("File of people", ""),
        ],
    )

    assert status == 0, screen
    assert screen.count(pasted) == 2  # as typed
    assert _file(workspace, "3m-prod")["auth"] == {"method": "token", "token": "env:_3M_PROD_TOKEN"}


def test_on_a_terminal_it_asks_for_the_key_that_a_file_does_not_show(workspace: Path, install: Install) -> None:
    """The column that looks like a usual key is proposed; another name of none is not taken."""
    install("acme")
    (workspace / "people.csv").write_text("Number,userPrincipalName,Employee ID\n1,ada@example.com,7\n")
    words = [
        "add",
        "acme",
        "--name",
        "a",
        "--set",
        "region=eu",
        "--set",
        "token=env:DESK_TOKEN",
        "--source",
        "people.csv",
    ]

    status, screen = _typed(
        [*words, "--auth", "token"],
        [("Provision guests", ""), ("Seats", ""), ("never changes for a person", "nokey"), ("is not one of", "")],
    )

    assert status == 0, screen
    assert _file(workspace, "a")["source"]["key"] == "Employee ID"


def test_sign_in_is_for_apps_that_want_a_person(gallery: Gallery, workspace: Path, install: Install) -> None:
    """An app that signs in by itself says so."""
    install("acme")
    gallery("add", "acme", "--name", "a", "--set", "token=env:T", "--source", "p.csv", "--set", "region=eu")

    answer = gallery("sign-in", "a")

    assert answer.exit_code == 2
    assert "signs in by itself (token)" in answer.stderr
