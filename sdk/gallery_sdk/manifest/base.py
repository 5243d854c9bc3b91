"""What every model of a manifest shares: frozen, closed, and as strict as TOML itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

T = TypeVar("T")

Kind = Literal["user", "group"]
KINDS: tuple[Kind, ...] = ("user", "group")

Mark = Literal["documented", "inferred", "memory"]
"""How well a fact is founded: read in its source, deduced from it, or known without a source at hand."""

Word = Annotated[str, StringConstraints(min_length=1)]


class Frozen(BaseModel):
    """A frozen model that refuses unknown fields and converts nothing: `"1"` is no number, 1 no boolean.

    Lists become tuples, at any depth, so that a manifest cannot be changed after it was read.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        if isinstance(value, Mapping) and type(value) is not _Tupled:
            return _tupled(dict(value))
        return value


class _Tupled(dict[str, object]):
    """A table whose lists are tuples already, at any depth: tables in it are not looked through again."""


def _tupled(value: object) -> object:
    if isinstance(value, list):
        return tuple([_tupled(item) for item in value])
    if isinstance(value, dict):
        return _Tupled({key: _tupled(item) for key, item in value.items()})
    return value


def refuse(what: str, mend: str) -> PydanticCustomError:
    """An error for validators to raise, in the manner of `GalleryError`: what is wrong, and the next step.

    Both may hold braces: they are passed as values, never as templates.
    """
    return PydanticCustomError("gallery", "{what}", {"what": what, "mend": mend})


def _one_or_many(value: object) -> object:
    if value is None or isinstance(value, (tuple, list)):
        return value
    return (value,)


Statuses = Annotated[
    tuple[int, ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
]
"""HTTP statuses, written as one number or as a list."""

Words = Annotated[
    tuple[Word, ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Texts, written as one or as a list."""
