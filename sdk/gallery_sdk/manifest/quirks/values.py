"""What a quirk's `value` may be: a handful of shapes, each able to check, describe and publish itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class ValueType(Protocol):
    """The shape of a quirk's value."""

    def describe(self) -> str:
        """The shape in words, for messages and documentation."""

    def problem(self, value: object) -> str | None:
        """What is wrong with the value, without its place; None when it fits."""

    def json_schema(self) -> dict[str, object]:
        """The shape as JSON Schema 2020-12."""


@dataclass(frozen=True, slots=True)
class Flag:
    """The quirk is there or it is not: `value` is left out, or true."""

    def describe(self) -> str:
        return "no value (or true)"

    def problem(self, value: object) -> str | None:
        # `false` would read as "declared, but off"; a quirk that does not apply is not declared.
        return None if value is True else f"{value!r} is not true"

    def json_schema(self) -> dict[str, object]:
        return {"const": True}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`, both included."""

    least: int = 1
    most: int = 1_000_000

    def describe(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def problem(self, value: object) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
        return None if fits else f"{value!r} is not {self.describe()}"

    def json_schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time in seconds, up to `most`, fractions allowed."""

    most: float = 600.0

    def describe(self) -> str:
        return f"a number of seconds above 0, at most {self.most:g}"

    def problem(self, value: object) -> str | None:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= self.most
        return None if fits else f"{value!r} is not {self.describe()}"

    def json_schema(self) -> dict[str, object]:
        return {"type": "number", "exclusiveMinimum": 0, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is not empty."""

    def describe(self) -> str:
        return "a text"

    def problem(self, value: object) -> str | None:
        return None if isinstance(value, str) and value else f"{value!r} is not {self.describe()}"

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def describe(self) -> str:
        return "one of " + ", ".join(repr(word) for word in self.words)

    def problem(self, value: object) -> str | None:
        return None if value in self.words else f"{value!r} is not {self.describe()}"

    def json_schema(self) -> dict[str, object]:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list that is not empty, every item of one shape, none twice."""

    item: ValueType

    def describe(self) -> str:
        return f"a list, each item {self.item.describe()}"

    def problem(self, value: object) -> str | None:
        if not isinstance(value, (list, tuple)) or not value:
            return f"{value!r} is not {self.describe()}"
        for place, item in enumerate(value):
            if (wrong := self.item.problem(item)) is not None:
                return f"item [{place}]: {wrong}"
            if item in value[:place]:
                return f"item [{place}]: {item!r} is there twice"
        return None

    def json_schema(self) -> dict[str, object]:
        return {"type": "array", "items": self.item.json_schema(), "minItems": 1, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table whose keys are free (attribute paths, mostly) and whose values are of one shape."""

    item: ValueType
    key: str = "attribute path"

    def describe(self) -> str:
        return f"a table from {self.key} to {self.item.describe()}"

    def problem(self, value: object) -> str | None:
        if not isinstance(value, Mapping) or not value:
            return f"{value!r} is not {self.describe()}"
        for key, item in value.items():
            if (wrong := self.item.problem(item)) is not None:
                return f"key {key!r}: {wrong}"
        return None

    def json_schema(self) -> dict[str, object]:
        return {"type": "object", "additionalProperties": self.item.json_schema(), "minProperties": 1}


@dataclass(frozen=True, slots=True)
class Record:
    """A table with named fields; those in `required` must be there."""

    fields: Mapping[str, ValueType] = field(hash=False)
    required: tuple[str, ...] = ()

    def describe(self) -> str:
        parts = (f"{name}: {shape.describe()}" for name, shape in self.fields.items())
        return "a table of " + "; ".join(parts)

    def problem(self, value: object) -> str | None:
        if not isinstance(value, Mapping) or not value:
            return f"{value!r} is not {self.describe()}"
        for name, item in value.items():
            shape = self.fields.get(name)
            if shape is None:
                return f"key {name!r} is not known here; known are {', '.join(sorted(self.fields))}"
            if (wrong := shape.problem(item)) is not None:
                return f"key {name!r}: {wrong}"
        missing = [name for name in self.required if name not in value]
        return f"key {missing[0]!r} is missing" if missing else None

    def json_schema(self) -> dict[str, object]:
        return {
            "type": "object",
            "properties": {name: shape.json_schema() for name, shape in self.fields.items()},
            "required": list(self.required),
            "additionalProperties": False,
            "minProperties": 1,
        }


@dataclass(frozen=True, slots=True)
class OnOff:
    """True or false, where both are meant (inside a table; a quirk itself is a `Flag`)."""

    def describe(self) -> str:
        return "true or false"

    def problem(self, value: object) -> str | None:
        return None if isinstance(value, bool) else f"{value!r} is not {self.describe()}"

    def json_schema(self) -> dict[str, object]:
        return {"type": "boolean"}
