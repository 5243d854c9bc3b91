"""Whoever follows the page on publishing has readers who can install."""

from __future__ import annotations

import json
from pathlib import Path

from ..catalog.conftest import Room
from .test_commands import ACTIVATION, ROOT, run, script, venv_as_made


def test_a_reader_installs_what_was_published(tmp_path: Path) -> None:
    """From the site that the page makes, with its key; the wheels are those of `dist/`, the index that of the page."""
    venv_as_made(tmp_path)
    room = Room(tmp_path / "room")
    reader = (
        "gallery catalog update build/site --key ../acme-2027.pub.pem",
        f"gallery install acme --offline dist --python {room.python} --lock {room.lock}",
    )

    status, output = run("\n".join([ACTIVATION, script(ROOT / "docs/publish-a-catalog.md"), *reader]), tmp_path)

    assert status == 0, output
    assert (room.site / "gallery_connector_acme" / "connector.toml").is_file()
    entry = json.loads((tmp_path / "mine" / "build" / "site" / "catalog.json").read_text())["connectors"][0]
    assert entry["index"] == "https://packages.example/simple"
