"""Rate limits as a target's documentation states them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limit:
    """One stated limit; every limit that matches a request applies to it.

    "600 writes per minute, burst 180" is `Limit(600, 60, burst=180, methods=("POST", "PUT", "PATCH", "DELETE"))`,
    "180 user creations per minute, burst 20" is `Limit(180, 60, burst=20, methods=("POST",), path_glob="/Users")`, and
    both hold for one `POST /Users`. A daily allowance is `Limit(60000, 86400, burst=60000)`.

    Attributes:
        requests: Allowed per `per_seconds`; None for no rate, when only `concurrency` is limited.
        burst: How many may go at once after a pause. None spaces requests evenly, the one reading that holds whichever
            window the target counts in.
        methods: Upper case; None for all.
        path_glob: Against the path relative to the base URL, without query. `*` matches inside a segment, `**` across
            segments: `/Users`, `/Users/*`, `/Users**`. None for all.
        concurrency: At most so many in flight together.
    """

    requests: int | None = None
    per_seconds: float = 1.0
    burst: int | None = None
    methods: tuple[str, ...] | None = None
    path_glob: str | None = None
    concurrency: int | None = None
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        for name in ("requests", "per_seconds", "burst", "concurrency"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} of a limit must be above zero, not {value}")
        if self.path_glob is not None:
            object.__setattr__(self, "_pattern", _compile_glob(self.path_glob))

    def matches(self, method: str, path: str) -> bool:
        """Whether the limit counts this request."""
        if self.methods is not None and method not in self.methods:
            return False
        return self._pattern is None or self._pattern.fullmatch(path) is not None


def _compile_glob(glob: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", glob)))
