"""The connection test: reach the address, prove the credential, look somebody up; and say what to mend.

A probe looks for a value that nobody has, which is what a provisioning client is expected to send before a cycle
(https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from ..errors import GalleryError
from ..transport import Request
from .base import ConnectionReport, ConnectionStep
from .connection import Connection
from .dialect import Dialect
from .failure import TargetFailure
from .reads import Reads

USUAL_BASES: Final = ("/scim/v2", "/scim", "/v2", "/api/scim/v2", "/scim2")
"""Where SCIM is usually served (RFC 7644 section 3.13 puts the version last)."""

_NO_SUCH_COLLECTION: Final = frozenset({404, 405, 501})


async def run_connection_test(
    connection: Connection,
    reads: Reads,
    dialects: Mapping[str, Dialect],
    kinds: Sequence[str],
    matching: Mapping[str, Sequence[str]],
) -> ConnectionReport:
    """Run the steps in order; the first that fails ends the test."""
    steps: list[ConnectionStep] = []
    for kind in kinds:
        name = f"list {kind}s"
        try:
            steps.append(await _list(reads, kind, name))
            path = next((one for one in matching[kind] if one in dialects[kind].filterable), None)
            if path is not None:
                name = f"look {kind}s up"
                steps.append(await _look_up(reads, kind, path, name))
        except GalleryError as error:
            if kind == "group" and getattr(error, "status", None) in _NO_SUCH_COLLECTION:
                steps.append(_without_groups(error, name))
                continue
            steps.append(await _failed(connection, error, name))
            break
    return ConnectionReport(tuple(steps), connection.log.all())


async def _list(reads: Reads, kind: str, name: str) -> ConnectionStep:
    total = await reads.count(kind)
    if total is not None:
        return ConnectionStep(name, True, f"{total} {kind}s")
    async with aclosing(reads.list_objects(kind)) as pages:
        page = await anext(pages)
    return ConnectionStep(name, True, f"{len(page.objects)} on the first page")


async def _look_up(reads: Reads, kind: str, path: str, name: str) -> ConnectionStep:
    if await reads.probe(kind, path, str(uuid4())):
        return ConnectionStep(name, True, f"by {path}")
    return ConnectionStep(
        name,
        True,
        f"the target has no use for a filter on {path}; {kind}s are listed instead",
        "Ask the vendor to support filtering; listing costs more requests",
    )


def _without_groups(error: GalleryError, name: str) -> ConnectionStep:
    """A target that serves users is connected; that it knows no groups matters to those who want some."""
    return ConnectionStep(name, True, f"none are served ({error.what})", "Switch groups off for this app")


async def _failed(connection: Connection, error: GalleryError, name: str) -> ConnectionStep:
    mend = error.mend
    if isinstance(error, TargetFailure) and _is_wrong_address(error):
        mend = await _better_address(connection) or mend
    return ConnectionStep(name, False, f"{error.what} ({error.where})", mend)


def _is_wrong_address(failure: TargetFailure) -> bool:
    return failure.status is not None and failure.status not in (401, 402, 403, 429) and failure.status < 500


async def _better_address(connection: Connection) -> str | None:
    """Look for SCIM at the usual places of the same host, and say where it is."""
    parts = urlsplit(connection.transport.base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    here = parts.path.rstrip("/")
    places = dict.fromkeys((*(f"{here}{base}" for base in USUAL_BASES), *USUAL_BASES))
    for place in places:
        if place == here:
            continue
        try:
            request = Request("GET", f"{origin}{place}/ServiceProviderConfig", label="look for SCIM")
            response = await connection.answer(request, "test")
            body = response.json() if response.status in (200, 401, 403) else None
        except GalleryError:
            continue
        if isinstance(body, dict) and ("patch" in body or "schemas" in body):
            return f"SCIM answers at {origin}{place}: set the URL to that"
    tried = ", ".join(USUAL_BASES)
    return f"Check the base URL: it ends where /Users begins; nothing answers as SCIM at {tried} either"
