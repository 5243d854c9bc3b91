"""What changed in the catalog, newest first: the page and the Atom feed (RFC 4287)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from .publication import Publication

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that readers want to hear of.

    Attributes:
        kind: `release`, `breaking` or `withdrawal`.
        path: The page that tells more.
    """

    kind: str
    day: date
    slug: str
    title: str
    text: str
    path: str

    @property
    def id(self) -> str:
        """The same for the same change, wherever the site is served (RFC 4287 section 4.2.6)."""
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:gallery:{self.kind}:{self.slug}:{self.title}')}"

    @property
    def updated(self) -> str:
        """Midnight UTC of the day, as RFC 3339 has it."""
        return f"{self.day.isoformat()}T00:00:00Z"


def find_changes(publication: Publication) -> tuple[Change, ...]:
    """Releases, changes that ask users to act, and withdrawals; a version without a release is dated by the catalog."""
    catalog, found = publication.catalog, list[Change]()
    for listed in publication.listed:
        entry = listed.entry
        path = f"c/{entry.slug}/"
        for release in entry.releases:
            day = release.released or catalog.generated.date()
            text = entry.summary if release.released else f"{entry.summary}. In the repository; not yet released."
            title = f"{entry.name} {release.version}"
            found.append(Change("release", day, entry.slug, title, text, f"{path}#changes"))
        released = {release.version: release.released for release in entry.releases}
        for note in entry.breaking:
            day = released.get(note.version) or catalog.generated.date()
            until = f" Act before {note.deadline}." if note.deadline else ""
            title = f"{entry.name} {note.version} asks you to act"
            found.append(Change("breaking", day, entry.slug, title, f"{note.summary}.{until}", f"{path}#changes"))
    for one in catalog.withdrawn:
        versions = f"versions {one.versions}" if one.versions else "all versions"
        path = f"c/{one.slug}/" if one.slug in catalog.by_slug else "changes/"
        found.append(
            Change("withdrawal", one.since, one.slug, f"{one.slug}: {versions} withdrawn", f"{one.reason}.", path)
        )
    found.sort(key=lambda one: (-one.day.toordinal(), one.slug, one.title))
    return tuple(found[:_MOST])
