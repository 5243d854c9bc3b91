"""What is to be done to one object: decided once, carried out by a cycle or kept in a plan file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import orjson

CREATE: Final = "create"
UPDATE: Final = "update"
LINK: Final = "link"  # the account exists and already is as it should be
ENABLE: Final = "enable"
DISABLE: Final = "disable"
DELETE: Final = "delete"
RELEASE: Final = "release"  # no longer managed; the account is left as it is

DEPROVISIONING: Final = frozenset({DISABLE, DELETE})
LOG_ACTION: Final[Mapping[str, str]] = {LINK: "other", RELEASE: "other", ENABLE: "update"}


@dataclass(slots=True)
class Action:
    """One change to one object of the target.

    Attributes:
        before: Flat values the target is known to hold; empty for a create.
        after: Flat values it should hold afterwards: all of a new account, else `before` with the changes in it.
        changed: Paths that differ, in mapping order.
        references: Reference path to the source id of the object it points to, resolved when carried out.
        unique: Path to the candidates of which the first free one is taken.
        members_add, members_remove: Source ids, groups only.
        members_present: Source ids already found in the group of the target when it was linked.
        members_waiting: How many members have no account yet.
        members_found: Source id to target id of `members_add`, when just looked up; not written to plan files.
        members_wanted: All members in the source's order; not written to plan files.
        fingerprint: Of the source object the action was decided on (hexadecimal).
        cause: Why, in words: the scoping clause, the matching attribute, "left the source".
        matched: The matching path that found the account, when it was found by matching.
        in_scope, enabled: How the object stands once the action is done.
    """

    operation: str
    kind: str
    source_id: str
    name: str = ""
    target_id: str | None = None
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    unique: dict[str, list[str]] = field(default_factory=dict)
    members_add: list[str] = field(default_factory=list)
    members_remove: list[str] = field(default_factory=list)
    members_present: list[str] = field(default_factory=list)
    members_waiting: int = 0
    members_wanted: Sequence[str] = ()
    members_found: Mapping[str, str] | None = None
    fingerprint: str | None = None
    cause: str = ""
    matched: str | None = None
    in_scope: bool = True
    enabled: bool = True

    @property
    def touches_members(self) -> bool:
        """Whether something about a group's members is to be sent or remembered."""
        return bool(self.members_add or self.members_remove or self.members_present or self.members_waiting)

    def to_bytes(self) -> bytes:
        """Return the action as one line of JSON."""
        return orjson.dumps({name: value for name in _NAMES if (value := getattr(self, name)) not in _EMPTY})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Action:
        """Return the action of `to_bytes`.

        Raises:
            TypeError: A field is missing or unknown.
        """
        return cls(**{"in_scope": False, "enabled": False, **data})


_NAMES: Final = tuple(one.name for one in fields(Action) if one.name not in ("members_wanted", "members_found"))
_EMPTY: Final[tuple[object, ...]] = (None, "", False, {}, [])  # False == 0: no members wait
