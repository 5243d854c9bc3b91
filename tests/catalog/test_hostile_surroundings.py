"""Whatever lies about where a connector is installed, nothing of it decides what is installed or runs meanwhile."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.environment import Environment, Pin
from gallery_sdk.catalog.installing import Report, prepared, remove
from gallery_sdk.catalog.lock import Lock, LockedConnector, LockedFile, LockedPackage, read_lock, write_lock
from gallery_sdk.catalog.models import parse_catalog
from gallery_sdk.catalog.problems import InstallError
from gallery_sdk.catalog.wanted import Wanted, locked_connectors
from gallery_sdk.errors import GalleryError

from .conftest import Index, Repository, Room, Wheel, pack


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
    wheel, settings = Wheel("acme"), tmp_path / "pip" / "pip.conf"
    index.offer(wheel)
    settings.parent.mkdir()
    settings.write_text(f"[global]\nfind-links = {index.url}/simple/gallery-connector-acme/\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("PIP_CONFIG_FILE")
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


@pytest.mark.parametrize(
    ("files", "points", "word"),
    [
        ({"shared.py": "evil"}, "", r"write over '.*shared\.py', which is not its own"),
        ({"helper-1.data/data/bin/python": "evil"}, "", r"write over '.*bin.python'"),
        ({"helper-1.data/scripts/python": "#!python"}, "", r"write over '.*bin.python'"),
        ({}, "[console_scripts]\npython = helper:x\n", r"write over '.*bin.python'"),
        ({}, "[console_scripts]\n../python = helper:x\n", r"its command '\.\./python' leads elsewhere"),
        ({"gallery_sdk/x.py": ""}, "", "would add to 'gallery_sdk'"),
        ({}, "[gallery.plugins]\nx = helper:x\n", r"would add to 'gallery\.plugins'"),
        ({}, "[gallery.connectors]\nslack = helper:x\n", r"would add to 'gallery\.connectors'"),
    ],
    ids=["file", "data", "script", "command", "path", "SDK", "host plugin", "connector"],
)
def test_what_comes_along_takes_nothing_over(
    room: Room, index: Index, files: dict[str, str], points: str, word: str
) -> None:
    """A dependency is chosen by the index, not by the catalog; it brings its own modules, and that is all."""
    (room.site / "shared.py").write_text("good")
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", "helper"))
    index.offer(wheel)
    index.add("helper", "helper-1-py3-none-any.whl", pack("helper", "1", (), files, points))
    before = room.files()

    with pytest.raises(InstallError, match=word):
        install(room, index, wheel)

    assert room.files() == before and not room.lock.exists()


def test_equal_files_of_two_distributions_are_no_matter(room: Room, index: Index) -> None:
    """Some bring an empty `tests` along."""
    (room.site / "tests").mkdir()
    (room.site / "tests" / "__init__.py").write_text("")
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", "helper"))
    index.offer(wheel)
    index.add("helper", "helper-1-py3-none-any.whl", pack("helper", "1", (), {"tests/__init__.py": ""}))

    assert install(room, index, wheel).packages == (("helper", "1"),)


def test_a_link_beside_the_lock_is_not_written_through(tmp_path: Path) -> None:
    """A workspace that was cloned may hold one, under whatever name the lock has while it is written."""
    victim = tmp_path / "profile"
    victim.write_text("mine")
    for name in ("gallery.lock", "gallery.lock.tmp", f".gallery.lock.{os.getpid()}.tmp"):
        (tmp_path / name).symlink_to(victim)

    write_lock(tmp_path / "gallery.lock", Lock())

    assert victim.read_text() == "mine"
    assert read_lock(tmp_path / "gallery.lock") == Lock()


class _Stopped(Room):
    """A room in which the installer is stopped midway."""

    def environment(self, index: Index | None = None, offline: Path | None = None) -> Environment:
        """It, with an installer that lays out files, removes the old ones, and then receives Ctrl-C."""
        room, python = self, self.python

        class Interrupted(Environment):
            def install(self, pins: Sequence[Pin], wheels: Path) -> None:
                for wheel in wheels.glob("*.whl"):
                    for info in room.site.glob("gallery_connector_acme-*"):
                        shutil.rmtree(info)
                    with zipfile.ZipFile(wheel) as archive:
                        names = [name for name in archive.namelist() if not name.endswith("RECORD")]
                        archive.extractall(room.site, names)
                raise KeyboardInterrupt

        return Interrupted(python, index_url=f"{index.url}/simple/" if index else None, offline=offline)


@pytest.mark.parametrize("upgrade", [False, True], ids=["new", "upgrade"])
def test_what_was_begun_when_its_user_stopped_it_is_taken_back(tmp_path: Path, index: Index, upgrade: bool) -> None:
    """Ctrl-C comes while files are being written, and before there is any list of them."""
    room = _Stopped(tmp_path / "room")
    old, new = Wheel("acme"), Wheel("acme", version="1.1.0", more={"gallery_connector_acme/x.py": ""})
    index.offer(new)
    if upgrade:
        room.unpack(old)
    before = room.files()

    with pytest.raises(KeyboardInterrupt):
        install(room, index, new)

    assert room.files() == before and not room.lock.exists()


@pytest.mark.parametrize("spoil", ["changed", "gone"])
def test_without_its_lock_nothing_stays_installed(room: Room, index: Index, spoil: str) -> None:
    """Another process pinned something else meanwhile, which would be lost; or the lock cannot be written."""
    wheel = Wheel("acme")
    index.offer(wheel)
    before = room.files()
    lock = room.lock if spoil == "changed" else room.lock.with_name("gone") / "gallery.lock"
    with prepared([wanted(wheel)], environment=room.environment(index), lock_path=lock) as ready:
        if spoil == "changed":
            write_lock(lock, Lock().with_connectors([_locked(Wheel("zoom"), "zoom")], ()))
        with pytest.raises(GalleryError, match=r"was changed while|cannot be written"):
            ready.carry_out(lock)

    assert room.files() == before
    assert [one.slug for one in read_lock(lock).connector] == (["zoom"] if spoil == "changed" else [])


def test_two_installations_at_once_are_one_too_many(room: Room, index: Index, tmp_path: Path) -> None:
    """What one of them takes back, the other may have come to need; afterwards the way is free."""
    wheel = Wheel("acme")
    index.offer(wheel)

    with room.environment().alone():
        with pytest.raises(InstallError, match=rf"another installation is at work there \(process {os.getpid()}\)"):
            install(room, index, wheel)
        with pytest.raises(InstallError, match="another installation is at work"):
            remove(["acme"], environment=room.environment(), lock_path=room.lock)

    assert install(room, index, wheel).connectors == (("acme", "1.0.0", None),)


def test_a_home_that_cannot_be_written_to_is_in_nobodys_way(
    room: Room, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    wheel = Wheel("acme")
    index.offer(wheel)

    assert install(room, index, wheel).connectors == (("acme", "1.0.0", None),)


def test_what_an_extra_brings_is_pinned_too(room: Room, index: Index, tmp_path: Path) -> None:
    """A requirement with an extra needs more than its name says; elsewhere the lock brings all of it."""
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", "helper[fast,unheard]"))
    index.offer(wheel)
    extra = ('quick; extra == "fast"\nProvides-Extra: fast', 'absent; extra == "unheard"')
    index.add("helper", "helper-1-py3-none-any.whl", pack("helper", "1", extra, {}))
    index.add("quick", "quick-1-py3-none-any.whl", pack("quick", "1", (), {"quick.py": ""}))
    other = Room(tmp_path / "other")

    install(room, index, wheel)
    other.lock.write_bytes(room.lock.read_bytes())
    pinned = locked_connectors(other.lock, (), None)
    with prepared(pinned, environment=other.environment(index), lock_path=other.lock, locked=True) as ready:
        ready.carry_out(other.lock)

    assert [one.dist for one in read_lock(room.lock).package] == ["helper", "quick"]
    assert (other.site / "quick.py").exists()


@pytest.mark.parametrize("slug", ["before", "needs", "wheels"])
def test_no_slug_is_in_the_way_of_an_installation(room: Room, index: Index, slug: str) -> None:
    """Whatever folders the installation makes for itself."""
    old, new = Wheel(slug), Wheel(slug, version="1.1.0")
    index.offer(old, new)

    install(room, index, old)

    assert install(room, index, new).connectors == ((slug, "1.1.0", "1.0.0"),)


def _locked(wheel: Wheel, slug: str = "acme", *, needs: tuple[str, ...] = ()) -> LockedConnector:
    pinned = wanted(wheel, slug)
    return LockedConnector(**{name: getattr(pinned, name) for name in Wanted.__slots__ if name != "code"}, needs=needs)


def _lock_with(room: Room, index: Index, wheel: Wheel, dist: str) -> None:
    """A lock that says of the connector that it brings a distribution along."""
    name = f"{dist.replace('-', '_')}-9-py3-none-any.whl"
    data = pack(dist, "9", (), {"extra.py": ""})
    index.offer(wheel)
    index.add(dist, name, data)
    package = LockedPackage(dist=dist, version="9", files=(LockedFile(name=name, sha256=digest(data)),))
    write_lock(room.lock, Lock().with_connectors([_locked(wheel, needs=(dist,))], [package]))


def test_a_lock_brings_nothing_along_that_no_connector_needs(room: Room, index: Index) -> None:
    """It is a file that anybody can edit, and easily read over; or it was written where other markers hold."""
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", 'extra; sys_platform == "another"'))
    _lock_with(room, index, wheel, "extra")

    with prepared([wanted(wheel)], environment=room.environment(index), lock_path=room.lock, locked=True) as ready:
        report = ready.carry_out(room.lock)

    assert report == Report((("acme", "1.0.0", None),), ())
    assert not (room.site / "extra.py").exists()


def test_a_lock_never_replaces_the_sdk(room: Room, index: Index) -> None:
    """However well its hash is pinned."""
    wheel = Wheel("acme")
    _lock_with(room, index, wheel, "gallery-sdk")
    before = room.files()

    with (
        pytest.raises(InstallError, match="it pins gallery-sdk, which no connector brings along"),
        prepared([wanted(wheel)], environment=room.environment(index), lock_path=room.lock, locked=True),
    ):
        pass

    assert room.files() == before


def test_a_lock_pins_nothing_that_its_catalog_has_never_listed(repository: Repository, tmp_path: Path) -> None:
    """Neither a connector nor a version; a catalog that is older than the lock cannot know."""
    wheel, lock = Wheel("acme"), tmp_path / "gallery.lock"
    repository.outside("acme", wheel)
    catalog = parse_catalog(repository.build().catalog)
    pinned = _locked(wheel)
    for other in (_locked(Wheel("evil"), "evil"), _locked(Wheel("acme", version="0.9.0"))):
        write_lock(lock, Lock().with_connectors([other], ()))
        with pytest.raises(InstallError, match="which catalog 1 has never listed"):
            locked_connectors(lock, (), catalog)
        write_lock(lock, Lock().with_connectors([other.model_copy(update={"catalog_version": 2})], ()))
        assert locked_connectors(lock, (), catalog)
    write_lock(lock, Lock().with_connectors([pinned], ()))
    assert locked_connectors(lock, (), catalog)
