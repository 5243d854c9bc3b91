"""The requests of the bare loops: byte for byte what the engine sends for the same people."""

from __future__ import annotations

from typing import Final

import orjson

from gallery_sdk.scim import compile_assembler

from .people import map_by_hand, people, person

CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
TOKEN: Final = "bench-token"
HEADERS: Final = {
    "Accept": "application/scim+json, application/json",
    "Content-Type": "application/scim+json",
    "Authorization": f"Bearer {TOKEN}",
}


def resources(count: int) -> list[dict[str, object]]:
    """The first `count` people as SCIM resources."""
    complete = map_by_hand(person(1))
    assembler = compile_assembler(list(complete), schemas=[CORE])
    return [assembler(map_by_hand(row)) for row in people(count)]


def payloads(count: int) -> list[bytes]:
    """The same as JSON."""
    return [orjson.dumps(resource) for resource in resources(count)]
