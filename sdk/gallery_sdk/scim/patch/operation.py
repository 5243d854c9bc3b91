"""One PATCH operation, and the message that carries several (RFC 7644 section 3.5.2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ...errors import PatchError
from .._access import find_key, lookup
from ..urns import PATCH_OP


class Absent(Enum):
    """The type of `ABSENT`, the value of an operation that carries none; JSON null is None."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class PatchOperation:
    """`op` is add, replace or remove; `path` is text as it goes on the wire, None for the whole resource."""

    op: str
    path: str | None = None
    value: object = ABSENT

    def replace(self, **changes: Any) -> PatchOperation:
        """A copy with other `op`, `path` or `value`; what quirks use to reshape an operation."""
        return dataclasses.replace(self, **changes)

    def to_json(self) -> dict[str, object]:
        """The operation in its JSON shape, without the members that it does not have."""
        message: dict[str, object] = {"op": self.op}
        if self.path is not None:
            message["path"] = self.path
        if self.value is not ABSENT:
            message["value"] = self.value
        return message


def patch_body(operations: Iterable[PatchOperation]) -> dict[str, object]:
    """The PatchOp message that carries the operations, in their order."""
    return {"schemas": [PATCH_OP], "Operations": [operation.to_json() for operation in operations]}


def parse_patch(body: object) -> list[PatchOperation]:
    """Read a PatchOp message as a server receives it; names of members are taken in any letter case.

    What each operation says is checked when it is applied. A missing `schemas` is forgiven.

    Raises:
        PatchError: invalidSyntax, where the message is no object with an array of operations.
    """
    operations = lookup(body, "Operations") if isinstance(body, Mapping) else None
    if not isinstance(operations, list):
        raise PatchError(
            "the message has no array of operations",
            "PatchOp",
            f'Send {{"schemas": ["{PATCH_OP}"], "Operations": […]}}',
            "invalidSyntax",
        )
    return [_parse_operation(index, each) for index, each in enumerate(operations)]


def _parse_operation(index: int, message: object) -> PatchOperation:
    where = f"Operations[{index}]"
    if not isinstance(message, Mapping):
        raise PatchError(
            "an operation is not an object", where, 'Send {"op": …, "path": …, "value": …}', "invalidSyntax"
        )
    op, path = lookup(message, "op"), lookup(message, "path")
    if not isinstance(op, str):
        raise PatchError('"op" is missing or not text', where, "Write add, replace or remove", "invalidSyntax")
    if path is not None and not isinstance(path, str):
        raise PatchError('"path" is not text', where, "Write an attribute path, or leave it out", "invalidPath")
    key = find_key(message, "value")
    return PatchOperation(op, path or None, ABSENT if key is None else message[key])
