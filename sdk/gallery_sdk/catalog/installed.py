"""What is installed, held against the kept catalog."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ..plugins.entries import IndexEntry
from .listings import listings, withdrawal_reason, withdrawals_of


class Installed(NamedTuple):
    """An installed connector, broken ones included.

    Attributes:
        version: Of its distribution.
        newest: The newest version in the catalog; None when the catalog does not list it.
        remark: What stands against using it; "" when nothing does.
    """

    slug: str
    version: str
    dist: str
    newest: str | None
    remark: str


class WithdrawnHere(NamedTuple):
    """An installed version that must not be used any more. `critical` where it does harm."""

    slug: str
    version: str
    reason: str
    critical: bool


def withdrawn_here(catalog: dict[str, Any] | None, entries: Iterable[IndexEntry]) -> list[WithdrawnHere]:
    """The installed versions that the catalog says must not be used."""
    withdrawals, found = withdrawals_of(catalog or {}), []
    for entry in entries:
        rows = withdrawals.get(entry.slug, [])
        critical = withdrawal_reason([one for one in rows if one.get("severity") == "critical"], entry.dist_version)
        reason = critical or withdrawal_reason(rows, entry.dist_version)
        if reason is not None:
            found.append(WithdrawnHere(entry.slug, entry.dist_version, reason, critical is not None))
    return found


def installed_connectors(catalog: dict[str, Any] | None, entries: Iterable[IndexEntry]) -> list[Installed]:
    """The installed connectors in the order of the index, held against the catalog."""
    withdrawals = withdrawals_of(catalog or {})
    newest = {one.slug: one.version for one in listings(catalog, ())}
    found = []
    for entry in entries:
        reason = withdrawal_reason(withdrawals.get(entry.slug, ()), entry.dist_version) if entry.dist_version else None
        remark = f"broken: {entry.broken}" if entry.broken else f"withdrawn: {reason}" if reason else ""
        found.append(Installed(entry.slug, entry.dist_version, entry.dist, newest.get(entry.slug), remark))
    return found
