"""One manager per connection: one connector is imported, overrides are asked first, mistakes are named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from gallery_sdk.errors import ManifestError, PluginError
from gallery_sdk.manifest import Manifest
from gallery_sdk.plugins import ConnectionPlugins, connection_manager, find_entry, hookimpl, host_manager, load_index
from gallery_sdk.plugins.entries import BLANK

if TYPE_CHECKING:
    from .conftest import Site

SHAPING = """\
from gallery_sdk.plugins import hookimpl

@hookimpl
def gallery_shape_create(resource):
    return {**resource, "by": "connector"}

@hookimpl
def gallery_read_resource(kind, resource):
    return {**resource, "kind": kind}
"""


class Override:
    """A team's own plugin for one connection."""

    def __init__(self, name: str) -> None:
        self.name = name

    @hookimpl
    def gallery_shape_create(self, resource: dict[str, object]) -> dict[str, object] | None:
        return {**resource, "by": self.name} if self.name != "silent" else None


def test_only_the_connector_that_is_used_is_imported(site: Site) -> None:
    """Three hundred others cost nothing."""
    site.connector("fabrikam", plugin=SHAPING)
    site.connector("northwind", plugin="raise RuntimeError\n")

    before = set(sys.modules)
    connection_manager(find_entry("fabrikam"))

    assert sorted(name for name in set(sys.modules) - before if name.startswith("gallery_connector_")) == [
        "gallery_connector_fabrikam",
        "gallery_connector_fabrikam.plugin",
    ]


def test_overrides_are_asked_before_the_connector_and_the_last_one_first(site: Site) -> None:
    """An override that gives no answer lets the next one speak."""
    site.connector("fabrikam", plugin=SHAPING)
    entry = find_entry("fabrikam")

    alone = connection_manager(entry)
    overridden = connection_manager(entry, overrides=[Override("first"), Override("second")])
    passed_on = connection_manager(entry, overrides=[Override("silent")])

    assert alone.hook.gallery_shape_create(kind="user", resource={}) == {"by": "connector"}
    assert overridden.hook.gallery_shape_create(kind="user", resource={}) == {"by": "second"}
    assert passed_on.hook.gallery_shape_create(kind="user", resource={}) == {"by": "connector"}


def test_a_hook_is_known_to_be_there_or_not_before_any_object_is_read(site: Site) -> None:
    """What nobody implements need not be called; a name that is no hook is the caller's mistake."""
    site.connector("fabrikam", plugin=SHAPING)

    plugins = connection_manager(find_entry("fabrikam"))

    assert plugins.has_hook("gallery_read_resource")
    assert not plugins.has_hook("gallery_shape_patch")
    with pytest.raises(ValueError, match="gallery_shape_patches"):
        plugins.has_hook("gallery_shape_patches")


@pytest.mark.parametrize("plugin", [SHAPING, None], ids=["code without gallery_manifest", "data alone"])
def test_the_sdk_reads_the_manifest_when_the_connector_does_not(site: Site, plugin: str | None) -> None:
    """Most connectors have none but this one answer to give."""
    site.connector("fabrikam", plugin=plugin)

    plugins = connection_manager(find_entry("fabrikam"))

    assert isinstance(plugins.manifest, Manifest)
    assert plugins.manifest.slug == "fabrikam"
    assert not plugins.has_hook("gallery_target")


def test_a_manifest_with_problems_is_reported_when_it_is_used(site: Site) -> None:
    """The index reads lightly, so a manifest can be listed and still not be fit."""
    site.connector("acme", manifest='slug = "acme"\nname = "Acme"\nversion = "1.0.0"\n')

    plugins = connection_manager(find_entry("acme"))

    with pytest.raises(ManifestError, match="transport: the field is missing"):
        _ = plugins.manifest


def test_a_manifest_of_another_connector_is_refused(site: Site) -> None:
    """Links and secrets belong to a slug."""
    site.connector("fabrikam", plugin=None)
    plugins = ConnectionPlugins("northwind")
    manifest = connection_manager(find_entry("fabrikam")).manifest

    class Impostor:
        @hookimpl
        def gallery_manifest(self) -> Manifest:
            return manifest

    plugins.register(Impostor(), "impostor", "connector 'northwind'")

    with pytest.raises(PluginError, match="has the slug 'fabrikam'"):
        _ = plugins.manifest


@pytest.mark.parametrize(
    ("source", "what", "mend"),
    [
        pytest.param(
            "from gallery_sdk.plugins import hookimpl\n@hookimpl\ndef gallery_shape_crate(resource): pass\n",
            "'gallery_shape_crate' is not a hook",
            "Did you mean 'gallery_shape_create'",
            id="misspelt hook",
        ),
        pytest.param(
            "from gallery_sdk.plugins import hookimpl\n@hookimpl\ndef gallery_shape_create(resurce): pass\n",
            "resurce",
            "Compare its parameters",
            id="misspelt parameter",
        ),
        pytest.param(
            "def gallery_shape_create(resource): pass\n",
            "gallery_shape_create is not marked as a hook",
            "Decorate it with @hookimpl",
            id="not marked",
        ),
        pytest.param(
            "import a_module_that_nobody_has\n",
            "ModuleNotFoundError: No module named 'a_module_that_nobody_has'",
            "Mend or reinstall the distribution",
            id="cannot be imported",
        ),
        pytest.param("raise SystemExit(3)\n", "SystemExit: 3", "Mend or reinstall", id="exits when imported"),
    ],
)
def test_a_mistake_of_a_connector_names_its_distribution(site: Site, source: str, what: str, mend: str) -> None:
    """Whoever runs the job learns whose package to mend, and its author learns how."""
    site.connector("acme", plugin=source)

    with pytest.raises(PluginError) as caught:
        connection_manager(find_entry("acme"))

    assert what in caught.value.what
    assert mend in caught.value.mend
    assert caught.value.where == "connector 'acme' of distribution 'gallery-connector-acme' 1.0"


def test_a_class_is_no_plugin() -> None:
    """pluggy would call its hooks without self."""
    with pytest.raises(PluginError, match="Override is a class"):
        ConnectionPlugins("acme").register(Override, "acme", "connector 'acme'")


def test_a_broken_connector_is_not_loaded() -> None:
    """Its reason is repeated."""
    with pytest.raises(PluginError, match="both claim the slug"):
        connection_manager(BLANK._replace(slug="acme", broken="a 1 and b 2 both claim the slug 'acme'"))


def _host(site: Site, name: str, source: str) -> None:
    (site.folder / f"gallery_host_{name}.py").write_text("from gallery_sdk.plugins import hookimpl\n" + source)
    site.dist(f"host-{name}", f"[gallery.plugins]\n{name} = gallery_host_{name}\n")


def test_host_plugins_offer_sources_secret_resolvers_and_functions(site: Site) -> None:
    """All answers count, whoever gives them."""
    _host(
        site,
        "vault",
        "@hookimpl\ndef gallery_secret_resolvers():\n    return {'vault': lambda rest: rest.upper()}\n"
        "@hookimpl\ndef gallery_expression_functions(registry):\n    registry.append('Vaulted')\n",
    )
    _host(site, "ldap", "@hookimpl\ndef gallery_sources():\n    return {'ldap': lambda config, base, empty: base}\n")
    registry: list[str] = []

    host = host_manager()
    host.add_functions(registry)  # type: ignore[arg-type]  # a list tells as well as a registry what was added

    assert host.secret_resolvers()["vault"]("x") == "X"
    assert set(host.sources()) == {"ldap"}
    assert registry == ["Vaulted"]


def test_two_host_plugins_with_one_scheme_are_refused(site: Site) -> None:
    """Where a secret comes from must not depend on the order of installation."""
    for name in ("one", "two"):
        _host(site, name, "@hookimpl\ndef gallery_secret_resolvers():\n    return {'vault': str}\n")

    with pytest.raises(PluginError, match=r"'vault' is also offered by one \(host-one\)"):
        host_manager().secret_resolvers()


def test_a_host_plugin_that_cannot_be_imported_is_named(site: Site) -> None:
    """A missing resolver would fail later and less clearly."""
    _host(site, "torn", "raise RuntimeError('half a file')\n")

    with pytest.raises(PluginError) as caught:
        host_manager()

    assert caught.value.where == "host plugin 'torn' of distribution 'host-torn'"
    assert "half a file" in caught.value.what


def test_nothing_is_kept_between_managers(site: Site) -> None:
    """Two connections of one connector do not share overrides."""
    site.connector("fabrikam", plugin=SHAPING)
    entry = find_entry("fabrikam", load_index())
    connection_manager(entry, overrides=[Override("mine")])

    assert connection_manager(entry).hook.gallery_shape_create(kind="user", resource={}) == {"by": "connector"}


def test_a_module_with_hooks_can_be_an_override(site: Site, new_site: Callable[[str], Site]) -> None:
    """A team writes a file, not a package."""
    site.connector("fabrikam", plugin=None)
    module = ModuleType("team")
    exec(SHAPING, module.__dict__)

    plugins = connection_manager(find_entry("fabrikam"), overrides=[module])

    assert plugins.hook.gallery_read_resource(kind="user", resource={}) == {"kind": "user"}
