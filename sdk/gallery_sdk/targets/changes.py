"""One change of one object on the wire: by PATCH or by PUT, under its ETag where the target insists.

Family: patch.unsupported, patch.only, patch.max_ops, put.forbidden, put.keeps_omitted, etag.required.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Final

from ..errors import PatchError
from ..scim import PatchOperation, apply_patch, build_patch, parse_path, patch_body
from ..transport import Request, Response
from .connection import Connection, Endpoint, refused_here
from .dialect import CORE, REQUIRED, Dialect, Resource, Values
from .failure import Failure, TargetFailure
from .quirks.patching import CLEARING
from .reads import Reads

_NO_PATCH: Final = frozenset({405, 501})
_SERVER_OWNED: Final = frozenset({"id", "meta", "groups"})
_VERSIONS_KEPT: Final = 10_000


class Changes:
    """Sends changes of one target."""

    def __init__(
        self,
        connection: Connection,
        dialects: Mapping[str, Dialect],
        endpoints: Mapping[str, Endpoint],
        reads: Reads,
        *,
        patch_supported: bool = True,
    ) -> None:
        """`patch_supported` is what the target says of itself; what the manifest says outranks it."""
        self._connection, self._dialects, self._endpoints, self._reads = connection, dialects, endpoints, reads
        self._put_kinds = {
            kind
            for kind, dialect in dialects.items()
            if dialect.quirks.has("patch.unsupported")
            or not (patch_supported or dialect.quirks.has("put.forbidden") or dialect.quirks.has("patch.only"))
        }
        self._versions: dict[tuple[str, str], str] = {}

    def puts(self, kind: str, path: str | None = None) -> bool:
        """Whether changes of this kind, or of this path of it, are sent as PUT."""
        only = self._dialects[kind].quirks.value("patch.only", tuple)
        return kind in self._put_kinds or (path is not None and only is not None and path not in only)

    async def change(
        self, dialect: Dialect, target_id: str, before: Values, after: Values, changed: Sequence[str]
    ) -> Response | None:
        """Send a change by the verbs that the target takes; the last answer."""
        if dialect.kind in self._put_kinds:
            return await self._put(dialect, target_id, after, changed)
        only = dialect.quirks.value("patch.only", tuple)
        if only is not None and (by_put := [path for path in changed if path not in only]):
            between = {**after, **{path: before.get(path) for path in only}}
            response = await self._put(dialect, target_id, between, by_put)
            if len(by_put) == len(changed):
                return response
            before = between
        try:
            return await self.patch(dialect, target_id, dialect.operations(before, after), "update", changed)
        except TargetFailure as failure:
            if failure.code == "noTarget" and await self._drifted(dialect, target_id, before, after, changed):
                return None
            if not self._has_no_patch(dialect, failure):
                raise
            return await self._put(dialect, target_id, after, changed)

    def _has_no_patch(self, dialect: Dialect, failure: TargetFailure) -> bool:
        """Whether a failure says that PATCH is not implemented; remembered, so that it is not sent again."""
        if failure.status not in _NO_PATCH or dialect.quirks.has("put.forbidden"):
            return False
        self._connection.log.add("patch_not_implemented", self._endpoints[dialect.kind].template)
        self._put_kinds.add(dialect.kind)
        return True

    async def _drifted(
        self, dialect: Dialect, target_id: str, before: Values, after: Values, changed: Sequence[str]
    ) -> bool:
        """Send a change anew from what the target really holds; False where it holds what was believed.

        An item that somebody removed by hand has no target any more (RFC 7644 section 3.5.2.3), and would be refused
        in every cycle to come.
        """
        one = await self._reads.read(dialect.kind, target_id)
        if one is None or all(one.values.get(path) == before.get(path) for path in changed):
            return False
        self._connection.log.add("state_was_stale", self._endpoints[dialect.kind].template)
        wanted = {**one.values, **{path: after.get(path) for path in changed}}
        await self.patch(dialect, target_id, dialect.operations(one.values, wanted), "update", changed)
        return True

    async def patch(
        self,
        dialect: Dialect,
        target_id: str,
        operations: Sequence[PatchOperation],
        operation: str,
        changed: Sequence[str] = (),
    ) -> Response | None:
        """Send operations, in as many requests as the target wants; None where there is nothing to send."""
        most = dialect.quirks.value("patch.max_ops", int) or len(operations)
        response: Response | None = None
        for start in range(0, len(operations), most):
            body = patch_body(operations[start : start + most])
            response = await self._send(dialect, "PATCH", target_id, body, operation, changed)
        return response

    async def patch_group(self, group_id: str, operations: list[PatchOperation]) -> bool:
        """Send operations on a group's members, in the target's words; False where it turns out to know no PATCH."""
        dialect = self._dialects["group"]
        try:
            await self.patch(dialect, group_id, dialect.shaped(operations, {}), "members")
        except TargetFailure as failure:
            if not self._has_no_patch(dialect, failure):
                raise
            return False
        return True

    async def _put(self, dialect: Dialect, target_id: str, after: Values, changed: Sequence[str]) -> Response:
        if dialect.quirks.has("put.keeps_omitted"):
            return await self._send(dialect, "PUT", target_id, _partial(dialect, after, changed), "update", changed)
        resource = await self._reads.fetch(dialect.kind, target_id, members=True)
        if resource is None:
            raise TargetFailure(
                f"the {dialect.kind} is gone",
                self._endpoints[dialect.kind].template,
                "The next cycle matches it once more",
                status=404,
                code="EntryNotFound",
                failure=Failure.GONE,
            )
        return await self.put_resource(dialect.kind, target_id, resource, _laid_over(dialect, resource, after, changed))

    async def put_resource(self, kind: str, target_id: str, was: Resource, wanted: Resource) -> Response:
        """PUT a whole resource; what the server owns is left out."""
        dialect = self._dialects[kind]
        meta = was.get("meta")
        version = meta.get("version") if isinstance(meta, dict) else None
        if isinstance(version, str):
            self.note_version(dialect, target_id, version)
        body = {name: value for name, value in wanted.items() if not self._is_server_owned(dialect, name)}
        body.setdefault("schemas", [CORE[kind]])
        return await self._send(dialect, "PUT", target_id, body, "update")

    def _is_server_owned(self, dialect: Dialect, name: str) -> bool:
        if name in _SERVER_OWNED:
            return True
        definition = dialect.schema.attribute(name)
        return definition is not None and definition.mutability == "readOnly"

    async def _send(
        self,
        dialect: Dialect,
        method: str,
        target_id: str,
        body: object,
        operation: str,
        changed: Sequence[str] = (),
    ) -> Response:
        kind, endpoint = dialect.kind, self._endpoints[dialect.kind]
        request = Request(
            method,
            endpoint.of_object(target_id),
            json=body,
            # What is sent are states, never steps: sending a PATCH twice leaves what sending it once leaves.
            idempotent=True,
            key=f"{kind}:{target_id}",
            label=f"{operation} {kind}",
            template=endpoint.template,
        )
        if not dialect.quirks.has("etag.required"):
            return await self._connection.send(request, operation, dialect.kind, paths=changed)
        return await self._send_under_etag(dialect, target_id, request, operation, changed)

    async def _send_under_etag(
        self, dialect: Dialect, target_id: str, request: Request, operation: str, changed: Sequence[str] = ()
    ) -> Response:
        """Send with `If-Match`; where the version was old, read it and send once more (`etag.required`)."""
        for attempt in (1, 2):
            request.headers = {"If-Match": await self._version(dialect, target_id)}
            try:
                response = await self._connection.send(request, operation, dialect.kind, paths=changed)
            except TargetFailure as failure:
                self._versions.pop((dialect.kind, target_id), None)
                if failure.status != 412 or attempt == 2:
                    raise
                continue
            self._versions.pop((dialect.kind, target_id), None)
            if (etag := response.headers.get("etag")) is not None:
                self.note_version(dialect, target_id, etag)
            return response
        raise AssertionError("unreachable: the second attempt returns or raises")

    async def _version(self, dialect: Dialect, target_id: str) -> str:
        known = self._versions.get((dialect.kind, target_id))
        if known is None:
            one = await self._reads.read(dialect.kind, target_id)
            known = "*" if one is None or one.version is None else one.version
        return known

    def note_version(self, dialect: Dialect, target_id: str, version: str) -> None:
        """Remember the version of an object that was just read or written, where writes must name it."""
        if dialect.quirks.has("etag.required"):
            if len(self._versions) >= _VERSIONS_KEPT:
                self._versions.clear()
            self._versions[dialect.kind, target_id] = version

    async def delete(self, dialect: Dialect, target_id: str) -> None:
        """Send DELETE; an object that is gone already is a success."""
        endpoint = self._endpoints[dialect.kind]
        request = Request(
            "DELETE",
            endpoint.of_object(target_id),
            key=f"{dialect.kind}:{target_id}",
            label=f"delete {dialect.kind}",
            template=endpoint.template,
        )
        try:
            if dialect.quirks.has("etag.required"):
                await self._send_under_etag(dialect, target_id, request, "delete")
            else:
                await self._connection.send(request, "delete", dialect.kind)
        except TargetFailure as failure:
            if failure.failure is not Failure.GONE:
                raise

    async def deactivate(self, dialect: Dialect, target_id: str) -> None:
        """Send `active` false, whatever is mapped, where the target knows no deletion."""
        if not self.puts(dialect.kind, "active"):
            operations = dialect.shaped([PatchOperation("replace", "active", False)], {"active": False})
            try:
                await self.patch(dialect, target_id, operations, "delete", ["active"])
                return
            except TargetFailure as failure:
                if not self._has_no_patch(dialect, failure):
                    raise
        await self._put(dialect, target_id, {"active": False}, ["active"])


def _laid_over(dialect: Dialect, resource: Resource, after: Values, changed: Sequence[str]) -> Resource:
    """The resource as read with the changed paths as wanted, and everything else as it was."""
    if list(changed) == ["active"]:
        return {**resource, "active": after.get("active")}
    was = dialect.flatten(deepcopy(resource))
    wanted = {**was, **{path: after.get(path) for path in changed}}
    operations = build_patch(dialect.assemble(was), after_resource := dialect.assemble(wanted), schema=dialect.schema)
    if dialect.whole is not None:
        operations = dialect.whole(operations, after_resource)
    try:
        return apply_patch(resource, operations, compat=True)
    except PatchError as error:
        raise refused_here(
            f"the change does not fit what the target holds: {error.what}", dialect.kind, error.mend
        ) from error


def _partial(dialect: Dialect, after: Values, changed: Sequence[str]) -> Resource:
    """Changed attributes, whole where they are lists, and the required one; cleared ones say that they are empty."""
    names = {_attribute(path) for path in (*changed, REQUIRED[dialect.kind])}
    body = dialect.assemble({path: value for path, value in after.items() if _attribute(path) in names})
    empty = CLEARING.get(dialect.quirks.value("clear.style", str, "null"))
    for path in changed:
        if after.get(path) in (None, "", []):
            _clear(body, path, empty)
    return body


def _attribute(path: str) -> tuple[str | None, str]:
    parsed = parse_path(path)
    return parsed.urn, parsed.name


def _clear(body: Resource, path: str, empty: object) -> None:
    parsed = parse_path(path)
    holder = body
    if parsed.urn is not None and parsed.urn not in CORE.values():
        inner = body.setdefault(parsed.urn, {})
        assert isinstance(inner, dict)
        holder = inner
    if parsed.filter is not None:
        holder.setdefault(parsed.name, [])  # the other items, if any, are there: the list is sent whole
    elif parsed.sub is None:
        holder[parsed.name] = empty
    else:
        inner = holder.setdefault(parsed.name, {})
        if isinstance(inner, dict):
            inner[parsed.sub] = empty
