"""Which distributions offer connectors is told as importlib.metadata would tell it."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable, Iterable
from importlib.metadata import Distribution, PathDistribution, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gallery_sdk.plugins import load_index
from gallery_sdk.plugins.distributions import Offer, find_offers, recorded_files

if TYPE_CHECKING:
    from .conftest import Site

GROUP = "gallery.connectors"


def _offers(name: str) -> list[Offer]:
    return [offer for offer in find_offers(GROUP) if offer.name == name]


@pytest.mark.parametrize("group", [GROUP, "console_scripts", "pytest11"])
def test_of_this_environment_it_tells_what_importlib_metadata_tells(group: str) -> None:
    """Whatever tools made these distributions, name, value, distribution and version are the same."""
    expected = set()
    for point in entry_points(group=group):
        assert point.dist is not None
        expected.add((point.name, point.value.partition("[")[0].strip(), point.dist.name, point.dist.version))

    found = {(offer.name, offer.value, offer.dist, offer.version) for offer in find_offers(group)}

    assert found == expected


def test_importlib_metadata_is_not_loaded_for_folders(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take longer than all the rest."""
    site.connector("acme")
    monkeypatch.setattr(sys, "path", [str(site.folder)])
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[-1:])
    monkeypatch.setitem(sys.modules, "importlib.metadata", None)  # importing it would fail

    assert [offer.name for offer in find_offers(GROUP)] == ["acme"]


def test_of_two_distributions_of_one_name_the_first_on_the_path_counts(
    site: Site, new_site: Callable[[str], Site]
) -> None:
    """As for imports: what lies behind it cannot be imported, so it makes no claim either."""
    site.connector("acme")
    nearer = new_site("nearer")
    nearer.dist("Gallery.Connector.acme", "[gallery.connectors]\nother = elsewhere.plugin\n", version="2.0")

    assert _offers("acme") == []
    assert [(offer.dist, offer.version) for offer in _offers("other")] == [("Gallery.Connector.acme", "2.0")]


def test_an_egg_info_folder_is_read_as_well(site: Site) -> None:
    """Older tools leave one beside the package they install in place."""
    folder = site.connector("acme")
    info = next(site.folder.glob("*.dist-info"))
    (info / "METADATA").rename(info / "PKG-INFO")
    info.rename(site.folder / "gallery_connector_acme.egg-info")

    (offer,) = _offers("acme")

    assert (offer.dist, offer.version) == ("gallery-connector-acme", "1.0")
    assert Path(offer.folder) == folder.parent


def test_names_are_found_behind_a_long_header(site: Site) -> None:
    """Nothing says that they come first."""
    info = site.dist("acme", "[gallery.connectors]\nacme = acme.plugin\n")
    long = "".join(f"Classifier: Topic :: Number {number}\n" for number in range(400))
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\n{long}Name: acme\nVersion: 3.0\n\nA text.\n")

    (offer,) = _offers("acme")

    assert (offer.dist, offer.version) == ("acme", "3.0")


def test_a_distribution_without_metadata_has_no_name(site: Site) -> None:
    """A torn installation is listed, not hidden."""
    (site.dist("acme", "[gallery.connectors]\nacme = acme.plugin\n") / "METADATA").unlink()

    (offer,) = _offers("acme")

    assert (offer.dist, offer.version) == ("", "")


def test_of_a_file_of_entry_points_only_the_lines_of_the_group_count(site: Site) -> None:
    """Sections, comments, spaces and extras are those of the entry points specification."""
    site.dist(
        "acme",
        "[console_scripts]\nacme = acme.cli:main\n\n# more\n[gallery.connectors]\n  acme=acme.plugin : thing [fast]\n"
        "; gone = acme.old\n\n[gallery.connectors.other]\nno = acme.no\n",
    )

    points = [(offer.name, offer.value) for offer in find_offers(GROUP) if offer.dist == "acme"]

    assert points == [("acme", "acme.plugin : thing")]


def test_a_connector_in_a_zip_is_broken_and_says_why(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manifest is no file; the others are found as ever."""
    site.connector("northwind")
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        info = "gallery_connector_acme-1.0.dist-info"
        packed.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: gallery-connector-acme\nVersion: 1.0\n")
        packed.writestr(f"{info}/entry_points.txt", "[gallery.connectors]\nacme = gallery_connector_acme.plugin\n")
    monkeypatch.syspath_prepend(str(archive))

    entries = {entry.slug: entry for entry in load_index()}

    assert entries["acme"].broken == "no connector.toml beside 'gallery_connector_acme'"
    assert entries["acme"].dist == "gallery-connector-acme"
    assert entries["northwind"].broken is None


class _Finder:
    """A finder of the import system that knows distributions of its own, and one that cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, *_: object) -> None:
        return None

    def find_distributions(self, _context: object) -> Iterable[Distribution]:
        return [_Torn(), *map(PathDistribution, self._folder.glob("*.dist-info"))]


class _Torn(Distribution):
    def read_text(self, filename: str) -> str | None:
        raise OSError(filename)

    def locate_file(self, path: object) -> Path:
        return Path(str(path))


def test_other_finders_are_asked_for_what_they_know(
    new_site: Callable[[str], Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some installations keep packages where `sys.path` does not lead."""
    apart = new_site("apart")
    folder = apart.connector("acme")
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(apart.folder)])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, _Finder(apart.folder)])

    (offer,) = _offers("acme")

    assert (offer.dist, Path(offer.folder)) == ("gallery-connector-acme", folder.parent)
    assert list(recorded_files(offer)) == []
