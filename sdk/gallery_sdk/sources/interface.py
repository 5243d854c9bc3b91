"""What every source can do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from .objects import SourceObject, SourcePage


@runtime_checkable
class Source(Protocol):
    """A directory that people and groups are read from. Kinds are "user" and "group"."""

    @property
    def name(self) -> str:
        """For the log, for example "csv people.csv (key id)"."""
        ...

    @property
    def supports_delta(self) -> bool:
        """Whether `changes` works."""
        ...

    @property
    def reference_attributes(self) -> tuple[str, ...]:
        """Attributes besides the key by which references name objects; the engine keeps an index of them."""
        ...

    def reference_key(self, attribute: str) -> str | None:
        """The attribute of the referenced object that `attribute` holds; None if it holds the key."""
        ...

    def snapshot(self) -> str:
        """A fingerprint of what would be read now. It changes when, and only when, content changes."""
        ...

    def count(self, kind: str) -> int | None:
        """About how many objects there are, cheaply, for progress; None if unknown."""
        ...

    def attributes(self, kind: str) -> tuple[str, ...]:
        """The attributes known before reading; a source without a fixed schema gives those of a sample."""
        ...

    def pages(self, kind: str, *, size: int = 200) -> AsyncIterator[SourcePage]:
        """Read all objects of a kind; nothing if the source is not set up for the kind.

        Only a read that ends without an error proves that an object is absent.

        Raises:
            SourceError: Unreadable, truncated, empty, altered while it was read, or one key twice. It may
                come after pages have been yielded, at the latest at the end.
        """
        ...

    async def get(self, kind: str, key: str) -> SourceObject | None:
        """The object with this id, else the one that a person names so (user name, mail, display name).

        Raises:
            SourceError: As for `pages`; the row of the object has a problem; or several answer to the name.
        """
        ...

    def changes(self, kind: str, watermark: str | None) -> AsyncIterator[SourcePage]:
        """Read what changed since a watermark; only where `supports_delta`.

        Raises:
            SourceError: The source keeps no changes, or no longer knows the watermark: read all again.
        """
        ...
