"""The twin of a connector: its own if it brings one, else the SCIM server set up by what its manifest declares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from .clocks import ScaledClock
from .limits import RateLimit
from .scim_server import Bulk, Filtering, Paging, Patching, ScimServer, TwinBehaviour
from .twin import Twin

if TYPE_CHECKING:
    from ..manifest import Manifest, QuirkSet
    from ..plugins import ConnectionPlugins

RATE_SCALE: Final = 60.0
"""How many times as fast a declared rate limit goes by in a twin that is made from a manifest."""

_TOKEN: Final = "twin-token"  # noqa: S105 - opens the twin alone


def twin_of(manifest: Manifest, plugins: ConnectionPlugins | None = None) -> Twin:
    """The twin to play the connector's target.

    Args:
        plugins: The connection's hooks; a `gallery_twin` of the connector's own stands before the SCIM server.
    """
    if plugins is not None and plugins.has_hook("gallery_twin"):
        made = plugins.hook.gallery_twin()
        if isinstance(made, Twin):
            return made
        if made is not None:
            return Twin(made)
    method = manifest.auth_methods[0] if manifest.auth_methods else None
    credentials = {} if method is None else {given.id: given.default or _TOKEN for given in method.inputs}
    by_token = method is not None and method.kind == "bearer_token" and not method.apply
    behaviour = behaviour_of(manifest, tokens=(_TOKEN,) if by_token else (), rate_scale=RATE_SCALE)
    return Twin(
        make=partial(_make, behaviour, RATE_SCALE),
        base_path=behaviour.base_path,
        settings={one.id: str(one.default) for one in manifest.config_inputs if one.default is not None},
        method="" if method is None else method.id,
        credentials=credentials,
        rate_scale=RATE_SCALE,
        note=f"A SCIM server with the quirks {manifest.name} declares; its clock runs {RATE_SCALE:g} times faster",
    )


def behaviour_of(manifest: Manifest, *, tokens: Sequence[str] = (), rate_scale: float = 1.0) -> TwinBehaviour:
    """What a manifest declares of its target, as a server's behaviour.

    Played are the quirks of filters, paging, PATCH, members, deletion, lists and discovery, and the rate limits.
    Quirks of how single values are spelt are not: for those a connector brings a twin of its own.
    """
    user, group = manifest.quirks_for("user"), manifest.quirks_for("group")
    transport, features = manifest.transport, manifest.capabilities.features
    most = transport.page_max or max(transport.page_size, 1000)
    return TwinBehaviour(
        paging=_paging(user, default=min(transport.page_size, most), most=most),
        filtering={"user": _filtering(user), "group": _filtering(group)},
        patching=_patching(user),
        bulk=Bulk() if "bulk" in features else None,
        etags="etag" in features,
        sorting="sort" in features,
        put=not user.has("put.forbidden"),
        delete="deactivate" if user.has("delete.means_deactivate") else "remove",
        omitted={"user": _top_level(user), "group": _top_level(group)},
        returns_members=not group.has("members.not_returned"),
        max_members=group.value("members.max_per_request", int),
        discovery=not user.has("config.missing"),
        media_type=transport.content_type,
        tokens=dict.fromkeys(tokens, "twin"),
        limits=_limits(manifest),
        clock=ScaledClock(rate_scale),
    )


def _make(behaviour: TwinBehaviour, rate_scale: float) -> ScimServer:
    return ScimServer(replace(behaviour, clock=ScaledClock(rate_scale)))  # each twin's time begins with it


def _paging(quirks: QuirkSet, *, default: int, most: int) -> Paging:
    mode: Literal["index", "cursor", "none"] = "index"
    if quirks.has("page.unsupported") or quirks.has("page.cursor"):
        mode = "none" if quirks.has("page.unsupported") else "cursor"
    return Paging(
        default=default,
        maximum=most,
        mode=mode,
        first_index=quirks.value("page.start_index_base", int, 1),
        totals=not quirks.has("page.total_unreliable"),
    )


def _filtering(quirks: QuirkSet) -> Filtering:
    if quirks.has("filter.unsupported"):
        return Filtering("refused")
    only = quirks.value("filter.only", tuple)
    return Filtering() if only is None else Filtering("equality", tuple(path.lower() for path in only))


def _patching(quirks: QuirkSet) -> Patching:
    if quirks.has("patch.unsupported"):
        return Patching("refused")
    only = tuple(path.lower() for path in quirks.value("patch.only", tuple, ()))
    return Patching(only=only, max_operations=quirks.value("patch.max_ops", int))


def _top_level(quirks: QuirkSet) -> tuple[str, ...]:
    """The top-level attributes that lists leave out; a path below an extension is not one of them."""
    return tuple(path for path in quirks.value("list.omits", tuple, ()) if ":" not in path and "." not in path)


def _limits(manifest: Manifest) -> list[RateLimit]:
    limits = []
    for declared in manifest.limits:
        if declared.requests is not None:
            path = None if declared.path_glob is None else _pattern(declared.path_glob)
            limits.append(
                RateLimit(declared.requests, declared.per_seconds, declared.burst, declared.methods or (), path)
            )
    return limits


def _pattern(glob: str) -> str:
    """A path glob as a regular expression: `*` stands for one segment, `**` for several."""
    parts = {"**": ".*", "*": "[^/]*"}
    return "".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", glob))
