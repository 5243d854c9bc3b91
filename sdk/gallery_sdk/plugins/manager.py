"""Managers: one per connection, holding the SDK's plugin, the connector and local overrides; one for the host.

A connection's manager knows one connector only, since pluggy asks every plugin that it knows: with 300 installed, one
call would cost 90 microseconds instead of 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import pluggy

from ..errors import PluginError
from .declarative import ManifestPlugin, connector
from .distributions import find_offers
from .entries import IndexEntry
from .markers import PROJECT
from .specs import ConnectorSpecs, HostSpecs

if TYPE_CHECKING:
    from ..expressions import FunctionRegistry
    from ..manifest import Manifest
    from .protocols import SecretResolver, SourceFactory

HOST_GROUP: Final = "gallery.plugins"
_UNKNOWN_HOOK: Final = re.compile(r"unknown hook '(?P<name>\w+)'")


class _Plugins:
    """A pluggy manager whose plugins are checked as they come, with errors that name their distribution."""

    def __init__(self, specs: type, label: str) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(specs)
        self._known = tuple(name for name in vars(specs) if name.startswith("gallery_"))
        self.label = label

    @property
    def hook(self) -> pluggy.HookRelay:
        """The hooks, called by name with keyword arguments."""
        return self._manager.hook

    def has_hook(self, name: str) -> bool:
        """Whether anybody implements the hook. Ask once per job, and leave the call out when nobody does.

        Raises:
            ValueError: There is no hook of that name.
        """
        if name not in self._known:
            raise ValueError(f"{name!r} is no hook; hooks are {', '.join(self._known)}")
        return bool(getattr(self._manager.hook, name).get_hookimpls())

    def register(self, plugin: object, name: str, where: str) -> None:
        """Add a plugin, to be asked before those that are there.

        Raises:
            PluginError: It is a class, implements an unknown hook, asks for unknown parameters, or has a function that
                is named like a hook and not marked as one.
        """
        if isinstance(plugin, type):
            raise PluginError(
                f"{plugin.__name__} is a class", where, "Name a module or an instance; hooks are called on it as it is"
            )
        for hook in self._known:
            if callable(getattr(plugin, hook, None)) and self._manager.parse_hookimpl_opts(plugin, hook) is None:
                raise PluginError(f"{hook} is not marked as a hook", where, "Decorate it with @hookimpl")
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise self._refused(error, where) from error
        except ValueError as error:
            raise PluginError(f"{name!r} is registered twice", where, "Register every plugin once") from error

    def _refused(self, error: pluggy.PluginValidationError, where: str) -> PluginError:
        from difflib import get_close_matches

        unknown = _UNKNOWN_HOOK.search(str(error))
        if unknown is None:
            what = str(error).replace("\n", " ").strip().rstrip(".")
            return PluginError(what, where, "Compare its parameters with gallery_sdk.plugins.specs")
        near = get_close_matches(unknown["name"], self._known, n=1)
        mend = f"Did you mean {near[0]!r}" if near else f"Hooks are {', '.join(self._known)}"
        return PluginError(f"{unknown['name']!r} is not a hook", where, mend)


class ConnectionPlugins(_Plugins):
    """The plugins of one connection: the SDK's first, then the connector's, local overrides last and thus asked first.

    Made by `connection_manager`; tests make their own from a manifest or from objects with hooks.
    """

    def __init__(self, slug: str) -> None:
        super().__init__(ConnectorSpecs, slug)

    @cached_property
    def manifest(self) -> Manifest:
        """The connector's manifest.

        Raises:
            ManifestError: It cannot be read, or is none.
            PluginError: Nobody gives one, or it is of another connector.
        """
        from ..manifest import Manifest

        where = f"connector {self.label!r}"
        manifest = self.hook.gallery_manifest()
        if not isinstance(manifest, Manifest):
            raise PluginError(
                f"gallery_manifest gave {type(manifest).__name__}", where, "Return what `read_manifest` gives"
            )
        if manifest.slug != self.label:
            raise PluginError(
                f"its manifest has the slug {manifest.slug!r}", where, "Give entry point and manifest the same name"
            )
        return manifest


class HostPlugins(_Plugins):
    """The plugins that cut across connectors."""

    def __init__(self) -> None:
        super().__init__(HostSpecs, "host")

    def sources(self) -> dict[str, SourceFactory]:
        """Every offered kind of source."""
        return self._merged("gallery_sources", "kind of source")

    def secret_resolvers(self) -> dict[str, SecretResolver]:
        """Every offered scheme of secret references."""
        return self._merged("gallery_secret_resolvers", "scheme of secret references")

    def add_functions(self, registry: FunctionRegistry) -> None:
        """Let every plugin add its expression functions."""
        self.hook.gallery_expression_functions(registry=registry)

    def _merged(self, hook: str, what: str) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        by: dict[str, str] = {}
        for implementation in getattr(self.hook, hook).get_hookimpls():
            offered: Mapping[str, Any] = implementation.function()
            for name, value in offered.items():
                if name in merged:
                    raise PluginError(
                        f"the {what} {name!r} is also offered by {by[name]}",
                        f"host plugin {implementation.plugin_name}",
                        "Uninstall one of the two",
                    )
                merged[name], by[name] = value, implementation.plugin_name
        return merged


def connection_manager(entry: IndexEntry, *, overrides: Iterable[object] = ()) -> ConnectionPlugins:
    """Load one connector, and nothing of any other.

    Args:
        entry: From the index.
        overrides: The team's own plugins for this connection; a later one is asked before an earlier one.

    Raises:
        PluginError: The connector is broken, cannot be imported, or has hooks that do not exist.
    """
    where = f"connector {entry.slug!r} of distribution {entry.dist!r} {entry.dist_version}".rstrip()
    if entry.broken is not None:
        raise PluginError(f"the connector is broken: {entry.broken}", where, "Run `gallery doctor`")
    plugins = ConnectionPlugins(entry.slug)
    plugins.register(ManifestPlugin(entry.manifest), "gallery-sdk", where)
    if entry.code:
        loaded = _loaded(partial(_imported, entry.module), where)
        if loaded is not connector:
            plugins.register(loaded, entry.dist or entry.slug, where)
    for place, override in enumerate(overrides):
        plugins.register(override, f"override {place}", f"local override {place} of connector {entry.slug!r}")
    return plugins


def host_manager() -> HostPlugins:
    """Load every installed host plugin (entry-point group `gallery.plugins`).

    Raises:
        PluginError: One cannot be loaded. A missing secret resolver or source would fail later and less clearly.
    """
    plugins = HostPlugins()
    for offer in sorted(find_offers(HOST_GROUP)):
        dist = offer.dist or "an unknown distribution"
        where = f"host plugin {offer.name!r} of distribution {dist!r}"
        loaded = _loaded(partial(_imported, offer.value), where)
        plugins.register(loaded, f"{offer.name} ({dist})", where)
    return plugins


def _loaded(load: Callable[[], object], where: str) -> object:
    try:
        return load()
    except (Exception, SystemExit) as error:
        # Its import runs other people's code: whatever it raises, the one who asked learns whose fault it is.
        raise PluginError(
            f"it cannot be imported ({type(error).__name__}: {error})", where, "Mend or reinstall the distribution"
        ) from error


def _imported(value: str) -> object:
    """What an entry point's value names: `package.module` or `package.module:object`."""
    module, _, attribute = value.partition(":")
    loaded = import_module(module.strip())
    return attrgetter(attribute.strip())(loaded) if attribute else loaded
