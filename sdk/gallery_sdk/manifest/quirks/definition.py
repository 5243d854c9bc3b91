"""What defines a quirk: its id, the shape of its value, and what the client does about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .values import Flag, ListOf, Text, ValueType


@dataclass(frozen=True, slots=True)
class QuirkDefinition:
    """One quirk that a manifest may declare.

    Attributes:
        id: Dotted name, `subject.behaviour`.
        value_type: The shape of `value`; `Flag` where the id alone says everything.
        doc: What the client does when the quirk is declared, and what it does otherwise.
        applies: Object kinds it can be declared for ("user", "group"), or ("connection",) when it is no
            matter of object kinds.
        example: A value that fits, as it would be written in TOML.
    """

    id: str
    value_type: ValueType
    doc: str
    applies: tuple[str, ...]
    example: object


BOTH: Final = ("user", "group")
USER: Final = ("user",)
GROUP: Final = ("group",)
CONNECTION: Final = ("connection",)
PATHS: Final = ListOf(Text())


def flag(quirk_id: str, applies: tuple[str, ...], doc: str) -> QuirkDefinition:
    """A quirk that its id says in full."""
    return QuirkDefinition(quirk_id, Flag(), doc, applies, True)


def valued(
    quirk_id: str, applies: tuple[str, ...], value_type: ValueType, example: object, doc: str
) -> QuirkDefinition:
    """A quirk with a value."""
    return QuirkDefinition(quirk_id, value_type, doc, applies, example)
