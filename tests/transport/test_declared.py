"""A manifest's limits and error rules reach the rate budget as they are written."""

from __future__ import annotations

from gallery_sdk.manifest import parse_manifest
from gallery_sdk.transport import STANDARD_THROTTLES, Limit, Throttle, declared_limits, declared_throttles

MANIFEST = """
schema = 1
slug = "acme"
name = "Acme"
version = "1.0.0"

[transport]
base_url = "https://api.acme.test/scim"
allowed_hosts = ["api.acme.test"]

[[limit]]
requests = 600
per_seconds = 60
burst = 180
match = "POST,PUT,PATCH,DELETE"

[[limit]]
concurrency = 2
match = "PATCH /Groups/*"

[[error]]
status = [403, 400]
code = "REQUEST_LIMIT_EXCEEDED"
failure = "rate_limited"

[[error]]
contains = "slow down"
failure = "rate_limited"

[[error]]
status = 409
failure = "conflict"
"""


def test_limits_and_throttling_come_from_the_manifest() -> None:
    """The standard readings of 429 and 503 stay in force behind the vendor's own."""
    manifest = parse_manifest(MANIFEST, "connector.toml")

    assert declared_limits(manifest) == [
        Limit(600, 60.0, burst=180, methods=("POST", "PUT", "PATCH", "DELETE")),
        Limit(None, 1.0, methods=("PATCH",), path_glob="/Groups/*", concurrency=2),
    ]
    assert declared_throttles(manifest) == (
        Throttle(403, ("REQUEST_LIMIT_EXCEEDED",)),
        Throttle(400, ("REQUEST_LIMIT_EXCEEDED",)),
        Throttle(None, ("slow down",)),
        *STANDARD_THROTTLES,
    )
