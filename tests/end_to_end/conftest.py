"""A real SCIM server, not ours, on loopback, and a team's folder that provisions to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx2
import pytest

from gallery_sdk.apps import Workspace, create_workspace, write_sample_directory


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Peer:
    """scim2-server in a thread."""

    url: str
    requests: list[tuple[str, str]] = field(default_factory=list)

    def all(self, collection: str) -> list[dict[str, Any]]:
        """Every resource of a collection, read over HTTP as anybody would."""
        found: list[dict[str, Any]] = []
        while True:
            page = httpx2.get(f"{self.url}/{collection}", params={"startIndex": len(found) + 1, "count": 100}).json()
            found += page.get("Resources", [])
            if len(found) >= page["totalResults"]:
                return found

    def users(self) -> dict[str, dict[str, Any]]:
        """Users by user name."""
        found = self.all("Users")
        by_name = {one["userName"]: one for one in found}
        assert len(by_name) == len(found), "a user exists twice"
        return by_name

    def groups(self) -> dict[str, dict[str, Any]]:
        """Groups by display name."""
        return {one["displayName"]: one for one in self.all("Groups")}

    def writes(self) -> list[tuple[str, str]]:
        """Requests that change something, since the list was last cleared."""
        return [one for one in self.requests if one[0] != "GET"]


@pytest.fixture
def peer() -> Iterator[Peer]:
    """An empty scim2-server."""
    from scim2_server.applications.wsgi import WSGIApplication
    from scim2_server.memory import InMemoryStorage
    from scim2_server.utils import load_default_provider

    application = WSGIApplication(InMemoryStorage(), load_default_provider())
    found = Peer("")

    def counting(environ: dict[str, Any], start_response: Any) -> Any:
        found.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return application(environ, start_response)

    with make_server("127.0.0.1", 0, counting, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/v2"
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def workspace(tmp_path: Path, peer: Peer) -> Workspace:
    """A folder with forty people, five groups and one app on the generic connector."""
    made = create_workspace(tmp_path / "team")
    write_sample_directory(made.root, people=40, groups=5)
    (made.apps_path / "prod.toml").write_text(APP.format(url=peer.url), "utf-8")
    return made


APP = """\
connector = "scim"
url = "{url}"

[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
members = "memberships.csv"

[auth]
method = "none"
"""
