"""Discovery reads metadata and manifests, imports nothing, and keeps broken connectors apart."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gallery_sdk.errors import PluginError
from gallery_sdk.plugins import IndexEntry, find_entry, load_index

if TYPE_CHECKING:
    from .conftest import Site

EXPLODES = "raise RuntimeError('this connector must never be imported by a search')\n"


def _entry(slug: str) -> IndexEntry:
    return next(entry for entry in load_index(refresh=True) if entry.slug == slug)


def test_an_entry_says_what_a_search_and_a_planner_need(site: Site) -> None:
    """Everything comes from the manifest and the distribution's metadata."""
    site.connector("fabrikam")

    entry = _entry("fabrikam")

    assert entry.broken is None
    assert (entry.name, entry.version, entry.vendor) == ("Fabrikam", "1.2.0", "Fabrikam Inc.")
    assert entry.capabilities == ("user:read", "user:create", "group:read", "group:members")
    assert (entry.auth, entry.transport, entry.code) == (("bearer_token",), "scim2", True)
    assert (entry.dist, entry.dist_version) == ("gallery-connector-fabrikam", "1.0")
    assert Path(entry.manifest) == site.folder / "gallery_connector_fabrikam" / "connector.toml"


def test_no_connector_is_imported(site: Site) -> None:
    """A connector that raises when it is imported is found like any other."""
    site.connector("fabrikam", plugin=EXPLODES)
    site.connector("northwind", plugin=EXPLODES)

    entries = {entry.slug: entry for entry in load_index()}

    assert entries["fabrikam"].broken is None and entries["northwind"].broken is None
    assert not {"gallery_connector_fabrikam", "gallery_connector_northwind"} & set(sys.modules)


def test_no_name_of_an_entry_point_makes_a_search_import(site: Site) -> None:
    """One with a dot in it would have Python import the package before the dot, to look for the other inside of it."""
    (site.folder / "gallery_connector_acme").mkdir()
    (site.folder / "gallery_connector_acme" / "__init__.py").write_text(EXPLODES)
    site.dist("acme", "[gallery.connectors]\nacme.x = gallery_sdk.plugins.declarative:connector\n")

    broken = _entry("acme.x").broken

    assert broken == "no connector.toml beside 'gallery_connector_acme.x'"


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        pytest.param("slug = ", "is not TOML", id="no TOML"),
        pytest.param('slug = "other"\nname = "Other"\n', "slug is 'other'", id="slug of another"),
        pytest.param('slug = "acme"\n', "name is missing", id="no name"),
        pytest.param('slug = "acme"\nname = "A"\nversion = "1.0.0"\ncategories = "crm"\n', "categories", id="no list"),
        pytest.param('schema = 7\nslug = "acme"\n', "upgrade gallery-sdk", id="a later format"),
        pytest.param('slug = "acme"\nname = "A"\nversion = "1.0.0"\nauth = 3\n', "auth is not a table", id="no table"),
    ],
)
def test_a_broken_manifest_concerns_its_own_connector_only(site: Site, manifest: str, reason: str) -> None:
    """The others are listed as ever, and the broken one says why."""
    site.connector("acme", manifest=manifest)
    site.connector("northwind")

    entries = {entry.slug: entry for entry in load_index()}

    assert reason in (entries["acme"].broken or "")
    assert entries["northwind"].broken is None


def test_a_connector_without_manifest_is_broken(site: Site) -> None:
    """The reason names the package that was searched."""
    (site.connector("acme") / "connector.toml").unlink()

    assert _entry("acme").broken == "no connector.toml beside 'gallery_connector_acme'"


def test_two_distributions_that_claim_one_slug_are_both_broken(site: Site, new_site: Callable[[str], Site]) -> None:
    """Which one would run must not depend on the order of folders."""
    site.connector("acme")
    other = new_site("other")
    other.dist("acme-fork", "[gallery.connectors]\nacme = gallery_connector_acme.plugin\n", version="3.1")

    claimants = [entry for entry in load_index() if entry.slug == "acme"]

    assert sorted(entry.dist for entry in claimants) == ["acme-fork", "gallery-connector-acme"]
    for entry in claimants:
        assert "acme-fork 3.1 and gallery-connector-acme 1.0 both claim the slug 'acme'" in (entry.broken or "")


def test_a_connector_without_code_is_found_by_its_package_name(site: Site) -> None:
    """Its entry point names the SDK, so the package follows from the slug."""
    folder = site.connector("fabrikam-desk", plugin=None)

    entry = _entry("fabrikam-desk")

    assert entry.broken is None and not entry.code
    assert Path(entry.manifest).parent == folder


def test_a_connector_without_code_and_with_a_package_of_another_name_is_found_by_its_list_of_files(site: Site) -> None:
    """RECORD names the one connector.toml of the distribution."""
    folder = site.connector("acme", plugin=None, package="acme_provisioning")

    assert Path(_entry("acme").manifest).parent == folder


@pytest.mark.parametrize("code", [True, False], ids=["with code", "data alone"])
def test_an_editable_connector_is_found_through_the_import_system(
    site: Site, new_site: Callable[[str], Site], code: bool
) -> None:
    """Its dist-info lies in site-packages, its package in the author's folder."""
    source = new_site("source")
    folder = source.connector("acme", plugin=EXPLODES)
    info = next(source.folder.glob("*.dist-info"))
    value = "gallery_connector_acme.plugin" if code else "gallery_sdk.plugins.declarative:connector"
    (info / "entry_points.txt").write_text(f"[gallery.connectors]\nacme = {value}\n")
    (info / "RECORD").write_text("__editable__.acme.pth,,\n")
    info.rename(site.folder / info.name)

    entry = _entry("acme")

    assert entry.broken is None
    assert Path(entry.manifest).parent == folder


def test_an_unknown_connector_is_answered_with_the_nearest_one(site: Site) -> None:
    """The message has the next step in it."""
    site.connector("fabrikam")

    with pytest.raises(PluginError) as caught:
        find_entry("fabrkam")

    assert str(caught.value) == "connector 'fabrkam': no such connector is installed. Did you mean 'fabrikam'."


def test_a_broken_connector_is_refused_with_its_reason(site: Site) -> None:
    """Whoever asks for it learns which distribution to mend."""
    site.connector("acme", manifest="slug = ")

    with pytest.raises(PluginError, match="gallery-connector-acme") as caught:
        find_entry("acme")

    assert "is not TOML" in caught.value.what
