"""Synthetic installations: folders on `sys.path` with dist-info folders, as an installer leaves them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

MANIFEST = """\
schema = 1
slug = "{slug}"
name = "{name}"
version = "1.2.0"
summary = "Accounts and groups of {name}"
categories = ["collaboration"]
keywords = ["chat"]
aliases = []
[vendor]
name = "{name} Inc."
[capabilities]
user = ["read", "create"]
group = ["read", "members"]
[transport]
base_url = "https://api.example.com/scim/v2"
allowed_hosts = ["api.example.com"]
[[auth.method]]
id = "token"
kind = "bearer_token"
[[auth.method.input]]
id = "token"
type = "secret"
"""


class Site:
    """A folder like site-packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def dist(self, name: str, entry_points: str, version: str = "1.0", record: str = "") -> Path:
        """Install the metadata of a distribution."""
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(entry_points)
        if record:
            (info / "RECORD").write_text(record)
        return info

    def connector(
        self, slug: str, *, plugin: str | None = "", manifest: str | None = None, package: str | None = None
    ) -> Path:
        """Install a connector: `plugin` is the source of plugin.py, None for a connector without code."""
        package = package or f"gallery_connector_{slug.replace('-', '_')}"
        folder = self.folder / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        text = MANIFEST.format(slug=slug, name=slug.title()) if manifest is None else manifest
        (folder / "connector.toml").write_text(text)
        value = "gallery_sdk.plugins.declarative:connector"
        if plugin is not None:
            (folder / "plugin.py").write_text(plugin)
            value = f"{package}.plugin"
        self.dist(
            f"gallery-connector-{slug}",
            f"[gallery.connectors]\n{slug} = {value}\n",
            record=f"{package}/__init__.py,,\n{package}/connector.toml,,\n",
        )
        return folder


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, for this test alone."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.delenv("GALLERY_NO_CACHE", raising=False)
    return folder


@pytest.fixture
def new_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Site]]:
    """Adds folders to the front of `sys.path`; what was imported from them is forgotten afterwards."""
    before = set(sys.modules)

    def make(name: str) -> Site:
        site = Site(tmp_path / name)
        monkeypatch.syspath_prepend(str(site.folder))
        return site

    yield make
    for module in set(sys.modules) - before:
        if module.startswith(("gallery_connector_", "gallery_host_")):
            del sys.modules[module]


@pytest.fixture
def site(new_site: Callable[[str], Site], cache_folder: Path) -> Site:
    """One folder like site-packages, first on `sys.path`."""
    return new_site("site")
