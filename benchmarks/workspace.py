"""A team's folder and installed connectors for a run, as files: the engine is measured as teams run it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from .payloads import TOKEN
from .people import write_people

APP: Final = "bench"
_CONNECTOR: Final = Path(__file__).with_name("connector.toml")
_APP: Final = """\
connector = "bench"
url = "{url}"
[source]
kind = "csv"
users = "people.csv"
groups = "groups.csv"
[auth]
method = "token"
token = "env:GALLERY_BENCH_TOKEN"
"""


def install_connector(site: Path, slug: str, manifest: str) -> None:
    """Lay a connector of data alone out in a folder of `sys.path`, as an installer would."""
    package = f"gallery_connector_{slug.replace('-', '_')}"
    info = site / f"{package}-1.0.0.dist-info"
    (site / package).mkdir(parents=True)
    info.mkdir()
    (site / package / "connector.toml").write_text(manifest, encoding="utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gallery-connector-{slug}\nVersion: 1.0.0\n", "utf-8")
    (info / "entry_points.txt").write_text(
        f"[gallery.connectors]\n{slug} = gallery_sdk.plugins.declarative:connector\n", "utf-8"
    )
    (info / "RECORD").write_text(f"{package}/connector.toml,,\n", "utf-8")


def python_path(site: Path) -> str:
    """`PYTHONPATH` with a folder of installed connectors besides what stands there already."""
    return os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(site))))


class BenchFolder:
    """Everything that a run of the engine needs, below one folder."""

    def __init__(self, root: Path, url: str, *, people: int) -> None:
        self.workspace = root / "team"
        self._site, self._cache = root / "site", root / "cache"
        install_connector(self._site, "bench", _CONNECTOR.read_text("utf-8"))
        (self.workspace / "apps").mkdir(parents=True)
        (self.workspace / "gallery.toml").write_text("schema = 1\n", "utf-8")
        (self.workspace / "apps" / f"{APP}.toml").write_text(_APP.format(url=url), "utf-8")
        write_people(self.workspace / "people.csv", people)
        (self.workspace / "groups.csv").write_text("id,displayName\ng1,Everybody\n", "utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find the connector and the token."""
        return {
            "PYTHONPATH": python_path(self._site),
            "XDG_CACHE_HOME": str(self._cache),
            "GALLERY_BENCH_TOKEN": TOKEN,
        }
