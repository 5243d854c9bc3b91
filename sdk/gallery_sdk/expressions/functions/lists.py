"""Functions of multi-valued attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..context import EvaluationContext
from ..registry import Emptiness, ResultType
from ..sites import CallSite, Evaluate, on_values
from ..values import FunctionFailure, as_integer, as_list, as_text, is_empty
from ._declaring import CLOUD_SYNC, built_in, required


def _item(values: object, index: object) -> object:
    if is_empty(values):
        return None
    listed, number = as_list(values), as_integer(index, "index")
    if not 1 <= number <= len(listed):
        raise FunctionFailure(
            f"there is no item {number}: the attribute has {len(listed)}", "Count from 1, and ask Count first"
        )
    one = listed[number - 1]
    return one if one is None or isinstance(one, dict) else as_text(one)


def _build_item(site: CallSite) -> Evaluate:
    number = site.constants[1]
    if number.__class__ is not int or number < 1:  # True is no number
        return on_values(_item)(site)
    source, index = site.evaluate(0), number - 1

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        values = source(attributes, context)
        if values.__class__ is list and index < len(values) and values[index].__class__ is str:
            return values[index]
        try:
            return _item(values, number)
        except FunctionFailure as error:
            raise site.failed(error) from error

    return run


def _contains(values: object, part: object) -> int:
    sought = as_text(part)
    return next((at for at, one in enumerate(as_list(values), 1) if sought in as_text(one)), 0)


def _split(source: object, delimiter: object) -> list[str] | None:
    if source is None:
        return None
    mark = as_text(delimiter)
    if not mark:
        raise FunctionFailure("the delimiter is empty", 'Name the text between the parts, for example ","')
    return [part for text in as_list(source) for one in as_text(text).split(mark) if (part := one.strip())]


def _build_split(site: CallSite) -> Evaluate:
    delimiter = site.constant_text(1)
    if delimiter == "":
        raise site.refuse(1, "the delimiter is empty", 'Name the text between the parts, for example ","')
    if delimiter is None:
        return on_values(_split)(site)
    source = site.evaluate(0)

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        value = source(attributes, context)
        if value.__class__ is str:
            return [part for one in value.split(delimiter) if (part := one.strip())]
        try:
            return _split(value, delimiter)
        except FunctionFailure as error:
            raise site.failed(error) from error

    return run


def _without_duplicates(values: object) -> list[object] | None:
    if values is None:
        return None
    kept: list[object] = []
    seen: set[tuple[type, str]] = set()
    for one in as_list(values):
        key = (type(one), as_text(one))
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


FUNCTIONS: Final = (
    built_in(
        "Item", (required("attribute"), required("index")), ResultType.STRING, _build_item,
        "The item of this number, from 1, of a multi-valued attribute.",
    ),
    built_in(
        "Count", (required("attribute"),), ResultType.INTEGER, on_values(lambda values: len(as_list(values))),
        "How many values an attribute has.", emptiness=Emptiness.NEVER,
    ),
    built_in(
        "Contains", (required("attribute"), required("value")), ResultType.INTEGER, on_values(_contains),
        "The number, from 1, of the first item that holds a text; 0 if none does.",
        emptiness=Emptiness.NEVER, source=CLOUD_SYNC,
    ),
    built_in(
        "Split", (required("source"), required("delimiter")), ResultType.LIST, _build_split,
        "The parts of the source between delimiters, without blanks around them and without empty ones.",
    ),
    built_in(
        "RemoveDuplicates", (required("attribute"),), ResultType.LIST, on_values(_without_duplicates),
        "The values of an attribute, each once, in their order.", emptiness=Emptiness.LIKE_SOURCE,
    ),
)  # fmt: skip
