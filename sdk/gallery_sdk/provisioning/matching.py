"""Finding the account of a source object: by listing the target once, or by one look-up per object.

Whichever costs fewer requests is chosen per cycle and kind. Source: Microsoft Entra provisioning,
"Customize attribute mappings", matching attributes by precedence; the first hit ends the search.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ..errors import GalleryError
from ..store import match_key
from .context import JobContext, KindPlan

if TYPE_CHECKING:
    from ..targets import TargetObject


class Strategy(StrEnum):
    """How accounts are found in this cycle."""

    EMPTY = "empty"  # the target holds nothing: nothing to find
    LISTED = "listed"  # the target was listed once
    LOOKUP = "lookup"  # one request per object


@dataclass(slots=True)
class Match:
    """What matching found for one source object.

    Attributes:
        path: The matching path that hit, or None when no account exists.
        values: Flat values of the account as the target holds them.
        duplicates: Target ids when a matching value is not unique in the target.
        error: The look-up of this one object failed.
    """

    path: str | None = None
    target_id: str | None = None
    values: dict[str, object] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()
    error: GalleryError | None = None


class Matcher:
    """Matching for one cycle."""

    def __init__(self, job: JobContext, requests: asyncio.Semaphore) -> None:
        self._job, self._requests = job, requests
        self.strategies: dict[str, Strategy] = {}

    async def prepare(self, plan: KindPlan, *, unlinked: int | None, verify: bool) -> Strategy:
        """Choose the strategy for one kind, listing the target where that is the cheaper one.

        Args:
            unlinked: How many source objects have no account yet; None when nobody knows.
            verify: The known accounts must be read anew too (a restart), which only a listing can do cheaply.
        """
        target, kind = self._job.target, plan.kind
        searchable = any(path in target.capabilities.filterable(kind) for path in plan.mapping.matching)
        if unlinked == 0 and not verify:
            strategy = Strategy.LOOKUP if searchable else Strategy.LISTED
        else:
            total = await target.count(kind)
            if total == 0:
                strategy = Strategy.EMPTY
            elif not searchable or verify:
                strategy = Strategy.LISTED
            elif total is None or unlinked is None:
                strategy = Strategy.LOOKUP
            else:
                pages = -(-total // max(1, target.capabilities.page_size))
                strategy = Strategy.LISTED if pages <= unlinked else Strategy.LOOKUP
        if strategy is Strategy.LISTED and (unlinked != 0 or verify):
            await self._list(plan)
        if verify:
            await self._job.db(self._job.store.unlink_vanished, kind)
        self.strategies[kind] = strategy
        return strategy

    async def _list(self, plan: KindPlan) -> None:
        job = self._job
        async for page in job.target.list_objects(plan.kind):
            rows = [(one.id, one.values) for one in page.objects]
            await job.db(job.listing.add, plan.kind, rows, plan.mapping.matching)

    async def find(
        self, plan: KindPlan, wanted: Mapping[str, Mapping[str, object]], *, fresh: Iterable[str] = ()
    ) -> dict[str, Match]:
        """Return source id -> match for objects without a link.

        Args:
            wanted: Source id to flat desired values; only matching paths are read.
            fresh: Source ids that must be looked up now, whatever the strategy: their create may have happened.
        """
        found: dict[str, Match] = {}
        must_ask = set(fresh)
        strategy = self.strategies.get(plan.kind, Strategy.LOOKUP)
        cached = {key: values for key, values in wanted.items() if key not in must_ask}
        if strategy is Strategy.LISTED and cached:
            found.update(await self._find_listed(plan, cached))
        elif strategy is Strategy.EMPTY:
            found.update((key, Match()) for key in cached)
        else:
            must_ask.update(cached)
        if must_ask:
            asked = [key for key in wanted if key in must_ask]
            answers = await asyncio.gather(*(self.look_up(plan, wanted[key]) for key in asked))
            found.update(zip(asked, answers, strict=True))
        return found

    async def _find_listed(self, plan: KindPlan, wanted: Mapping[str, Mapping[str, object]]) -> dict[str, Match]:
        job, kind = self._job, plan.kind
        hits: dict[str, tuple[str, list[str]]] = {}
        for path in plan.mapping.matching:
            keys = {
                source_id: match_key(value)
                for source_id, values in wanted.items()
                if source_id not in hits and (value := values.get(path)) is not None
            }
            by_key = await job.db(job.listing.find, kind, path, list(set(keys.values())))
            for source_id, key in keys.items():
                if key in by_key:
                    hits[source_id] = (path, by_key[key])
        ids = [target_ids[0] for _, target_ids in hits.values() if len(target_ids) == 1]
        values_of = await job.db(job.listing.values, kind, ids)
        partial = bool(job.target.capabilities.list_omits.get(kind))
        result = {source_id: Match() for source_id in wanted}
        for source_id, (path, target_ids) in hits.items():
            if len(target_ids) > 1:
                result[source_id] = Match(path=path, duplicates=tuple(target_ids))
            elif partial:
                result[source_id] = await self._read(plan, path, target_ids[0])
            else:
                result[source_id] = Match(path, target_ids[0], values_of.get(target_ids[0], {}))
        return result

    async def _read(self, plan: KindPlan, path: str, target_id: str) -> Match:
        """Read one account whole, where a listing leaves attributes out."""
        try:
            async with self._requests:
                found = await self._job.target.read(plan.kind, target_id)
        except GalleryError as error:
            return Match(error=error)
        return Match() if found is None else Match(path, found.id, found.values)

    async def look_up(self, plan: KindPlan, values: Mapping[str, object]) -> Match:
        """Ask the target for one object, matching path by matching path."""
        target = self._job.target
        filterable = target.capabilities.filterable(plan.kind)
        try:
            for path in plan.mapping.matching:
                value = values.get(path)
                if value is None:
                    continue
                if path not in filterable:
                    hits = await self._scan(plan, path, value)
                else:
                    async with self._requests:
                        hits = await target.find(plan.kind, path, value)
                if len(hits) > 1:
                    return Match(path=path, duplicates=tuple(hit.id for hit in hits))
                if hits:
                    return Match(path, hits[0].id, hits[0].values)
        except GalleryError as error:
            return Match(error=error)
        return Match()

    async def _scan(self, plan: KindPlan, path: str, value: object) -> list[TargetObject]:
        """Find by listing, for a target that cannot search; only single objects ever take this road."""
        key = match_key(value)
        hits: list[TargetObject] = []
        async with self._requests:
            async for page in self._job.target.list_objects(plan.kind):
                hits.extend(one for one in page.objects if match_key(one.values.get(path)) == key)
        return hits
