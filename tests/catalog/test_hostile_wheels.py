"""A wheel whose hash the catalog pins, and which would do more than add one connector, is refused unopened."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from gallery_sdk.catalog.choosing import choose
from gallery_sdk.catalog.documents import digest
from gallery_sdk.catalog.installing import prepared
from gallery_sdk.catalog.lock import LockedFile
from gallery_sdk.catalog.models import Catalog, parse_catalog
from gallery_sdk.catalog.problems import InstallError
from gallery_sdk.catalog.wanted import Wanted, check_facts
from gallery_sdk.catalog.wheels import look_into

from .conftest import PYTHON, Index, Repository, Room, Wheel, manifest_text, pack

INFO = "gallery_connector_acme-1.0.0.dist-info"
POINT = "[gallery.connectors]\nacme = gallery_sdk.plugins.declarative:connector\n"


def _wheel(
    *,
    package: str = "gallery_connector_acme",
    points: str = POINT,
    requires: tuple[str, ...] = ("gallery-sdk>=0.1",),
    dist: str = "gallery-connector-acme",
) -> bytes:
    files = {f"{package}/__init__.py": "", f"{package}/connector.toml": manifest_text("acme")}
    return pack(dist, "1.0.0", requires, files, points)


def _changed(data: bytes, *added: tuple[str, str], record: str = "", rename: tuple[str, str] = ("", "")) -> bytes:
    """The wheel with files added behind, lines added to RECORD, and a part of every name replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode().replace(*rename) if name.endswith("RECORD") else old.read(name).decode()
            new.writestr(name.replace(*rename), text + (record if name.endswith("RECORD") else ""))
        for name, text in added:
            new.writestr(name, text)
    return buffer.getvalue()


CASES = {
    "package of the SDK": (_wheel(package="gallery_sdk"), "its package is named 'gallery_sdk'"),
    "package run at every start": (_wheel(package="sitecustomize"), "its package is named 'sitecustomize'"),
    "package of another connector": (_wheel(package="gallery_connector_slack"), "gallery_connector_slack"),
    "command": (_wheel(points=f"{POINT}[console_scripts]\npip = x:y\n"), "it would add to 'console_scripts'"),
    "command in a long value": (_wheel(points=f"{POINT} [console_scripts]\n pip = x:y\n"), "'console_scripts'"),
    "host plugin": (_wheel(points=f"{POINT}[gallery.plugins]\nx = x:y\n"), "it would add to 'gallery.plugins'"),
    "code of somebody else": (_wheel(points="[gallery.connectors]\nacme = os.path\n"), "names 'os.path', which it"),
    "one slug twice": (_wheel(points=f"{POINT}acme = gallery_connector_acme\n"), "claims one slug twice"),
    "address of a requirement": (_wheel(requires=("x @ https://x.example/x.tar.gz",)), "past the package index"),
    "list names a file of others": (_changed(_wheel(), record="gallery_sdk/errors.py,,\n"), "gallery_sdk/errors.py"),
    "list leaves a file out": (_changed(_wheel(), ("gallery_connector_acme/x.py", "")), "gallery_connector_acme/x.py"),
    "byte code": (
        _changed(_wheel(), ("gallery_connector_acme/__pycache__/__init__.cpython-311.pyc", "")),
        "it holds byte code",
    ),
    "second spelling": (_changed(_wheel(), (f"{INFO}//entry_points.txt", POINT)), "two files of one name"),
    "second case": (_changed(_wheel(), ("gallery_connector_acme/__INIT__.py", "")), "two files of one name"),
    "metadata of another": (_changed(_wheel(), rename=(INFO, "slack-1.0.0.dist-info")), "'slack-1.0.0.dist-info'"),
    "no version": (_changed(_wheel(), rename=(INFO, "gallery_connector_acme-x.dist-info")), "no wheel that can be"),
}


@pytest.mark.parametrize(("data", "word"), CASES.values(), ids=CASES)
def test_what_a_connector_has_no_use_for_is_refused(tmp_path: Path, data: bytes, word: str) -> None:
    """Its publisher may be in the registry, and its hash in a signed catalog: the form is held to all the same."""
    path = tmp_path / "gallery_connector_acme-1.0.0-py3-none-any.whl"
    path.write_bytes(data)

    with pytest.raises(InstallError) as caught:
        look_into(path, digest(data))

    assert word in caught.value.what


def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    """Which of the two is read is a matter of the reader."""
    path = tmp_path / "gallery_connector_acme-1.0.0-py3-none-any.whl"
    with pytest.warns(UserWarning, match="Duplicate name"):
        path.write_bytes(_changed(_wheel(), (f"{INFO}/entry_points.txt", POINT)))

    with pytest.raises(InstallError, match="two files of one name"):
        look_into(path, digest(path.read_bytes()))


def test_a_wheel_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    """By what its directory says; nothing is unpacked to find out."""
    path = tmp_path / "gallery_connector_acme-1.0.0-py3-none-any.whl"
    path.write_bytes(_wheel())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("gallery_connector_acme/zeros", bytes(100_000_001))

    with pytest.raises(InstallError, match="larger than 100000000 bytes"):
        look_into(path, digest(path.read_bytes()))


def test_a_package_may_be_named_after_its_distribution(tmp_path: Path) -> None:
    """As those are that are hosted elsewhere."""
    path = tmp_path / "acme_gallery-1.0.0-py3-none-any.whl"
    path.write_bytes(_wheel(package="acme_gallery", dist="acme-gallery"))

    assert list(look_into(path, digest(path.read_bytes())).connectors) == ["acme"]


def test_what_is_listed_as_data_brings_no_code(repository: Repository, tmp_path: Path) -> None:
    """How far to trust a connector depends on it, and `gallery show` tells it."""
    path = tmp_path / "gallery_connector_acme-1.0.0-py3-none-any.whl"
    path.write_bytes(_wheel(points="[gallery.connectors]\nacme = gallery_connector_acme\n"))
    facts = look_into(path, digest(path.read_bytes()))
    repository.outside("acme", Wheel("acme"))
    packages = repository.root / "registry" / "packages.toml"

    as_data = parse_catalog(repository.build().catalog)
    packages.write_text(packages.read_text().replace("[[package]]\n", "[[package]]\ncode = true\n", 1))
    as_code = parse_catalog(repository.build().catalog)

    with pytest.raises(InstallError, match="brings code, and the catalog says that it is data alone"):
        check_facts(facts, _chosen(as_data), path.name)
    check_facts(facts, _chosen(as_code), path.name)


def _chosen(catalog: Catalog) -> Wanted:
    return Wanted.from_choice(choose(catalog, "acme", sdk="0.4.0", python=PYTHON), catalog)


@pytest.mark.parametrize("dist", ["requests", "gallery-sdk"])
def test_a_connector_takes_the_place_of_no_other_distribution(room: Room, index: Index, dist: str) -> None:
    """Its hash is pinned, and so is the name under which it would replace what others import."""
    wheel = Wheel("acme", version="99", dist=dist)
    index.offer(wheel)
    if dist == "requests":
        room.have("requests", "2.0")
    file = LockedFile(name=wheel.name, sha256=wheel.sha256)
    wanted = Wanted("acme", dist, "99", (file,), digest(wheel.manifest), None, 1)
    before = room.files()

    with (
        pytest.raises(InstallError, match="is installed, and is not this connector"),
        prepared([wanted], environment=room.environment(index), lock_path=room.lock),
    ):
        pass

    assert room.files() == before and index.requests == []
