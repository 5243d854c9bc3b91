"""The remembered index is as good as a new one, and never the reason for a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

from gallery_sdk.manifest import SCHEMA_LEVEL
from gallery_sdk.plugins import cache, discovery, load_index

if TYPE_CHECKING:
    from .conftest import Site


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Counts how often the index is made anew."""
    calls: list[int] = []
    discover = discovery.discover

    def counted() -> object:
        calls.append(1)
        return discover()

    monkeypatch.setattr(discovery, "discover", counted)
    yield calls


def test_the_remembered_index_equals_the_one_that_was_made(site: Site, made_anew: list[int]) -> None:
    """Reading undoes writing, and the second load makes nothing anew."""
    site.connector("fabrikam")
    site.connector("broken", manifest="slug = ")

    first, second = load_index(), load_index()

    assert first == second
    assert len(made_anew) == 1


def test_an_installed_or_removed_connector_is_seen_at_once(site: Site, made_anew: list[int]) -> None:
    """A dist-info folder that comes or goes changes the folder it lies in."""
    site.connector("fabrikam")
    before = {entry.slug for entry in load_index()}
    site.connector("northwind")
    os.utime(site.folder, ns=(1, 1))  # clocks of file systems can be coarser than this test is quick

    after = {entry.slug for entry in load_index()}

    assert after - before == {"northwind"}
    assert len(made_anew) == 2


def test_a_connector_installed_while_the_index_is_made_is_seen_next_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered is never newer in name than in content."""
    site.connector("fabrikam")
    discover = discovery.discover

    def interrupted() -> object:
        entries = discover()
        site.connector("northwind")
        os.utime(site.folder, ns=(1, 1))
        return entries

    monkeypatch.setattr(discovery, "discover", interrupted)
    load_index()
    monkeypatch.setattr(discovery, "discover", discover)

    assert "northwind" in {entry.slug for entry in load_index()}


def test_an_edited_manifest_is_seen_at_once(site: Site) -> None:
    """An editable connector changes without any folder of sys.path changing."""
    manifest = site.connector("fabrikam") / "connector.toml"
    load_index()
    manifest.write_text(manifest.read_text().replace('name = "Fabrikam"', 'name = "Fabrikam Chat"', 1))
    os.utime(manifest, ns=(1, 1))

    assert next(entry.name for entry in load_index() if entry.slug == "fabrikam") == "Fabrikam Chat"


def test_a_refresh_makes_it_anew(site: Site, made_anew: list[int]) -> None:
    """What `gallery doctor` asks for."""
    load_index()

    load_index(refresh=True)

    assert len(made_anew) == 2


def test_it_can_be_switched_off(
    site: Site, made_anew: list[int], cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read and nothing is written."""
    monkeypatch.setenv("GALLERY_NO_CACHE", "1")

    load_index()
    load_index()

    assert len(made_anew) == 2
    assert not cache_folder.exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"key": []}', '{"entries": [], "key": 1}', "\xff\xfe"],
    ids=["empty", "torn", "a list", "no entries", "another key", "no text"],
)
def test_a_corrupted_file_is_made_anew_silently(site: Site, cache_folder: Path, content: str) -> None:
    """It is only a copy."""
    site.connector("fabrikam")
    wanted = load_index()
    (file,) = (cache_folder / "gallery").iterdir()
    file.write_bytes(content.encode("latin-1"))

    assert load_index() == wanted
    assert load_index() == wanted


def test_entries_of_another_shape_are_made_anew(site: Site, cache_folder: Path) -> None:
    """A file with the right key and wrong entries does not reach anybody."""
    site.connector("fabrikam")
    wanted = load_index()
    (file,) = (cache_folder / "gallery").iterdir()
    text = file.read_text()
    file.write_text(text.replace('"fabrikam","Fabrikam"', '7,"Fabrikam"', 1))
    assert file.read_text() != text

    assert load_index() == wanted


def test_a_cache_folder_that_cannot_be_written_is_let_be(site: Site, cache_folder: Path) -> None:
    """Read-only homes and full disks make it slower, not wrong."""
    site.connector("fabrikam")
    cache_folder.write_text("a file where the folder should be")

    assert "fabrikam" in {entry.slug for entry in load_index()}


def test_the_cache_knows_the_level_of_the_manifest_format() -> None:
    """It is said twice, so that the cache need not import the models."""
    assert cache.SCHEMA_LEVEL == SCHEMA_LEVEL


@pytest.mark.parametrize("xdg", [None, "", "/somewhere/else"], ids=["no XDG", "empty XDG", "XDG"])
def test_the_cache_folder_is_the_one_that_platformdirs_gives(xdg: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short cut changes when it is computed, not where it leads."""
    if xdg is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", xdg)

    assert cache.cache_folder() == platformdirs.user_cache_dir("gallery", False)


def test_a_search_imports_neither_metadata_nor_models_nor_plugins(site: Site) -> None:
    """What the promise of 20 ms rests on: the list of modules that a warm search has loaded."""
    for number in range(3):
        site.connector(f"app-{number}")
    program = (
        "import sys; before = set(sys.modules)\n"
        "from gallery_sdk.plugins import load_index, match_entries\n"
        "assert match_entries('app 1', load_index())\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site.folder), *sys.path])}

    def run() -> set[str]:
        done = subprocess.run(
            [sys.executable, "-S", "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        return set(done.stdout.split())

    run()
    loaded = run()

    heavy = {
        "importlib.metadata",
        "hashlib",
        "pydantic",
        "pluggy",
        "tomllib",
        "dataclasses",
        "inspect",
        "httpx2",
        "platformdirs",
    }
    assert not loaded & heavy
    assert "gallery_sdk.plugins.cache" in loaded
