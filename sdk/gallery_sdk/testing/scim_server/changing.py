"""PATCH on users and groups (RFC 7644 section 3.5.2); members of groups by a way of their own, for groups are large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import PatchError, PathError
from ...scim import (
    ABSENT,
    AttributePath,
    Comparison,
    PatchOperation,
    SchemaSet,
    apply_patch,
    parse_patch,
    parse_path,
    urns,
)
from ..application import Refusal
from .behaviour import Patching
from .checking import checked
from .directory import Directory, Members
from .store import Resource

_PREFIX = f"{urns.GROUP}:".lower()


class Patcher:
    """Carries out the PATCH requests of one server."""

    def __init__(self, directory: Directory, patching: Patching, max_members: int | None) -> None:
        self._directory, self._patching, self._max_members = directory, patching, max_members

    def patch(self, kind: str, identity: str, body: object) -> Resource:
        """Apply a PatchOp message, all of it or nothing, and return the object as stored.

        Raises:
            Refusal: 400 with the scimType that RFC 7644 table 9 gives, 409 uniqueness, 501.
        """
        if self._patching.mode == "refused":
            raise Refusal(501, "PATCH is not supported")
        try:
            operations = parse_patch(body)
        except PatchError as error:
            raise Refusal(400, error.what, error.scim_type) from error
        self._check(kind, body, operations)
        members = None
        if kind == "group":
            operations, members = self._split(identity, operations)
        old = self._directory.collections[kind].get(identity)
        assert old is not None
        stored = old
        if operations:
            stored = self._directory.change(kind, identity, self._applied(kind, old, operations))
        if members is not None:
            members.apply()
            self._directory.touch(identity)
            stored = self._directory.collections[kind].get(identity) or stored
        return stored

    def _check(self, kind: str, body: object, operations: Sequence[PatchOperation]) -> None:
        if self._patching.mode == "strict":
            schemas = body.get("schemas") if isinstance(body, Mapping) else None
            if not isinstance(schemas, list) or urns.PATCH_OP not in schemas:
                raise Refusal(400, f"schemas must name {urns.PATCH_OP}", "invalidSyntax")
        most = self._patching.max_operations
        if most is not None and len(operations) > most:
            raise Refusal(400, f"At most {most} operations in one request", "tooMany")
        if self._patching.only and kind == "user":
            for operation in operations:
                names = [operation.path] if operation.path else list(_members_of(operation.value))
                for name in names:
                    if name.lower() not in self._patching.only:
                        raise Refusal(400, f"{name} cannot be changed by PATCH", "mutability")

    def _applied(self, kind: str, old: Resource, operations: Sequence[PatchOperation]) -> Resource:
        schema: SchemaSet = self._directory.schema(kind)
        try:
            new = apply_patch(old, operations, schema=schema, compat=self._patching.mode == "compat")
        except PatchError as error:
            raise Refusal(400, error.what, error.scim_type) from error
        new.pop("password", None)
        return checked(new, schema)

    def _split(
        self, group: str, operations: Sequence[PatchOperation]
    ) -> tuple[list[PatchOperation], _MemberChanges | None]:
        """Operations on members apart from the others, both in their order; nothing is changed yet."""
        changes = _MemberChanges(self._directory, group, compat=self._patching.mode == "compat")
        others: list[PatchOperation] = []
        for index, operation in enumerate(operations):
            path = operation.path
            if path is not None and path.lower().removeprefix(_PREFIX).startswith("members"):
                changes.note(index, operation)
            elif path is None and isinstance(operation.value, Mapping) and "members" in operation.value:
                rest = {name: value for name, value in operation.value.items() if name != "members"}
                changes.note(index, PatchOperation(operation.op, "members", operation.value["members"]))
                if rest:
                    others.append(operation.replace(value=rest))
            else:
                others.append(operation)
        if self._max_members is not None and changes.touched > self._max_members:
            raise Refusal(400, f"At most {self._max_members} members in one request", "tooMany")
        return others, changes if changes.noted else None


class _MemberChanges:
    """Changes of one group's members, checked as they are noted and applied together."""

    def __init__(self, directory: Directory, group: str, *, compat: bool) -> None:
        self._directory, self._group, self._compat = directory, group, compat
        self._steps: list[tuple[str, Members]] = []
        self.noted = False
        self.touched = 0

    def note(self, index: int, operation: PatchOperation) -> None:
        self.noted = True
        op = operation.op.lower()
        path = _path(operation.path or "members")
        if op not in ("add", "replace", "remove"):
            raise Refusal(400, f"Operations[{index}]: unknown op {operation.op!r}", "invalidSyntax")
        if path.filter is not None:
            self._filtered(op, path)
        elif path.sub is not None:
            raise Refusal(400, "Members change as a whole", "mutability")
        elif op == "remove":
            value = operation.value
            if value is ABSENT or not value or not self._compat:  # RFC 7644 knows no value in a removal
                self._steps.append(("set", {}))
            else:
                named = value if isinstance(value, list) else [value]
                self._discard([str(each.get("value")) if isinstance(each, Mapping) else str(each) for each in named])
        elif operation.value is ABSENT:
            raise Refusal(400, f"Operations[{index}]: the {op} has no value", "invalidValue")
        else:
            members = self._directory.checked_members(operation.value)
            self.touched += len(members)
            self._steps.append(("set" if op == "replace" else "add", members))

    def _filtered(self, op: str, path: AttributePath) -> None:
        ast = path.filter
        if not isinstance(ast, Comparison) or ast.op != "eq" or ast.path.name.lower() != "value":
            raise Refusal(400, 'Members are named as members[value eq "id"]', "invalidFilter")
        identity = str(ast.value)
        if op != "remove":
            if identity not in self._directory.members[self._group]:
                raise Refusal(400, "No member matches", "noTarget")
            return
        self._discard([identity])

    def _discard(self, identities: list[str]) -> None:
        self.touched += len(identities)
        self._steps.append(("discard", {identity: {} for identity in identities}))

    def apply(self) -> None:
        """Carry out what was noted, in order."""
        for step, members in self._steps:
            if step == "set":
                self._directory.set_members(self._group, dict(members))
            elif step == "add":
                self._directory.add_members(self._group, members)
            else:
                self._directory.discard_members(self._group, members)


def _path(text: str) -> AttributePath:
    """Read a path of a request.

    Raises:
        Refusal: 400 invalidPath.
    """
    try:
        return parse_path(text)
    except PathError as error:
        raise Refusal(400, error.what, "invalidPath") from error


def _members_of(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
