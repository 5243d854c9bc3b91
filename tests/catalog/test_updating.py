"""A catalog comes from a path or over the network, and is kept only when it may be believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from gallery_sdk.catalog.fetching import normal_source
from gallery_sdk.catalog.problems import CatalogError
from gallery_sdk.catalog.stored import HOW_TO_GET, catalog_folder, read_state
from gallery_sdk.catalog.subjects import find_subject
from gallery_sdk.catalog.updating import distrust, load_catalog, load_detail, trust, trusted_keys, update
from gallery_sdk.cli.root import cli
from gallery_sdk.errors import UsageError

from .conftest import NOW, Keys, Repository, Server, Wheel

Publish = Callable[..., Path]


def _serve(server: Server, folder: Path, below: str = "/gallery") -> str:
    for path in folder.rglob("*"):
        if path.is_file():
            server.files[f"{below}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return f"{server.url}{below}"


def test_an_update_over_the_network_is_kept_and_works_offline(
    repository: Repository, keys: Keys, published: Publish, server: Server
) -> None:
    """Details too, when they are asked for; later nothing is requested."""
    repository.connector("acme")
    trust(keys.public())

    done = update(_serve(server, published()), details=True, now=NOW)
    asked = len(server.requests)
    catalog = load_catalog(now=NOW).catalog

    assert (done.changed, done.details, done.failures) == (True, 1, ())
    assert json.loads(load_detail(catalog, "acme", offline=True))["slug"] == "acme"
    assert len(server.requests) == asked == 3


def test_without_a_source_the_last_one_is_asked_again(
    repository: Repository, keys: Keys, published: Publish, server: Server
) -> None:
    """A higher number replaces what was there, and its files."""
    trust(keys.public())
    source = _serve(server, published())
    update(source, now=NOW)
    repository.head(version=2)
    _serve(server, published())

    done = update(now=NOW)

    assert (done.previous, done.verified.catalog.version) == (1, 2)
    kept = sorted(path.name for path in Path(catalog_folder()).iterdir())
    assert kept == sorted(["state.json", f"{done.verified.sha256}.json", f"{done.verified.sha256}.json.sig"])


def test_files_of_others_stay_where_the_catalog_is_kept(
    repository: Repository, published: Publish, catalog_home: Path
) -> None:
    """GALLERY_CATALOG_HOME may name a folder that holds more, a repository for instance."""
    catalog_home.mkdir()
    (catalog_home / "package.json").write_text("{}")
    (catalog_home / "catalog.json.sig").write_text("{}")
    update(str(published()), unsigned=True, now=NOW)
    repository.connector("acme")

    update(str(published()), unsigned=True, now=NOW)

    assert (catalog_home / "package.json").exists() and (catalog_home / "catalog.json.sig").exists()
    assert len(list(catalog_home.glob("*.json"))) == 3


@pytest.mark.parametrize("spoil", ["altered", "unsigned", "older", "expired", "stranger"])
def test_what_must_not_be_believed_changes_nothing(
    repository: Repository, keys: Keys, published: Publish, spoil: str
) -> None:
    """The catalog that was here goes on to hold."""
    trust(keys.public())
    repository.head(version=5)
    update(str(published()), now=NOW)
    before, now = read_state(), NOW
    repository.head(version=4 if spoil == "older" else 6)
    place = published("stranger" if spoil == "stranger" else "one", "next")
    if spoil == "altered":
        (place / "catalog.json").write_text((place / "catalog.json").read_text().replace("Analytics", "Analytic"))
    if spoil == "unsigned":
        (place / "catalog.json.sig").unlink()
    if spoil == "expired":
        now += timedelta(days=200)

    with pytest.raises(CatalogError):
        update(str(place), now=now)

    assert read_state() == before
    assert load_catalog(now=NOW).catalog.version == 5


def test_a_release_that_was_changed_or_struck_out_is_told(
    repository: Repository, keys: Keys, published: Publish
) -> None:
    """Whoever may change the registry can exchange a hash; its readers see it. Files may be added."""
    trust(keys.public())
    packages = repository.root / "registry" / "packages.toml"
    acme, loom, slack = Wheel("acme"), Wheel("loom"), Wheel("slack")
    for one in (acme, loom, slack):
        repository.outside(one.dist.removeprefix("gallery-connector-"), one)
    first = update(str(published()), now=NOW)
    packages.unlink()
    repository.outside("slack", slack)
    more = f'{{ name = "gallery_connector_slack-1.0.0-cp311-none-any.whl", sha256 = "{"1" * 64}", size = 1 }}'
    packages.write_text(packages.read_text().replace("files = [", f"files = [{more}, "))
    repository.outside("acme", Wheel("acme", more={"gallery_connector_acme/x.py": ""}))
    repository.head(version=2)

    second = update(str(published()), now=NOW)
    third = update(str(published()), now=NOW)

    assert first.rewritten == third.rewritten == ()
    assert second.rewritten == (
        "acme 1.0.0 has other files than in catalog 1",
        "loom 1.0.0 is not listed any more, as it was in catalog 1",
    )


def test_a_catalog_that_is_changed_on_disk_is_refused(repository: Repository, keys: Keys, published: Publish) -> None:
    """The kept copy is held to its signature at every use."""
    trust(keys.public())
    update(str(published()), now=NOW)
    file = Path(catalog_folder(), f"{read_state().sha256}.json")
    file.write_bytes(file.read_bytes().replace(b"Analytics", b"Analysics"))

    with pytest.raises(CatalogError, match="altered"):
        load_catalog(now=NOW)


def test_a_catalog_of_ones_own_may_go_unsigned_from_a_path_alone(
    repository: Repository, keys: Keys, published: Publish, server: Server
) -> None:
    """It makes nobody forget the newest number that was believed."""
    trust(keys.public())
    repository.head(version=5)
    update(str(published()), now=NOW)
    repository.head(version=1)
    place = published("one", "own")
    (place / "catalog.json.sig").unlink()

    assert update(str(place), unsigned=True, now=NOW).verified.key is None
    repository.connector("acme")
    (place / "catalog.json").write_bytes(repository.build().catalog)
    assert update(now=NOW).changed

    with pytest.raises(CatalogError, match="must be signed"):
        update(_serve(server, place), unsigned=True, now=NOW)
    with pytest.raises(CatalogError, match="version 1 is older than 5"):
        update(str(published("one", "rolled back")), now=NOW)


def test_details_are_held_to_the_catalog(
    repository: Repository, keys: Keys, published: Publish, server: Server
) -> None:
    """One that cannot be had or is another document is told, and hides no other."""
    repository.connector("acme")
    repository.connector("slack")
    trust(keys.public())
    source = _serve(server, published())
    server.files["/gallery/c/acme.json"] = b"{}"

    done = update(source, details=True, now=NOW)

    assert done.details == 1
    assert [error.what for error in done.failures] == ["the document is not the one that the catalog pins"]
    with pytest.raises(CatalogError, match="not on this machine"):
        load_detail(done.verified.catalog, "acme", offline=True)


def test_a_kept_detail_that_is_changed_on_disk_is_fetched_anew(
    repository: Repository, keys: Keys, published: Publish
) -> None:
    """Its name is its hash."""
    repository.connector("acme")
    trust(keys.public())
    catalog = update(str(published()), details=True, now=NOW).verified.catalog
    file = Path(catalog_folder(), "details", f"{catalog.by_slug['acme'].detail.sha256}.json")
    file.write_text("{}")

    assert json.loads(load_detail(catalog, "acme"))["slug"] == "acme"


def test_only_https_is_asked_beyond_this_machine(server: Server) -> None:
    """Neither an address nor a redirect leads to where anybody can listen."""
    server.redirects["/catalog.json"] = "http://gallery.example/catalog.json"

    with pytest.raises(CatalogError, match="not https"):
        update("http://gallery.example/catalog.json")
    with pytest.raises(CatalogError, match="not https"):
        update(f"{server.url}/catalog.json")
    with pytest.raises(CatalogError, match="answered 404"):
        update(f"{server.url}/nothing.json")


def test_a_folder_stands_for_its_catalog(tmp_path: Path) -> None:
    """Paths become absolute, so that the next update finds it from anywhere."""
    (tmp_path / "catalog.json").touch()

    assert normal_source(str(tmp_path)) == str(tmp_path / "catalog.json")
    assert normal_source("https://gallery.example/x/") == "https://gallery.example/x/catalog.json"
    assert normal_source("https://gallery.example/x.json?a=1") == "https://gallery.example/x.json?a=1"


def test_two_keys_are_trusted_at_once_and_no_third(keys: Keys) -> None:
    """A key is given up by the beginning of its name; with the last one goes the memory of its publisher's numbers."""
    old, new = trust(keys.public("old")), trust(keys.public("new"))

    with pytest.raises(CatalogError, match="2 keys are trusted here already"):
        trust(keys.public("third"))
    with pytest.raises(CatalogError, match="names no single key"):
        distrust("")
    assert trust(keys.public("new")) == new
    assert distrust(old[:16]) == old
    assert trusted_keys() == (keys.public("new"),)


def test_without_a_catalog_the_way_to_one_is_shown() -> None:
    """Neither reading, updating nor looking guesses an address: all say that it is to be given, and by whom."""
    with pytest.raises(CatalogError, match=HOW_TO_GET):
        load_catalog()
    with pytest.raises(CatalogError, match=f"nothing says where.*{HOW_TO_GET}"):
        update()
    with pytest.raises(UsageError, match=HOW_TO_GET):
        find_subject("zebra-finch-aviary")
    assert "URL" in HOW_TO_GET
    assert HOW_TO_GET in CliRunner().invoke(cli, ["search", "zebra-finch-aviary"]).stderr


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"source": 1}', '{"keys": null}'])
def test_a_torn_state_is_as_none(catalog_home: Path, text: str) -> None:
    """The next update mends it."""
    catalog_home.mkdir()
    (catalog_home / "state.json").write_text(text)

    assert read_state().sha256 == ""
