"""The in-memory SCIM 2.0 server: routes, authentication and answers over a directory of plain dicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import orjson

from ...scim import error_body, urns
from ..application import Refusal, TwinApplication, TwinRequest, TwinResponse
from . import discovery
from .behaviour import TwinBehaviour
from .bulk import carry_out
from .changing import Patcher
from .checking import accepted
from .directory import Directory, Members
from .querying import Lister, Query, projection
from .store import Resource

_KINDS: Final = {"Users": "user", "Groups": "group"}


class ScimServer(TwinApplication):
    """A SCIM 2.0 server as an ASGI application, set up by a `TwinBehaviour`.

    >>> server = ScimServer(TwinBehaviour(tokens={"t": "admin"}))
    """

    def __init__(self, behaviour: TwinBehaviour | None = None) -> None:
        self.behaviour = behaviour = behaviour or TwinBehaviour()
        super().__init__(
            base_path=behaviour.base_path,
            tokens=behaviour.tokens,
            limits=behaviour.limits,
            clock=behaviour.clock,
            faults=behaviour.faults,
            seed=behaviour.seed,
            write_seconds=behaviour.write_seconds,
            write_lock=behaviour.write_lock,
            media_type=behaviour.media_type,
        )
        self.directory = Directory(behaviour, self.clock)
        self._patcher = Patcher(self.directory, behaviour.patching, behaviour.max_members)
        self._listers = {
            kind: Lister(
                schema, behaviour.paging, behaviour.filtering_of(kind), sorting=behaviour.sorting, clock=self.clock
            )
            for kind, schema in behaviour.schemas.items()
        }

    def state(self) -> dict[str, object]:
        """`users` and `groups` as they are now, in the order of their creation, members included."""
        directory = self.directory
        groups = [
            {**group, "members": directory.rendered_members(str(group["id"]))}
            for group in directory.collections["group"].values()
        ]
        return {"users": list(directory.collections["user"].values()), "groups": groups}

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer a request that was let in."""
        _, first, *rest = request.path.rstrip("/").split("/")
        kind = _KINDS.get(first)
        if kind is not None:
            if not rest:
                return self._collection(kind, request)
            if len(rest) == 1:
                return self._search((kind,), request) if rest[0] == ".search" else self._object(kind, rest[0], request)
        elif first == ".search" and not rest:
            return self._search(tuple(_KINDS.values()), request)
        elif first == "Bulk" and not rest:
            return self._bulk(request)
        elif first == "Me":
            raise Refusal(501, "/Me is not supported")
        elif self.behaviour.discovery:
            return self._discovery(first, "/".join(rest), request)
        raise Refusal(404, f"There is nothing at {request.path}")

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """Spell an error as the behaviour says."""
        spelling = self.behaviour.error_spelling
        if spelling == "text":
            return TwinResponse(refusal.status, refusal.word.encode(), refusal.headers, "text/plain")
        body: dict[str, object]
        if spelling == "scim1":
            body = {"Errors": [{"description": refusal.word, "code": str(refusal.status)}]}
        elif spelling == "json":
            body = {"error": refusal.word}
        else:
            body = error_body(refusal.status, refusal.word, refusal.scim_type)
        return TwinResponse(refusal.status, body, refusal.headers, None if spelling == "scim" else "application/json")

    # -- collections ---------------------------------------------------------------------------------------

    def _collection(self, kind: str, request: TwinRequest) -> TwinResponse:
        if request.method == "POST":
            return self._create(kind, request)
        if request.method in ("GET", "HEAD"):
            return self._list(kind, request, _query(request.query.get))
        raise _not_allowed("GET, POST")

    def _create(self, kind: str, request: TwinRequest) -> TwinResponse:
        resource, members = self._incoming(kind, request)
        stored = self.directory.create(kind, resource, members)
        shown = self._shown(kind, stored, request.base_url)
        location = f"{request.base_url}{discovery.ENDPOINTS[kind]}/{stored['id']}"
        return TwinResponse(201, self._projected(request, shown), {"Location": location, **_etag(stored)})

    def _list(self, kind: str, request: TwinRequest, query: Query) -> TwinResponse:
        collection, lister = self.directory.collections[kind], self._listers[kind]
        matching = lister.matching(collection, query)

        def resources(place: slice) -> list[Resource]:
            return [self._listed(kind, identity, request) for identity in matching[place]]

        return TwinResponse(200, lister.page(len(matching), query, resources))

    def _listed(self, kind: str, identity: str, request: TwinRequest) -> Resource:
        stored = self.directory.collections[kind].seen(identity)
        assert stored is not None
        shown = self._shown(kind, stored, request.base_url)
        for name in self.behaviour.omitted.get(kind, ()):
            shown.pop(name, None)
        return shown

    def _search(self, kinds: Sequence[str], request: TwinRequest) -> TwinResponse:
        """RFC 7644 section 3.4.3, in one collection or, at the base, in all."""
        if request.method != "POST":
            raise _not_allowed("POST")
        body = _decoded(request)
        if not isinstance(body, dict) or urns.SEARCH_REQUEST not in (body.get("schemas") or ()):
            raise Refusal(400, f"schemas must name {urns.SEARCH_REQUEST}", "invalidSyntax")
        query = _query(lambda name: _parameter(body.get(name)))
        matching = [
            (kind, identity)
            for kind in kinds
            for identity in self._listers[kind].matching(self.directory.collections[kind], query)
        ]

        def resources(place: slice) -> list[Resource]:
            return [self._listed(kind, identity, request) for kind, identity in matching[place]]

        return TwinResponse(200, self._listers[kinds[0]].page(len(matching), query, resources))

    # -- objects -------------------------------------------------------------------------------------------

    def _object(self, kind: str, identity: str, request: TwinRequest) -> TwinResponse:
        if request.method in ("GET", "HEAD"):
            return self._read(kind, identity, request)
        stored = self.directory.collections[kind].get(identity)
        if stored is None:
            raise Refusal(404, f"Resource {identity} not found")
        self._check_precondition(stored, request)
        if request.method == "PATCH":
            changed = self._patcher.patch(kind, identity, _decoded(request))
            if self.behaviour.patching.returns == "nothing" and "attributes" not in request.query:
                return TwinResponse(204, None, _etag(changed))
        elif request.method == "PUT" and self.behaviour.put:
            changed = self._replace(kind, identity, stored, request)
        elif request.method == "DELETE":
            return self._delete(kind, identity, stored)
        else:
            raise _not_allowed("GET, PUT, PATCH, DELETE" if self.behaviour.put else "GET, PATCH, DELETE")
        shown = self._shown(kind, changed, request.base_url)
        return TwinResponse(200, self._projected(request, shown), _etag(changed))

    def _read(self, kind: str, identity: str, request: TwinRequest) -> TwinResponse:
        stored = self.directory.collections[kind].seen(identity)
        if stored is None:
            raise Refusal(404, f"Resource {identity} not found")
        etag = _etag(stored)
        if etag and request.header("if-none-match") in (etag["ETag"], "*"):
            return TwinResponse(304, None, etag)
        return TwinResponse(200, self._projected(request, self._shown(kind, stored, request.base_url)), etag)

    def _replace(self, kind: str, identity: str, stored: Resource, request: TwinRequest) -> Resource:
        resource, members = self._incoming(kind, request)
        changed = self.directory.change(kind, identity, resource)
        if kind == "group" and members.keys() != self.directory.members[identity].keys():
            self.directory.set_members(identity, members)
            self.directory.touch(identity)
            changed = self.directory.collections[kind].get(identity) or changed
        return changed

    def _delete(self, kind: str, identity: str, stored: Resource) -> TwinResponse:
        if kind == "user" and self.behaviour.delete == "deactivate":
            self.directory.change(kind, identity, {**stored, "active": False})
        else:
            self.directory.remove(kind, identity)
        return TwinResponse(204)

    def _check_precondition(self, stored: Resource, request: TwinRequest) -> None:
        wanted = request.header("if-match")
        if wanted is not None and self.behaviour.etags and wanted not in ("*", _etag(stored)["ETag"]):
            raise Refusal(412, "The resource has changed since it was read")

    # -- what goes in and out ------------------------------------------------------------------------------

    def _incoming(self, kind: str, request: TwinRequest) -> tuple[Resource, Members]:
        resource = accepted(_decoded(request), self.behaviour.schemas[kind])
        if kind == "user":
            resource.setdefault("active", True)
            return resource, {}
        listed = resource.pop("members", None)
        return resource, {} if listed is None else self.directory.checked_members(listed)

    def _shown(self, kind: str, stored: Resource, base_url: str) -> Resource:
        meta = stored["meta"]
        assert isinstance(meta, dict)
        shown = {**stored, "meta": {**meta, "location": f"{base_url}{meta['location']}"}}
        identity = str(stored["id"])
        if kind == "user":
            groups = self.directory.groups_of(identity)
            if groups:
                shown["groups"] = groups
        elif self.behaviour.returns_members and identity in self.directory.members:
            members = self.directory.rendered_members(identity)
            if members:
                shown["members"] = members
        return shown

    def _projected(self, request: TwinRequest, shown: Resource) -> Resource:
        query = request.query
        return projection(query.get("attributes"), query.get("excludedAttributes"))(shown) if query else shown

    # -- bulk, discovery -----------------------------------------------------------------------------------

    def _bulk(self, request: TwinRequest) -> TwinResponse:
        if self.behaviour.bulk is None:
            raise Refusal(501, "Bulk is not supported")
        if request.method != "POST":
            raise _not_allowed("POST")

        def answer(inner: TwinRequest) -> TwinResponse:
            try:
                return self.handle(inner)
            except Refusal as refusal:
                return self.refuse(inner, refusal)

        return TwinResponse(200, carry_out(request, _decoded(request), self.behaviour.bulk, answer))

    def _discovery(self, first: str, rest: str, request: TwinRequest) -> TwinResponse:
        if request.method not in ("GET", "HEAD"):
            raise _not_allowed("GET") if first in _DISCOVERY else Refusal(404, f"There is nothing at {request.path}")
        behaviour, base_url = self.behaviour, request.base_url
        if first in ("Schemas", "ResourceTypes") and "filter" in request.query:
            raise Refusal(403, "Discovery takes no filter")  # RFC 7644 section 4
        entries: Callable[[], list[dict[str, object]]]
        if first == "ServiceProviderConfig" and not rest:
            return TwinResponse(200, discovery.service_provider_config(behaviour, base_url))
        if first == "Schemas":
            entries = lambda: discovery.schema_documents(behaviour.schemas.values(), base_url)  # noqa: E731
        elif first == "ResourceTypes":
            entries = lambda: discovery.resource_types(behaviour.schemas.items(), base_url)  # noqa: E731
        else:
            raise Refusal(404, f"There is nothing at {request.path}")
        found = entries()
        if not rest:
            body = {"totalResults": len(found), "itemsPerPage": len(found), "startIndex": 1, "Resources": found}
            return TwinResponse(200, {"schemas": [urns.LIST_RESPONSE], **body})
        one = next((entry for entry in found if str(entry["id"]).lower() == rest.lower()), None)
        if one is None:
            raise Refusal(404, f"There is nothing at {request.path}")
        return TwinResponse(200, one)


_DISCOVERY: Final = frozenset({"ServiceProviderConfig", "Schemas", "ResourceTypes"})


def _query(parameter: Callable[[str], str | None]) -> Query:
    return Query(
        parameter("filter"),
        parameter("sortBy"),
        parameter("sortOrder") or "ascending",
        parameter("startIndex"),
        parameter("count"),
        parameter("cursor"),
        parameter("attributes"),
        parameter("excludedAttributes"),
    )


def _parameter(value: object) -> str | None:
    """A member of a SearchRequest as the query parameter that it stands for."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return None if value is None else str(value)


def _decoded(request: TwinRequest) -> object:
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "The body is not JSON", "invalidSyntax") from error


def _etag(stored: Resource) -> dict[str, str]:
    meta = stored["meta"]
    version = meta.get("version") if isinstance(meta, dict) else None
    return {"ETag": version} if isinstance(version, str) else {}


def _not_allowed(allowed: str) -> Refusal:
    return Refusal(405, "The method is not allowed here", headers={"Allow": allowed})
