"""Quirks of groups and their members, of creating, deleting and reading back."""

from __future__ import annotations

from typing import Final

from .definition import BOTH, GROUP, USER, QuirkDefinition, flag, valued
from .values import Seconds, Whole

OBJECTS: Final[tuple[QuirkDefinition, ...]] = (
    # Groups and members
    valued(
        "members.max_per_request",
        GROUP,
        Whole(),
        100,
        "At most this many members in one request, create included; more are split over several requests.",
    ),
    flag(
        "members.not_returned",
        GROUP,
        "Members are never read: what was sent is taken as what is there, and a membership is added or removed only by "
        "what the source's change says.",
    ),
    flag(
        "members.read_via_user_filter",
        GROUP,
        'A group\'s members are read by listing users with `groups.value eq "<group id>"`.',
    ),
    flag(
        "members.read_on_user",
        GROUP,
        "A group's members are gathered from the `groups` attribute of the users, in one listing of all users.",
    ),
    flag("group.nested_unsupported", GROUP, "Members that are groups are never sent; a finding names them."),
    flag(
        "group.rename_unsupported",
        GROUP,
        "A group's `displayName` is never sent in an update; a difference becomes a finding.",
    ),
    flag(
        "group.create_without_members",
        GROUP,
        "A group is created without `members`, which are added right after by change of membership.",
    ),
    flag("group.create_with_empty_members", GROUP, "A create of a group without members carries `members: []`."),
    # Writing, reading back
    flag(
        "create.drops_values",
        BOTH,
        "A create may silently store only part of its values: the object is read after it (a body in the answer "
        "serves), and what is missing is sent once more as an update.",
    ),
    flag(
        "update.verify",
        BOTH,
        "Success of an update is no proof: the object is read after it (a body in the answer serves), and paths that "
        "did not take the value become findings. An `active` that did not change fails the object as protected, not to "
        "be retried.",
    ),
    valued(
        "read.after_write_lag",
        BOTH,
        Seconds(),
        10,
        "Reads lag behind writes by up to this many seconds: the answer to a write is believed over a read; reads that "
        "verify a write, or that miss an object created within that time, are repeated with growing pauses until the "
        "time is over.",
    ),
    flag(
        "etag.required",
        BOTH,
        "Updates and deletions carry `If-Match` with the object's `meta.version` as last read; it is read first where "
        "unknown, and after 412 read again and sent once more.",
    ),
    flag(
        "delete.means_deactivate",
        USER,
        "DELETE leaves the account behind, inactive. Deletion is not offered; one that is asked for is sent as "
        "`active` false, and the link is kept so that a return re-activates the same account.",
    ),
    flag(
        "delete.unsupported",
        BOTH,
        "DELETE is never sent. A deletion of a user that is asked for is sent as `active` false; that of a group fails "
        "the object before a request.",
    ),
)
