"""Finding connectors, looking at apps, checking manifests: every listing also as one JSON document."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gallery_sdk.catalog.stored import HOW_TO_GET, NONE_KEPT

from .conftest import MANIFEST, Gallery, Team

Install = Callable[..., Path]


def test_init_makes_a_workspace_and_says_what_is_next(gallery: Gallery, tmp_path: Path) -> None:
    """A folder that is none yet; a second time is refused with the place."""
    done = gallery("init", str(tmp_path / "new"))
    again = gallery("init", str(tmp_path / "new"))

    assert done.exit_code == 0
    assert (tmp_path / "new" / "gallery.toml").is_file()
    assert "gallery add" in done.stdout
    assert again.exit_code == 2


def test_search_finds_by_name_keyword_and_misspelling(gallery: Gallery, install: Install) -> None:
    """The best answer first; a table for people, a document for programs."""
    install("acme")

    for query in ("acme", "acm", "akme", "chat", "collaboration"):
        found = json.loads(gallery("search", query, "--json").stdout)
        assert found[0]["slug"] == "acme", query
    assert set(found[0]) == {
        "slug", "name", "version", "status", "summary", "vendor", "tier", "categories", "keywords", "aliases", "auth",
        "capabilities", "transport", "installed", "withdrawn",
    }  # fmt: skip
    shown = gallery("search", "acme").stdout.splitlines()
    assert shown[0].split() == ["CONNECTOR", "NAME", "VERSION", "TIER", "INSTALLED", "SUMMARY"]
    assert shown[1].split()[:3] == ["acme", "Acme", "1.2.0"]


def test_a_search_without_an_answer_points_at_the_generic_connector(gallery: Gallery) -> None:
    """Nothing on stdout, and what can be done instead."""
    found = gallery("search", "zzzzzz")

    assert (found.exit_code, found.stdout) == (0, "")
    assert "gallery add --url" in found.stderr


@pytest.mark.parametrize(
    ("option", "value", "mend"),
    [
        ("--category", "nope", "Use one of analytics, "),
        ("--category", "colaboration", "Did you mean 'collaboration'? Use one of analytics, "),
        ("--auth", "bearer", "Did you mean 'bearer_token'? Use one of bearer_token, "),
        ("--auth", "oauth", "oauth2_client_credentials, oauth2_authorization_code, "),
        ("--can", "user:fly", "Use one of user:read, "),
        ("--can", "member", "group:delete or group:members"),
        ("--tier", "golden", "'gold'"),
        ("--protocol", "scim", "'scim2'"),
    ],
)
def test_a_search_refuses_what_no_connector_can_have(
    gallery: Gallery, install: Install, option: str, value: str, mend: str
) -> None:
    """With the values that there are; a slip is told from something that nobody has."""
    install("acme")

    found = gallery("search", option, value)

    assert (found.exit_code, found.stdout) == (2, "")
    assert option in found.stderr and repr(value) in found.stderr and mend in found.stderr


@pytest.mark.parametrize(
    "wish", ["--category=health", "--auth=jwt_self_signed", "--auth=jwt_bearer", "--can=user:password"]
)
def test_a_search_for_what_nobody_has_is_no_error(gallery: Gallery, install: Install, wish: str) -> None:
    """The word exists, and a connector may have it tomorrow."""
    install("acme")

    found = gallery("search", "acme", wish)

    assert (found.exit_code, found.stdout) == (0, "")
    assert "No connector answers to 'acme'" in found.stderr


def test_what_only_a_catalog_knows_is_said_to_be_missing(gallery: Gallery, install: Install) -> None:
    """Below lists for people, on stderr."""
    install("acme")

    for words in (("search", "acme"), ("list", "--installed")):
        listed, document = gallery(*words), gallery(*words, "--json")
        assert "-" in listed.stdout.split()
        assert listed.stderr == f"{NONE_KEPT}\n"
        assert document.stderr == "" and json.loads(document.stdout)


def test_show_says_what_a_connector_does_and_asks_for(gallery: Gallery, install: Install) -> None:
    """Inputs with their help, methods, set-up steps, mappings; and the whole manifest as JSON."""
    install("acme")

    shown = gallery("show", "acme").stdout
    document = json.loads(gallery("show", "acme", "--json").stdout)
    brief = gallery("show", "acme", "--brief").stdout
    mappings = gallery("show", "acme", "--mappings").stdout

    for words in ("eu | us, required", "Shown on the billing page.", "1. Make a token", "[jobTitle]", "matching 1"):
        assert words in shown
    assert document["slug"] == "acme"
    assert document["mapping"]["user"][0]["target"] == "userName"
    assert "Make a token" not in brief
    assert "SCIM 2.0" in {line.removeprefix("Protocol").strip() for line in brief.splitlines()}
    untitled = install("beta", MANIFEST.format(slug="beta", name="Beta").replace('title = "SCIM token"\n', ""))
    assert untitled.is_file() and "token  Bearer token, preferred" in gallery("show", "beta").stdout
    assert mappings.splitlines()[1].startswith("Users:")


def test_a_misspelt_connector_is_answered_with_the_nearest(gallery: Gallery, install: Install) -> None:
    """Status 2, since the command has to be typed differently."""
    install("acme")

    answer = gallery("show", "acmee")

    assert answer.exit_code == 2
    assert "Did you mean 'acme'" in answer.stderr


def test_list_shows_apps_and_those_with_problems(gallery: Gallery, team: Team) -> None:
    """A broken file is said and never hides the others; status 2."""
    good = gallery("list")
    (team.folder / "apps" / "odd.toml").write_text('connector = "scim"\n[source]\nkind = "csv"\nuser = "x"\n')

    shown = gallery("list")
    document = json.loads(gallery("list", "--json").stdout)

    assert good.exit_code == 0
    assert good.stdout.splitlines()[1].split() == ["desk", "scim", "csv", "people.csv,", "groups.csv", "40m"]
    assert shown.exit_code == 2
    assert "desk" in shown.stdout
    assert "odd.toml" in shown.stderr
    assert [one["app"] for one in document] == ["desk", "odd"]
    assert document[0]["problems"] == []
    assert document[1]["problems"]


def test_a_file_that_no_app_can_be_called_by_is_listed_and_warned_of(gallery: Gallery, team: Team) -> None:
    """It would do nothing, silently."""
    (team.folder / "apps" / "My App.toml").write_text('connector = "scim"\n')

    shown, document, looked = gallery("list"), json.loads(gallery("list", "--json").stdout), gallery("doctor")

    assert shown.exit_code == 2
    assert "desk" in shown.stdout
    assert "apps/My App.toml: 'My App' cannot be the name of an app" in shown.stderr
    assert [one["app"] for one in document] == ["desk", None]
    assert looked.exit_code == 0
    assert "apps/My App.toml" in looked.stdout


def test_status_tells_apart_what_never_ran_what_runs_and_what_cannot(gallery: Gallery, team: Team) -> None:
    """An app that cannot run is broken, whatever its last cycle did; the reason is said, and hides no other app."""
    good = (team.folder / "apps" / "desk.toml").read_text()
    for name, text in {
        "fresh": good,
        "odd": "connector = [[[",
        "field": good.replace("users", "usrs"),
        "gone": good.replace('"scim"', '"slakc"'),
    }.items():
        (team.folder / "apps" / f"{name}.toml").write_text(text)
    gallery("run", "desk", "--once")

    shown, document = gallery("status"), json.loads(gallery("status", "--json").stdout)
    one, fresh = gallery("status", "gone"), gallery("status", "fresh")

    words = {line.split("  ")[0].strip(): line.split("  ")[1:] for line in shown.stdout.splitlines()[1:]}
    states = {name: next(one.strip() for one in rest if one.strip()) for name, rest in words.items()}
    assert states == {"desk": "active", "fresh": "never run", "odd": "broken", "field": "broken", "gone": "broken"}
    assert {one["app"]: one["status"] for one in document} == {
        "desk": "active", "fresh": "never_run", "odd": "broken", "field": "broken", "gone": "broken"
    }  # fmt: skip
    assert {one["app"] for one in document if one["problems"]} == {"odd", "field", "gone"}
    for words_said in (
        "apps/odd.toml: is not TOML",
        "apps/field.toml, source.usrs",
        "apps/gone.toml, connector 'slakc': no such connector is installed",
    ):
        assert words_said in shown.stderr
    assert (shown.exit_code, one.exit_code, fresh.exit_code) == (2, 2, 0)
    assert one.stdout.startswith("gone  broken")
    assert "apps/gone.toml" in one.stderr
    assert "apps/odd.toml" not in one.stderr
    assert fresh.stdout.startswith("fresh  never run")


def test_a_plugins_scheme_of_secrets_is_known_to_every_command(
    gallery: Gallery, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference by it is neither a secret written out nor left unresolved."""
    info = tmp_path / "host" / "host_vault-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: host-vault\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gallery.plugins]\nvault = gallery_host_of_commands\n")
    (tmp_path / "host" / "gallery_host_of_commands.py").write_text(
        "from gallery_sdk.plugins import hookimpl\n"
        "@hookimpl\ndef gallery_secret_resolvers():\n    return {'deskvault': lambda rest: 'right-token-0123456789'}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "host"))
    path = team.folder / "apps" / "desk.toml"
    path.write_text(path.read_text().replace("env:DESK_TOKEN", "deskvault:desk"))

    added = gallery(
        "add", "--url", team.app.url, "--name", "two", "--set", "token=deskvault:two", "--source", "people.csv"
    )

    assert added.exit_code == 0, added.stderr
    for words in (("list",), ("status",), ("mappings", "two"), ("doctor",), ("test", "two")):
        answer = gallery(*words)
        assert answer.exit_code == 0, (words, answer.output)
    assert "secret token (deskvault:desk) resolves" in gallery("doctor").stdout


def test_outside_of_a_workspace_init_is_suggested(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of a workspace says so, with status 2."""
    monkeypatch.chdir(tmp_path)

    for words in (("list",), ("status",), ("run", "--once"), ("plan", "desk"), ("test", "desk"), ("log", "desk")):
        answer = gallery(*words)
        assert answer.exit_code == 2, words
        assert "gallery init" in answer.stderr


def test_a_misspelt_app_is_answered_with_the_nearest(gallery: Gallery, team: Team) -> None:
    """Status 2 and the name that was meant, in the same words whatever the command."""
    said = set()
    for words in (
        ("status", "deks"), ("log", "deks"), ("test", "deks"), ("run", "deks", "--once"), ("plan", "deks"),
        ("mappings", "deks"), ("provision", "deks", "--user", "1"), ("restart", "deks", "--yes"), ("sign-in", "deks"),
    ):  # fmt: skip
        answer = gallery(*words)
        assert answer.exit_code == 2, words
        said.add(answer.stderr)

    assert said == {"Error: apps/deks.toml: there is no app 'deks'\n  Next: Did you mean 'desk'\n"}


def test_mappings_show_default_and_result(gallery: Gallery, team: Team) -> None:
    """What the app's file changes is marked, the default below it."""
    team.configure('\n[[mapping.user]]\ntarget = "title"\nexpression = \'Coalesce([jobTitle], "Member")\'\n')

    lines = gallery("mappings", "desk").stdout.splitlines()
    changed = json.loads(gallery("mappings", "desk", "--changed", "--json").stdout)

    place = next(index for index, line in enumerate(lines) if line.startswith("~"))
    assert 'Coalesce([jobTitle], "Member")' in lines[place]
    assert "default: [jobTitle]" in lines[place + 1]
    assert any(line.startswith("=  userName") for line in lines)
    assert [one["target"] for one in changed["user"]] == ["title"]
    assert changed["user"][0]["default"]["source"] == "jobTitle"
    assert changed["user"][0]["result"]["expression"].startswith("Coalesce")
    assert changed["user"][0]["override"] == {"expression": 'Coalesce([jobTitle], "Member")', "source": None}


def test_mappings_that_nothing_changed_are_said_to_be_so(gallery: Gallery, team: Team) -> None:
    """Silence would look like a mistake."""
    shown = gallery("mappings", "desk", "--changed")

    assert "apps/desk.toml changes nothing: every mapping is as scim has it." in shown.stdout
    assert "changes nothing" not in gallery("mappings", "desk").stdout


def test_an_unknown_connector_is_only_answered_by_a_near_one(gallery: Gallery, install: Install) -> None:
    """A few letters in common are not enough; then a search is the next step."""
    install("acmeboard")

    for words in (("show", "acbd"), ("add", "acbd", "--name", "a")):
        answer = gallery(*words)
        assert "Did you mean" not in answer.stderr, words


def test_a_new_connector_that_was_not_installed_yet_is_told_from_an_unknown_one(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its author is told how; anybody else that a catalog is needed, and who names its address."""
    monkeypatch.chdir(tmp_path)
    gallery("new", "aviary")

    answers = [gallery(command, "aviary") for command in ("show", "twin", "demo", "record")]
    unknown = gallery("show", "zebra-finches")

    assert {answer.exit_code for answer in answers} == {2}
    assert all("pip install -e './aviary[test]'" in answer.stderr for answer in answers)
    assert f"after {HOW_TO_GET}" in unknown.stderr


def test_check_prints_each_problem_with_its_place(gallery: Gallery, tmp_path: Path) -> None:
    """Nothing wrong: 0. An error: 1, with file, path and the next step."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    text = MANIFEST.format(slug="acme", name="Acme")
    good.write_text(text)
    bad.write_text(text.replace('source = "jobTitle"', "expression = 'Jion([a])'"))

    fine = gallery("check", str(good))
    broken = gallery("check", str(good), str(bad))
    document = json.loads(gallery("check", str(bad), "--json").stdout)["problems"]

    assert fine.exit_code == 0
    assert "0 errors" in fine.stdout
    assert broken.exit_code == 1
    assert f"{bad}, mapping.user[1]" in broken.stderr
    assert "Did you mean Join" in broken.stderr
    assert [one["severity"] for one in document if one["severity"] == "error"] == ["error"]
    assert set(document[0]) == {"where", "what", "mend", "severity"}


def test_the_schema_is_one_for_editors(gallery: Gallery) -> None:
    """JSON Schema, and only for what there is one."""
    document = json.loads(gallery("schema", "manifest").stdout)

    assert document["$schema"].startswith("https://json-schema.org/")
    assert "slug" in document["properties"]
    assert "source" in json.loads(gallery("schema", "app").stdout)["properties"]
    assert gallery("schema", "nothing").exit_code == 2


def test_doctor_finds_nothing_in_a_good_workspace(gallery: Gallery, team: Team) -> None:
    """Everything that it looked at is listed, and it sends nothing."""
    shown = gallery("doctor")
    document = json.loads(gallery("doctor", "--json").stdout)

    assert shown.exit_code == 0, shown.stdout
    assert "secret token (env:DESK_TOKEN) resolves" in shown.stdout
    assert "right-token" not in shown.stdout
    assert {one["state"] for one in document} <= {"ok", "note"}
    assert set(document[0]) == {"area", "state", "what", "mend"}
    assert team.app.server.stats.requests == 0


def test_doctor_says_what_is_broken_and_how_to_mend_it(
    gallery: Gallery, team: Team, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken connector, a missing secret, a missing file, a damaged state, a damaged cache: all in one go."""
    install("broken", "slug = 1\n")
    monkeypatch.delenv("DESK_TOKEN")
    (team.folder / "people.csv").unlink()
    (team.folder / ".gallery").mkdir(exist_ok=True)
    (team.folder / ".gallery" / "state.db").write_bytes(b"this is no database, however long it may be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(team.folder.parent / "cache"))
    cache = team.folder.parent / "cache" / "gallery"
    cache.mkdir(parents=True)
    (cache / "connectors-00000000.json").write_text("{")

    shown = gallery("doctor")

    assert shown.exit_code == 1
    for words in (
        "broken (distribution gallery-connector-broken 1.2.0)",
        "secret token (env:DESK_TOKEN) does not resolve",
        "people.csv",
        "state.db",
        "connectors-00000000.json is damaged",
        "Next: Set it: export DESK_TOKEN=...",
    ):
        assert words in shown.stdout, words


def test_doctor_looks_at_the_whole_state(gallery: Gallery, team: Team) -> None:
    """A database that opens and is damaged further inside is not called well."""
    gallery("run", "desk", "--once")
    path = team.folder / ".gallery" / "state.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("select rootpage from sqlite_master where name = 'object'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xaa" * size
    path.write_bytes(content)

    shown = gallery("doctor")

    assert shown.exit_code == 1
    assert "the state database is damaged" in shown.stdout
    assert "accounts are matched anew" in shown.stdout


def test_doctor_warns_of_a_secret_that_others_can_read(gallery: Gallery, team: Team, tmp_path: Path) -> None:
    """It works, and should be mended."""
    secret = tmp_path / "token"
    secret.write_text("right-token-0123456789")
    secret.chmod(0o644)
    path = team.folder / "apps" / "desk.toml"
    path.write_text(path.read_text().replace("env:DESK_TOKEN", f"file:{secret}"))

    shown = gallery("doctor")

    assert shown.exit_code == 0
    assert "other users of this machine can read the file" in shown.stdout
    assert "chmod 600" in shown.stdout
