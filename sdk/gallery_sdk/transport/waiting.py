"""How long a target asks to wait, in the forms that are seen on the wire."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import orjson

_EPOCH_FLOOR = 1_000_000_000  # a number above it is a point in time, below it a duration


@dataclass(frozen=True, slots=True)
class Throttle:
    """An answer that means "too fast, this was not executed", and where it says how long to wait.

    Attributes:
        status: HTTP status of the answer; None for any of 300 and above.
        contains: Only when the body contains all of these texts, in any case (Salesforce: 403 with
            `REQUEST_LIMIT_EXCEEDED`).
        needs_wait: Only when the answer says how long to wait. True for 503, which otherwise may come from an
            application that died half-way.
        headers: Headers to look at, first found wins. Each may hold seconds, an HTTP date, an ISO 8601 date-time or
            epoch seconds (Zoom sends `X-RateLimit-Reset` in the latter, and `Retry-After` as a date-time).
        body_path: Dotted path to the wait in a JSON body (Dropbox: `error.retry_after`); None for none.
        default_wait_seconds: When the answer does not say; None backs off exponentially.
    """

    status: int | None
    contains: tuple[str, ...] = ()
    needs_wait: bool = False
    headers: tuple[str, ...] = ("retry-after",)
    body_path: str | None = None
    default_wait_seconds: float | None = None


STANDARD_THROTTLES = (Throttle(429), Throttle(503, needs_wait=True))
"""RFC 6585 section 4 and RFC 9110 section 15.6.4."""


def parse_retry_after(text: str, now: float) -> float | None:
    """Seconds to wait, never negative.

    RFC 9110 section 10.2.3 allows delta seconds and an HTTP date; ISO 8601 date-times and epoch seconds are seen too
    (https://developers.zoom.us/docs/api/rate-limits/). A date without offset is UTC.

    Args:
        text: The header's value.
        now: Seconds since the epoch.

    Returns:
        None when the text is in none of the forms.
    """
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        moment = _parse_date(text)
        return None if moment is None else max(0.0, moment - now)
    if not math.isfinite(number) or number < 0:
        return None
    return max(0.0, number - now) if number >= _EPOCH_FLOOR else number


def _parse_date(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def find_throttle(throttles: Sequence[Throttle], status: int, content: bytes) -> Throttle | None:
    """The first rule that reads this answer as "too fast"."""
    for throttle in throttles:
        if throttle.status is not None and throttle.status != status:
            continue
        if not throttle.contains:
            return throttle
        text = content.lower()
        if all(part.lower().encode() in text for part in throttle.contains):
            return throttle
    return None


def asked_wait(throttle: Throttle, headers: Mapping[str, str], content: bytes, now: float) -> float | None:
    """Seconds that the answer asks to wait, or None when it does not say."""
    for name in throttle.headers:
        text = headers.get(name)
        if text is not None and (seconds := parse_retry_after(text, now)) is not None:
            return seconds
    return None if throttle.body_path is None else _wait_in_body(throttle.body_path, content, now)


def _wait_in_body(path: str, content: bytes, now: float) -> float | None:
    try:
        value: object = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return parse_retry_after(str(value), now) if isinstance(value, str | int | float) else None
