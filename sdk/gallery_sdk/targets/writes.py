"""Writing to a SCIM target: create, update, delete, and whether the target did what it said.

Family: attribute.update_refused, username.is_email, email.primary_required, active.readonly, id.may_change,
create.drops_values, update.verify, group.create_with_empty_members, delete.means_deactivate, delete.unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from ..errors import OutcomeUnknownError
from ..scim import FindingCode, check_media_type, parse_resource
from ..transport import Request, Response
from .base import TargetObject
from .changes import Changes
from .connection import Connection, Endpoint, refused_here
from .dialect import Dialect, Values
from .failure import Failure, TargetFailure
from .findings import TargetFinding
from .reads import Reads


class Writes:
    """The writing half of a SCIM target."""

    def __init__(
        self,
        connection: Connection,
        dialects: Mapping[str, Dialect],
        endpoints: Mapping[str, Endpoint],
        reads: Reads,
        changes: Changes,
    ) -> None:
        self._connection, self._dialects, self._endpoints = connection, dialects, endpoints
        self._reads, self._changes = reads, changes

    # -- create --------------------------------------------------------------------------------------

    async def create(self, kind: str, values: Values, members: Sequence[str]) -> TargetObject:
        """Make an object with the members that fit into the request; see `Target.create`."""
        dialect, endpoint = self._dialects[kind], self._endpoints[kind]
        self._check(dialect, values)
        body = dialect.assemble(values)
        if members:
            body["members"] = [{"value": one} for one in members]
        elif kind == "group" and dialect.quirks.has("group.create_with_empty_members"):
            body["members"] = []
        if dialect.hooks.shape_create is not None:
            body = dialect.hooks.shape_create(kind, body)
        request = Request("POST", endpoint.collection, json=body, label=f"create {kind}")
        try:
            response = await self._connection.send(request, "create", kind, paths=values)
        except OutcomeUnknownError:
            self._reads.forget_listing(kind)
            raise
        except TargetFailure as failure:
            if failure.failure is Failure.CONFLICT:
                self._reads.forget_listing(kind)
            raise
        created = await self._created(dialect, response, values)
        self._reads.note_created(kind, created.id, values)
        if dialect.quirks.has("create.drops_values"):
            created = await self._complete(dialect, created, response, values)
        if members:
            created.members = tuple(members)
        return created

    async def _created(self, dialect: Dialect, response: Response, values: Values) -> TargetObject:
        """The new object by its answer; only what is needed of it is read."""
        body = self._body_of(response)
        if response.status != 201 or not response.headers.get("content-type", "").startswith("application/scim+json"):
            self._note_departures(response, body)
        if isinstance(body, dict):
            target_id = body.get("id")
            if type(target_id) is int:
                target_id = str(target_id)
                self._connection.log.add("id_as_number", "create")
            if isinstance(target_id, str) and target_id:
                meta = body.get("meta")
                version = meta.get("version") if isinstance(meta, dict) else None
                if isinstance(version, str):
                    self._changes.note_version(dialect, target_id, version)
                return TargetObject(dialect.kind, target_id, dict(values), None, version)
        return await self._looked_up(dialect, response, values)

    def _body_of(self, response: Response) -> object:
        """The JSON of an answer to a create; None where it holds another text, for the object is made all the same."""
        if not response.content:
            return None
        try:
            return self._connection.json(response, "create")
        except TargetFailure:
            if response.content.lstrip()[:1] == b"<":
                raise  # a page: whoever answered this is not the API
            return None

    def _note_departures(self, response: Response, body: object) -> None:
        if response.status != 201:
            self._connection.log.add(str(FindingCode.CREATE_ANSWERED_200), "create", str(response.status))
        if body is not None:
            self._connection.log.take(check_media_type(response.headers.get("content-type", ""), where="create"))

    async def _looked_up(self, dialect: Dialect, response: Response, values: Values) -> TargetObject:
        """The new object where the answer does not hold it: by Location, else by a value that it was given."""
        kind = dialect.kind
        self._connection.log.add("create_without_id", "create")
        location = response.headers.get("location", "").partition("?")[0].rstrip("/")
        prefix = self._endpoints[kind].collection.rstrip("/")
        if prefix in location and (target_id := unquote(location.rpartition("/")[2])) != prefix.strip("/"):
            return TargetObject(kind, target_id, dict(values))
        self._reads.forget_listing(kind)
        path = next((path for path in self._reads.matching(kind) if values.get(path) not in (None, "")), None)
        hits = [] if path is None else await self._reads.find(kind, path, values[path])
        if len(hits) == 1:
            return TargetObject(kind, hits[0].id, dict(values), None, hits[0].version)
        raise OutcomeUnknownError(
            f"the {kind} was created, but the answer does not say under which id, and a look-up found {len(hits)}",
            response.request_line,
            "Look in the target, and match it in the next cycle",
        )

    async def _complete(
        self, dialect: Dialect, created: TargetObject, response: Response, values: Values
    ) -> TargetObject:
        """Send once more what the target silently dropped (`create.drops_values`)."""
        wanted = [path for path in dialect.paths if values.get(path) not in (None, "", [])]
        wanted = [path for path in wanted if path not in dialect.unreadable]
        stored = self._flat(dialect, response)
        if stored is None:
            read = await self._reads.read_until(
                dialect.kind, created.id, lambda one: all(path in one.values for path in wanted)
            )
            stored = {} if read is None else read.values
        missing = [path for path in wanted if path not in stored]
        if not missing:
            return created
        before = {path: value for path, value in values.items() if path not in missing}
        await self._changes.change(dialect, created.id, before, values, missing)
        findings = tuple(self._connection.log.add("value_not_taken", path, "sent once more") for path in missing)
        created.findings = (*created.findings, *findings)
        return created

    # -- update --------------------------------------------------------------------------------------

    async def update(self, kind: str, target_id: str, before: Values, after: Values) -> TargetObject | None:
        """Change an object; see `Target.update`."""
        dialect = self._dialects[kind]
        findings: list[TargetFinding] = []
        after = self._sendable(dialect, before, after, findings)
        changed = _changed(dialect, before, after)
        must_delete = False
        if "active" in changed and dialect.quirks.has("active.readonly"):
            if after.get("active"):
                raise refused_here(
                    "the target does not let accounts be activated",
                    f"{kind} {target_id}",
                    "Activate the account in the target by hand",
                    failure=Failure.SKIP,
                )
            must_delete = True
            changed.remove("active")
        stored: TargetObject | None = None
        if changed:
            self._check(dialect, {path: after.get(path) for path in changed})
            stored = await self._update_sparing(dialect, target_id, before, after, changed, findings)
        if must_delete:
            await self._changes.delete(dialect, target_id)
        if not findings:
            return stored
        stored = stored or TargetObject(kind, target_id, dict(after))
        stored.findings = (*stored.findings, *findings)
        return stored

    def _sendable(self, dialect: Dialect, before: Values, after: Values, findings: list[TargetFinding]) -> Values:
        """The wanted values without differences that no update may carry."""
        kept: list[tuple[str, str, str]] = []
        for path, why in dialect.unsendable.items():
            if before.get(path) != after.get(path):
                kept.append((path, "value_left_out" if why else "", why))
        if dialect.quirks.has("email.primary_required"):
            primary = primary_email(dialect.paths)
            if primary is not None and before.get(primary) and not after.get(primary):
                kept.append((primary, "primary_kept", ""))
        if not kept:
            return after
        after = dict(after)
        for path, code, why in kept:
            if path in before:
                after[path] = before[path]
            else:
                after.pop(path, None)
            if code:
                findings.append(self._connection.log.add(code, path, why))
        return after

    async def _update_sparing(
        self,
        dialect: Dialect,
        target_id: str,
        before: Values,
        after: Values,
        changed: list[str],
        findings: list[TargetFinding],
    ) -> TargetObject | None:
        """Send a change; once more without what the target may refuse (`attribute.update_refused`), if it does."""
        try:
            return await self._verified(dialect, target_id, before, after, changed, findings)
        except TargetFailure as failure:
            spared = [path for path in dialect.quirks.value("attribute.update_refused", tuple, ()) if path in changed]
            is_about_data = failure.failure in (Failure.ATTRIBUTE, Failure.OBJECT)
            if not spared or not is_about_data or failure.status not in (400, 403):
                raise
            findings += [self._connection.log.add("update_refused", path, failure.code) for path in spared]
        after = {**after}
        for path in spared:
            after.pop(path, None)
            if path in before:
                after[path] = before[path]
        rest = [path for path in changed if path not in spared]
        return await self._verified(dialect, target_id, before, after, rest, findings) if rest else None

    async def _verified(
        self,
        dialect: Dialect,
        target_id: str,
        before: Values,
        after: Values,
        changed: list[str],
        findings: list[TargetFinding],
    ) -> TargetObject | None:
        response = await self._changes.change(dialect, target_id, before, after, changed)
        stored = self._stored(dialect, target_id, response)
        if not dialect.quirks.has("update.verify"):
            return stored
        checked = [path for path in changed if path not in dialect.unreadable]

        def untaken(one: TargetObject) -> list[str]:
            return [path for path in checked if not dialect.equal(path, one.values.get(path), after.get(path))]

        if stored is None:
            stored = await self._reads.read_until(dialect.kind, target_id, lambda one: not untaken(one))
        missed = checked if stored is None else untaken(stored)
        if "active" in missed:
            raise refused_here(
                "the target answered with success and left the account as active as it was",
                f"{dialect.kind} {target_id}",
                failure=Failure.SKIP,
            )
        findings += [self._connection.log.add("value_not_taken", path) for path in missed]
        return stored

    def _flat(self, dialect: Dialect, response: Response | None) -> dict[str, object] | None:
        """Flat values of an answer that holds the object; None where it holds none."""
        if response is None or not response.content or response.status == 204:
            return None
        body = self._connection.json(response, "write")
        if not isinstance(body, dict) or len(body) <= 3:  # schemas, id and meta are no object worth believing
            return None
        resource, _ = parse_resource(body)
        return dialect.flatten(dialect.revised(resource))

    def _stored(self, dialect: Dialect, target_id: str, response: Response | None) -> TargetObject | None:
        values = self._flat(dialect, response)
        if values is None or response is None:
            return None
        body = self._connection.json(response, "write")
        assert isinstance(body, dict)
        meta = body.get("meta")
        version = meta.get("version") if isinstance(meta, dict) else None
        new_id = str(body.get("id") or "") if dialect.quirks.has("id.may_change") else ""
        if isinstance(version, str):
            self._changes.note_version(dialect, new_id or target_id, version)
        return TargetObject(dialect.kind, new_id or target_id, values, None, version)

    # -- delete --------------------------------------------------------------------------------------

    async def delete(self, kind: str, target_id: str) -> None:
        """Delete an object, or what the target has in place of it; see `Target.delete`."""
        dialect = self._dialects[kind]
        if not dialect.quirks.has("delete.unsupported") and not dialect.quirks.has("delete.means_deactivate"):
            await self._changes.delete(dialect, target_id)
            return
        if kind == "group":
            raise refused_here("the target deletes no groups", f"group {target_id}", "Delete it in the target by hand")
        try:
            await self._changes.deactivate(dialect, target_id)
        except TargetFailure as failure:
            if failure.failure is not Failure.GONE:
                raise

    # -- checks --------------------------------------------------------------------------------------

    def _check(self, dialect: Dialect, values: Values) -> None:
        name = values.get("userName")
        if name and dialect.quirks.has("username.is_email") and not _is_address(str(name)):
            raise refused_here(
                "userName must be an e-mail address, and this one is none",
                f"{dialect.kind} userName",
                "Map userName from an attribute that holds an e-mail address",
            )


def primary_email(paths: Sequence[str]) -> str | None:
    """The mapped path of the primary e-mail: the one that says so, else that of type work, else the first."""
    emails = [path for path in paths if path.lower().startswith("emails[") and path.lower().endswith("value")]
    for mark in ("primary eq", '"work"'):
        found = next((path for path in emails if mark in path.lower()), None)
        if found is not None:
            return found
    return emails[0] if emails else None


def _changed(dialect: Dialect, before: Values, after: Values) -> list[str]:
    """Mapped paths in which two states differ; null, the empty text and absent are one."""
    empty: tuple[object, ...] = (None, "", [])
    return [
        path
        for path in dialect.paths
        if (old := before.get(path)) != (new := after.get(path)) and not (old in empty and new in empty)
    ]


def _is_address(text: str) -> bool:
    local, at, domain = text.partition("@")
    return bool(local and at and domain) and "@" not in domain and not any(c.isspace() for c in text)
