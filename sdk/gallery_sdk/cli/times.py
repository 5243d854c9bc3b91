"""Moments and durations as a person reads them, and as programs do."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def local_time(seconds: float | None, *, otherwise: str = "never") -> str:
    """`2026-11-25 03:22:10 CET` from seconds since 1970, in the zone of this machine."""
    if seconds is None:
        return otherwise
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def local_times(moments: Sequence[float]) -> tuple[str, list[str]]:
    """A heading and the moments below it; the zone stands in the heading where it is the same for all."""
    shown = [local_time(one) for one in moments]
    zones = {text[20:] for text in shown}
    if len(zones) == 1:
        return f"TIME ({zones.pop()})", [text[:19] for text in shown]
    return "TIME", shown


def utc_text(seconds: float | None) -> str | None:
    """`2026-11-25T02:22:10Z` for JSON (RFC 3339)."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: float) -> str:
    """`0.8 s`, `42 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class SinceType(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only, and 8.1 will do
    """`2h`, `30m`, `7d`, or a moment such as 2026-11-25 or 2026-11-25T03:00; gives seconds since 1970."""

    name = "since"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the text; a moment without an offset is in the zone of this machine."""
        if isinstance(value, float):
            return value
        text = str(value).strip()
        ago = re.fullmatch(r"(\d+)\s*([smhdw])", text)
        if ago is not None:
            return time.time() - int(ago[1]) * _UNITS[ago[2]]
        try:
            return datetime.fromisoformat(text).astimezone().timestamp()
        except (ValueError, OverflowError, OSError):
            self.fail(f"'{value}' is no time. Write 30m, 2h, 7d or 2026-11-25T03:00.", param, ctx)
