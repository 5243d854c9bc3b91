"""Venues of the contract suite that are tapes: one that answers from a cassette, one that records another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...transport.wire_aiohttp import AiohttpWire
from ..contract.venues import Connected, VenueName, twin_connection
from ..limits import RateLimiter
from ..serving import serve
from .scrubbing import ORIGIN
from .tape import replaying

if TYPE_CHECKING:
    from ...manifest import Manifest
    from ..contract import Subject


class CassetteVenue:
    """Recorded answers.

    Args:
        folder: Holds a folder for each connector: `cassettes/slack/create_user.yaml`.
    """

    name: VenueName = "cassette"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def connect(
        self, subject: Subject, manifest: Manifest, check: str, settings: Mapping[str, str]
    ) -> AsyncIterator[Connected]:
        """See `Venue.connect`.

        Raises:
            CassetteError: The behaviour was not recorded.
        """
        wire = AiohttpWire()
        folder = subject.manifest.tests.cassettes or subject.slug
        with replaying(self._folder / folder / f"{check}.yaml") as cassette:
            yield twin_connection(subject, None, wire, ORIGIN, settings)
            await wire.aclose()
            assert cassette.all_played, "the connector asks for less than was recorded; record the behaviour again"


class ServedTwinVenue:
    """The connector's twin on a port of this machine, so that what goes over the wire can be recorded."""

    name: VenueName = "twin"

    @asynccontextmanager
    async def connect(
        self, subject: Subject, manifest: Manifest, check: str, settings: Mapping[str, str]
    ) -> AsyncIterator[Connected]:
        """See `Venue.connect`."""
        app = subject.twin()()
        app.limiter = RateLimiter((), app.clock)
        wire = AiohttpWire()
        with serve(app) as server:
            yield twin_connection(subject, app, wire, server.url, settings)
            await wire.aclose()
