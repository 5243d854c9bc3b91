"""Shapes that belong to rooms above this one: what hooks hand over, and what is searched in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
"""An ASGI 3 application."""

SecretResolver: TypeAlias = Callable[[str], str]
"""From what follows the scheme in a reference (`vault:` and then this) to the secret."""


class Searchable(Protocol):
    """What `match_entries` searches in: an installed connector's entry, or the catalog's."""

    @property
    def slug(self) -> str:
        """Its name everywhere."""

    @property
    def name(self) -> str:
        """As its vendor writes it."""

    @property
    def aliases(self) -> Sequence[str]:
        """Former and other names."""

    @property
    def categories(self) -> Sequence[str]:
        """Category ids."""

    @property
    def keywords(self) -> Sequence[str]:
        """Further words."""

    @property
    def auth(self) -> Sequence[str]:
        """Kinds of authentication."""

    @property
    def transport(self) -> str:
        """Kind of protocol."""


class TargetLike(Protocol):
    """What `gallery_sdk.targets.Target` asks of a target; here only what this room needs to know of it."""

    async def open(self) -> None:
        """Make ready."""

    async def aclose(self) -> None:
        """Let go of connections."""


class SourceFactory(Protocol):
    """Opens a source of one kind; the result is a `gallery_sdk.sources.Source`."""

    def __call__(self, config: Any, base: Path, allow_empty: bool, /) -> Any:
        """Open it.

        Args:
            config: The `[source]` table, a `gallery_sdk.sources.SourceConfig`.
            base: The team's folder, which relative paths start from.
            allow_empty: Whether an empty source is believed.
        """


class TwinFactory(Protocol):
    """Makes twins; each call gives a new one, with nothing in it."""

    def __call__(self) -> AsgiApp:
        """A simulator of the app's API."""
