"""The objects of one kind in plain dicts: by id, in order of creation, with indexes that lists and look-ups use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ...scim import AttributePath, parse_path
from ..clocks import Clock

Resource: TypeAlias = dict[str, object]

_MOST_INDEXES = 12


@dataclass(slots=True)
class _Index:
    """Values of one path, in lower case, to the ids of the objects that have them."""

    path: AttributePath
    ids: dict[str, set[str]] = field(default_factory=dict)

    def add(self, identity: str, resource: Mapping[str, object]) -> None:
        for text in texts_at(resource, self.path):
            self.ids.setdefault(text, set()).add(identity)

    def discard(self, identity: str, resource: Mapping[str, object]) -> None:
        for text in texts_at(resource, self.path):
            held = self.ids.get(text)
            if held is not None:
                held.discard(identity)
                if not held:
                    del self.ids[text]


class Collection:
    """Objects of one kind.

    What is stored is replaced and never changed in place, so that a resource given out stays as it was.

    Args:
        unique: Paths of which no two objects may have the same text.
        lag_seconds: `seen` and `listed` show what was there so long ago; writes and uniqueness know better.
    """

    def __init__(self, unique: Sequence[str] = (), *, clock: Clock, lag_seconds: float = 0.0) -> None:
        self._clock, self._lag = clock, lag_seconds
        self._held: dict[str, Resource] = {}
        self._before: dict[str, tuple[float, Resource | None]] = {}
        self._order: list[str] | None = None
        self._indexes: dict[str, _Index] = {path.lower(): _Index(parse_path(path)) for path in unique}
        self._unique = tuple(path.lower() for path in unique)

    @property
    def lags(self) -> bool:
        """Whether reads may show the past."""
        return self._lag > 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, identity: object) -> bool:
        return identity in self._held

    def get(self, identity: str) -> Resource | None:
        """The object as it is now."""
        return self._held.get(identity)

    def values(self) -> Iterable[Resource]:
        """All objects as they are now, in the order of their creation."""
        return self._held.values()

    def taken(self, resource: Mapping[str, object], *, by_other_than: str | None = None) -> str | None:
        """The unique path of which another object has the same value already; None if there is none."""
        for name in self._unique:
            index = self._indexes[name]
            for text in texts_at(resource, index.path):
                holders = index.ids.get(text)
                if holders and holders != {by_other_than}:
                    return str(index.path)
        return None

    def put(self, identity: str, resource: Resource) -> None:
        """Store an object, new or changed."""
        old = self._held.get(identity)
        if old is None:
            self._order = None
        for index in self._indexes.values():
            if old is not None:
                index.discard(identity, old)
            index.add(identity, resource)
        self._remember(identity, old)
        self._held[identity] = resource

    def remove(self, identity: str) -> None:
        """Take an object away for good."""
        old = self._held.pop(identity)
        self._order = None
        for index in self._indexes.values():
            index.discard(identity, old)
        self._remember(identity, old)

    def settle(self) -> None:
        """Let reads show what is there now, as when time has passed since the last write."""
        self._before.clear()

    def seen(self, identity: str) -> Resource | None:
        """The object as a read shows it, which may lag behind."""
        if self._lag and (past := self._past(identity)) is not None:
            return past[0]
        return self._held.get(identity)

    def order(self) -> list[str]:
        """Ids in the order of creation; not to be changed."""
        if self._order is None:
            self._order = list(self._held)
        return self._order

    def candidates(self, path: AttributePath, value: str) -> list[str] | None:
        """Ids of all objects that a read may show with this text at the path; None if no index can tell."""
        known = str(AttributePath(path.name, path.sub, path.urn)).lower() in self._indexes
        if self._lag or not (known or len(self._indexes) < _MOST_INDEXES):
            return None
        return self.holders(path, value)

    def holders(self, path: AttributePath, value: str) -> list[str]:
        """Ids of the objects that have this text at the path now, letter case ignored, in the order of creation.

        Filters in the path are not looked at. The first question about a path makes an index of it.
        """
        plain = AttributePath(path.name, path.sub, path.urn)
        name = str(plain).lower()
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = _Index(plain)
            for identity, resource in self._held.items():
                index.add(identity, resource)
        found = index.ids.get(value.lower(), set())
        return list(found) if len(found) < 2 else [identity for identity in self._held if identity in found]

    def _remember(self, identity: str, old: Resource | None) -> None:
        if self._lag:
            now = self._clock()
            past = self._before.get(identity)
            # Of several changes within the lag the oldest state stays visible until its own time is over.
            if past is None or past[0] <= now:
                self._before[identity] = (now + self._lag, old)

    def _past(self, identity: str) -> tuple[Resource | None] | None:
        past = self._before.get(identity)
        if past is None:
            return None
        if past[0] <= self._clock():
            del self._before[identity]
            return None
        return (past[1],)


def texts_at(resource: Mapping[str, object], path: AttributePath) -> list[str]:
    """Every text that the path names in a resource, in lower case; filters in the path are not looked at."""
    holder: object = resource
    if path.urn is not None and path.urn in resource:
        holder = resource[path.urn]
    value = _member(holder, path.name)
    sub = path.sub
    found = []
    for element in value if isinstance(value, list) else (value,):
        if isinstance(element, dict):
            element = _member(element, sub or "value")
        if isinstance(element, str):
            found.append(element.lower())
        elif element is not None and not isinstance(element, (dict, list)):
            found.append(str(element).lower())
    return found


def _member(holder: object, name: str) -> object:
    if not isinstance(holder, dict):
        return None
    value = holder.get(name)
    if value is None:
        lower = name.lower()
        return next((each for key, each in holder.items() if key.lower() == lower), None)
    return value
