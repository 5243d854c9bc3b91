"""Lists: which resources, in which order, which page, which of their attributes (RFC 7644 section 3.4.2, RFC 9865)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ...errors import FilterError, PathError
from ...scim import (
    And,
    AttributePath,
    Comparison,
    Filter,
    SchemaSet,
    compile_filter,
    compile_getter,
    parse_filter,
    parse_path,
    urns,
)
from ..application import Refusal
from ..clocks import Clock
from .behaviour import Filtering, Paging
from .store import Collection, Resource

Predicate = Callable[[Mapping[str, object]], bool]
Render = Callable[[Resource], Resource]


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a list as they came, all of them text."""

    filter: str | None = None
    sort_by: str | None = None
    sort_order: str = "ascending"
    start_index: str | None = None
    count: str | None = None
    cursor: str | None = None
    attributes: str | None = None
    excluded_attributes: str | None = None


class Lister:
    """Answers list requests on one collection."""

    def __init__(self, schema: SchemaSet, paging: Paging, filtering: Filtering, *, sorting: bool, clock: Clock) -> None:
        self._schema, self._paging, self._filtering, self._sorting = schema, paging, filtering, sorting
        self._clock = clock
        self._compiled = lru_cache(maxsize=256)(self._compile)

    def matching(self, collection: Collection, query: Query) -> list[str]:
        """Ids of what the query's filter selects, in the query's order; not to be changed.

        Raises:
            Refusal: 400 with invalidFilter or invalidPath.
        """
        found = self._matching(collection, query)
        return self._sorted(found, query, collection) if query.sort_by and self._sorting else found

    def page(self, total: int, query: Query, resources_from: Callable[[slice], list[Resource]]) -> dict[str, object]:
        """The ListResponse of one page of `total` resources, which `resources_from` gives by their place.

        Raises:
            Refusal: 400 with invalidValue, invalidPath, invalidCursor or expiredCursor.
        """
        start, size, following = self._window(query, total)
        project = projection(query.attributes, query.excluded_attributes)
        resources = [project(each) for each in resources_from(slice(start, start + size))]
        body: dict[str, object] = {"schemas": [urns.LIST_RESPONSE]}
        if self._paging.totals:
            body["totalResults"] = total
        body["itemsPerPage"] = len(resources)
        if self._paging.mode != "cursor":
            body["startIndex"] = start + self._paging.first_index
        if following is not None:
            body["nextCursor"] = following
        body["Resources"] = resources
        return body

    def _matching(self, collection: Collection, query: Query) -> list[str]:
        if query.filter is None or self._filtering.mode == "ignored":
            return _visible(collection, collection.order())
        if self._filtering.mode == "refused":
            raise Refusal(400, "Filters are not supported", "invalidFilter")
        matches, ast = self._compiled(query.filter)
        identities: Iterable[str] | None = None
        for term in ast.terms if isinstance(ast, And) else (ast,):
            if isinstance(term, Comparison) and term.op == "eq" and isinstance(term.value, str):
                identities = collection.candidates(term.path, term.value)
                break
        seen = ((each, collection.seen(each)) for each in (collection.order() if identities is None else identities))
        return [identity for identity, resource in seen if resource is not None and matches(resource)]

    def _compile(self, text: str) -> tuple[Predicate, Filter]:
        try:
            ast = parse_filter(text)
            matches = compile_filter(ast, schema=self._schema)
        except FilterError as error:
            raise Refusal(400, error.what, "invalidFilter") from error
        if self._filtering.mode == "equality":
            path = str(ast.path).lower() if isinstance(ast, Comparison) and ast.op == "eq" else None
            if path is None or (self._filtering.paths and path not in self._filtering.paths):
                raise Refusal(400, "Only eq on selected attributes is supported", "invalidFilter")
        return matches, ast

    def _sorted(self, identities: list[str], query: Query, collection: Collection) -> list[str]:
        try:
            read = compile_getter(query.sort_by or "", schema=self._schema)
        except PathError as error:
            raise Refusal(400, error.what, "invalidPath") from error
        keys: dict[str, tuple[bool, str]] = {}
        for identity in identities:
            value = read(collection.seen(identity) or {})
            value = value.get("value") if isinstance(value, Mapping) else value
            # Those without a value come last when ascending, first when descending (RFC 7644 section 3.4.2.3).
            keys[identity] = (value is None, "" if value is None else str(value).lower())
        return sorted(identities, key=keys.__getitem__, reverse=query.sort_order.lower() == "descending")

    def _window(self, query: Query, total: int) -> tuple[int, int, str | None]:
        """Offset, size and, under cursors, the next cursor."""
        paging = self._paging
        if paging.mode == "none":
            return 0, total, None
        asked = paging.default if query.count is None else max(0, _number(query.count, "count"))
        size = min(asked, paging.maximum)
        if paging.mode == "index":
            start = paging.first_index
            if query.start_index is not None:
                start = max(paging.first_index, _number(query.start_index, "startIndex"))
            return start - paging.first_index, size, None
        offset = self._offset(query.cursor or "")
        following = offset + size
        return offset, size, self._cursor(following) if size > 0 and following < total else None

    def _cursor(self, offset: int) -> str:
        return base64.urlsafe_b64encode(f"{offset}:{self._clock():.3f}".encode()).decode()

    def _offset(self, cursor: str) -> int:
        if not cursor:
            return 0
        try:
            offset, made = base64.urlsafe_b64decode(cursor).decode().split(":")
            place, age = int(offset), self._clock() - float(made)
        except (ValueError, binascii.Error) as error:
            raise Refusal(400, "The cursor is not one of ours", "invalidCursor") from error
        if self._paging.cursor_seconds is not None and age > self._paging.cursor_seconds:
            raise Refusal(400, "The cursor has expired", "expiredCursor")
        return place


def _visible(collection: Collection, identities: list[str]) -> list[str]:
    """Those that reads show; without lag that is all of them, and nothing is copied."""
    return [each for each in identities if collection.seen(each) is not None] if collection.lags else identities


def _number(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refusal(400, f"{name} is not a number", "invalidValue") from error


def projection(attributes: str | None, excluded: str | None) -> Render:
    """A function that leaves of a resource what `attributes` or `excludedAttributes` want (RFC 7644 section 3.9).

    `schemas` and `id` always stay.

    Raises:
        Refusal: 400 invalidPath.
    """
    if not attributes and not excluded:
        return lambda resource: resource
    try:
        paths = [parse_path(each.strip()) for each in (attributes or excluded or "").split(",") if each.strip()]
    except PathError as error:
        raise Refusal(400, error.what, "invalidPath") from error
    return (lambda resource: _only(resource, paths)) if attributes else (lambda resource: _without(resource, paths))


def _only(resource: Resource, paths: list[AttributePath]) -> Resource:
    kept: Resource = {name: resource[name] for name in ("schemas", "id") if name in resource}
    for path in paths:
        key, inside = _located(resource, path)
        if key is None:
            continue
        if inside is None:
            kept[key] = resource[key]
            continue
        held = kept.get(key)
        kept[key] = _merge(held, _sub_only(resource[key], inside))
    return kept


def _without(resource: Resource, paths: list[AttributePath]) -> Resource:
    kept = dict(resource)
    for path in paths:
        key, inside = _located(kept, path)
        if key is None or key in ("schemas", "id"):
            continue
        if inside is None:
            del kept[key]
        else:
            kept[key] = _sub_without(kept[key], inside)
    return kept


def _located(resource: Resource, path: AttributePath) -> tuple[str | None, list[str] | None]:
    """The top-level key that the path begins with, and the names that lead on from there; (None, None) if absent."""
    whole = str(path)
    if (key := _key(resource, whole)) is not None:  # an extension by its URN alone
        return key, None
    if path.urn is not None and (key := _key(resource, path.urn)) is not None:
        return key, [path.name]
    key = _key(resource, path.name)
    return key, [path.sub] if key is not None and path.sub else None


def _key(holder: Mapping[str, object], name: str) -> str | None:
    if name in holder:
        return name
    lower = name.lower()
    return next((key for key in holder if key.lower() == lower), None)


def _sub_only(value: object, names: list[str]) -> object:
    if isinstance(value, list):
        return [_sub_only(each, names) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {key: value[key] for name in names if (key := _key(value, name)) is not None}


def _sub_without(value: object, names: list[str]) -> object:
    if isinstance(value, list):
        return [_sub_without(each, names) for each in value]
    if not isinstance(value, Mapping):
        return value
    lower = {name.lower() for name in names}
    return {key: each for key, each in value.items() if key.lower() not in lower}


def _merge(held: object, more: object) -> object:
    if isinstance(held, Mapping) and isinstance(more, Mapping):
        return {**held, **more}
    if isinstance(held, list) and isinstance(more, list):
        return [_merge(one, other) for one, other in zip(held, more, strict=True)]
    return more
