"""What is pinned is what is installed; whatever is refused leaves everything as it was."""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gallery_sdk.catalog.choosing import choose
from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.environment import Pin
from gallery_sdk.catalog.installing import Report, prepared, remove
from gallery_sdk.catalog.lock import Lock, LockedConnector, LockedFile, lock_text, read_lock, write_lock
from gallery_sdk.catalog.models import Catalog, parse_catalog
from gallery_sdk.catalog.problems import InstallError
from gallery_sdk.catalog.wanted import Wanted, check_facts, locked_connectors
from gallery_sdk.catalog.wheels import look_into

from .conftest import PYTHON, Index, Repository, Room, Wheel, manifest_text, pack

Listed = Callable[..., Catalog]


@pytest.fixture
def listed(repository: Repository) -> Listed:
    """`listed(wheel, ...)`: a catalog that pins these wheels."""

    def make(*wheels: Wheel, more: str = "") -> Catalog:
        (repository.root / "registry" / "packages.toml").unlink(missing_ok=True)
        repository.head(more=more)
        by_dist: dict[str, list[Wheel]] = {}
        for one in wheels:
            by_dist.setdefault(one.dist, []).append(one)
        for dist, releases in by_dist.items():
            repository.outside(dist.removeprefix("gallery-connector-"), *releases)
        built = repository.build()
        assert built.problems == ()
        return parse_catalog(built.catalog)

    return make


def _install(catalog: Catalog, room: Room, index: Index | None, *slugs: str, offline: Path | None = None) -> Report:
    wanted = [
        Wanted.from_choice(choose(catalog, slug, sdk="0.4.0", python=PYTHON), catalog) for slug in slugs or ("acme",)
    ]
    with prepared(wanted, environment=room.environment(index, offline), lock_path=room.lock) as ready:
        return ready.carry_out(room.lock)


def _install_locked(catalog: Catalog | None, room: Room, index: Index | None, offline: Path | None = None) -> Report:
    wanted = locked_connectors(room.lock, (), catalog)
    environment = room.environment(index, offline)
    with prepared(wanted, environment=environment, lock_path=room.lock, locked=True) as ready:
        return ready.carry_out(room.lock)


def _installed(room: Room, slug: str = "acme") -> bool:
    return (room.site / f"gallery_connector_{slug}" / "connector.toml").exists()


def test_a_connector_is_installed_upgraded_and_removed(listed: Listed, room: Room, index: Index) -> None:
    """With what it needs; the SDK stays. The lock names every file by its hash, and keeps in step."""
    old = Wheel("acme", requires=("gallery-sdk>=0.1", "helper>=2"))
    new = Wheel("acme", version="1.1.0")
    index.offer(old, new)
    index.add("helper", "helper-2.1-py3-none-any.whl", pack("helper", "2.1", (), {"helper.py": "x = 1\n"}))

    report = _install(listed(old), room, index)
    lock, text, asked = read_lock(room.lock), room.lock.read_text(), len(index.requests)
    again = _install(listed(old), room, index)
    unchanged = (len(index.requests), room.lock.read_text()) == (asked, text)
    shown = subprocess.run(
        [room.python, "-c", "import importlib.metadata as m; print(*m.entry_points(group='gallery.connectors'))"],
        capture_output=True,
        text=True,
    )
    upgraded = _install(listed(new, old), room, index)
    lock_after = read_lock(room.lock)
    removed = remove(["acme"], environment=room.environment(), lock_path=room.lock)

    assert report == Report((("acme", "1.0.0", None),), (("helper", "2.1"),))
    assert lock.connector[0].needs == ("helper",)
    assert [(one.dist, one.version) for one in lock.package] == [("helper", "2.1")]
    assert again == Report((), ()) and unchanged
    assert "name='acme'" in shown.stdout
    assert upgraded.connectors == (("acme", "1.1.0", "1.0.0"),)
    assert (lock_after.connector[0].version, lock_after.package) == ("1.1.0", ())
    assert removed == [("acme", "gallery-connector-acme")]
    assert not _installed(room) and read_lock(room.lock) == Lock()
    with pytest.raises(InstallError, match="not installed"):
        remove(["acme"], environment=room.environment(), lock_path=room.lock)


def test_a_lock_installs_the_same_bytes_elsewhere_without_a_network(
    listed: Listed, room: Room, index: Index, tmp_path: Path
) -> None:
    """From a folder of wheels; what the first environment had by chance is in the lock too."""
    wheel = Wheel("acme", requires=("gallery-sdk>=0.1", "helper>=2"))
    helper = pack("helper", "2.1", (), {"helper.py": "x = 1\n"})
    index.offer(wheel)
    index.add("helper", "helper-2.1-py3-none-any.whl", helper)
    room.have("helper", "2.1")
    catalog = listed(wheel)
    _install(catalog, room, index)
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / wheel.name).write_bytes(wheel.data)
    (folder / "helper-2.1-py3-none-any.whl").write_bytes(helper)
    other = Room(tmp_path / "other")
    other.lock.write_bytes(room.lock.read_bytes())
    asked = len(index.requests)

    report = _install_locked(catalog, other, None, folder)

    assert report == Report((("acme", "1.0.0", None),), (("helper", "2.1"),))
    assert _installed(other) and (other.site / "helper.py").exists()
    assert other.lock.read_bytes() == room.lock.read_bytes()
    assert len(index.requests) == asked


def test_uv_serves_where_there_is_no_pip(
    listed: Listed, room: Room, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an environment that uv made: uv fetches pip from the index, and pip does as ever, hashes included."""
    bundled = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    uv = Path(sys.executable).with_name("uv")
    if not bundled or not uv.exists():
        pytest.skip("needs uv beside this interpreter, and the wheel of pip that Python brings")
    index.add("pip", bundled[0].name, bundled[0].read_bytes())
    monkeypatch.setattr("gallery_sdk.catalog.installer.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(uv.parent), prepend=os.pathsep)
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.url}/simple/")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    good, other = Wheel("acme"), Wheel("loom")
    index.offer(good, other)
    catalog = listed(good, other)
    index.files[f"/files/{other.name}"] = Wheel("loom", version="1.0.0", requires=("helper",)).data

    report = _install(catalog, room, index)
    with pytest.raises(InstallError, match="not the one that was pinned"):
        _install(catalog, room, index, "loom")

    assert report == Report((("acme", "1.0.0", None),), ())
    assert _installed(room) and not _installed(room, "loom")


def test_a_wheel_that_was_swapped_is_refused(listed: Listed, room: Room, index: Index) -> None:
    """The index offers other bytes under the same name, with a hash of its own that fits them."""
    wheel, swapped = Wheel("acme"), Wheel("acme", more={"gallery_connector_acme/plugin.py": "import os\n"})
    catalog = listed(wheel)
    index.add(wheel.dist, wheel.name, swapped.data)
    before = room.files()

    with pytest.raises(InstallError, match="not the one that was pinned"):
        _install(catalog, room, index)

    assert room.files() == before and not room.lock.exists()


def test_a_wheel_that_was_swapped_in_a_folder_is_refused(listed: Listed, room: Room, tmp_path: Path) -> None:
    """Offline as well, from the catalog and from a lock."""
    wheel, swapped = Wheel("acme"), Wheel("acme", more={"gallery_connector_acme/plugin.py": "import os\n"})
    catalog = listed(wheel)
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / wheel.name).write_bytes(swapped.data)

    with pytest.raises(InstallError, match="not the one that was pinned"):
        _install(catalog, room, None, offline=folder)
    assert not _installed(room)


@pytest.mark.parametrize(
    ("wheel", "word"),
    [
        (Wheel("acme", claims="slack"), "claims the slug 'slack'"),
        (Wheel("acme", claims="acme = gallery_sdk.plugins.declarative:connector\nslack"), "'acme', 'slack'"),
        (Wheel("acme", claims=""), "claims the slug none"),
        (Wheel("acme", more={"gallery_sdk/errors.py": ""}), "it would install 'gallery_sdk'"),
        (Wheel("acme", more={"evil.pth": "import os\n"}), "it would install 'evil.pth'"),
        (Wheel("acme", more={"gallery_connector_acme-1.0.0.data/scripts/x": ""}), "it would install"),
        (Wheel("acme", more={"../evil.py": ""}), "lies outside of it"),
        (Wheel("acme", more={"other/connector.toml": ""}), "2 connector manifests"),
        (Wheel("acme", version="1.0.1"), "it says that it is gallery-connector-acme 1.0.1"),
        (Wheel("acme", manifest=manifest_text("acme").replace("Accounts", "All")), r"connector\.toml is not the one"),
    ],
    ids=[
        "another slug",
        "two slugs",
        "no slug",
        "SDK",
        "start-up",
        "script",
        "path",
        "manifests",
        "version",
        "manifest",
    ],
)
def test_a_wheel_that_is_not_what_it_should_be_is_refused(tmp_path: Path, wheel: Wheel, word: str) -> None:
    """Even one whose hash the catalog pins: it is looked into without being unpacked."""
    path = tmp_path / wheel.name
    path.write_bytes(wheel.data)
    file = LockedFile(name=wheel.name, sha256=wheel.sha256)
    manifest = digest(Wheel("acme").manifest)
    wanted = Wanted("acme", "gallery-connector-acme", "1.0.0", (file,), manifest, None, 1)

    with pytest.raises(InstallError, match=word):
        check_facts(look_into(path, wheel.sha256), wanted, wheel.name)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<html>"], ids=["empty", "torn", "a page"])
def test_what_is_no_wheel_is_refused(tmp_path: Path, data: bytes) -> None:
    """And so is a wheel of another hash, before it is opened."""
    path = tmp_path / "acme-1-py3-none-any.whl"
    path.write_bytes(data)

    with pytest.raises(InstallError, match="no wheel that can be read"):
        look_into(path, digest(data))
    with pytest.raises(InstallError, match="not the one that was pinned"):
        look_into(path, "0" * 64)


def test_a_pinned_wheel_that_claims_another_slug_changes_nothing(listed: Listed, room: Room, index: Index) -> None:
    """The whole way, with the installer: nothing of it is unpacked."""
    wheel = Wheel("acme", claims="slack")
    index.offer(wheel)
    catalog, before = listed(wheel), room.files()

    with pytest.raises(InstallError, match="claims the slug 'slack'"):
        _install(catalog, room, index)

    assert room.files() == before and not room.lock.exists()


def test_a_slug_that_another_package_claims_is_refused(listed: Listed, room: Room, index: Index) -> None:
    """The installed one is named; nothing is downloaded."""
    wheel = Wheel("acme")
    index.offer(wheel)
    room.have("acme-by-somebody", "1", entry_points="[gallery.connectors]\nacme = somebody:connector\n")
    before = room.files()

    with pytest.raises(InstallError, match="acme-by-somebody claims it already"):
        _install(listed(wheel), room, index)

    assert room.files() == before and index.requests == []


@pytest.mark.parametrize(
    ("requires", "word"),
    [
        (("gallery-sdk>=0.1", "nowhere>=1"), "nowhere to be had"),
        (("gallery-sdk>=0.1", "source-only"), "nowhere to be had"),
        (("gallery-sdk>=5",), "another gallery-sdk than is here"),
        (("gallery-sdk>=0.1", "shared>=2"), "other-app needs shared<2, and 2.0 would be there"),
    ],
    ids=["absent", "only as source", "another SDK", "breaks another"],
)
def test_a_broken_dependency_is_refused(
    listed: Listed, room: Room, index: Index, requires: tuple[str, ...], word: str
) -> None:
    """Before anything is installed; no code of a dependency runs to find out."""
    wheel = Wheel("acme", requires=requires)
    index.offer(wheel)
    index.add("shared", "shared-2.0-py3-none-any.whl", pack("shared", "2.0", (), {}))
    index.add("gallery-sdk", "gallery_sdk-5.0-py3-none-any.whl", pack("gallery-sdk", "5.0", (), {}))
    index.add("source-only", "source_only-1.0.tar.gz", b"never opened")
    room.have("shared", "1.0")
    room.have("other-app", "1.0", requires=("shared<2",))
    before = room.files()

    with pytest.raises(InstallError, match=word):
        _install(listed(wheel), room, index)

    assert room.files() == before and not room.lock.exists()


def test_of_two_connectors_none_is_installed_when_one_is_refused(listed: Listed, room: Room, index: Index) -> None:
    """All or nothing."""
    good, bad = Wheel("acme"), Wheel("zoom", requires=("nowhere",))
    index.offer(good, bad)
    before = room.files()

    with pytest.raises(InstallError, match="nowhere"):
        _install(listed(good, bad), room, index, "acme", "zoom")

    assert room.files() == before


def test_what_an_installer_had_begun_is_taken_back(
    listed: Listed, room: Room, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It installed, and the result is not what was checked: new ones go, and replaced ones come back."""
    old, wheel, other = Wheel("acme"), Wheel("acme", version="1.1.0"), Wheel("zoom")
    index.offer(old, wheel, other)
    room.unpack(old)
    catalog = listed(wheel, old, other)
    wanted = [
        Wanted.from_choice(choose(catalog, slug, sdk="0.4.0", python=PYTHON), catalog) for slug in ("acme", "zoom")
    ]
    environment, before = room.environment(index), room.files()

    with prepared(wanted, environment=environment, lock_path=room.lock) as ready:
        install = environment.install

        def install_and_spoil(pins: Sequence[Pin], wheels: Path) -> None:
            install(pins, wheels)
            (room.site / "gallery_connector_zoom" / "connector.toml").write_text("slug = 'other'")

        monkeypatch.setattr(environment, "install", install_and_spoil)
        with pytest.raises(InstallError, match="not what was checked"):
            ready.carry_out(room.lock)

    assert room.files() == before and not room.lock.exists()


def test_a_folder_that_somebody_works_in_is_left_alone(listed: Listed, room: Room, index: Index) -> None:
    """An editable install is an author's, and is not written over."""
    wheel = Wheel("acme")
    info = room.have(wheel.dist, "1.0.0", entry_points="[gallery.connectors]\nacme = x:y\n")
    (info / "direct_url.json").write_text('{"url": "file:///src", "dir_info": {"editable": true}}')

    with pytest.raises(InstallError, match="somebody works in"):
        _install(listed(wheel), room, index)


def test_an_environment_without_the_sdk_is_refused(listed: Listed, room: Room, index: Index) -> None:
    """A connector alone would do nothing."""
    for path in room.site.glob("gallery_sdk-*/*"):
        path.unlink()

    with pytest.raises(InstallError, match="gallery-sdk is not installed there"):
        _install(listed(Wheel("acme")), room, index)


def _locked(catalog: Catalog, slug: str) -> LockedConnector:
    wanted = Wanted.from_choice(choose(catalog, slug, sdk="0.4.0", python=PYTHON), catalog)
    return LockedConnector(**{name: getattr(wanted, name) for name in Wanted.__slots__ if name != "code"})


def test_a_lock_is_held_against_the_catalog(listed: Listed, tmp_path: Path) -> None:
    """A critical withdrawal, or other files under one number, stop even what is pinned; an ordinary one does not."""
    wheel, lock = Wheel("acme"), tmp_path / "gallery.lock"
    write_lock(lock, Lock().with_connectors([_locked(listed(wheel), "acme")], ()))
    entry = '[[withdrawn]]\nslug = "acme"\nseverity = "{}"\nreason = "leaks"\nsince = 2027-01-01\n'
    rebuilt = Wheel("acme", more={"gallery_connector_acme/x.py": ""})

    with pytest.raises(InstallError, match=r"withdrawn \(critical, leaks\)"):
        locked_connectors(lock, (), listed(wheel, more=entry.format("critical")))
    with pytest.raises(InstallError, match="pin different files"):
        locked_connectors(lock, (), listed(rebuilt))
    with pytest.raises(InstallError, match="does not name it"):
        locked_connectors(lock, ["slack"], None)
    with pytest.raises(InstallError, match="pins no connector"):
        locked_connectors(tmp_path / "none.lock", (), None)
    assert len(locked_connectors(lock, (), listed(wheel, more=entry.format("withdrawn")))) == 1
    assert len(locked_connectors(lock, ["acme"], None)) == 1


def test_a_lock_is_written_the_same_in_any_order(listed: Listed, tmp_path: Path) -> None:
    """And reads back as it was."""
    catalog = listed(Wheel("acme"), Wheel("zoom"))
    locked = [_locked(catalog, slug) for slug in ("zoom", "acme")]

    one = Lock().with_connectors(locked, ())
    other = Lock().with_connectors(locked[:1], ()).with_connectors(locked[1:], ()).without(["nobody"])
    write_lock(tmp_path / "gallery.lock", one)

    assert lock_text(one) == lock_text(other)
    assert read_lock(tmp_path / "gallery.lock") == one


@pytest.mark.parametrize(
    "text",
    ["schema = 2", "[[connector]]\nslug = 'a'", "x", 'schema = 1\nextra = "y"'],
    ids=["level", "torn", "no TOML", "field"],
)
def test_a_lock_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    """It is not taken for an empty one."""
    from gallery_sdk.errors import ConfigError

    (tmp_path / "gallery.lock").write_text(text)

    with pytest.raises(ConfigError):
        read_lock(tmp_path / "gallery.lock")
