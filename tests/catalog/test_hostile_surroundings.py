"""Whatever lies about where a connector is installed, nothing of it decides what is installed or runs meanwhile."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.installing import Report, prepared
from gallery_sdk.catalog.lock import LockedFile
from gallery_sdk.catalog.problems import InstallError
from gallery_sdk.catalog.wanted import Wanted

from .conftest import Index, Room, Wheel, pack


def wanted(wheel: Wheel, slug: str = "acme") -> Wanted:
    """The wheel, pinned as a catalog pins it."""
    file = LockedFile(name=wheel.name, sha256=wheel.sha256)
    return Wanted(slug, wheel.dist, wheel.version, (file,), digest(wheel.manifest), None, 1)


def install(room: Room, index: Index, *wheels: Wheel) -> Report:
    """Install connectors from an index."""
    pinned = [wanted(one, one.dist.removeprefix("gallery-connector-")) for one in wheels]
    with prepared(pinned, environment=room.environment(index), lock_path=room.lock) as ready:
        return ready.carry_out(room.lock)


@pytest.fixture
def needy(index: Index) -> Wheel:
    """A connector on the index that needs `helper`, which is there as well."""
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", "helper"))
    index.offer(wheel)
    index.add("helper", "helper-2.1-py3-none-any.whl", pack("helper", "2.1", (), {"helper.py": ""}))
    return wheel


def test_the_current_folder_is_never_imported_from(
    room: Room, index: Index, needy: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace that was cloned may hold a `pip.py`."""
    folder = tmp_path / "cloned"
    folder.mkdir()
    for name in ("pip", "json", "runpy"):
        (folder / f"{name}.py").write_text("open('was_here', 'w')\n")
    monkeypatch.chdir(folder)

    install(room, index, needy)

    assert not (folder / "was_here").exists()


def test_settings_for_other_projects_lead_nowhere_else(
    room: Room, index: Index, needy: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither into another folder, nor to more or fewer packages than were chosen."""
    more = tmp_path / "requirements.txt"
    more.write_text("extra\n")
    index.add("extra", "extra-1-py3-none-any.whl", pack("extra", "1", (), {"extra.py": ""}))
    elsewhere = tmp_path / "elsewhere"
    for name in ("PREFIX", "ROOT", "TARGET"):
        monkeypatch.setenv(f"PIP_{name}", str(elsewhere))
    for name in ("DRY_RUN", "IGNORE_INSTALLED", "NO_DEPS", "USER"):
        monkeypatch.setenv(f"PIP_{name}", "1")
    monkeypatch.setenv("PIP_REQUIREMENT", str(more))

    report = install(room, index, needy)

    assert report == Report((("acme", "1.0.0", None),), (("helper", "2.1"),))
    assert (room.site / "gallery_connector_acme").exists() and (room.site / "helper.py").exists()
    assert not elsewhere.exists() and not (room.site / "extra.py").exists()


def test_a_folder_of_wheels_is_all_that_counts_offline(
    room: Room, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever pip is set up with: no request is sent."""
    wheel, settings = Wheel("acme"), tmp_path / "pip.conf"
    index.offer(wheel)
    settings.write_text(f"[global]\nfind-links = {index.url}/simple/gallery-connector-acme/\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_FIND_LINKS", f"{index.url}/simple/gallery-connector-acme/")
    (tmp_path / "wheels").mkdir()

    with (
        pytest.raises(InstallError, match="nowhere to be had"),
        prepared([wanted(wheel)], environment=room.environment(None, tmp_path / "wheels"), lock_path=room.lock),
    ):
        pass

    assert index.requests == []


def test_no_package_is_built_to_find_out_what_it_needs(room: Room, index: Index, tmp_path: Path) -> None:
    """A requirement of a requirement names an archive by its address, and pip would run what is in it."""
    mark, archive = tmp_path / "was_here", tmp_path / "evil-1.0.tar.gz"
    project = "[build-system]\nrequires = []\nbuild-backend = 'b'\nbackend-path = ['.']\n"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in {"pyproject.toml": project, "b.py": f"open({str(mark)!r}, 'w')\n"}.items():
            info = tarfile.TarInfo(f"evil-1.0/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", "helper"))
    index.offer(wheel)
    index.add("helper", "helper-1-py3-none-any.whl", pack("helper", "1", (f"evil @ {archive.as_uri()}",), {}))
    before = room.files()

    with pytest.raises(InstallError, match="has no wheel, or is fetched past the package index"):
        install(room, index, wheel)

    assert not mark.exists() and room.files() == before


def test_nothing_is_fetched_past_the_index(room: Room, index: Index, tmp_path: Path) -> None:
    """Nor is a wheel that a requirement of a requirement names by its address."""
    other = tmp_path / "other-1-py3-none-any.whl"
    other.write_bytes(pack("other", "1", (), {"other.py": ""}))
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", "helper"))
    index.offer(wheel)
    index.add("helper", "helper-1-py3-none-any.whl", pack("helper", "1", (f"other @ {other.as_uri()}",), {}))

    with pytest.raises(InstallError, match="other 1 would be fetched past the package index"):
        install(room, index, wheel)


def test_metadata_that_is_broken_hides_no_other(room: Room) -> None:
    """Of a distribution that has nothing to do with it."""
    for name, file, text in (
        ("one", "entry_points.txt", b"\xff"),
        ("two", "METADATA", b"\xff"),
        ("three", "direct_url.json", b"[]"),
        ("four", "RECORD", b"\xff"),
    ):
        points = "[gallery.connectors]\nfour = x:y\n" if name == "four" else ""
        (room.have(name, "1", entry_points=points) / file).write_bytes(text)

    found = room.environment().contents()

    assert {"gallery-sdk", "one", "three", "four"} <= found.dists.keys()
    assert [one.dist for one in found.claims("four")] == ["four"]
