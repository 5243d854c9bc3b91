"""How a SCIM server behaves, as data: everything in which real servers differ, at the RFC's word by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ...scim import GROUP_SCHEMAS, USER_SCHEMAS, SchemaSet
from ..clocks import Clock
from ..faults import Fault
from ..limits import RateLimit


@dataclass(frozen=True, slots=True)
class Paging:
    """How lists are cut.

    Attributes:
        default: Resources on a page when `count` is not given.
        maximum: The most on one page, whatever `count` says.
        mode: `index` (RFC 7644 section 3.4.2.4), `cursor` (RFC 9865; index is not offered), or `none`: all at once.
        first_index: `startIndex` of the first resource.
        cursor_seconds: How long a cursor lives; None for ever.
        totals: Whether `totalResults` is told.
    """

    default: int = 100
    maximum: int = 1000
    mode: Literal["index", "cursor", "none"] = "index"
    first_index: int = 1
    cursor_seconds: float | None = None
    totals: bool = True


@dataclass(frozen=True, slots=True)
class Filtering:
    """What the server makes of `filter`.

    Attributes:
        mode: `full` is RFC 7644 section 3.4.2.2; `equality` takes a lone `eq` only; `refused` answers 400
            `invalidFilter`; `ignored` answers the whole list.
        paths: With `equality`: the paths that it takes, in lower case; empty for all.
    """

    mode: Literal["full", "equality", "refused", "ignored"] = "full"
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patching:
    """What the server makes of PATCH.

    Attributes:
        mode: `compat` takes the RFC's form and the habits of the large clients (`apply_patch(compat=True)`); `strict`
            the RFC's alone; `refused` answers 501.
        returns: `resource` answers 200 with it; `nothing` answers 204.
        only: The paths of a user that PATCH may change, in lower case; empty for all.
        max_operations: In one request; more are refused with 400.
    """

    mode: Literal["compat", "strict", "refused"] = "compat"
    returns: Literal["resource", "nothing"] = "resource"
    only: tuple[str, ...] = ()
    max_operations: int | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """RFC 7644 section 3.7; None in its place means that the server has none."""

    max_operations: int = 1000
    max_payload_bytes: int = 1_048_576


ErrorSpelling = Literal["scim", "scim1", "json", "text"]


@dataclass(frozen=True, slots=True)
class TwinBehaviour:
    """A whole server. `TwinBehaviour()` is a plain one that keeps to RFC 7643 and RFC 7644.

    Attributes:
        schemas: By kind, what the server knows of attributes; others are passed over in silence.
        ids: `uuid`, `number` (an increasing one, as text), or a text that the number is put behind (`usr_`).
        filtering: Of both kinds, or by kind.
        unique: By kind, the paths of which no two objects have the same value, letter case ignored.
        delete: `remove`, or `deactivate`: the user stays, with `active` false.
        omitted: By kind, top-level attributes that lists leave out.
        returns_members: Whether groups carry `members` at all.
        max_members: In one request.
        known_members_only: Whether a member that does not exist is refused.
        etags: Whether `meta.version` is given and `If-Match` obeyed.
        error_spelling: RFC 7644 section 3.12; SCIM 1.1's `Errors`; `{"error": …}`; or plain text.
        discovery: Whether ServiceProviderConfig, Schemas and ResourceTypes are served.
        read_lag_seconds: Reads show what was there so many seconds of `clock` ago.
        tokens: Bearer token to whom it belongs; empty lets everybody in.
        limits: Rate limits, in the time of `clock`.
        users: Resources that are there from the start, and `groups` likewise; an `id` in one is kept.
        epoch: What `meta.created` counts from, in seconds since 1970; the clock is added to it.
    """

    base_path: str = "/scim/v2"
    schemas: Mapping[str, SchemaSet] = field(default_factory=lambda: {"user": USER_SCHEMAS, "group": GROUP_SCHEMAS})
    paging: Paging = Paging()
    filtering: Filtering | Mapping[str, Filtering] = Filtering()
    patching: Patching = Patching()
    bulk: Bulk | None = Bulk()
    put: bool = True
    sorting: bool = True
    ids: str = "uuid"
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"user": ("userName",)})
    delete: Literal["remove", "deactivate"] = "remove"
    omitted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    returns_members: bool = True
    max_members: int | None = None
    known_members_only: bool = True
    etags: bool = True
    error_spelling: ErrorSpelling = "scim"
    discovery: bool = True
    media_type: str = "application/scim+json"
    read_lag_seconds: float = 0.0
    tokens: Mapping[str, object] = field(default_factory=dict)
    limits: Sequence[RateLimit] = ()
    clock: Clock | None = None
    faults: Sequence[Fault] = ()
    seed: int = 1
    write_seconds: float = 0.0
    write_lock: bool = False
    users: Sequence[Mapping[str, object]] = ()
    groups: Sequence[Mapping[str, object]] = ()
    epoch: float = 1_767_225_600.0  # 2026-01-01T00:00:00Z

    def filtering_of(self, kind: str) -> Filtering:
        """What the server makes of `filter` on lists of the kind."""
        if isinstance(self.filtering, Filtering):
            return self.filtering
        return self.filtering.get(kind, Filtering())
