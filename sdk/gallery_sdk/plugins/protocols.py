"""The shapes that hooks hand over and that belong to rooms above this one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
"""An ASGI 3 application."""

SecretResolver: TypeAlias = Callable[[str], str]
"""From what follows the scheme in a reference (`vault:` and then this) to the secret."""


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
