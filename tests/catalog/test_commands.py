"""The commands as they are typed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gallery_sdk.apps import create_workspace
from gallery_sdk.cli.root import cli

from .conftest import Index, Keys, Repository, Room, Server, Wheel, manifest_text

Gallery = Callable[..., Result]
TODAY = date.today().isoformat()


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gallery:
    """`gallery(word, ...)`: run a command in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def test_from_a_folder_to_an_installed_connector(
    gallery: Gallery, repository: Repository, keys: Keys, server: Server, index: Index, room: Room, tmp_path: Path
) -> None:
    """Published by one, found, looked at, installed and upgraded by another."""
    out, root = tmp_path / "out", ("--root", repository.root)
    old, new = Wheel("acme"), Wheel("acme", version="1.1.0", manifest=_second_manifest())
    index.offer(old, new)
    repository.outside("acme", old)
    repository.connector("slack")
    repository.head(date=TODAY)
    where = ("--python", room.python, "--index-url", f"{index.url}/simple/")
    steps = [gallery("catalog", "build", *root, "--out", out), gallery("catalog", "build", *root, "--check")]
    steps += [gallery("catalog", "sign", out, "--key", keys.private())]
    steps += [gallery("catalog", "verify", out, "--key", keys.public_path())]
    _serve(server, out)

    steps += [gallery("catalog", "update", server.url, "--key", keys.public_path(), "--details")]
    found = json.loads(gallery("search", "acm", "--json").stdout)
    compared = gallery("compare", "acme", "slack")
    shown = gallery("show", "acme")
    create_workspace(Path.cwd())
    steps += [gallery("install", "acme", *where)]
    _add_app()
    (repository.root / "registry" / "packages.toml").unlink()
    repository.outside("acme", new, old)
    steps += [gallery("catalog", "build", *root, "--out", out, "--bump", "--date", TODAY)]
    steps += [gallery("catalog", "sign", out, "--key", keys.private())]
    _serve(server, out)
    steps += [gallery("catalog", "update")]
    looked = gallery("upgrade", "--dry-run", *where)
    remembered = [Path("apps/defaults").exists()]
    steps += [gallery("upgrade", *where, "--json")]
    remembered += ['version = "1.0.0"' in Path("apps/defaults/acme-prod.toml").read_text()]
    refused = gallery("remove", "acme", "--python", room.python)
    steps += [gallery("remove", "acme", "--force", "--python", room.python)]

    assert [step.exit_code for step in steps] == [0] * len(steps), [step.output for step in steps if step.exit_code]
    assert found[0]["slug"] == "acme" and found[0]["version"] == "1.0.0"
    assert "Alike in" in compared.stdout and "Acme Inc." in compared.stdout
    assert "Next: `gallery install acme`, then" in shown.stdout
    assert "acme would go from 1.0.0 to 1.1.0" in looked.stdout
    assert "minor: mapping.user[title]: a mapping is new" in looked.stdout
    assert "the connector maps 'title' itself now" in looked.stderr
    assert remembered == [False, True], "what overrides are written against, until somebody has decided"
    assert refused.exit_code == 2 and "acme-prod" in refused.stderr
    assert "schema = 1" in Path("gallery.lock").read_text()


def _second_manifest() -> str:
    text = manifest_text("acme", version="1.1.0")
    return text.replace("[[quirk]]", '[[mapping.user]]\ntarget = "title"\nsource = "role"\n[[quirk]]')


def _add_app() -> None:
    Path("apps/acme-prod.toml").write_text(
        'connector = "acme"\n[source]\nkind = "csv"\nusers = "people.csv"\n'
        '[[mapping.user]]\ntarget = "title"\nsource = "jobTitle"\n'
    )


def _serve(server: Server, folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            server.files[f"/{path.relative_to(folder).as_posix()}"] = path.read_bytes()


def test_a_connector_is_shown_with_its_tier_and_what_keeps_it_from_the_next(
    gallery: Gallery, repository: Repository, tmp_path: Path
) -> None:
    """From the catalog's kept details, with no request; one that nobody could grade says so."""
    out = tmp_path / "out"
    repository.connector("globex")
    repository.outside("acme", Wheel("acme"))
    repository.head(date=TODAY)
    gallery("catalog", "build", "--root", repository.root, "--out", out)
    gallery("catalog", "update", out, "--unsigned", "--details")
    shutil.rmtree(out)

    shown = gallery("show", "globex")
    document = json.loads(gallery("show", "globex", "--json").stdout)
    brief = gallery("show", "globex", "--brief")
    outside = gallery("show", "acme")

    assert "Tier  draft  (" in shown.stdout and "What keeps it from bronze:" in shown.stdout
    assert "T01  nobody has acted it: run `gallery check --contract`" in shown.stdout
    assert document["tier"]["tier"] == "draft"
    assert {one["id"] for one in document["tier"]["rules"] if one["status"] == "failed"} >= {"T01", "P01"}
    assert "Tier           draft" in brief.stdout and "T01" not in brief.stdout
    assert "not known here" in outside.stdout


def test_a_build_with_a_problem_ends_with_status_1(gallery: Gallery, repository: Repository) -> None:
    """The others are written all the same, and the problem says where it is."""
    repository.connector("slack")
    (repository.connector("acme") / "pyproject.toml").unlink()

    done = gallery("catalog", "build", "--root", repository.root)

    assert done.exit_code == 1
    assert "connectors/acme: there is no pyproject.toml" in done.stderr
    assert "slack" in (repository.root / "catalog.json").read_text()


def test_a_stale_catalog_fails_the_check_and_is_left_as_it_is(gallery: Gallery, repository: Repository) -> None:
    """For continuous integration."""
    repository.connector("slack")
    path = repository.root / "catalog.json"
    path.write_text("{}")

    done = gallery("catalog", "build", "--check", "--root", repository.root)

    assert done.exit_code == 1 and "gallery catalog build" in done.stderr
    assert path.read_text() == "{}"


def test_installing_says_why_newer_versions_are_passed_over(
    gallery: Gallery, repository: Repository, keys: Keys, index: Index, room: Room, tmp_path: Path
) -> None:
    """On stderr; and a look-alike, an unknown name and a missing word are refused."""
    newer, older = Wheel("acme", version="2.0.0", requires_sdk=">=9"), Wheel("acme")
    index.offer(newer, older)
    repository.outside("acme", newer, older)
    repository.head(date=TODAY)
    out = tmp_path / "out"
    gallery("catalog", "build", "--root", repository.root, "--out", out)
    gallery("catalog", "update", out, "--unsigned")
    where = ("--python", room.python, "--index-url", f"{index.url}/simple/")

    done = gallery("install", "acme", *where)
    near = gallery("install", "acmee", *where)
    nothing = gallery("install")
    again = gallery("install", "--locked", *where)
    unlocked = gallery("install", "slack", "--locked", *where)

    assert done.exit_code == 0 and "acme 1.0.0 installed" in done.stdout
    assert "acme 2.0.0 is passed over: it needs gallery-sdk >=9, and 0.4.0 is here" in done.stderr
    assert near.exit_code == 1 and "Did you mean 'acme'" in near.stderr
    assert nothing.exit_code == 2
    assert again.stdout == "acme 1.0.0 is installed already\n"
    assert unlocked.exit_code == 1 and "the lock does not name it" in unlocked.stderr


def test_a_misspelt_connector_is_answered_from_the_catalog_as_well(
    gallery: Gallery, repository: Repository, tmp_path: Path
) -> None:
    """What is only listed is as good an answer as what is installed; what has to be installed first is said."""
    out = tmp_path / "out"
    repository.connector("globex")
    repository.head(date=TODAY)
    gallery("catalog", "build", "--root", repository.root, "--out", out)
    gallery("catalog", "update", out, "--unsigned", "--details")
    gallery("init")

    shown, added = gallery("show", "globx"), gallery("add", "globx")
    exact, far = gallery("add", "globex"), gallery("show", "gex")

    assert (shown.exit_code, added.exit_code, exact.exit_code, far.exit_code) == (2, 2, 2, 2)
    assert shown.stderr.endswith("Next: Did you mean 'globex'\n")
    assert added.stderr.endswith("Next: Did you mean 'globex'? Then run `gallery install globex`\n")
    assert exact.stderr.endswith("Next: Run `gallery install globex`\n")
    assert far.stderr.endswith("Next: Find one with `gallery search`\n")


def test_a_withdrawn_version_that_is_installed_is_told_at_once(
    gallery: Gallery, repository: Repository, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update of the catalog is when a team learns of it."""
    site = tmp_path / "site"
    info = site / "gallery_connector_acme-1.0.0.dist-info"
    info.mkdir(parents=True)
    (site / "gallery_connector_acme").mkdir()
    (site / "gallery_connector_acme" / "connector.toml").write_text(manifest_text("acme"))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gallery-connector-acme\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text("[gallery.connectors]\nacme = gallery_sdk.plugins.declarative:connector\n")
    monkeypatch.syspath_prepend(str(site))
    entry = (
        '[[withdrawn]]\nslug = "acme"\nversions = "<2"\nseverity = "critical"\nreason = "leaks"\nsince = 2027-01-01\n'
    )
    repository.head(date=TODAY, more=entry)
    out = tmp_path / "out"
    gallery("catalog", "build", "--root", repository.root, "--out", out)

    done = gallery("catalog", "update", out, "--unsigned")
    rows = {row["slug"]: row for row in json.loads(gallery("list", "--installed", "--json").stdout)}

    assert done.exit_code == 0
    assert (rows["acme"]["version"], rows["acme"]["remark"]) == ("1.0.0", "withdrawn: leaks")
    assert "version 1.0.0 is withdrawn: leaks" in done.stderr
    assert "gallery upgrade acme" in done.stderr


def test_keys_are_made_trusted_and_given_up(gallery: Gallery) -> None:
    """Without a word it shows which are trusted."""
    made = gallery("catalog", "keygen", "mine")
    name = made.stdout.split()[1]

    assert gallery("catalog", "trust").stdout == ""
    assert gallery("catalog", "trust", "mine.pub.pem").stdout == f"Trusted: {name}\n"
    assert gallery("catalog", "trust").stdout == f"{name}\n"
    assert gallery("catalog", "trust", "--remove", name[:8]).exit_code == 0
    assert gallery("catalog", "trust").stdout == ""


def test_a_key_that_others_can_read_signs_with_a_warning(gallery: Gallery, repository: Repository) -> None:
    """As ssh would refuse it; one that was just made is for its owner alone."""
    gallery("catalog", "keygen", "mine")
    gallery("catalog", "build", "--root", repository.root, "--out", "out")

    close = gallery("catalog", "sign", "out", "--key", "mine.key.pem")
    Path("mine.key.pem").chmod(0o640)
    loose = gallery("catalog", "sign", "out", "--key", "mine.key.pem")

    assert (close.exit_code, close.stderr) == (0, "")
    assert loose.exit_code == 0
    assert "Warning: mine.key.pem: other users of this machine can read the file" in loose.stderr
    assert "chmod 600 mine.key.pem" in loose.stderr


def test_a_key_is_trusted_once_it_has_proved_itself(gallery: Gallery, repository: Repository) -> None:
    """The key of somebody else leaves nothing behind, one that was trusted before stays."""
    repository.head(date=TODAY)
    gallery("catalog", "keygen", "mine")
    gallery("catalog", "keygen", "other")
    gallery("catalog", "build", "--root", repository.root, "--out", "out")
    gallery("catalog", "sign", "out", "--key", "mine.key.pem")

    refused = gallery("catalog", "update", "out", "--key", "other.pub.pem")
    nobody = gallery("catalog", "trust").stdout
    taken = gallery("catalog", "update", "out", "--key", "mine.pub.pem")
    mine = gallery("catalog", "trust").stdout
    gone = gallery("catalog", "update", "nowhere", "--key", "mine.pub.pem")

    assert (refused.exit_code, nobody) == (1, "")
    assert taken.exit_code == 0 and mine
    assert gone.exit_code != 0
    assert gallery("catalog", "trust").stdout == mine


def test_a_version_check_and_a_migration_have_their_exit_status(gallery: Gallery, tmp_path: Path) -> None:
    """1 for what must be mended, 0 for what is right."""
    Path("old.toml").write_text(manifest_text("acme"))
    Path("new.toml").write_text(manifest_text("acme").replace("match = 1", "match = 2"))
    Path("draft.toml").write_text(
        'slug = "acme"\nname = "A"\nversion = "1"\n[transport]\nbase_url = "https://a.example"\n'
        'allowed_hosts = ["a.example"]\n[[schema.user.attribute]]\nname = "x"\n'
    )

    refused = gallery("semver-check", "old.toml", "new.toml")
    document = json.loads(gallery("semver-check", "old.toml", "new.toml", "--json").stdout)
    right = gallery("semver-check", "old.toml", "old.toml")
    checked = gallery("migrate", "--check", "draft.toml", "old.toml")
    migrated = gallery("migrate", "draft.toml")

    assert (refused.exit_code, right.exit_code, checked.exit_code, migrated.exit_code) == (1, 0, 1, 0)
    assert "major  mapping.user[userName].match: 1 is 2" in refused.stdout
    assert (document["needed"], document["least"]) == ("major", "2.0.0")
    assert Path("draft.toml").read_text().startswith("schema = 1\n")
    assert gallery("migrate", "--check", "draft.toml").exit_code == 0


def test_nothing_is_compared_with_what_is_not_there(gallery: Gallery) -> None:
    """One name is too few, and an unknown one leads to the nearest."""
    assert gallery("compare", "scim").exit_code == 2
    unknown = gallery("compare", "scim", "sci")
    assert unknown.exit_code == 2 and "Did you mean 'scim'" in unknown.stderr
