"""A team's folder, an app on a loopback port, and two ways to type a command: in this process and in one of its own."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gallery_sdk.apps import create_workspace, write_sample_directory
from gallery_sdk.cli.root import cli
from gallery_sdk.testing import ScimServer, TwinBehaviour, TwinServer, serve

TOKEN = "right-token-0123456789"
MANIFEST = """\
schema = 1
slug = "{slug}"
name = "{name}"
version = "1.2.0"
summary = "Accounts and groups of {name}"
categories = ["collaboration"]
keywords = ["chat"]
[vendor]
name = "{name} Inc."
[capabilities]
user = ["read", "create", "update", "deactivate"]
features = ["filter:userName-eq"]
[transport]
base_url = "https://api.example.com/scim/v2"
allowed_hosts = ["api.example.com"]
[[config.input]]
id = "region"
title = "Region"
help = "Shown on the billing page."
type = "choice"
choices = ["eu", "us"]
required = true
used_by = "code"
[[config.input]]
id = "guests"
title = "Provision guests"
type = "boolean"
used_by = "code"
[[config.input]]
id = "seats"
title = "Seats"
type = "integer"
default = 5
used_by = "code"
[[setup]]
title = "Make a token"
text = "Under Administration, API."
[[auth.method]]
id = "token"
title = "SCIM token"
kind = "bearer_token"
status = "preferred"
[[auth.method.input]]
id = "token"
title = "Token"
help = "From the administration page."
type = "secret"
[[auth.method]]
id = "password"
title = "Password"
kind = "basic"
[[auth.method.input]]
id = "username"
title = "User name"
[[auth.method.input]]
id = "password"
title = "Password"
type = "secret"
[[attribute.user]]
name = "userName"
required = true
filterable = true
[[attribute.user]]
name = "title"
[[attribute.user]]
name = "active"
type = "boolean"
[[mapping.user]]
target = "userName"
source = "userPrincipalName"
match = 1
[[mapping.user]]
target = "title"
source = "jobTitle"
[[mapping.user]]
target = "active"
expression = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
"""


@dataclass
class App:
    """A SCIM server that is being served."""

    server: ScimServer
    served: TwinServer

    @property
    def url(self) -> str:
        return f"{self.served.url}/scim/v2"

    def users(self) -> dict[str, dict[str, object]]:
        """Accounts by user name."""
        return {str(one["userName"]): one for one in self.server.state()["users"]}  # type: ignore[attr-defined]  # JSON

    def writes(self) -> int:
        """Requests so far that were no reads."""
        return self.server.stats.writes()


@dataclass
class Team:
    """A workspace with a directory and the app `desk`."""

    folder: Path
    app: App
    people: Path = field(init=False)

    def __post_init__(self) -> None:
        self.people = self.folder / "people.csv"

    def rows(self) -> list[dict[str, str]]:
        """The people as they are in the file."""
        with self.people.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, rows: list[dict[str, str]], columns: list[str] | None = None) -> None:
        """Replace the file of people."""
        with self.people.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns or list(rows[0]), lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)

    def configure(self, text: str) -> None:
        """Append tables to the app's file."""
        path = self.folder / "apps" / "desk.toml"
        path.write_text(path.read_text() + text)

    def point_at(self, url: str) -> None:
        """Change the app's address."""
        path = self.folder / "apps" / "desk.toml"
        path.write_text(path.read_text().replace(self.app.url, url))


Gallery = Callable[..., Result]
Process = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One index of connectors for all tests that install none."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of the user that are nobody's, no colour, UTC."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("TZ", "UTC")
    for name in ("NO_COLOR", "GALLERY_DEBUG", "GALLERY_NO_CACHE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DESK_TOKEN", TOKEN)


@pytest.fixture
def gallery() -> Gallery:
    """Type a command in this process; the answer holds exit_code, stdout and stderr."""

    def run(*words: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(cli, list(words), prog_name="gallery", input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def process() -> Process:
    """Type a command in a process of its own, as a shell does."""

    def run(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words], capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})}
        )

    return run


COMMAND = [sys.executable, "-c", "from gallery_sdk.cli import main; main()"]


@pytest.fixture
def app() -> Iterator[App]:
    """An empty SCIM server that wants the right token."""
    server = ScimServer(TwinBehaviour(base_path="/scim/v2", tokens={TOKEN: "admin"}))
    with serve(server) as served:
        yield App(server, served)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace that is the current folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    create_workspace(folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def team(workspace: Path, app: App) -> Team:
    """Thirty people, five groups, and the app `desk` that leads to the server."""
    write_sample_directory(workspace, people=30, groups=5)
    (workspace / "apps" / "desk.toml").write_text(
        f"""\
connector = "scim"
url = "{app.url}"

[auth]
method = "bearer"
token = "env:DESK_TOKEN"

[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "memberships.csv"
"""
    )
    return Team(workspace, app)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Install a connector that is data alone, in a folder like site-packages; also seen by processes."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))

    def make(slug: str, manifest: str | None = None) -> Path:
        package = site / f"gallery_connector_{slug}"
        package.mkdir()
        (package / "__init__.py").touch()
        text = MANIFEST.format(slug=slug, name=slug.title()) if manifest is None else manifest
        (package / "connector.toml").write_text(text)
        info = site / f"gallery_connector_{slug}-1.2.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gallery-connector-{slug}\nVersion: 1.2.0\n")
        (info / "entry_points.txt").write_text(
            f"[gallery.connectors]\n{slug} = gallery_sdk.plugins.declarative:connector\n"
        )
        return package / "connector.toml"

    return make
