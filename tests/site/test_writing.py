"""A site's folder is the site and nothing else, and is touched only where something changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gallery_sdk.errors import UsageError
from gallery_sdk.site import Site


def test_what_the_site_no_longer_has_is_removed(tmp_path: Path) -> None:
    """Pages of connectors that are gone, and folders that are empty then."""
    out = tmp_path / "out"
    Site({"index.html": b"home", "c/alder/index.html": b"alder", "static/a.js": b"a"}, ()).write(out)

    changed = Site({"index.html": b"home", "static/b.js": b"b"}, ()).write(out)

    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert found == {".gallery-site", "index.html", "static/b.js"}
    assert not (out / "c").exists()
    assert changed == 3


def test_what_did_not_change_is_left_as_it_is(tmp_path: Path) -> None:
    """Whoever uploads by date uploads what is new."""
    site = Site({"index.html": b"home", "static/a.js": b"a"}, ())
    assert site.write(tmp_path / "out") == 2
    path = tmp_path / "out" / "index.html"
    os.utime(path, (1_000_000_000, 1_000_000_000))

    assert site.write(tmp_path / "out") == 0
    assert path.stat().st_mtime == 1_000_000_000
    assert Site({"index.html": b"new", "static/a.js": b"a"}, ()).write(tmp_path / "out") == 1
    assert path.stat().st_mtime != 1_000_000_000


def test_a_folder_of_other_things_is_refused_and_not_touched(tmp_path: Path) -> None:
    """Clearing it would lose somebody's work."""
    (tmp_path / "thesis.txt").write_text("three years")

    with pytest.raises(UsageError, match="holds something that is no site"):
        Site({"index.html": b"home"}, ()).write(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(UsageError, match="this is a file"):
        Site({"index.html": b"home"}, ()).write(tmp_path / "thesis.txt")


def test_what_a_link_in_the_folder_leads_to_is_not_removed(tmp_path: Path) -> None:
    """The link goes, its goal stays."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    Site({"index.html": b"home"}, ()).write(out)
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    (out / "link").symlink_to(elsewhere)

    Site({"index.html": b"home"}, ()).write(out)

    assert not (out / "link").is_symlink()
    assert (elsewhere / "kept.txt").read_text() == "kept"
