"""The connector whose contract is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .profile import ConnectorContract, find_contract

if TYPE_CHECKING:
    from ...manifest import Manifest
    from ...plugins import ConnectionPlugins
    from ..twin import Twin


@dataclass(frozen=True, slots=True)
class Subject:
    """A connector, loaded alone."""

    slug: str
    plugins: ConnectionPlugins
    manifest: Manifest
    contract: ConnectorContract = field(default_factory=ConnectorContract)

    def twin(self) -> Twin:
        """The connector's twin, or the SCIM server that its manifest's quirks set up."""
        from ..declared import twin_of

        return twin_of(self.manifest, self.plugins)

    def can(self, kind: str, operation: str) -> bool:
        """Whether the manifest's capabilities name the operation."""
        return operation in self.manifest.capabilities.of(kind)


def load_subject(slug: str) -> Subject:
    """The installed connector of that name.

    Raises:
        PluginError: It is not installed, or broken.
    """
    from ...plugins import connection_manager, find_entry

    entry = find_entry(slug)
    plugins = connection_manager(entry)
    package = f"gallery_connector_{slug.replace('-', '_')}"
    return Subject(slug, plugins, plugins.manifest, find_contract(package))
