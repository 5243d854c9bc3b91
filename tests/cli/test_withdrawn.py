"""A version that its catalog has withdrawn says so wherever it is used, and goes on working."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from gallery_sdk.plugins import find_entry

from .conftest import Gallery, Team


def _keep(folder: Path, *withdrawn: dict[str, str]) -> None:
    """A kept catalog that withdraws versions."""
    data = json.dumps({"connectors": [], "withdrawn": withdrawn}).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(exist_ok=True)
    (folder / f"{sha256}.json").write_bytes(data)
    (folder / "state.json").write_text(json.dumps({"source": "x", "version": 1, "sha256": sha256, "keys": []}))


@pytest.mark.parametrize(
    ("severity", "word", "status"), [("critical", "critical, leaks", 1), ("withdrawn", "leaks", 0)]
)
def test_an_installed_version_that_is_withdrawn_is_told_at_every_run(
    gallery: Gallery, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, severity: str, word: str, status: int
) -> None:
    """People who left must not keep their accounts for it: the run goes on. `doctor` fails for a critical one."""
    home, version = tmp_path / "catalog", find_entry("scim").dist_version
    monkeypatch.setenv("GALLERY_CATALOG_HOME", str(home))
    _keep(
        home,
        {"slug": "scim", "versions": "", "severity": severity, "reason": "leaks"},
        {"slug": "scim", "versions": ">9000", "severity": "critical", "reason": "another version"},
        {"slug": "nobody", "versions": "", "severity": "critical", "reason": "another connector"},
    )

    planned, ran, looked = gallery("plan", "desk"), gallery("run", "desk", "--once"), gallery("doctor")

    warning = f"Warning: connector 'scim': version {version} is withdrawn ({word})"
    for said in (planned, ran):
        assert said.exit_code == 0 and said.stderr.count("is withdrawn") == 1
        assert warning in said.stderr and "gallery upgrade scim" in said.stderr
    assert team.app.users()
    assert f"scim {version} is withdrawn ({word})" in looked.stdout and looked.exit_code == status
    assert "another version" not in looked.stdout


def test_a_torn_list_of_what_is_withdrawn_stops_no_run(
    gallery: Gallery, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is held to its signature where something is installed from it; here it is a notice."""
    home = tmp_path / "catalog"
    monkeypatch.setenv("GALLERY_CATALOG_HOME", str(home))
    _keep(home, {"slug": "scim", "versions": "no range", "severity": "critical"})

    assert gallery("plan", "desk").exit_code == 0
