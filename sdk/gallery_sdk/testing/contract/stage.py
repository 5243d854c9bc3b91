"""One connection that a check acts on: the connector's own target, with everything that goes over its wire in sight."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ...errors import GalleryError
from ...transport import NoCredential, RequestEvent, Transport, declared_throttles
from .hurried import HurriedTime
from .people import COLUMNS, person
from .wires import Exchange, Tampering, WatchedWire

if TYPE_CHECKING:
    from ...manifest import Manifest, Quirk
    from ...provisioning import ObjectMapping
    from ...targets import Target, TargetObject
    from ..application import TwinApplication
    from ..faults import Fault
    from .subject import Subject
    from .venues import Connected, Venue

Values = dict[str, object]
_NO_SIGNING_IN: Final = r"^(?!.*(?:oauth|token|login|signin))"  # paths of the API, not those at which tokens are given


@dataclass
class Stage:
    """What a check is given.

    Attributes:
        manifest: The connector's, perhaps with a quirk switched off.
        app: The twin; None at other venues.
        paths: By kind, the mapped target paths of this connection.
        quirk: The quirk that is tried, as the manifest declares it; None in other checks.
        events: Every attempt that the transport told of.
        made: Kind and id of what was created, so that a tenant is left as it was found.
        measured: What the check counted, by name: part of its result, for rules that judge numbers.
    """

    subject: Subject
    manifest: Manifest
    target: Target
    transport: Transport
    wire: WatchedWire
    time: HurriedTime
    connected: Connected
    paths: Mapping[str, Sequence[str]]
    quirk: Quirk | None = None
    events: list[RequestEvent] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    measured: dict[str, int] = field(default_factory=dict)
    _mappings: dict[str, ObjectMapping] = field(default_factory=dict)

    @property
    def app(self) -> TwinApplication | None:
        """The twin, where the venue is one."""
        return self.connected.app

    # -- people and groups -----------------------------------------------------------------------------

    def mapping(self, kind: str) -> ObjectMapping:
        """The connector's default mappings, compiled."""
        from ...provisioning import ObjectMapping

        if kind in self._mappings:
            return self._mappings[kind]
        schema = {one.name: one for one in self.manifest.target_schema["user" if kind == "user" else "group"]}
        columns = COLUMNS if kind == "user" else ("objectId", "displayName")
        extra = tuple(name for one in self.subject.contract.people.values() for name in one)
        made = ObjectMapping(kind, self.manifest.mappings[kind], schema, columns=(*columns, *extra))
        return self._mappings.setdefault(kind, made)

    def source_person(self, number: int = 1, **more: object) -> dict[str, object]:
        """The attributes of an invented person, as a source would give them."""
        extra = self.subject.contract.people.get(number, self.subject.contract.people.get(0, {}))
        return person(number, prefix=self.connected.prefix, domain=self.connected.domain, **{**extra, **more})

    def person(self, number: int = 1, **more: object) -> Values:
        """Flat target values of an invented person, by the connector's own mappings and as the target would store them.

        Args:
            more: Source attributes that differ.
        """
        return self._mapped("user", {"IsSoftDeleted": False, **self.source_person(number, **more)})

    def group(self, name: str = "Team") -> Values:
        """Flat target values of an invented group."""
        return self._mapped("group", {"objectId": f"group-{name}", "displayName": f"{self.connected.prefix}-{name}"})

    def _mapped(self, kind: str, attributes: Mapping[str, object]) -> Values:
        from ...expressions import EvaluationContext

        context = EvaluationContext(now=datetime.fromtimestamp(self.time.wall(), UTC), default_domain=None)
        mapped = self.mapping(kind).for_create(attributes, context)
        chosen = {path: candidates[0] for path, candidates in mapped.unique.items() if candidates}
        return self.canonical(kind, {**mapped.values, **chosen})

    def canonical(self, kind: str, values: Values) -> Values:
        """Desired values as the target would store them."""
        rule = self.target.canonical(kind)
        return values if rule is None else rule(dict(values))

    def name(self, path: str, kind: str = "user") -> str:
        """The connector's own path for an attribute that SCIM calls `path`."""
        return self.subject.contract.names.get(kind, {}).get(path, path)

    def scim_name(self, path: str, kind: str = "user") -> str:
        """What SCIM calls the connector's own path."""
        return next((scim for scim, own in self.subject.contract.names.get(kind, {}).items() if own == path), path)

    def has(self, path: str, kind: str = "user") -> bool:
        """Whether an attribute that SCIM calls `path` is mapped on this connection."""
        return self.name(path, kind) in self.paths.get(kind, ())

    def matching(self, kind: str) -> str:
        """The path that is matched by first."""
        return self.mapping(kind).matching[0]

    def text_path(self, values: Values) -> str:
        """A path of a person that holds a plain text which may change: neither matched by nor an address or a flag."""
        unfit = {*self.mapping("user").matching, *self.mapping("user").references, *self.mapping("user").create_only}
        schema = {one.name: one for one in self.manifest.target_schema["user"]}
        for path in sorted(values, key=lambda one: ("title" not in one.lower(), "name" not in one.lower())):
            one = schema.get(path)
            fixed = one is not None and (one.unique or one.enum or one.mutability != "readWrite" or one.reference)
            if path in unfit or fixed or not isinstance(values[path], str) or "mail" in path.lower():
                continue
            return path
        raise AssertionError("no mapped attribute of a person holds a plain text that may change")

    # -- acting ----------------------------------------------------------------------------------------

    async def create(self, kind: str, values: Values, *, members: Sequence[str] = ()) -> TargetObject:
        """Create an object, and remember it for cleaning up."""
        made = await self.target.create(kind, values, members=members)
        self.made.append((kind, made.id))
        return made

    async def user(self, number: int = 1, /, **changes: object) -> tuple[str, Values]:
        """Create an invented person; `changes` are flat values laid over the mapped ones (None takes one away)."""
        values = {**self.person(number), **changes}
        values = self.canonical("user", {path: value for path, value in values.items() if value is not None})
        made = await self.create("user", values)
        return made.id, values

    async def update(self, kind: str, target_id: str, before: Values, **changes: object) -> Values:
        """Change some values (None clears one); the answer is what is wanted now."""
        after = {path: value for path, value in {**before, **changes}.items() if value is not None}
        after = self.canonical(kind, after)
        await self.target.update(kind, target_id, before, after)
        return after

    async def read(self, kind: str, target_id: str) -> Values:
        """What the target holds of an object that must be there."""
        found = await self.target.read(kind, target_id)
        assert found is not None, f"the {kind} that was made cannot be read"
        return found.values

    async def drift(self, kind: str, target_id: str, wanted: Values) -> dict[str, tuple[object, object]]:
        """Where the next cycle would find a difference: path to what the target holds and what is wanted.

        Paths for which nothing is wanted are the target's own affair, as they are for the engine.
        """
        held, compare = await self.read(kind, target_id), self.target.comparer(kind)
        wanted = self.canonical(kind, wanted)
        blind = self.target.capabilities.unreadable.get(kind, frozenset())
        empty: tuple[object, ...] = (None, "", [])
        return {
            path: (held.get(path), wanted.get(path))
            for path in wanted.keys() - blind
            if held.get(path) != wanted.get(path)
            and not (held.get(path) in empty and wanted.get(path) in empty)
            and not (compare is not None and compare(path, held.get(path), wanted.get(path)))
        }

    def fail(self, *faults: Fault) -> None:
        """Let the twin's API fail from now on, and go on signing in.

        At other venues nothing happens: a cassette holds the failure already.
        """
        if self.app is not None:
            for fault in faults:
                self.app.faults.add(fault if fault.path is not None else replace(fault, path=_NO_SIGNING_IN))

    async def settled(self, kind: str, target_id: str, wanted: Values) -> None:
        """Assert that the next cycle would find nothing to change.

        Raises:
            AssertionError: It would; the paths are named with what is held and what is wanted.
        """
        drift = await self.drift(kind, target_id, wanted)
        assert not drift, f"the next cycle would find (held, wanted): {drift}"

    # -- looking ---------------------------------------------------------------------------------------

    @property
    def seen(self) -> list[Exchange]:
        """Every exchange so far, in order."""
        return self.wire.seen

    def forget(self) -> None:
        """Look only at what comes from now on."""
        self.wire.seen.clear()

    def writes(self, method: str | None = None) -> list[Exchange]:
        """Exchanges that were no reads, of one method or of all."""
        return [one for one in self.seen if one.is_write and method in (None, one.method)]

    def operations(self) -> list[dict[str, Any]]:
        """The operations of every PATCH so far, in order."""
        bodies = [one.json for one in self.seen if one.method == "PATCH" and isinstance(one.json, dict)]
        return [operation for body in bodies for operation in body.get("Operations", [])]

    async def clean_up(self) -> None:
        """Take away what was made, the last first: deleted where the target can, else deactivated."""
        for kind, target_id in reversed(self.made):
            with suppress(GalleryError):
                if self.target.capabilities.can(kind, "delete") or kind == "group":
                    await self.target.delete(kind, target_id)
                else:
                    active = next((path for path in self._paths_of_active()), None)
                    if active is not None:
                        await self.target.update(kind, target_id, {active: True}, {active: False})
        self.made.clear()

    def _paths_of_active(self) -> list[str]:
        values, disabled = self.person(1), self.person(1, IsSoftDeleted=True)
        return [path for path in disabled if values.get(path) != disabled[path]]


def with_page_size(manifest: Manifest, size: int) -> Manifest:
    """The same connector, listing so many objects a page."""
    return manifest.model_copy(update={"transport": manifest.transport.model_copy(update={"page_size": size})})


@asynccontextmanager
async def open_stage(
    subject: Subject,
    venue: Venue,
    check: str = "",
    *,
    manifest: Manifest | None = None,
    settings: Mapping[str, str] | None = None,
    paths: Mapping[str, Sequence[str]] | None = None,
    quirk: Quirk | None = None,
    prepare: Callable[[TwinApplication], None] | None = None,
    tamper: Tampering | None = None,
) -> AsyncIterator[Stage]:
    """Connect to a new target; what was made in a tenant is taken away again, however the check ends.

    Args:
        check: Its name, by which a cassette is found.
        paths: By kind, the mapped target paths; those of the default mappings when left out.
        prepare: Done to the twin before anything is sent.
        tamper: See `WatchedWire.tamper`; from the first request on.
    """
    from ...targets import open_target
    from ...targets.connection import Connection

    manifest = manifest or subject.manifest
    async with AsyncExitStack() as stack:
        connected = await stack.enter_async_context(venue.connect(subject, manifest, check, settings or {}))
        if prepare is not None and connected.app is not None:
            prepare(connected.app)
        time = HurriedTime()
        wire = WatchedWire(connected.wire, urlsplit(connected.base_url).path.rstrip("/"), tamper=tamper)
        events: list[RequestEvent] = []
        transport = Transport(
            connected.base_url,
            allowed_hosts=connected.hosts,
            credential=_credential(connected),
            throttles=declared_throttles(manifest),
            default_headers={"Accept": manifest.transport.accept, "Content-Type": manifest.transport.content_type},
            events=events.append,
            wire=wire,
            clock=time.clock,
            wall_clock=time.wall,
            sleep=time.sleep,
            random=lambda: 0.5,
        )
        stack.push_async_callback(transport.aclose)
        paths = paths or {
            kind: [one.target for one in of_kind if one.enabled] for kind, of_kind in manifest.mappings.items()
        }
        target = open_target(manifest, subject.plugins, transport=transport, settings=connected.settings, paths=paths)
        stack.push_async_callback(target.aclose)
        for holder in (target, getattr(target, "_inner", None)):
            connection = getattr(holder, "_connection", None)
            if isinstance(connection, Connection):  # pauses for targets that lag behind are hurried too
                connection.sleep, connection.clock = time.sleep, time.clock
        stage = Stage(subject, manifest, target, transport, wire, time, connected, paths, quirk, events)
        connected.stage = stage
        await target.open()
        if venue.name == "live":
            stack.push_async_callback(stage.clean_up)
        stack.callback(lambda: connected.acted())
        yield stage


def _credential(connected: Connected) -> Any:
    from ...auth import MemoryTokenStore, Secret, build_credential

    if connected.method is None:
        return NoCredential()
    return build_credential(
        connected.method,
        inputs=connected.inputs,
        secrets={name: Secret(value) for name, value in connected.secrets.items()},
        settings=connected.settings,
        token_store=MemoryTokenStore(),
        http=connected.http,
        app="contract",
        features={"users_read", "users_write", "groups"},
    )
