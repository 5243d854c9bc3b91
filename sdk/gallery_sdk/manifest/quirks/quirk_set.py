"""The quirks that hold for one object kind of one connection, asked by id while appliers are compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, overload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QuirkSet:
    """Declared quirks by id. Look-ups belong in the compiling of a job, not in its per-object path.

    >>> quirks = QuirkSet({"members.max_per_request": 100, "put.forbidden": True})
    >>> quirks.has("put.forbidden"), quirks.value("members.max_per_request", int)
    (True, 100)
    """

    values: Mapping[str, object] = field(default_factory=dict)

    def has(self, quirk_id: str) -> bool:
        """Whether the quirk is declared."""
        return quirk_id in self.values

    @overload
    def value(self, quirk_id: str, kind: type[T]) -> T | None: ...

    @overload
    def value(self, quirk_id: str, kind: type[T], default: T) -> T: ...

    def value(self, quirk_id: str, kind: type[T], default: T | None = None) -> T | None:
        """The quirk's value, or `default` when it is not declared.

        Args:
            quirk_id: An id of the vocabulary.
            kind: The Python type that the vocabulary gives the value: bool, int, float, str, tuple (for lists) or
                dict (for tables).
            default: What holds without the quirk.

        Raises:
            TypeError: The value is of another type: the caller and the vocabulary disagree.
        """
        if quirk_id not in self.values:
            return default
        found = self.values[quirk_id]
        if kind is float and isinstance(found, int):
            found = float(found)
        if not isinstance(found, kind):
            raise TypeError(f"quirk {quirk_id!r} holds {type(found).__name__}, not {kind.__name__}")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def without(self, quirk_id: str) -> QuirkSet:
        """The same set with one quirk switched off, as the contract suite does to prove that it is needed."""
        return QuirkSet({known: value for known, value in self.values.items() if known != quirk_id})
