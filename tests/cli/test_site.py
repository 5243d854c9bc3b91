"""`gallery site`: build and serve the catalog's pages."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from .conftest import COMMAND, MANIFEST, Gallery

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "gallery-connector-desk"
version = "1.2.0"
requires-python = ">=3.11"
dependencies = ["gallery-sdk>=0.1"]
[project.entry-points."gallery.connectors"]
desk = "gallery_sdk.plugins.declarative:connector"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the connector Desk."""
    root = tmp_path / "repository"
    package = root / "connectors" / "desk" / "gallery_connector_desk"
    package.mkdir(parents=True)
    (root / "registry").mkdir()
    (root / "registry" / "catalog.toml").write_text("version = 1\ndate = 2027-01-15\n")
    (package.parent / "pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").write_text("")
    (package / "connector.toml").write_text(MANIFEST.format(slug="desk", name="Desk"))
    return root


def test_build_writes_the_site_and_tells_what_changed(gallery: Gallery, repository: Path, tmp_path: Path) -> None:
    """A second time nothing does; the title and the address are on the pages."""
    out = tmp_path / "site"
    words = ("site", "build", "--root", str(repository), "--out", str(out), "--title", "Ours")

    first = gallery(*words, "--url", "https://gallery.example/ours")
    again = gallery(*words, "--url", "https://gallery.example/ours/")

    assert first.exit_code == again.exit_code == 0
    assert re.fullmatch(rf"1 connector, \d+ pages in {re.escape(str(out))}; \d+ files changed\n", first.stdout)
    assert again.stdout.endswith("; 0 files changed\n")
    assert first.stderr == ""
    page = (out / "c" / "desk" / "index.html").read_text()
    assert "<title>Desk connector · Ours</title>" in page
    assert 'href="https://gallery.example/ours/c/desk/"' in page
    assert "https://gallery.example/ours/c/desk/" in (out / "sitemap.xml").read_text()


def test_without_an_address_the_missing_site_map_is_told(gallery: Gallery, repository: Path, tmp_path: Path) -> None:
    """On stderr, and it is no failure."""
    found = gallery("site", "build", "--root", str(repository), "--out", str(tmp_path / "site"))

    assert found.exit_code == 0
    assert "--url" in found.stderr
    assert not (tmp_path / "site" / "sitemap.xml").exists()


@pytest.mark.parametrize("url", ["gallery.example", "ftp://gallery.example/", "https://", "https://a.example/?q=1", ""])
def test_what_is_no_address_of_a_site_is_refused(gallery: Gallery, repository: Path, tmp_path: Path, url: str) -> None:
    """Before anything is written."""
    found = gallery("site", "build", "--root", str(repository), "--out", str(tmp_path / "site"), "--url", url)

    assert found.exit_code == 2
    assert "--url" in found.stderr
    assert not (tmp_path / "site").exists()


def test_a_connector_that_is_left_out_is_status_1(gallery: Gallery, repository: Path, tmp_path: Path) -> None:
    """The site is written with the others, and what to mend is on stderr."""
    path = repository / "connectors" / "desk" / "gallery_connector_desk" / "connector.toml"
    path.write_text("slug = ")

    found = gallery("site", "build", "--root", str(repository), "--out", str(tmp_path / "site"))

    assert found.exit_code == 1
    assert found.stdout.startswith("0 connectors, ")
    assert "connector.toml" in found.stderr
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_folder_of_other_things_is_refused(gallery: Gallery, repository: Path, tmp_path: Path) -> None:
    """It would be cleared."""
    (tmp_path / "thesis.txt").write_text("three years")

    found = gallery("site", "build", "--root", str(repository), "--out", str(tmp_path))

    assert found.exit_code == 2
    assert "Choose another folder" in found.stderr
    assert (tmp_path / "thesis.txt").is_file()


def test_a_publication_is_shown_as_it_was_published(gallery: Gallery, repository: Path, tmp_path: Path) -> None:
    """What `gallery catalog build --out` wrote, with its signature; a changed document is refused."""
    place, out = tmp_path / "publication", tmp_path / "site"
    assert gallery("catalog", "build", "--root", str(repository), "--out", str(place)).exit_code == 0
    (place / "catalog.json.sig").write_bytes(b"signed")

    found = gallery("site", "build", "--publication", str(place), "--out", str(out))

    assert found.exit_code == 0
    assert (out / "catalog.json").read_bytes() == (place / "catalog.json").read_bytes()
    assert (out / "catalog.json.sig").read_bytes() == b"signed"
    (place / "c" / "desk.json").write_bytes(b"{}")
    refused = gallery("site", "build", "--publication", str(place), "--out", str(out))
    assert refused.exit_code != 0
    assert "c/desk.json" in refused.stderr


def test_what_a_publication_has_that_cannot_be_read_is_told(gallery: Gallery, repository: Path, tmp_path: Path) -> None:
    """A connector of a later SDK is left out, which is status 1."""
    place = tmp_path / "publication"
    assert gallery("catalog", "build", "--root", str(repository), "--out", str(place)).exit_code == 0
    catalog = json.loads((place / "catalog.json").read_text())
    catalog["connectors"][0]["status"] = "dormant"
    (place / "catalog.json").write_text(json.dumps(catalog))

    found = gallery("site", "build", "--publication", str(place), "--out", str(tmp_path / "site"))

    assert found.exit_code == 1
    assert "desk" in found.stderr
    assert "Upgrade gallery-sdk" in found.stderr


def test_serve_says_where_it_listens_and_ends_quietly(repository: Path, tmp_path: Path) -> None:
    """A free port with 0; Ctrl-C is no error."""
    words = [*COMMAND, "site", "serve", "--root", str(repository), "--port", "0", "--title", "Ours"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    ) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        address = said.partition(" ")[0]
        with urllib.request.urlopen(f"{address}c/desk/", timeout=10) as answer:
            body = answer.read().decode()
        server.send_signal(signal.SIGINT)
        _, problems = server.communicate(timeout=10)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/  \(1 connector; Ctrl-C ends it\)\n", said)
    assert "Desk connector · Ours" in body
    assert (server.returncode, problems) == (0, "")


def test_a_port_that_is_taken_is_told_plainly(gallery: Gallery, repository: Path) -> None:
    """With what to do."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = gallery("site", "serve", "--root", str(repository), "--port", str(taken.getsockname()[1]))

    assert found.exit_code == 2
    assert "cannot be opened" in found.stderr
    assert "Choose another" in found.stderr
