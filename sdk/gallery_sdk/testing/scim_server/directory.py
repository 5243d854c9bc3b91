"""Users and groups together: ids, meta, memberships kept from both sides, and what may not be written."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from random import Random

from ...scim import SchemaSet
from ..application import Refusal
from ..clocks import Clock
from .behaviour import TwinBehaviour
from .discovery import ENDPOINTS
from .store import Collection, Resource

Members = dict[str, dict[str, object]]
_VARIANTS = "89ab"
_MEMBER = ("value", "$ref", "display", "type")


class Directory:
    """The state of one server.

    Members are kept beside the groups, by id, so that one change in a group of 100,000 costs one change.
    """

    def __init__(self, behaviour: TwinBehaviour, clock: Clock) -> None:
        self._behaviour, self._clock = behaviour, clock
        self._random = Random(behaviour.seed)  # noqa: S311 - ids that repeat from run to run, not secrets
        self._number = 0
        self._stamp: tuple[int, str] = (-1, "")
        self.collections = {
            kind: Collection(behaviour.unique.get(kind, ()), clock=clock, lag_seconds=behaviour.read_lag_seconds)
            for kind in ("user", "group")
        }
        self.members: dict[str, Members] = {}
        self._groups_of: dict[str, dict[str, None]] = {}
        for user in behaviour.users:
            self.create("user", {**user}, {})
        for group in behaviour.groups:
            listed = group.get("members", [])
            members = {str(each["value"]): dict(each) for each in listed} if isinstance(listed, list) else {}
            self.create("group", {name: value for name, value in group.items() if name != "members"}, members)
        for collection in self.collections.values():
            collection.settle()

    def schema(self, kind: str) -> SchemaSet:
        """What is known of the kind's attributes."""
        return self._behaviour.schemas[kind]

    def create(self, kind: str, resource: Resource, members: Members) -> Resource:
        """Store a new object under a new id (an `id` in it is kept) and return it as stored.

        Raises:
            Refusal: 409 uniqueness, 400 invalidValue for a member.
        """
        self._check_unique(kind, resource, None)
        self._check_members(members)
        given = resource.get("id")
        identity = given if isinstance(given, str) else self._new_id()
        now = self.now()
        meta: dict[str, object] = {
            "resourceType": self.schema(kind).base.name,
            "created": now,
            "lastModified": now,
            "location": f"{ENDPOINTS[kind]}/{identity}",
        }
        if self._behaviour.etags:
            meta["version"] = 'W/"1"'
        schemas = resource.get("schemas") or [self.schema(kind).base.urn]
        stored = {**resource, "schemas": schemas, "id": identity, "meta": meta}
        self.collections[kind].put(identity, stored)
        if kind == "group":
            self.members[identity] = {}
            self.set_members(identity, members)
        return stored

    def change(self, kind: str, identity: str, resource: Resource) -> Resource:
        """Put another state in the place of an object's, its id and creation kept; the very same state changes nothing.

        Raises:
            Refusal: 409 uniqueness.
        """
        self._check_unique(kind, resource, identity)
        old = self.collections[kind].get(identity)
        assert old is not None
        unchanged = {**resource, "id": identity, "meta": old["meta"]}
        if unchanged == old:
            return old
        stored = {**unchanged, "meta": self._touched(old["meta"])}
        self.collections[kind].put(identity, stored)
        return stored

    def touch(self, identity: str) -> None:
        """Note on a group that its members changed."""
        old = self.collections["group"].get(identity)
        assert old is not None
        self.collections["group"].put(identity, {**old, "meta": self._touched(old["meta"])})

    def remove(self, kind: str, identity: str) -> None:
        """Take an object away, and its memberships with it."""
        self.collections[kind].remove(identity)
        for group in self._groups_of.pop(identity, ()):
            self.members[group].pop(identity, None)
        if kind == "group":
            for member in self.members.pop(identity):
                self._groups_of.get(member, {}).pop(identity, None)

    def set_members(self, group: str, members: Members) -> None:
        """Put these members in the place of those that the group has; they have been checked."""
        old = self.members[group]
        for member in old.keys() - members.keys():
            self._groups_of[member].pop(group, None)
        for member in members.keys() - old.keys():
            self._groups_of.setdefault(member, {})[group] = None
        self.members[group] = members

    def add_members(self, group: str, members: Members) -> None:
        """Add members that are not there yet; they have been checked."""
        held = self.members[group]
        for member, element in members.items():
            if member not in held:
                held[member] = element
                self._groups_of.setdefault(member, {})[group] = None

    def discard_members(self, group: str, members: Iterable[str]) -> None:
        """Take members out; those that are not there do not matter."""
        held = self.members[group]
        for member in members:
            if held.pop(member, None) is not None:
                self._groups_of[member].pop(group, None)

    def checked_members(self, listed: object) -> Members:
        """Members as a request lists them, by id.

        Raises:
            Refusal: 400 invalidValue: no array of objects with a `value`, too many, or one that does not exist.
        """
        if isinstance(listed, Mapping):
            listed = [listed]
        if not isinstance(listed, list):
            raise Refusal(400, "members must be an array", "invalidValue")
        members: Members = {}
        for each in listed:
            value = each.get("value") if isinstance(each, Mapping) else None
            if not isinstance(value, str) or not value:
                raise Refusal(400, "a member needs a value", "invalidValue")
            assert isinstance(each, Mapping)
            members[value] = {name: each[name] for name in _MEMBER if isinstance(each.get(name), str)}
        self._check_members(members)
        return members

    def rendered_members(self, group: str) -> list[dict[str, object]]:
        """The members of a group in the order in which they came."""
        return list(self.members[group].values())

    def groups_of(self, user: str) -> list[dict[str, object]]:
        """The `groups` of a user (RFC 7643 section 4.1.2)."""
        groups = self.collections["group"]
        found = []
        for identity in self._groups_of.get(user, ()):
            group = groups.get(identity)
            if group is not None:
                found.append({"value": identity, "display": group.get("displayName"), "type": "direct"})
        return found

    def now(self) -> str:
        """The clock as a dateTime in UTC, to the millisecond."""
        moment = self._behaviour.epoch + self._clock()
        whole = int(moment)
        if self._stamp[0] != whole:
            self._stamp = (whole, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)))
        return f"{self._stamp[1]}.{int((moment - whole) * 1000):03d}Z"

    def _touched(self, meta: object) -> dict[str, object]:
        assert isinstance(meta, dict)
        touched = {**meta, "lastModified": self.now()}
        version = meta.get("version")
        if isinstance(version, str):
            touched["version"] = f'W/"{int(version[3:-1]) + 1}"'
        return touched

    def _new_id(self) -> str:
        self._number += 1
        shape = self._behaviour.ids
        if shape == "uuid":
            # As uuid.UUID(int=..., version=4) writes it, in a third of the time.
            text = f"{self._random.getrandbits(128):032x}"
            return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANTS[int(text[16], 16) % 4]}{text[17:20]}-{text[20:]}"
        return str(self._number) if shape == "number" else f"{shape}{self._number}"

    def _check_unique(self, kind: str, resource: Mapping[str, object], identity: str | None) -> None:
        taken = self.collections[kind].taken(resource, by_other_than=identity)
        if taken is not None:
            raise Refusal(409, f"{taken} is already in use", "uniqueness")

    def _check_members(self, members: Members) -> None:
        limit = self._behaviour.max_members
        if limit is not None and len(members) > limit:
            raise Refusal(400, f"At most {limit} members in one request", "tooMany")
        if not self._behaviour.known_members_only:
            return
        users, groups = self.collections["user"], self.collections["group"]
        for member in members:
            if member not in users and member not in groups:
                raise Refusal(400, f"Member {member} does not exist", "invalidValue")
