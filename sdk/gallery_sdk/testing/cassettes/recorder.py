"""Recording a connector's behaviours, one small cassette each."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...transport import SecretRegistry
from ..extra import require_testing_extra
from .errors import CassetteError
from .guarding import find_problems
from .header import CassetteHeader, Origin, without_day
from .scrubbing import Scrubber
from .tape import recording, scrubber_for
from .venues import CassetteVenue, ServedTwinVenue

if TYPE_CHECKING:
    from ...manifest import Manifest
    from ..contract import Check, Connected, Subject, Venue
    from ..contract.venues import VenueName


@dataclass(frozen=True, slots=True)
class Recorded:
    """One behaviour: the file, and whether its content is new."""

    behaviour: str
    path: Path
    outcome: Literal["new", "changed", "unchanged"]


def behaviours_of(subject: Subject, names: Sequence[str] = ()) -> list[Check]:
    """The checks that are recorded.

    Raises:
        CassetteError: A name is none of theirs.
    """
    from ..contract import checks_of

    found = {one.name: one for one in checks_of(subject, "cassette")}
    for name in names:
        if name not in found:
            raise CassetteError(f"{name!r} is no behaviour", f"connector {subject.slug!r}", f"Use {', '.join(found)}")
    return [found[name] for name in names] if names else list(found.values())


def record(
    subject: Subject, folder: Path, *, live: Venue | None = None, names: Sequence[str] = (), day: date | None = None
) -> Iterator[Recorded]:
    """Act every behaviour, write its cassette, and prove by a replay that the cassette answers the connector.

    A cassette whose content is the same but for its day is left as it is.

    Args:
        folder: Holds a folder for each connector.
        live: The vendor's tenant; the twin when left out.

    Raises:
        UsageError: The SDK's extra `testing` is not installed.
        CassetteError: A behaviour fails while it is acted or replayed, or something unfit for publication is left.
    """
    require_testing_extra(f"connector {subject.slug!r}")
    origin: Origin = "twin" if live is None else "vendor"
    home = folder / (subject.manifest.tests.cassettes or subject.slug)
    for check in behaviours_of(subject, names):
        if live is not None and "live" not in check.venues:
            continue  # failures are played by the twin; a vendor is not asked for them
        header = CassetteHeader(origin, day or date.today(), subject.slug, check.name)
        path = home / f"{check.name}.yaml"
        text = _recorded(subject, check, live or ServedTwinVenue(), header)
        old = path.read_text("utf-8") if path.is_file() else None
        if old is not None and without_day(old) == without_day(text):
            yield Recorded(check.name, path, "unchanged")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        yield Recorded(check.name, path, "new" if old is None else "changed")


def _recorded(subject: Subject, check: Check, venue: Venue, header: CassetteHeader) -> str:
    with tempfile.TemporaryDirectory(prefix="gallery-record-") as folder:
        path = Path(folder) / subject.slug / f"{check.name}.yaml"
        path.parent.mkdir()
        taping = _TapingVenue(venue, path, header)
        _act(subject, check, taping, "while it was recorded")
        replayed = Path(folder)
        named = subject.manifest.tests.cassettes
        if named not in (None, subject.slug):
            path = path.rename(_made(Path(folder) / str(named)) / path.name)
        _act(subject, check, CassetteVenue(replayed), "when its recording was replayed")
        text = path.read_text("utf-8")
    problems = find_problems(text, f"{subject.slug}/{check.name}.yaml", taping.secrets)
    if problems:
        raise CassetteError(
            f"{problems[0]}",
            f"{subject.slug}/{check.name}.yaml",
            "Nothing was written; tell the maintainers of the SDK",
        )
    return text


def _act(subject: Subject, check: Check, venue: Venue, when: str) -> None:
    try:
        asyncio.run(check.run(subject, venue))
    except (KeyboardInterrupt, SystemExit, CassetteError):
        raise
    except BaseException as error:  # pytest's own failures are no Exceptions
        raise CassetteError(
            f"{check.name} failed {when} ({type(error).__name__}: {error})",
            f"connector {subject.slug!r}",
            "Mend it first; see `pytest tests/contract`",
        ) from error


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _TapingVenue:
    """Another venue, with a tape running from the first request to the end of the check."""

    def __init__(self, inner: Venue, path: Path, header: CassetteHeader) -> None:
        self._inner, self._path, self._header = inner, path, header
        self.name: VenueName = inner.name
        self.secrets = SecretRegistry()

    @asynccontextmanager
    async def connect(
        self, subject: Subject, manifest: Manifest, check: str, settings: Mapping[str, str]
    ) -> AsyncIterator[Connected]:
        """See `Venue.connect`."""
        async with self._inner.connect(subject, manifest, check, settings) as connected:
            for secret in connected.secrets.values():
                self.secrets.add(secret)
            with ExitStack() as tape:
                tape.enter_context(recording(self._path, self._header, partial(_scrubber, connected)))
                connected.acted = tape.close  # what is cleaned up afterwards is no part of the behaviour
                yield connected


def _scrubber(connected: Connected) -> Scrubber:
    """Asked for at the end, when it is known what the stage made up."""
    assert connected.stage is not None
    return scrubber_for(connected.stage)
