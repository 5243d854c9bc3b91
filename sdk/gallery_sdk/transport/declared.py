"""What a manifest declares about rates, in the terms of the rate budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import Limit
from .waiting import STANDARD_THROTTLES, Throttle

if TYPE_CHECKING:
    from ..manifest import Manifest


def declared_limits(manifest: Manifest) -> list[Limit]:
    """The limits of the `[[limit]]` tables, in their order.

    How many requests the engine keeps in flight (`transport.concurrency`) is the engine's affair and not among them.
    """
    return [
        Limit(
            limit.requests,
            limit.per_seconds,
            burst=limit.burst,
            methods=limit.methods,
            path_glob=limit.path_glob,
            concurrency=limit.concurrency,
        )
        for limit in manifest.limits
    ]


def declared_throttles(manifest: Manifest) -> tuple[Throttle, ...]:
    """Answers that mean "too fast" at this target: `[[error]]` rules of failure `rate_limited`, then the standard ones.

    Rules for single operations are left out: here nobody knows the operation, the target reads them.
    """
    found = []
    for rule in manifest.errors:
        if rule.failure != "rate_limited" or rule.operations:
            continue
        for status in rule.statuses or (None,):
            for code in rule.codes or ("",):
                contains = tuple(text for text in (code, rule.contains) if text)
                found.append(Throttle(status, contains))
    return (*found, *STANDARD_THROTTLES)
