"""Getting a catalog, keeping it, and reading what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .documents import digest
from .fetching import beside, fetch, is_url, normal_source
from .keys import MOST_KEYS, SHIPPED_KEYS, key_id
from .models import Catalog
from .problems import CatalogError
from .signing import SIGNATURE_NAME
from .stored import HOW_TO_GET, State, read_state, store, store_detail, stored_bytes, stored_detail, stored_signature
from .verifying import Seen, Verified, verify_catalog


@dataclass(frozen=True, slots=True)
class Update:
    """What an update brought.

    Attributes:
        previous: The catalog's number before; 0 for the first.
        changed: Whether it brought another catalog.
        details: How many detail documents were fetched.
        failures: Detail documents that could not be had; each can be tried again, and the catalog holds without them.
        rewritten: Releases that are not what the catalog before had under their numbers, one line each.
    """

    verified: Verified
    source: str
    previous: int
    changed: bool
    details: int
    failures: tuple[CatalogError, ...]
    rewritten: tuple[str, ...] = ()


def update(
    source: str | None = None, *, unsigned: bool = False, details: bool = False, now: datetime | None = None
) -> Update:
    """Get the newest catalog, check it, and keep it; one that does not pass changes nothing.

    Args:
        source: Address or path; where the present one came from when left out.
        unsigned: Take a catalog without a signature, from a path only: one's own, built here.
        details: Fetch all detail documents too, so that everything works offline.

    Raises:
        CatalogError: It cannot be had, or must not be believed.
    """
    state = read_state()
    if source is None:
        if not state.source:
            raise CatalogError("nothing says where the catalog is", "gallery catalog update", f"Run {HOW_TO_GET}")
        unsigned = unsigned or not state.signed
    place = normal_source(source or state.source)
    if unsigned and is_url(place):
        raise CatalogError(
            "a catalog from the network must be signed", place, "Leave --unsigned out, and trust its publisher's key"
        )
    data = fetch(place)
    signature = None if unsigned else _fetch_signature(place)
    # A catalog of one's own is built anew under one number as often as one likes; a published one is not.
    seen = Seen(state.seen_version, state.seen_sha256) if state.seen_version and not unsigned else None
    verified = verify_catalog(data, signature, trusted_keys(state), now=now or datetime.now(UTC), seen=seen)
    version, sha256 = verified.catalog.version, verified.sha256
    fresh = state._replace(source=place, version=version, sha256=sha256, signed=not unsigned)
    if not unsigned:
        fresh = fresh._replace(seen_version=version, seen_sha256=sha256)
    rewritten = tuple(_rewritten(verified.catalog)) if state.signed and state.source == place else ()
    store(fresh, data, signature)
    fetched, failures = _keep_details(verified.catalog) if details else (0, [])
    return Update(verified, place, state.version, state.sha256 != sha256, fetched, tuple(failures), rewritten)


def _fetch_signature(place: str) -> bytes:
    """The signature beside a catalog; one on this machine that has none is most likely its reader's own."""
    where = beside(place, SIGNATURE_NAME)
    if not is_url(place) and not Path(where).exists():
        raise CatalogError(
            "the catalog is not signed: there is no such file",
            where,
            "Sign it with `gallery catalog sign`, or take a catalog of your own as it is, with --unsigned",
        )
    return fetch(where)


def _rewritten(fresh: Catalog) -> Iterator[str]:
    """Hold a catalog against the kept one of the same publisher: a release is never changed, and stays listed.

    Told, and not refused: what the new one withdraws is to reach its readers all the same.
    """
    try:
        kept = load_catalog(expired_ok=True).catalog
    except CatalogError:
        return
    after = {
        (entry.slug, one.version): {file.sha256 for file in one.files}
        for entry in fresh.connectors
        for one in entry.releases
    }
    for entry in kept.connectors:
        for release in entry.releases:
            files = after.get((entry.slug, release.version))
            if release.files and files is None and not any(f"({entry.slug})" in line for line in fresh.unreadable):
                yield f"{entry.slug} {release.version} is not listed any more, as it was in catalog {kept.version}"
            elif files is not None and not {one.sha256 for one in release.files} <= files:
                yield f"{entry.slug} {release.version} has other files than in catalog {kept.version}"


def load_catalog(*, now: datetime | None = None, expired_ok: bool = False) -> Verified:
    """The kept catalog, its signature checked again.

    Raises:
        CatalogError: There is none, it was altered on disk, or it has expired.
    """
    state = read_state()
    data = stored_bytes(state)
    if data is None:
        raise CatalogError("there is no catalog on this machine yet", "catalog", f"Run {HOW_TO_GET}")
    signature = stored_signature(state) if state.signed else None
    if state.signed and signature is None:
        raise CatalogError("the catalog's signature is gone", "catalog", "Get it anew with `gallery catalog update`")
    return verify_catalog(
        data,
        signature,
        trusted_keys(state),
        now=now or datetime.now(UTC),
        seen=Seen(state.version, state.sha256),
        expired_ok=expired_ok,
    )


def load_detail(catalog: Catalog, slug: str, *, offline: bool = False) -> bytes:
    """The detail document of a connector: the kept one, else fetched from where the catalog came from.

    Raises:
        CatalogError: The catalog has no such connector, or its document cannot be had or is not the pinned one.
    """
    entry = catalog.by_slug.get(slug)
    if entry is None:
        raise CatalogError("the catalog has no such connector", f"connector {slug!r}", "Find one with `gallery search`")
    data = stored_detail(entry.detail.sha256)
    if data is not None:
        return data
    source = read_state().source
    if offline or not source:
        raise CatalogError(
            "its details are not on this machine", f"connector {slug!r}", "Run `gallery catalog update --details`"
        )
    data = fetch(beside(source, entry.detail.path))
    if digest(data) != entry.detail.sha256:
        raise CatalogError(
            "the document is not the one that the catalog pins",
            beside(source, entry.detail.path),
            "Get the catalog anew with `gallery catalog update`; if it stays so, tell its publisher",
        )
    store_detail(entry.detail.sha256, data)
    return data


def trusted_keys(state: State | None = None) -> tuple[str, ...]:
    """Public keys that are trusted here: the shipped ones and those of this machine."""
    state = read_state() if state is None else state
    return tuple(dict.fromkeys((*SHIPPED_KEYS, *state.keys)))


def trust(public: str) -> str:
    """Trust a key on this machine from now on.

    Args:
        public: In hexadecimal.

    Returns:
        The key's name.

    Raises:
        CatalogError: Two keys are trusted here already.
    """
    state = read_state()
    if public not in state.keys:
        if len(state.keys) >= MOST_KEYS:
            names = " and ".join(key_id(one)[:16] for one in state.keys)
            raise CatalogError(
                f"{MOST_KEYS} keys are trusted here already ({names})",
                "trusted keys",
                "Give the older one up with `gallery catalog trust --remove KEY`",
            )
        store(state._replace(keys=(*state.keys, public)))
    return key_id(public)


def distrust(name: str) -> str:
    """Give a key up.

    Args:
        name: The key's name, or its beginning.

    Raises:
        CatalogError: No key, or more than one, is named so.
    """
    state = read_state()
    found = [public for public in state.keys if name and key_id(public).startswith(name)]
    if len(found) != 1:
        names = ", ".join(key_id(one)[:16] for one in state.keys) or "none"
        raise CatalogError(f"{name!r} names no single key", "trusted keys", f"Trusted on this machine: {names}")
    kept = tuple(one for one in state.keys if one != found[0])
    # With a publisher's last key goes the memory of its numbers: the next publisher counts from its own.
    seen = (state.seen_version, state.seen_sha256) if kept or SHIPPED_KEYS else (0, "")
    store(state._replace(keys=kept, seen_version=seen[0], seen_sha256=seen[1]))
    return key_id(found[0])


def _keep_details(catalog: Catalog) -> tuple[int, list[CatalogError]]:
    """Fetch what is not here yet; one that fails hides no other."""
    fetched, failures = 0, []
    for entry in catalog.connectors:
        if stored_detail(entry.detail.sha256) is None:
            try:
                load_detail(catalog, entry.slug)
                fetched += 1
            except CatalogError as error:
                failures.append(error)
    return fetched, failures
