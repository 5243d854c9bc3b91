"""What the index knows of one installed connector, without having imported it."""

from __future__ import annotations

from typing import NamedTuple

GROUP = "gallery.connectors"
"""The entry-point group; an entry's name is the connector's slug."""


class IndexEntry(NamedTuple):
    """One installed connector. A named tuple, since making a dataclass costs a search more than reading the index.

    Attributes:
        slug: Its name everywhere; for a broken one the name of its entry point.
        version: The connector's own, from its manifest.
        capabilities: `user:create`, `group:members`, ..., in the manifest's order.
        auth: Kinds of authentication, the preferred one first.
        transport: `scim2`, `scim1` or `rest`; "" for a broken one.
        dist: Distribution name, `dist_version` its version as installed.
        module: The entry point's value, `package.module` or `package.module:object`.
        manifest: Path of its `connector.toml`; "" when it was not found.
        manifest_mtime_ns: When that file was last changed; 0 when it was not found.
        code: It brings Python besides its manifest.
        broken: Why it cannot be used; None when it can.
    """

    slug: str
    name: str
    summary: str
    version: str
    status: str
    vendor: str
    categories: tuple[str, ...]
    keywords: tuple[str, ...]
    aliases: tuple[str, ...]
    auth: tuple[str, ...]
    capabilities: tuple[str, ...]
    transport: str
    dist: str
    dist_version: str
    module: str
    manifest: str
    manifest_mtime_ns: int
    code: bool
    broken: str | None


BLANK = IndexEntry(
    slug="", name="", summary="", version="", status="", vendor="", categories=(), keywords=(), aliases=(), auth=(),
    capabilities=(), transport="", dist="", dist_version="", module="", manifest="", manifest_mtime_ns=0, code=False,
    broken=None,
)  # fmt: skip
"""An entry in which nothing is known, to be filled in by `_replace`."""
