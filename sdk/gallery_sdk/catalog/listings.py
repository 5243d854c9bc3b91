"""What a search looks through: the kept catalog and the installed connectors, read lightly.

Imports nothing heavy (no pydantic, no cryptography): a search is to cost little more than starting Python. The
catalog's signature was checked when it was kept, and is checked again before anything is installed from it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from ..plugins.entries import IndexEntry
from ..plugins.ranking import match_entries
from .stored import read_state, stored_bytes


class Listing(NamedTuple):
    """A connector that can be found.

    Attributes:
        version: The newest in the catalog; of one that is only installed, its own.
        tier: None while nobody has computed it.
        auth: Kinds of authentication, the preferred one first.
        capabilities: `user:create`, `group:members`, ...
        installed: The version that is installed; None when none is.
        withdrawn: Why its newest version must not be used; None when nothing stands against it.
    """

    slug: str
    name: str
    summary: str
    version: str
    status: str
    vendor: str
    tier: str | None
    categories: tuple[str, ...]
    keywords: tuple[str, ...]
    aliases: tuple[str, ...]
    auth: tuple[str, ...]
    capabilities: tuple[str, ...]
    transport: str
    installed: str | None
    withdrawn: str | None


class Wish(NamedTuple):
    """What a search is narrowed to; None or empty asks for nothing. Of several capabilities each must be there."""

    category: str | None = None
    auth: str | None = None
    capabilities: tuple[str, ...] = ()
    tier: str | None = None
    transport: str | None = None


_TIERS = ("draft", "bronze", "silver", "gold", "platinum")


def kept_catalog() -> dict[str, Any] | None:
    """The kept catalog as plain data, for reading only; None when there is none that can be read."""
    data = stored_bytes(read_state())
    if data is None:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def is_past(catalog: dict[str, Any], now: float | None = None) -> bool:
    """Whether the catalog has expired; `now` in seconds since 1970. Times in it are UTC to the second, and so compare
    as texts do."""
    return str(catalog.get("expires", "")) <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))


def listings(catalog: dict[str, Any] | None, installed: Iterable[IndexEntry]) -> list[Listing]:
    """Everything that can be found, by slug; an entry that cannot be read hides no other.

    A connector that is both in the catalog and installed is one listing, described by the catalog.
    """
    found = {}
    if catalog is not None:
        withdrawals = withdrawals_of(catalog)
        for row in catalog.get("connectors", ()):
            try:
                listing = _listing(row, withdrawals)
            except (KeyError, TypeError, IndexError, AttributeError, ValueError):
                continue
            found[listing.slug] = listing
    for entry in installed:
        if entry.broken is None:
            listed = found.get(entry.slug)
            found[entry.slug] = listed._replace(installed=entry.version) if listed else _from_index(entry)
    return [found[slug] for slug in sorted(found)]


def search(query: str, listed: Iterable[Listing], wish: Wish | None = None) -> list[Listing]:
    """Those that answer to the query and fit the wish, the best first; withdrawn and deprecated ones come last."""
    wish = Wish() if wish is None else wish
    found = match_entries(query, [one for one in listed if _fits(one, wish)])
    return sorted(found, key=lambda one: one.status != "active" or one.withdrawn is not None)


def _fits(one: Listing, wish: Wish) -> bool:
    if wish.tier is not None and (one.tier is None or _TIERS.index(one.tier) < _TIERS.index(wish.tier)):
        return False
    return (
        (wish.category is None or wish.category in one.categories)
        and (wish.auth is None or any(wish.auth in (kind, kind.removeprefix("oauth2_")) for kind in one.auth))
        and all(able in one.capabilities for able in wish.capabilities)
        and (wish.transport is None or wish.transport == one.transport)
    )


def _listing(row: dict[str, Any], withdrawals: dict[str, list[dict[str, Any]]]) -> Listing:
    newest, slug = row["releases"][0], row["slug"]
    able = row["capabilities"]
    tier = row["tier"]
    if not isinstance(slug, str) or not isinstance(row["name"], str) or (tier is not None and tier not in _TIERS):
        raise TypeError("not a listing")
    return Listing(
        slug=slug,
        name=row["name"],
        summary=row["summary"],
        version=newest["version"],
        status=row["status"],
        vendor=row["vendor"],
        tier=tier,
        categories=tuple(row["categories"]),
        keywords=tuple(row["keywords"]),
        aliases=tuple(row["aliases"]),
        auth=tuple(row["auth"]),
        capabilities=tuple(f"{kind}:{word}" for kind in ("user", "group") for word in able[kind]),
        transport=row["transport"],
        installed=None,
        withdrawn=withdrawal_reason(withdrawals.get(slug, ()), newest["version"]),
    )


def _from_index(entry: IndexEntry) -> Listing:
    """By position, in the order of the attributes: of a few hundred, naming each would take as long as ranking them."""
    return Listing(
        entry.slug, entry.name, entry.summary, entry.version, entry.status, entry.vendor, None, entry.categories,
        entry.keywords, entry.aliases, entry.auth, entry.capabilities, entry.transport, entry.version, None,
    )  # fmt: skip


def withdrawals_of(catalog: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What the catalog says against versions, by slug."""
    by_slug: dict[str, list[dict[str, Any]]] = {}
    for row in catalog.get("withdrawn", ()):
        if isinstance(row, dict):
            by_slug.setdefault(str(row.get("slug")), []).append(row)
    return by_slug


def withdrawal_reason(rows: Iterable[dict[str, Any]], version: str) -> str | None:
    """Why this version must not be used, by the withdrawals of its connector; None when nothing stands against it."""
    for row in rows:
        from packaging.specifiers import SpecifierSet  # only where something of this connector is withdrawn

        with suppress(ValueError):  # a version or a range that is none
            if SpecifierSet(row.get("versions", "")).contains(version, prereleases=True):
                return str(row.get("reason"))
    return None
