"""Values while an expression runs, and how one kind is read as another.

None is null. Texts are str, numbers int or float, then bool, datetime (UTC), list, and dict for roles.
Messages name the kind of a value at most: what it holds may be personal data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Final, TypeGuard


class Drop(Enum):
    """What an expression gives instead of a value."""

    ATTRIBUTE = "<DROP>"
    OBJECT = "<DROP-OBJECT>"


DROP: Final = Drop.ATTRIBUTE
"""The attribute is left out of what is sent: it is neither cleared nor given its default."""
DROP_OBJECT: Final = Drop.OBJECT
"""The whole object is left alone in this cycle."""


@dataclass(frozen=True, slots=True)
class UniqueValue:
    """What SelectUniqueValue gives: the candidates to look up, in order, without empty or repeated ones."""

    candidates: tuple[str, ...]


class FunctionFailure(Exception):
    """Raised by a function that cannot work on its arguments; becomes an ExpressionEvaluationError.

    Args:
        what: What is wrong, without the value.
        mend: What the author of the mapping can do.
    """

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what, mend)
        self.what, self.mend = what, mend


_NUMBER: Final = re.compile(r"\s*([+-]?[0-9]{1,40})(\.[0-9]{1,40})?\s*")
_HEX: Final = re.compile(r"\s*&[Hh]([0-9A-Fa-f]{1,16})\s*")


def to_text(value: object) -> str | None:
    """Return the canonical text of a value; None for null and for a dropped value.

    Booleans are `True` and `False`, dates `M/d/yyyy h:mm:ss tt` in UTC, roles JSON, the values of a list
    stand apart by `; `.
    """
    if value.__class__ is str:
        return value
    if value is None or isinstance(value, Drop):
        return None
    if isinstance(value, (list, tuple)):
        return "; ".join(text for one in value if (text := to_text(one)) is not None)
    if isinstance(value, UniqueValue):
        return "; ".join(value.candidates)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date):
        return date_text(as_utc(value))
    if isinstance(value, dict):
        import json

        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if isinstance(value, (bytes, bytearray)):
        from base64 import b64encode

        return b64encode(value).decode()
    return str(value)


def as_utc(value: date) -> datetime:
    """Return a date or datetime in UTC; without an offset it is UTC already."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:  # by hours beyond the first or last day that there is
        return (datetime.min if value.year == 1 else datetime.max).replace(tzinfo=UTC)


def date_text(value: datetime) -> str:
    """Return a UTC datetime as `M/d/yyyy h:mm:ss tt`."""
    half = "AM" if value.hour < 12 else "PM"
    day = f"{value.month}/{value.day}/{value.year:04d}"
    return f"{day} {value.hour % 12 or 12}:{value.minute:02d}:{value.second:02d} {half}"


def is_empty(value: object) -> bool:
    """Whether a value counts as none: null, the empty text or bytes, a list without values."""
    if value.__class__ is str:
        return not value
    if isinstance(value, (list, tuple)):
        return all(one is None or one == "" for one in value)
    return value is None or value == b""


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, (list, tuple))


def as_list(value: object) -> Sequence[object]:
    """Return a list as it is, one value as a list of one, null and the empty text as no value."""
    if is_list(value):
        return value
    return () if value is None or value == "" else (value,)


def one_value(value: object) -> object:
    """Return the one value of a list; null of an empty one.

    Raises:
        FunctionFailure: The list has several.
    """
    if not is_list(value):
        return value
    if len(value) > 1:
        raise FunctionFailure("several values where one is expected", "Choose one by Item, or join them by Join")
    return value[0] if value else None


def as_text(value: object) -> str:
    """Return the text of one value; the empty text for null."""
    if value.__class__ is str:
        return value
    return to_text(one_value(value)) or ""


def number_in(text: str) -> int | float | None:
    """Return the number that a text is, or None."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    return int(found[1]) if found[2] is None else float(found[1] + found[2])


def as_number(value: object) -> int | float | None:
    """Return a number or a text that is one, or None; booleans are no numbers."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    return number_in(value) if isinstance(value, str) else None


def as_integer(value: object, name: str) -> int:
    """Return a whole number, from a quoted one or a hexadecimal `&H` too; a fraction is cut off.

    Raises:
        FunctionFailure: It is none; `name` is the argument that the message names.
    """
    if value.__class__ is int:
        return value
    value = one_value(value)
    if isinstance(value, str) and (found := _HEX.fullmatch(value)):
        return int(found[1], 16)
    number = as_number(value)
    if number is None or number != number or number in (float("inf"), float("-inf")):
        raise FunctionFailure(f"{name} is not a whole number", f"Give {name} digits, or leave the object out by IIF")
    return int(number)


def as_truth(value: object) -> bool:
    """Whether a condition holds: True, "True" in any case, or a number other than zero."""
    if value is True or value is False:
        return value
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    return bool(as_number(one_value(value)) or False)
