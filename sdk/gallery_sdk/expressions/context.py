"""What an expression knows beside the object: the time, the tenant, chance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random, SystemRandom
from typing import Final

from .values import as_utc

_CHANCE: Final = SystemRandom()


class EvaluationContext:
    """The surroundings of one run.

    Args:
        now: What `Now()` gives all through the run; without an offset it is UTC.
        default_domain: What `DefaultDomain()` gives.
        random: Chance for `Guid()` and `RandomString()`; the operating system's by default.
        memo: Values to give again. None, as in the context of a run, gives a fresh one each time.
    """

    __slots__ = ("default_domain", "memo", "now", "random")

    def __init__(
        self,
        now: datetime,
        default_domain: str | None = None,
        random: Random | None = None,
        memo: dict[object, object] | None = None,
    ) -> None:
        self.now = as_utc(now)
        self.default_domain = default_domain
        self.random = random or _CHANCE
        self.memo = memo

    def for_object(self) -> EvaluationContext:
        """Return the context of one object: each `Guid()` and `RandomString()` keeps its value in it.

        A plan, what is then sent, and a repeated attempt agree when they share it.
        """
        fresh = object.__new__(EvaluationContext)
        fresh.now, fresh.default_domain, fresh.random, fresh.memo = self.now, self.default_domain, self.random, {}
        return fresh

    def once(self, key: object, make: Callable[[], object]) -> object:
        """Return what `make` gave for this key before, else what it gives now."""
        if self.memo is None:
            return make()
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]
