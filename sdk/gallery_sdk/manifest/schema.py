"""The target's schema as the connector knows it, so that mappings are checked before a request is sent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Frozen, Kind, Mark, Word

AttributeType = Literal["string", "boolean", "integer", "decimal", "dateTime", "binary", "reference", "complex"]


class TargetAttribute(Frozen):
    """One attribute of the target, with the characteristics of RFC 7643 section 7.

    Attributes:
        name: The path as mappings write it (`userName`, `emails[type eq "work"].value`), or a field name where the
            target is not SCIM.
        max_length: In characters; longer values fail the object before a request.
        enum: The only values that the target takes; empty means any.
        reference: The kind of object that the value points to, as a target id.
        filterable: The target's filter accepts `eq` on it; None leaves the word to `capabilities.features`.
        source: Where this was read.
    """

    name: Word
    type: AttributeType = "string"
    multi_valued: bool = False
    required: bool = False
    mutability: Literal["readWrite", "readOnly", "immutable", "writeOnly"] = "readWrite"
    unique: bool = False
    case_exact: bool = False
    max_length: int | None = Field(default=None, gt=0)
    enum: tuple[str | int | bool, ...] = ()
    reference: Kind | None = None
    filterable: bool | None = None
    source: str | None = None
    mark: Mark | None = None


class Attributes(Frozen):
    """`[[attribute.user]]` and `[[attribute.group]]`."""

    user: tuple[TargetAttribute, ...] = ()
    group: tuple[TargetAttribute, ...] = ()
