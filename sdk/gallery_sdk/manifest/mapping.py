"""Default attribute mappings: which source value goes to which target attribute, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from .base import Frozen, Kind, Mark, Word, refuse


class AttributeMapping(Frozen):
    """One mapping: direct (`source`), expression, constant, or none of them (the target is left alone).

    Attributes:
        id: What an override names; the target path when left out. Never changed once published.
        target: Path in the target.
        default: Value for a new object when the mapping yields nothing.
        when: `always`; `create` for only during creation; `when_empty` for only while the target has no value.
        match: Matching precedence, 1 is tried first; None for a path that is no matching attribute.
        reference: The source value is the SOURCE id of an object of this kind, resolved to its target id.
        multi: For a multi-valued target: `replace` makes it the source's list, `add_only` never takes values away.
        clear_when_empty: An empty source value clears the target's (null flow), instead of leaving it alone.
        enabled: A mapping that is off is shown and can be switched on by an app.
        origin: Where the fact that this mapping states was read.
    """

    id: Word = ""
    target: Word
    source: Word | None = None
    expression: Word | None = None
    constant: str | bool | int | float | None = None
    default: str | bool | int | float | None = None
    when: Literal["always", "create", "when_empty"] = "always"
    match: int | None = Field(default=None, ge=1)
    reference: Kind | None = None
    multi: Literal["replace", "add_only"] = "replace"
    clear_when_empty: bool = False
    enabled: bool = True
    note: str | None = None
    origin: str | None = None
    mark: Mark | None = None

    @model_validator(mode="before")
    @classmethod
    def _id_is_the_target(cls, value: object) -> object:
        if isinstance(value, Mapping) and "id" not in value and "target" in value:
            return {**value, "id": value["target"]}
        return value

    @model_validator(mode="after")
    def _one_value_source(self) -> AttributeMapping:
        given = [name for name in ("source", "expression", "constant") if getattr(self, name) is not None]
        if len(given) > 1:
            raise refuse(
                f"{' and '.join(given)} are given for {self.target!r}",
                "Keep one of source, expression and constant",
            )
        return self

    @property
    def type(self) -> Literal["direct", "expression", "constant", "none"]:
        """The mapping type, in the field's own words."""
        if self.source is not None:
            return "direct"
        if self.expression is not None:
            return "expression"
        return "none" if self.constant is None else "constant"


class Mappings(Frozen):
    """`[[mapping.user]]` and `[[mapping.group]]`."""

    user: tuple[AttributeMapping, ...] = ()
    group: tuple[AttributeMapping, ...] = ()
