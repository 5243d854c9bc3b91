"""Where a contract is checked: against the connector's twin, a cassette, or a tenant of the vendor's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from ...errors import UsageError
from ...transport import Transport, Wire
from ..limits import RateLimiter
from .hurried import HurriedTime
from .people import DOMAIN, PREFIX
from .wires import AsgiWire

if TYPE_CHECKING:
    from ...auth import TokenHttp
    from ...manifest import Manifest
    from ...manifest.auth import AuthMethod
    from ..application import TwinApplication
    from .stage import Stage
    from .subject import Subject

VenueName = Literal["twin", "cassette", "live"]
_IN_PROCESS = "http://127.0.0.1:9"  # never connected to: the wire leads into the twin
_URL_INPUTS = ("url", "base_url")


@dataclass(slots=True)
class Connected:
    """What a connection is made of at one venue.

    Attributes:
        settings: Values of `[[config.input]]`; `inputs` and `secrets` are those of the method.
        http: Opens clients for token endpoints; None for the usual way.
        app: The twin, where there is one.
        prefix: Begins the names of what is made; `domain` ends its addresses.
        stage: What was built on it, once it was.
        acted: Called when the check is over and before anything is cleaned up, so that a tape can be stopped.
    """

    base_url: str
    hosts: list[str]
    settings: dict[str, str]
    method: AuthMethod | None
    inputs: dict[str, str]
    secrets: dict[str, str]
    wire: Wire
    http: TokenHttp | None = None
    app: TwinApplication | None = None
    prefix: str = PREFIX
    domain: str = DOMAIN
    stage: Stage | None = None
    acted: Callable[[], None] = lambda: None


class Venue(Protocol):
    """A place to check at."""

    @property
    def name(self) -> VenueName:
        """Which checks can be done here depends on it."""
        ...

    def connect(
        self, subject: Subject, manifest: Manifest, check: str, settings: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Connected]:
        """Make ready for one check; a twin is new each time.

        Args:
            settings: On top of the venue's own.
        """
        ...


class TwinVenue:
    """The connector's twin, in this process and without rate limits, since time is hurried."""

    name: VenueName = "twin"

    @asynccontextmanager
    async def connect(
        self, subject: Subject, manifest: Manifest, check: str, settings: Mapping[str, str]
    ) -> AsyncIterator[Connected]:
        """See `Venue.connect`."""
        twin = subject.twin()
        app = twin()
        app.limiter = RateLimiter((), app.clock)
        yield twin_connection(subject, app, AsgiWire(app), _IN_PROCESS, settings)


def twin_connection(
    subject: Subject, app: TwinApplication | None, wire: Wire, origin: str, settings: Mapping[str, str]
) -> Connected:
    """A connection to the subject's twin, wherever `wire` and `origin` lead."""
    twin = subject.twin()
    if app is not None and subject.contract.seed is not None:
        subject.contract.seed(app)
    base_url = f"{origin}{twin.base_path}"
    method = subject.manifest.auth_method(twin.method)
    secret = {one.id for one in method.inputs if one.type == "secret"} if method is not None else set()
    host = urlsplit(origin).hostname or ""

    def http(_origin: str) -> Transport:
        return Transport(origin, allowed_hosts=[host], wire=_KeptOpen(wire), sleep=HurriedTime().sleep)

    return Connected(
        base_url,
        [host],
        complete_settings(subject.manifest, {**twin.settings, **subject.contract.settings, **settings}, base_url),
        method,
        {name: value for name, value in twin.credentials.items() if name not in secret},
        {name: value for name, value in twin.credentials.items() if name in secret},
        wire,
        http,
        app,
    )


class _KeptOpen:
    """A wire whose closing is left to its owner: clients for tokens are closed after one request."""

    def __init__(self, inner: Wire) -> None:
        self.exchange = inner.exchange

    async def aclose(self) -> None:
        """Leave it open."""


@dataclass(slots=True)
class LiveVenue:
    """A tenant of the vendor's.

    Attributes:
        values: Settings and inputs of the method by id; a secret is given as a reference (`env:NAME`). What is not
            given is looked for in the environment, as GALLERY_LIVE_<SLUG>_<ID>.
        run: Tells the names of this run from those of others.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None
    domain: str = DOMAIN
    run: str = ""
    name: VenueName = "live"

    @asynccontextmanager
    async def connect(
        self, subject: Subject, manifest: Manifest, check: str, settings: Mapping[str, str]
    ) -> AsyncIterator[Connected]:
        """See `Venue.connect`.

        Raises:
            UsageError: A required input is given neither as an option nor in the environment.
            SecretError: A reference does not resolve.
        """
        from ...auth import fill, fill_url, resolve
        from ...transport.wire_aiohttp import AiohttpWire

        where = f"--live, connector {subject.slug!r}"
        method = subject.manifest.auth_method(self.method or "")
        given = {one.id: self._value(subject.slug, one.id) for one in manifest.config_inputs}
        found = {name: value for name, value in given.items() if value is not None}
        for setting in manifest.config_inputs:
            if setting.required and setting.default is None and setting.id not in found:
                raise UsageError(
                    f"{setting.id} is missing",
                    where,
                    f"Set {variable(subject.slug, setting.id)}, or give it as an option",
                )
        own = complete_settings(manifest, {**found, **subject.contract.settings, **settings}, found.get("url", ""))
        inputs: dict[str, str] = {}
        secrets: dict[str, str] = {}
        for one in method.inputs if method is not None else ():
            value = self._value(subject.slug, one.id)
            if one.type == "secret":
                reference = self.values.get(one.id) or (value and f"env:{variable(subject.slug, one.id)}")
                if reference:
                    secrets[one.id] = resolve(reference).reveal()
                    continue
            elif value is not None:
                inputs[one.id] = value
                continue
            if one.required and one.default is None:
                raise UsageError(
                    f"{one.id} is missing", where, f"Set {variable(subject.slug, one.id)}, or give it as an option"
                )
        wire = AiohttpWire(timeout_seconds=manifest.transport.timeout_seconds)
        try:
            yield Connected(
                fill_url(manifest.transport.base_url, own, where=where),
                [fill(one, own, where=where) for one in manifest.transport.allowed_hosts],
                own,
                method,
                inputs,
                secrets,
                wire,
                prefix=f"{PREFIX}-{self.run}" if self.run else PREFIX,
                domain=self.domain,
            )
        finally:
            await wire.aclose()

    def _value(self, slug: str, name: str) -> str | None:
        return self.values.get(name) or os.environ.get(variable(slug, name))


def variable(slug: str, name: str) -> str:
    """The environment variable that an input of a live connection is read from."""
    return f"GALLERY_LIVE_{slug}_{name}".upper().replace("-", "_")


def complete_settings(manifest: Manifest, given: Mapping[str, str], base_url: str) -> dict[str, str]:
    """All inputs as text: what is given, else the default; `{x_host}` for every URL."""
    values: dict[str, str] = {}
    for one in manifest.config_inputs:
        value: object = given.get(one.id)
        if value is None:
            value = base_url if one.id in _URL_INPUTS else one.default
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        values[one.id] = text
        if one.type == "url" and text:
            values[f"{one.id}_host"] = urlsplit(text).hostname or ""
    return values
