"""Faults put in on purpose: what goes wrong, with which requests, and how often."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

FaultKind = Literal["status", "reset", "lost_response", "slow", "html"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. A request must match `methods` and `path`, and then one of the ways to choose.

    Attributes:
        kind: `status` answers with `status` and does nothing else; `reset` closes the connection before the request is
            looked at; `lost_response` does what was asked and closes the connection instead of answering; `slow` waits
            `seconds` and then goes on; `html` answers with a page, as a proxy or a login form would.
        word: With `status`: the error's text in the twin's own error shape.
        methods: Upper case; empty for all.
        path: A regular expression found anywhere in the path below the base; None for all.
        on: Which of the matching requests, counted from 1.
        every: Every so many-th matching request.
        probability: The share of matching requests, drawn from the twin's seed.
        times: At most so often; None without end. Without `on`, `every` and `probability` all matching requests are
            chosen, so that `times=2` means the first two.
    """

    kind: FaultKind = "status"
    status: int = 503
    word: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    methods: tuple[str, ...] = ()
    path: str | None = None
    on: tuple[int, ...] = ()
    every: int | None = None
    probability: float | None = None
    times: int | None = None


@dataclass(slots=True)
class _Planned:
    fault: Fault
    pattern: re.Pattern[str] | None
    seen: int = 0
    done: int = 0

    def strikes(self, method: str, path: str, random: Random) -> bool:
        fault = self.fault
        if fault.methods and method not in fault.methods:
            return False
        if self.pattern is not None and self.pattern.search(path) is None:
            return False
        self.seen += 1
        if fault.times is not None and self.done >= fault.times:
            return False
        if fault.on and self.seen not in fault.on:
            return False
        if fault.every is not None and self.seen % fault.every:
            return False
        if fault.probability is not None and random.random() >= fault.probability:
            return False
        self.done += 1
        return True


class FaultPlan:
    """The faults of one twin and how far each has come; the same seed and requests give the same faults."""

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int = 1) -> None:
        self._random = Random(seed)  # noqa: S311 - faults to be repeated, not secrets
        self._planned: list[_Planned] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Plan one more, counted from the next request on."""
        self._planned.append(_Planned(fault, None if fault.path is None else re.compile(fault.path)))

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._planned.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this request: the first planned fault that chooses it, or None."""
        for planned in self._planned:
            if planned.strikes(method, path, self._random):
                return planned.fault
        return None
