"""From a repository's own connectors to their readers: released, published whole or not at all, installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.models import parse_catalog
from gallery_sdk.catalog.registry import InvalidRegistryError
from gallery_sdk.cli.root import cli

from .conftest import Index, Keys, Repository, Room, Wheel

Gallery = Callable[..., Result]
TODAY = date.today().isoformat()


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gallery:
    """`gallery(word, ...)`: run a command in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def _files(root: Path) -> dict[str, str]:
    return {str(path): digest(path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()}


def test_readers_learn_the_index_of_a_repository_from_its_catalog(
    gallery: Gallery, repository: Repository, keys: Keys, index: Index, room: Room, tmp_path: Path
) -> None:
    """A bare `gallery install` finds the wheel; what is not released has no index."""
    out, dist, root = tmp_path / "out", tmp_path / "dist", ("--root", repository.root)
    repository.head(date=TODAY, more=f'index = "{index.url}/simple/"\n')
    repository.connector("acme")
    repository.connector("slack")
    steps = [gallery("catalog", "release", "acme", *root, "--out", dist)]
    (wheel,) = dist.iterdir()
    index.add("gallery-connector-acme", wheel.name, wheel.read_bytes())
    steps += [
        gallery("catalog", "build", *root, "--out", out),
        gallery("catalog", "sign", out, "--key", keys.private()),
    ]
    steps += [gallery("catalog", "update", out, "--key", keys.public_path())]

    done = gallery("install", "acme", "--python", room.python)

    assert [step.exit_code for step in [*steps, done]] == [0] * 5, [step.output for step in [*steps, done]]
    assert (room.site / "gallery_connector_acme" / "connector.toml").is_file()
    listed = parse_catalog((out / "catalog.json").read_bytes()).by_slug
    assert (listed["acme"].index, listed["slack"].index) == (f"{index.url}/simple/", None)


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("http://packages.example/simple", "is no https address"),
        ("file:///srv/wheels", "is no https address"),
        ("https://", "is no https address"),
        ("https://a.example --extra-index-url https://b.example", "is no https address"),
        ("https://ada:hunter2@packages.example/simple", "holds a user or a password"),
    ],
    ids=["plain http", "a path", "no host", "two words", "a password"],
)
@pytest.mark.parametrize("file", ["catalog.toml", "packages.toml"])
def test_an_index_that_is_published_is_https_and_holds_no_secret(
    repository: Repository, address: str, word: str, file: str
) -> None:
    """The repository's own as that of a package that is hosted elsewhere; the message repeats no password."""
    if file == "catalog.toml":
        repository.head(more=f'index = "{address}"\n')
    else:
        repository.outside("acme", Wheel("acme"))
        path = repository.root / "registry" / file
        path.write_text(path.read_text().replace("[[package.release]]", f'index = "{address}"\n[[package.release]]'))

    with pytest.raises(InvalidRegistryError, match=word) as refused:
        repository.build()

    assert "index" in str(refused.value) and "hunter2" not in str(refused.value)


def test_a_publication_with_a_problem_is_refused_whole(
    gallery: Gallery, repository: Repository, tmp_path: Path
) -> None:
    """A released connector whose folder changed would vanish for its readers: no number is raised, nothing written."""
    out, root = tmp_path / "out", ("--root", repository.root)
    repository.head(date=TODAY)
    repository.connector("slack")
    folder = repository.connector("acme")
    gallery("catalog", "release", "acme", *root, "--out", tmp_path / "dist")
    gallery("catalog", "build", *root, "--out", out)
    (folder / "README.md").write_text("# Acme, another\n")
    before = _files(tmp_path)

    refused = gallery("catalog", "build", *root, "--out", out, "--bump")
    after = _files(tmp_path)
    plain = gallery("catalog", "build", *root)

    assert refused.exit_code == 1 and refused.stdout == ""
    assert "the folder is not what was released as 1.0.0" in refused.stderr
    assert "there is no publication for 1 problem: nothing was written" in refused.stderr
    assert after == before
    assert plain.exit_code == 1 and "1 connector; " in plain.stdout, "which hides no other, as ever"


def test_a_publication_says_its_new_number_and_date(gallery: Gallery, repository: Repository, tmp_path: Path) -> None:
    """In catalog.json and in the registry alike, where comments and the index stay; a date never goes back."""
    out, root = tmp_path / "out", ("--root", repository.root)
    repository.head(more='index = "https://packages.example/simple"\n')
    repository.connector("slack")

    done = gallery("catalog", "build", *root, "--out", out, "--bump", "--date", "2027-02-01")
    back = gallery("catalog", "build", *root, "--bump", "--date", "2027-01-31")

    catalog = parse_catalog((out / "catalog.json").read_bytes())
    assert done.exit_code == 0 and "The catalog is version 2 of 2027-02-01 now." in done.stdout
    assert (catalog.version, f"{catalog.generated:%Y-%m-%d}") == (2, "2027-02-01")
    assert (repository.root / "registry" / "catalog.toml").read_text() == (
        '# kept\nversion = 2\ndate = 2027-02-01\nvalid_days = 90\nindex = "https://packages.example/simple"\n'
    )
    assert gallery("catalog", "build", *root, "--check").exit_code == 0
    assert back.exit_code == 2 and "is before 2027-02-01" in back.stderr


@pytest.mark.parametrize("name", ["acme", "connectors/acme", "connectors/acme/", "{root}/connectors/acme"])
def test_a_connector_is_released_by_its_slug_or_its_folder(
    gallery: Gallery, repository: Repository, tmp_path: Path, name: str
) -> None:
    """As `gallery check` and `submit` take it; a folder that is named twice is released once."""
    repository.connector("acme")
    dist, root = tmp_path / "dist", ("--root", repository.root)

    done = gallery("catalog", "release", name.format(root=repository.root), "acme", *root, "--out", dist)

    assert done.exit_code == 0, done.output
    assert [path.name for path in dist.iterdir()] == ["gallery_connector_acme-1.0.0-py3-none-any.whl"]
    assert (repository.root / "registry" / "releases.toml").read_text().count("[[release]]") == 1


@pytest.mark.parametrize("name", ["zoom", "connectors/zoom", "..", "connectors", "{elsewhere}"])
def test_what_is_no_connector_of_the_repository_is_not_released(
    gallery: Gallery, repository: Repository, tmp_path: Path, name: str
) -> None:
    """Its record would name a folder that is not there."""
    repository.connector("acme")
    elsewhere = Repository(tmp_path / "elsewhere").connector("acme")

    done = gallery(
        "catalog", "release", name.format(elsewhere=elsewhere), "--root", repository.root, "--out", tmp_path / "dist"
    )

    assert done.exit_code == 1
    assert "it is no connector of the repository" in done.stderr and "--root" in done.stderr
    assert not (repository.root / "registry" / "releases.toml").exists()


def test_a_catalog_on_this_machine_without_a_signature_leads_to_both_ways(
    gallery: Gallery, repository: Repository, tmp_path: Path
) -> None:
    """To sign it, or to take it as it is."""
    repository.head(date=TODAY)
    gallery("catalog", "build", "--root", repository.root, "--out", tmp_path / "out")

    refused = gallery("catalog", "update", tmp_path / "out")
    taken = gallery("catalog", "update", tmp_path / "out", "--unsigned")
    nowhere = gallery("catalog", "update", tmp_path / "nowhere", "--unsigned")

    assert (refused.exit_code, taken.exit_code) == (1, 0)
    assert "the catalog is not signed" in refused.stderr
    assert "gallery catalog sign" in refused.stderr and "--unsigned" in refused.stderr
    assert nowhere.exit_code == 1 and nowhere.stderr.endswith("Next: Check the path\n")


@pytest.mark.parametrize(
    ("tier", "said"),
    [
        ("draft", "its tier is draft; do not run it with real accounts yet"),
        (None, "its tier is not known; do not run it with real accounts yet"),
        ("bronze", ""),
    ],
)
def test_a_draft_is_installed_with_a_warning(
    gallery: Gallery, repository: Repository, index: Index, room: Room, tmp_path: Path, tier: str | None, said: str
) -> None:
    """One line on stderr, by the catalog and by the lock alike; stdout stays a document for --json."""
    wheel = Wheel("acme")
    index.offer(wheel)
    repository.outside("acme", wheel)
    repository.head(date=TODAY)
    out = tmp_path / "out"
    gallery("catalog", "build", "--root", repository.root, "--out", out)
    catalog = json.loads((out / "catalog.json").read_text())
    catalog["connectors"][0]["tier"] = tier
    (out / "catalog.json").write_text(json.dumps(catalog))
    gallery("catalog", "update", out, "--unsigned")
    where = ("--python", room.python, "--index-url", f"{index.url}/simple/")

    done = gallery("install", "acme", *where, "--json")
    locked = gallery("install", "--locked", *where)

    expected = f"Warning: connector 'acme': {said}\n" if said else ""
    assert (done.exit_code, locked.exit_code) == (0, 0)
    assert (done.stderr, locked.stderr) == (expected, expected)
    assert json.loads(done.stdout)["connectors"][0]["version"] == "1.0.0"


def test_what_was_there_and_is_locked_now_is_not_called_installed(
    gallery: Gallery, repository: Repository, index: Index, room: Room, tmp_path: Path
) -> None:
    """A wheel of the same version with another manifest is: that one is replaced."""
    wheel = Wheel("acme")
    index.offer(wheel)
    repository.outside("acme", wheel)
    repository.head(date=TODAY)
    gallery("catalog", "build", "--root", repository.root, "--out", tmp_path / "out")
    gallery("catalog", "update", tmp_path / "out", "--unsigned")
    where = ("--python", room.python, "--index-url", f"{index.url}/simple/")

    first = gallery("install", "acme", *where)
    Path("gallery.lock").unlink()
    second = gallery("install", "acme", *where)
    locked = Path("gallery.lock").read_text()
    manifest = room.site / "gallery_connector_acme" / "connector.toml"
    manifest.write_text(manifest.read_text() + "# by hand\n")
    third = gallery("install", "acme", *where)

    assert first.stdout.startswith("acme 1.0.0 installed\n")
    assert second.stdout.startswith("acme 1.0.0 was there already; the lock names it now\nPinned in ")
    assert 'slug = "acme"' in locked
    assert third.stdout.startswith("acme 1.0.0 installed\n")
