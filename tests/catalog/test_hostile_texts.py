"""What a manifest or a catalog says is text on the terminal, never a command to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gallery_sdk.cli.root import cli

from .conftest import Index, Repository, Room, Wheel, manifest_text

STEERING = "\x1b]52;c;ZXZpbA==\x07\x9b2J\u202e"  # sets the clipboard, clears the screen, turns the direction
ESCAPED = json.dumps(STEERING)[1:-1]  # as TOML writes it, too

SETUP = f"""
[[setup]]
title = "Make a token{ESCAPED}"
text = "Under{ESCAPED} Administration"
[[breaking]]
version = "1.1.0"
summary = "All{ESCAPED} of it"
"""


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`gallery(word, ...)`: run a command in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def _manifest(version: str) -> str:
    text = manifest_text("acme", version=version).replace('name = "Acme"', f'name = "Acme{ESCAPED}"')
    text = text.replace('source = "vendor guide"', f'source = "vendor guide{ESCAPED}"\nnote = "since{ESCAPED}"')
    return text.replace('summary = "', f'summary = "{ESCAPED}') + (SETUP if version == "1.1.0" else "")


def test_no_text_of_a_catalog_steers_a_terminal(
    gallery: Callable[..., Result], repository: Repository, index: Index, room: Room, tmp_path: Path
) -> None:
    """Searched, shown, compared, installed, upgraded, withdrawn."""
    old, new = Wheel("acme", manifest=_manifest("1.0.0")), Wheel("acme", version="1.1.0", manifest=_manifest("1.1.0"))
    index.offer(old, new)
    repository.outside("acme", new, old)
    gone = f'[[withdrawn]]\nslug = "acme"\nversions = "{{}}"\nseverity = "critical"\nreason = "leaks{ESCAPED}"\n'
    gone += "since = 2027-01-01\n"
    here = ("--python", room.python, "--index-url", f"{index.url}/simple/", "--lock", room.lock)
    done = []

    for number, versions in enumerate(("==1.1.0", "==1.0.0", ""), start=1):
        repository.head(version=number, date=date.today().isoformat(), more=gone.format(versions))
        out = tmp_path / f"out{number}"
        done += [gallery("catalog", "build", "--root", repository.root, "--out", out)]
        done += [gallery("catalog", "update", out, "--unsigned")]
        done += [gallery("search", "acme"), gallery("show", "acme", "--quirks")]
        done += [gallery("install" if number == 1 else "upgrade", "acme", *here)]
    done += [gallery("install", "--locked", *here), gallery("compare", "acme", "acme", "--all")]

    assert [one.exit_code for one in done[4::5]][:2] == [0, 0] and "leaks" in done[4].stderr
    assert "asks you to act" in done[9].stdout
    assert "withdrawn (critical, leaks" in done[14].stderr and "withdrawn (critical, leaks" in done[15].stderr
    for one in done:
        steering = [line for line in one.output.splitlines() if not line.isprintable()]
        assert steering == []
