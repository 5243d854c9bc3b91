"""Reading from a SCIM target: count, list, find, read, members."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from ..errors import ScimError
from ..scim import CursorPaging, ListPage, parse_list, parse_resource
from ..transport import Request, Response
from .base import TargetObject, TargetPage
from .connection import Connection, Endpoint
from .dialect import Dialect
from .failure import Failure, TargetFailure
from .listed import ListedIndex
from .listings import Pager, Paging

_FILTER_REFUSED: Final = frozenset({"invalidfilter", "invalidpath", "incomplete_filter", "invalid_query"})
_EXPIRED: Final = frozenset({"expiredCursor", "invalidCursor"})
_CREATED_KEPT: Final = 10_000
_PAUSES: Final = (0.25, 0.5, 1.0, 2.0)

T = TypeVar("T")


class Reads:
    """The reading half of a SCIM target."""

    def __init__(
        self,
        connection: Connection,
        dialects: Mapping[str, Dialect],
        endpoints: Mapping[str, Endpoint],
        pagers: Mapping[str, Pager],
        matching: Mapping[str, Sequence[str]],
    ) -> None:
        """`matching` are the matching paths by kind, which a listing is kept by where no filter helps."""
        self._connection, self._dialects, self._endpoints = connection, dialects, endpoints
        self._pagers, self._matching = pagers, matching
        self._listed = {kind: ListedIndex() for kind in dialects}
        self._listing = asyncio.Lock()
        self._created: dict[tuple[str, str], float] = {}
        self._notes_groups = dialects["group"].quirks.has("group.nested_unsupported")
        self.known_groups: set[str] = set()

    def matching(self, kind: str) -> Sequence[str]:
        """The matching paths of a kind, by precedence."""
        return self._matching.get(kind, ())

    # -- pages ---------------------------------------------------------------------------------------

    async def count(self, kind: str) -> int | None:
        """`totalResults` of a page of one object; where that is not believed, an empty page still says 0."""
        pager = self._pagers[kind]
        if pager.is_whole:
            return None
        page, _ = await self._page(kind, [*pager.first(1), *self._without_members(kind)], "list")
        if pager.counts:
            return page.total
        return None if page.resources or page.skipped else 0

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncGenerator[TargetPage, None]:
        """All objects; see `Target.list_objects`."""
        extra = [] if members else self._without_members(kind)
        async for page, fresh, total in self._pages(kind, extra):
            objects = self._objects(kind, page, members)
            yield TargetPage([one for one in objects if one.id in fresh], total)

    async def _pages(
        self, kind: str, extra: list[tuple[str, str]]
    ) -> AsyncIterator[tuple[ListPage, Container[str], int | None]]:
        """Every page of a listing, with the ids that had not come before and the announced total."""
        pager = self._pagers[kind]
        if pager.is_whole:
            page, _ = await self._page(kind, extra, "list")
            yield page, {str(one.get("id")) for one in page.resources}, len(page.resources)
            return
        paging = pager.start()
        while (query := paging.next_query()) is not None:
            try:
                page, body = await self._page(kind, [*pager.params(query), *extra], "list")
            except TargetFailure as failure:
                if failure.code in _EXPIRED and isinstance(paging, CursorPaging) and paging.expired():
                    continue
                raise
            page = pager.page(page, body)
            names = [str(one.get("id") or f"without id {index}") for index, one in enumerate(page.resources)]
            fresh = set(paging.received(page, names))
            yield page, fresh, paging.total if pager.counts else None
        self._connection.log.take(paging.findings)
        self._check_complete(kind, paging)

    async def users_with_groups(self, text: str | None) -> AsyncIterator[tuple[str, list[str]]]:
        """Ids of users, all or those that a filter finds, each with the ids of its groups."""
        extra = [("filter", text)] if text is not None else []
        if not self._dialects["user"].quirks.has("query.attributes_refused"):
            extra.append(("attributes", "id,groups"))
        async for page, fresh, _ in self._pages("user", extra):
            for resource in page.resources:
                if (user_id := str(resource.get("id") or "")) in fresh:
                    yield user_id, list(value_ids(resource, "groups"))

    def _check_complete(self, kind: str, paging: Paging) -> None:
        """Refuse half a listing; one that ran a little short, as lists do that change while read, is a finding."""
        if paging.complete:
            return
        missing = (paging.total or 0) - paging.received_count
        if paging.total is not None and 0 < missing <= max(2, paging.total // 100):
            self._connection.log.add("listing_incomplete", self._endpoints[kind].collection, f"{missing} missing")
            return
        of = "" if paging.total is None else f" of {paging.total}"
        raise TargetFailure(
            f"the listing of {kind}s ended after {paging.received_count}{of} objects",
            self._endpoints[kind].collection,
            "Look at the findings of `gallery test`; the target's paging does not work as announced",
            code="ListingIncomplete",
            failure=Failure.RETRY,
        )

    async def _page(self, kind: str, params: list[tuple[str, str]], operation: str) -> tuple[ListPage, object]:
        endpoint = self._endpoints[kind]
        request = Request("GET", endpoint.collection, params=params, label=f"{operation} {kind}s")
        response = await self._connection.send(request, operation, kind)
        body = self._connection.json(response, operation)
        return self._parsed(kind, body, response, operation), body

    def _parsed(self, kind: str, body: object, response: Response, operation: str) -> ListPage:
        try:
            page = parse_list(body, where=self._endpoints[kind].collection)
        except ScimError as error:
            raise TargetFailure(
                error.what, response.request_line, error.mend, status=response.status, failure=Failure.STOP
            ) from error
        self._connection.worked.add(kind)
        self._connection.log.take(page.findings)
        if (read_resource := self._dialects[kind].hooks.read_resource) is not None:
            page = replace(page, resources=[read_resource(kind, one) for one in page.resources])
        return page

    def _without_members(self, kind: str) -> list[tuple[str, str]]:
        if kind != "group" or self._dialects[kind].quirks.has("query.attributes_refused"):
            return []
        return [("excludedAttributes", "members")]

    def _objects(self, kind: str, page: ListPage, members: bool) -> list[TargetObject]:
        ignored = self._dialects[kind].ignored
        resources = page.resources if ignored is None else [one for one in page.resources if not ignored(one)]
        return [self.to_object(kind, one, members=members) for one in resources if one.get("id")]

    def to_object(self, kind: str, resource: dict[str, object], *, members: bool = False) -> TargetObject:
        """A parsed resource as the engine sees it."""
        target_id = str(resource.get("id") or "")
        if self._notes_groups and kind == "group":
            self.known_groups.add(target_id)
        meta = resource.get("meta")
        version = meta.get("version") if isinstance(meta, Mapping) else None
        found = member_ids(resource) if members and kind == "group" else None
        values = self._dialects[kind].flatten(resource)
        return TargetObject(kind, target_id, values, found, version if isinstance(version, str) else None)

    # -- look-ups ------------------------------------------------------------------------------------

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        """Objects by one value; see `Target.find`."""
        dialect = self._dialects[kind]
        if path in dialect.filterable:
            for text in dialect.filter_text(path)(value):
                hits = await self._filtered(kind, path, value, text)
                if hits is None:
                    break
                if hits:
                    return await self._completed(kind, hits)
            else:
                return []
        return await self._find_listed(kind, path, value)

    async def _filtered(
        self, kind: str, path: str, value: object, text: str, *, strangers_allowed: int = 1
    ) -> list[TargetObject] | None:
        """The hits of one filter; None where the target has no use for it, which is remembered.

        One stranger may be the right object under a value that the target spells its own way; two are a filter that
        nobody read.
        """
        dialect, endpoint, log = self._dialects[kind], self._endpoints[kind], self._connection.log
        params = [("filter", text), *self._without_members(kind)]
        request = Request("GET", endpoint.collection, params=params, label=f"find {kind}")
        response = await self._connection.answer(request, "find")
        if not 200 <= response.status < 300:
            return await self._without_hits(kind, path, response)
        page = self._parsed(kind, self._connection.json(response, "find"), response, "find")
        hits: list[TargetObject] = []
        strangers = 0
        for resource in page.resources:
            if (dialect.ignored is not None and dialect.ignored(resource)) or not resource.get("id"):
                continue
            mentioned = _mentions(resource, str(value).casefold())
            one = self.to_object(kind, resource)
            if dialect.matches(path, one.values.get(path), value):
                hits.append(one)
            elif not mentioned:
                strangers += 1
        if strangers > strangers_allowed:
            log.add("filter_ignored", endpoint.collection, path)
            self._unfilterable(kind, path)
            return None
        return hits

    async def _without_hits(self, kind: str, path: str, response: Response) -> list[TargetObject] | None:
        dialect, endpoint = self._dialects[kind], self._endpoints[kind]
        if response.status in dialect.quirks.value("filter.absent_status", tuple, ()):
            return []
        failure = self._connection.failure(response, "find", kind)
        if response.status == 404 and failure.failure in (Failure.STOP, Failure.GONE):
            if kind not in self._connection.worked:
                # Wrong address, or a way to say "nobody"? The bare collection tells them apart.
                await self._page(kind, [*self._pagers[kind].first(1), *self._without_members(kind)], "find")
            self._connection.log.add("filter_answered_404", endpoint.collection)
            return []
        if failure.failure is Failure.OBJECT and failure.code.casefold() in _FILTER_REFUSED:
            self._connection.log.add("filter_refused", endpoint.collection, path)
            self._unfilterable(kind, path)
            return None
        raise failure

    def _unfilterable(self, kind: str, path: str) -> None:
        self._dialects[kind].filterable -= {path}

    async def _completed(self, kind: str, hits: list[TargetObject]) -> list[TargetObject]:
        """Read hits by id, where lists leave out paths that are mapped (`list.omits`)."""
        if not self._dialects[kind].list_omits:
            return hits
        found = [await self.read(kind, hit.id) for hit in hits]
        return [one for one in found if one is not None]

    async def probe(self, kind: str, path: str, value: str) -> bool:
        """Look for a value that nobody has; False when the target answers with objects, or refuses such a filter."""
        text = self._dialects[kind].filter_text(path)(value)[0]
        try:
            hits = await self._filtered(kind, path, value, text, strangers_allowed=0)
        except TargetFailure as failure:
            if failure.failure is not Failure.OBJECT:
                raise
            self._connection.log.add("filter_refused", self._endpoints[kind].collection, path)
            self._unfilterable(kind, path)
            return False
        return hits is not None and not hits

    async def _find_listed(self, kind: str, path: str, value: object) -> list[TargetObject]:
        async with self._listing:
            index = self._listed[kind]
            if not index.knows(path):
                await index.build([*self._matching.get(kind, ()), path], self.list_objects(kind))
        dialect = self._dialects[kind]
        found = [await self.read(kind, target_id) for target_id in index.ids(path, value)]
        return [one for one in found if one is not None and dialect.matches(path, one.values.get(path), value)]

    def forget_listing(self, kind: str) -> None:
        """A create may have happened unseen: what was listed is no proof of absence any more."""
        self._listed[kind].clear()

    # -- one object ----------------------------------------------------------------------------------

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        """One object; see `Target.read`."""
        resource = await self.fetch(kind, target_id, members=members)
        lag = self._dialects[kind].quirks.value("read.after_write_lag", float)
        if resource is None and lag is not None and self._is_young(kind, target_id, lag):
            resource = await self._again(lag, lambda: self.fetch(kind, target_id, members=members))
        return None if resource is None else self.to_object(kind, resource, members=members)

    async def read_until(
        self, kind: str, target_id: str, accept: Callable[[TargetObject], bool]
    ) -> TargetObject | None:
        """Read to verify a write: repeated while `accept` says no and the target may lag (`read.after_write_lag`)."""
        last = await self.read(kind, target_id)
        lag = self._dialects[kind].quirks.value("read.after_write_lag", float)
        if lag is None or (last is not None and accept(last)):
            return last

        async def attempt() -> TargetObject | None:
            nonlocal last
            last = await self.read(kind, target_id)
            return last if last is not None and accept(last) else None

        return await self._again(lag, attempt) or last

    async def fetch(self, kind: str, target_id: str, *, members: bool = False) -> dict[str, object] | None:
        """The resource of an object as the target sent it, parsed; None when it is gone."""
        endpoint = self._endpoints[kind]
        params = None if members else self._without_members(kind) or None
        request = Request(
            "GET", endpoint.of_object(target_id), params=params, label=f"read {kind}", template=endpoint.template
        )
        try:
            response = await self._connection.send(request, "read", kind)
        except TargetFailure as failure:
            if failure.failure is Failure.GONE:
                return None
            raise
        resource, findings = parse_resource(self._connection.json(response, "read"), where=endpoint.collection)
        self._connection.log.take(findings)
        return self._dialects[kind].revised(resource)

    def note_created(self, kind: str, target_id: str, values: Mapping[str, object]) -> None:
        """Remember a fresh object for look-ups by listing, and that reads may miss it for a while."""
        self._listed[kind].add(target_id, values)
        if self._notes_groups and kind == "group":
            self.known_groups.add(target_id)
        if self._dialects[kind].quirks.has("read.after_write_lag"):
            if len(self._created) >= _CREATED_KEPT:
                self._created.clear()
            self._created[kind, target_id] = self._connection.clock()

    def _is_young(self, kind: str, target_id: str, lag: float) -> bool:
        made = self._created.get((kind, target_id))
        return made is not None and self._connection.clock() - made < lag

    async def _again(self, lag: float, attempt: Callable[[], Awaitable[T | None]]) -> T | None:
        """Repeat an attempt with growing pauses until it gives something or `lag` seconds are over."""
        waited, turn = 0.0, 0
        while waited < lag:
            pause = min(_PAUSES[min(turn, len(_PAUSES) - 1)], lag - waited)
            await self._connection.sleep(pause)
            waited, turn = waited + pause, turn + 1
            found = await attempt()
            if found is not None:
                return found
        return None


def member_ids(resource: Mapping[str, object]) -> tuple[str, ...]:
    """The ids of a group's members; a group without `members` has none (RFC 7643 section 2.5)."""
    return value_ids(resource, "members")


def value_ids(resource: Mapping[str, object], name: str) -> tuple[str, ...]:
    """The ids in a list of references, each once."""
    items = resource.get(name)
    if not isinstance(items, list):
        return ()
    values = (one.get("value") if isinstance(one, Mapping) else one for one in items)
    return tuple(dict.fromkeys(str(value) for value in values if value not in (None, "")))


def _mentions(value: object, wanted: str) -> bool:
    """Whether a text of the resource, however deep, is the wanted one, letter case aside."""
    if isinstance(value, Mapping):
        return any(_mentions(inner, wanted) for inner in value.values())
    if isinstance(value, list):
        return any(_mentions(inner, wanted) for inner in value)
    return str(value).casefold() == wanted
