"""What one job works with: its rooms opened and its mappings compiled, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, ParamSpec, TypeAlias, TypeVar

import orjson

from ..expressions import EvaluationContext
from .mapping import ObjectMapping

if TYPE_CHECKING:
    from ..manifest import Lifecycle
    from ..scoping import ScopeVerdict
    from ..sources import Source, SourceObject
    from ..store import JobStore, TargetListing
    from ..targets import Target

Comparer: TypeAlias = Callable[[str, object, object], bool]
Canonical: TypeAlias = Callable[[dict[str, object]], dict[str, object]]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Safety:
    """Bounds on what one cycle may take away.

    Attributes:
        max_deprovision: Disables and deletes of one cycle, users and groups together.
        max_deprovision_percent: The same as a share of the managed objects. Of few objects a share says little:
            `percent_floor` are allowed, and never more than half of them, so that a file cut short empties no team.
        allow_empty: A source without objects is taken at its word.
    """

    max_deprovision: int = 50
    max_deprovision_percent: int = 20
    percent_floor: int = 5
    allow_empty: bool = False

    def limit(self, managed: int) -> int:
        """Return how many objects may be deprovisioned when `managed` are."""
        few = min(self.percent_floor, max(1, managed // 2))
        share = max(few, managed * self.max_deprovision_percent // 100)
        return min(self.max_deprovision, share)


@dataclass(frozen=True, slots=True)
class KindPlan:
    """One object kind of a job: mapping, scope and what the target can do with it."""

    kind: str
    mapping: ObjectMapping
    scope: Callable[[Mapping[str, object]], ScopeVerdict]
    can_create: bool
    can_update: bool
    can_delete: bool
    compare: Comparer | None = None
    canonical: Canonical | None = None

    def differs(self, path: str, old: object, new: object) -> bool:
        """Say whether the target must be told of `new`; "", null and absent are one (RFC 7643 section 2.5)."""
        if old == new:
            return False
        if old in (None, "", []) and new in (None, "", []):
            return False
        return self.compare is None or not self.compare(path, old, new)


@dataclass(slots=True)
class JobContext:
    """Everything a cycle of one job needs, opened by the runner.

    Attributes:
        kinds: By kind, in provisioning order: users before groups.
        configuration: Fingerprint of all that decides what a cycle does; a change forces an initial cycle.
        concurrency: Requests in flight at once; `write_concurrency` is the same for writes, when lower.
        clock: Seconds since 1970; passed in so that escrow and quarantine can be tested.
    """

    name: str
    source: Source
    target: Target
    store: JobStore
    listing: TargetListing
    kinds: Mapping[str, KindPlan]
    lifecycle: Lifecycle
    safety: Safety
    configuration: str
    default_domain: str | None = None
    concurrency: int = 32
    write_concurrency: int | None = None
    page_size: int = 200
    clock: Callable[[], float] = time.time
    thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="gallery-store")
    )

    async def db(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a store method on the one writer thread, so that a disk flush never holds up requests."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.thread, lambda: function(*args, **kwargs))

    def scratch(self, *, target: Target, store: JobStore, listing: TargetListing) -> JobContext:
        """Return the same job on another target and state, for a plan; close it on its own."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gallery-scratch")
        return replace(self, target=target, store=store, listing=listing, thread=thread)

    def fingerprinter(self, plan: KindPlan) -> Callable[[SourceObject], bytes]:
        """Return what makes 16 bytes of an object that change whenever it does, or its mappings, scope or lifecycle.

        An object whose fingerprint is the stored one needs no decision; a narrower scope must reach those who did not
        change themselves.
        """
        key = blake2b(plan.mapping.fingerprint + self.configuration.encode(), digest_size=32).digest()

        def fingerprint(item: SourceObject) -> bytes:
            content = orjson.dumps([item.attributes, item.members], option=orjson.OPT_SORT_KEYS, default=str)
            return blake2b(content, digest_size=16, key=key).digest()

        return fingerprint

    def evaluation(self) -> EvaluationContext:
        """Return the context that one cycle's expressions are evaluated in."""
        return EvaluationContext(now=datetime.fromtimestamp(self.clock(), UTC), default_domain=self.default_domain)

    def close(self) -> None:
        """End the store's thread."""
        self.thread.shutdown(wait=True)
