"""Functions that decide: branches are evaluated only when they are taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...errors import ExpressionEvaluationError
from ..context import EvaluationContext
from ..registry import Emptiness, Parameter, ResultType
from ..sites import UNKNOWN, CallSite, Evaluate, on_values
from ..syntax import StringConstant
from ..values import (
    DROP,
    FunctionFailure,
    UniqueValue,
    as_integer,
    as_number,
    as_text,
    as_truth,
    is_empty,
    is_list,
    one_value,
)
from ._declaring import CLOUD_SYNC, GRAPH, built_in, optional, repeating, required


def _iif(site: CallSite) -> Evaluate:
    condition, if_true, if_false = (site.evaluate(index) for index in range(3))

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        holds = condition(attributes, context)
        if holds is not True and holds is not False:
            try:
                holds = as_truth(holds)
            except FunctionFailure as error:
                raise site.failed(error) from error
        return if_true(attributes, context) if holds else if_false(attributes, context)

    return run


def _switch(site: CallSite) -> Evaluate:
    source, default = site.evaluate(0), site.evaluate(1)
    keys = [site.constant_text(index) for index in range(2, len(site.arguments), 2)]
    values = range(3, len(site.arguments), 2)
    if any(key is None for key in keys):
        return _switch_on_variable_keys(site)
    cases: dict[str, Evaluate] = {}
    for key, index in zip(keys, values, strict=True):
        cases.setdefault(key or "", site.evaluate(index))
    constants = {key or "": site.constants[index] for key, index in reversed([*zip(keys, values, strict=True)])}
    fallback = site.constants[1]
    if fallback is not UNKNOWN and UNKNOWN not in constants.values():
        # IsSoftDeleted is a boolean in every mapping of `active`: its two answers are looked up once.
        of_true, of_false = constants.get("True", fallback), constants.get("False", fallback)

        def look_up(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            value = source(attributes, context)
            if value.__class__ is str:
                return constants.get(value, fallback)
            if value is True:
                return of_true
            if value is False:
                return of_false
            try:
                return constants.get(as_text(value), fallback)
            except FunctionFailure as error:
                raise site.failed(error) from error

        return look_up

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        value = source(attributes, context)
        if value.__class__ is not str:
            try:
                value = as_text(value)
            except FunctionFailure as error:
                raise site.failed(error) from error
        return cases.get(value, default)(attributes, context)

    return run


def _switch_on_variable_keys(site: CallSite) -> Evaluate:
    source, default = site.evaluate(0), site.evaluate(1)
    cases = [(site.evaluate(index), site.evaluate(index + 1)) for index in range(2, len(site.arguments), 2)]

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        value = source(attributes, context)
        try:
            text = as_text(value)
            for key, result in cases:
                if as_text(key(attributes, context)) == text:
                    return result(attributes, context)
        except FunctionFailure as error:
            raise site.failed(error) from error
        return default(attributes, context)

    return run


def _coalesce(site: CallSite) -> Evaluate:
    *sources, last = (site.evaluate(index) for index in range(len(site.arguments)) if site.given(index))

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        for source in sources:
            value = source(attributes, context)
            if value.__class__ is str:
                if value:
                    return value
            elif value is not None and not is_empty(value):
                return value
        return last(attributes, context)

    return run


def _drop_if_empty(site: CallSite) -> Evaluate:
    source = site.evaluate(0)

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        value = source(attributes, context)
        return DROP if is_empty(value) else value

    return run


def _unique(site: CallSite) -> Evaluate:
    rules = [site.evaluate(index) for index in range(len(site.arguments)) if site.given(index)]

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        try:
            texts = [as_text(rule(attributes, context)) for rule in rules]
        except FunctionFailure as error:
            raise site.failed(error) from error
        candidates = tuple(dict.fromkeys(text for text in texts if text))
        return UniqueValue(candidates) if candidates else None

    return run


def _error(site: CallSite) -> Evaluate:
    # Only a constant message is shown: one that is put together may hold personal data.
    message = site.call.arguments[0]
    hidden = "Error was called; its message depends on the object and is not shown"
    what = message.value if isinstance(message, StringConstant) else hidden
    error = (what, site.text, "Correct the object in the source, or the mapping")

    def run(_attributes: Mapping[str, object], _context: EvaluationContext) -> object:
        raise ExpressionEvaluationError(*error)

    return run


def _to_boolean(value: object) -> bool:
    value = one_value(value)
    if isinstance(value, str) and value.strip().casefold() in ("true", "false", ""):
        return value.strip().casefold() == "true"
    number = value if value is None or isinstance(value, bool) else as_number(value)
    if value is not None and number is None:
        raise FunctionFailure("the value is neither a boolean nor a number", "Compare it with a text")
    return bool(number)


def _redact(site: CallSite) -> Evaluate:
    return site.evaluate(0)


_BOOLEAN: Final = ResultType.BOOLEAN
_NEVER: Final = Emptiness.NEVER

FUNCTIONS: Final = (
    built_in(
        "IIF",
        (required("condition"), required("valueIfTrue", flows=True), required("valueIfFalse", flows=True)),
        ResultType.ANY, _iif, "One of two values, by a condition.", emptiness=Emptiness.IF_ANY,
    ),
    built_in(
        "Switch",
        (required("source"), optional("defaultValue", flows=True), repeating("key", key="switchValue"),
         repeating("value", key="switchValue", flows=True)),
        ResultType.ANY, _switch,
        "The value behind the first key that equals the source, else the default. Null counts as the empty text.",
        emptiness=Emptiness.IF_ANY,
    ),
    built_in(
        "Coalesce", (repeating("source", flows=True),), ResultType.ANY, _coalesce,
        "The first source that is not empty; the last one as it is.", emptiness=Emptiness.IF_ALL,
    ),
    built_in(
        "SelectUniqueValue",
        (required("rule1", key="uniqueValueRule"), required("rule2", key="uniqueValueRule"),
         Parameter("rule", required=False, repeating=True, tree_key="uniqueValueRule")),
        ResultType.STRING, _unique,
        "The first candidate that no account of the target has. Only as the whole expression, only for new accounts.",
        top_level=True,
    ),
    built_in(
        "IgnoreFlowIfNullOrEmpty", (required("expression", flows=True),), ResultType.ANY, _drop_if_empty,
        "The value; nothing is sent for the attribute when it is empty.", drops=True,
    ),
    built_in(
        "Redact", (required("value", flows=True),), ResultType.ANY, _redact,
        "The value unchanged; logs and plans show [Redact].", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "Not", (required("source"),), _BOOLEAN,
        on_values(lambda value: value is not True and as_text(value).casefold() != "true"),
        "False for True, True for anything else.", emptiness=_NEVER,
    ),
    built_in(
        "CBool", (required("expression"),), _BOOLEAN, on_values(_to_boolean),
        "True for a condition that holds, a number other than zero, and the text True.", emptiness=_NEVER,
    ),
    built_in(
        "BitAnd", (required("value1"), required("value2")), ResultType.INTEGER,
        on_values(lambda first, second: as_integer(first, "value1") & as_integer(second, "value2")),
        "The bits that both numbers have; &H writes one in hexadecimal.", emptiness=_NEVER,
    ),
    built_in(
        "IsNull", (required("expression"),), _BOOLEAN, on_values(lambda value: value is None),
        "Whether the attribute is absent.", emptiness=_NEVER,
    ),
    built_in(
        "IsNullOrEmpty", (required("expression"),), _BOOLEAN, on_values(is_empty),
        "Whether the attribute is absent or empty.", emptiness=_NEVER,
    ),
    built_in(
        "IsNothing", (required("source"),), _BOOLEAN, on_values(is_empty),
        "Whether the attribute is absent or empty; the older name of IsNullOrEmpty.", emptiness=_NEVER, source=GRAPH,
    ),
    built_in(
        "IsPresent", (required("expression"),), _BOOLEAN, on_values(lambda value: not is_empty(value)),
        "Whether the attribute has a value that is not empty.", emptiness=_NEVER,
    ),
    built_in(
        "IsString", (required("expression"),), _BOOLEAN,
        on_values(lambda value: value is not None and not is_list(value)),
        "Whether the value can be written as one text.", emptiness=_NEVER,
    ),
    built_in(
        "Error", (required("message"),), ResultType.ANY, _error, "Fails the object with a message.",
        emptiness=_NEVER, pure=False, source=CLOUD_SYNC,
    ),
)  # fmt: skip
