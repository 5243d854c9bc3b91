"""A connector that is to be installed, and what it is held against before: lock, catalog, environment, wheel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from .choosing import Choice, find_entry
from .documents import digest
from .environment import Contents
from .lock import Lock, LockedConnector, LockedFile, read_lock
from .models import Catalog
from .problems import InstallError
from .wheels import WheelFacts


@dataclass(frozen=True, slots=True)
class Wanted:
    """A connector to install, pinned.

    Attributes:
        code: False where the catalog says that it is data alone.
    """

    slug: str
    dist: str
    version: str
    files: tuple[LockedFile, ...]
    manifest_sha256: str
    index: str | None
    catalog_version: int
    code: bool = True

    @classmethod
    def from_choice(cls, choice: Choice, catalog: Catalog) -> Wanted:
        """As the catalog has it."""
        release = choice.release
        return cls(
            choice.entry.slug,
            choice.entry.dist,
            release.version,
            tuple(LockedFile(name=one.name, sha256=one.sha256) for one in release.files),
            release.manifest_sha256,
            choice.entry.index,
            catalog.version,
            # The catalog tells it of the newest release; older ones may differ.
            choice.entry.code or release is not choice.entry.releases[0],
        )

    @classmethod
    def from_lock(cls, locked: LockedConnector) -> Wanted:
        """As the lock has it."""
        return cls(
            locked.slug,
            locked.dist,
            locked.version,
            locked.files,
            locked.manifest_sha256,
            locked.index,
            locked.catalog_version,
        )


def locked_connectors(lock_path: Path, slugs: Sequence[str], catalog: Catalog | None) -> list[Wanted]:
    """What the lock pins, held against the catalog where there is one.

    Args:
        slugs: Which ones; all of the lock when empty.

    Raises:
        InstallError: The lock does not name one, or the catalog says that it must not be used.
    """
    lock = read_lock(lock_path)
    names = slugs or [one.slug for one in lock.connector]
    if not names:
        raise InstallError("it pins no connector", str(lock_path), "Run `gallery install` with the name of one")
    found = []
    for slug in names:
        locked = lock.find(slug)
        if locked is None:
            raise InstallError("the lock does not name it", f"connector {slug!r}", "Install it without --locked")
        if catalog is not None:
            _hold_against(locked, catalog)
        found.append(Wanted.from_lock(locked))
    return found


def check_claims(wanted: Wanted, before: Contents) -> None:
    """Refuse what another distribution claims, what somebody works on, and to replace what is no connector.

    Raises:
        InstallError: One of these.
    """
    where = f"connector {wanted.slug!r}"
    others = sorted({one.dist for one in before.claims(wanted.slug)} - {wanted.dist})
    if others:
        raise InstallError(
            f"{' and '.join(others)} claims it already, and the catalog's is {wanted.dist}",
            where,
            f"Uninstall {others[0]} with pip, if the catalog's is the one that you want",
        )
    there = before.dists.get(wanted.dist)
    if there is not None and there.editable:
        raise InstallError(
            f"{wanted.dist} {there.version} is installed from a folder that somebody works in",
            where,
            f"Go on with that one, or run `pip uninstall {wanted.dist}` first",
        )
    if there is not None and not before.claims(wanted.slug):
        raise InstallError(
            f"{wanted.dist} {there.version} is installed, and is not this connector",
            where,
            "Tell the catalog's publisher; a connector takes the place of no other distribution",
        )


def is_installed(wanted: Wanted, before: Contents) -> bool:
    """Whether the version is installed, with the manifest that is pinned."""
    there = before.dists.get(wanted.dist)
    hashes = [one.manifest_sha256 for one in before.claims(wanted.slug)]
    same = there is not None and Version(there.version) == Version(wanted.version)
    return same and hashes == [wanted.manifest_sha256]


def is_there(wanted: Wanted, before: Contents, lock: Lock) -> bool:
    """Whether this very connector is installed, and pinned as it should be."""
    pinned = lock.find(wanted.slug)
    return is_installed(wanted, before) and pinned is not None and pinned.files == wanted.files


def check_facts(facts: WheelFacts, wanted: Wanted, where: str) -> None:
    """Refuse a wheel that says of itself something else than the catalog does.

    Raises:
        InstallError: Name, version, slug or manifest differ.
    """
    mend = "Do not install it; tell the catalog's publisher"
    if facts.dist != wanted.dist or Version(facts.version) != Version(wanted.version):
        what = f"it says that it is {facts.dist} {facts.version}, and the catalog says {wanted.dist} {wanted.version}"
        raise InstallError(what, where, mend)
    if list(facts.connectors) != [wanted.slug]:
        claims = ", ".join(map(repr, facts.connectors)) or "none"
        raise InstallError(f"it claims the slug {claims}, and the catalog says {wanted.slug!r}", where, mend)
    if facts.code and not wanted.code:
        raise InstallError("it brings code, and the catalog says that it is data alone", where, mend)
    if digest(facts.manifest) != wanted.manifest_sha256:
        raise InstallError("its connector.toml is not the one that the catalog pins", where, mend)


def _hold_against(locked: LockedConnector, catalog: Catalog) -> None:
    where = f"connector {locked.slug!r}"
    withdrawal = catalog.withdrawal(locked.slug, locked.version)
    if withdrawal is not None and withdrawal.severity == "critical":
        raise InstallError(
            f"version {locked.version} is withdrawn (critical, {withdrawal.reason})",
            where,
            f"Run `gallery upgrade {locked.slug}`",
        )
    entry = find_entry(catalog, locked.slug) if locked.slug in catalog.by_slug else None
    releases = entry.releases if entry is not None else ()
    release = next((one for one in releases if Version(one.version) == Version(locked.version)), None)
    if entry is None or release is None:
        # A release is never deleted: a catalog as new as the lock lists what was ever chosen from it, unless this SDK
        # cannot read the entry.
        unread = any(f"({locked.slug})" in line for line in catalog.unreadable)
        if catalog.version >= locked.catalog_version and not unread:
            raise InstallError(
                f"the lock pins version {locked.version}, which catalog {catalog.version} has never listed",
                where,
                "Find out who put it there; `git log gallery.lock` may tell",
            )
        return
    pinned = {one.sha256 for one in release.files}
    if entry.dist != locked.dist or not {one.sha256 for one in locked.files} <= pinned:
        raise InstallError(
            f"the lock and the catalog pin different files for {locked.version}",
            where,
            "Find out who changed the lock; `git log gallery.lock` may tell",
        )
