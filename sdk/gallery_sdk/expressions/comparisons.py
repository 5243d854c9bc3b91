"""Conditions: two values and an operator between them.

Numbers, also quoted ones, compare as numbers, dates as dates, everything else as text, case-sensitively.
Null is unequal to everything and neither above nor below anything, so that an absent value decides nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from ..errors import ExpressionEvaluationError
from .context import EvaluationContext
from .dates import as_date
from .sites import UNKNOWN, Evaluate
from .syntax import Operator
from .values import FunctionFailure, as_number, as_text, number_in, one_value

_COMPARE: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def compare(sign: Operator, left: object, right: object) -> bool:
    """Return whether a condition holds.

    Raises:
        FunctionFailure: A side has several values.
    """
    left, right = one_value(left), one_value(right)
    if left is None or right is None:
        return sign == "<>" and left is not right
    test = _COMPARE[sign]
    first, second = as_number(left), as_number(right)
    if first is not None and second is not None:
        return test(first, second)
    if isinstance(left, datetime) or isinstance(right, datetime):
        try:
            return test(as_date(left), as_date(right))
        except (FunctionFailure, TypeError):
            pass  # a text that is no date compares as text
    return test(as_text(left), as_text(right))


def compile_comparison(
    sign: Operator, left: Evaluate, right: Evaluate, constants: tuple[object, object], text: str
) -> Evaluate:
    """Return a closure that gives the truth of a condition.

    Args:
        constants: The values of both sides where they are known, else UNKNOWN.
        text: The condition, for messages.
    """
    test = _COMPARE[sign]
    fixed = constants[1]

    if isinstance(fixed, str) and number_in(fixed) is None and sign in ("=", "<>"):
        # The most frequent condition: an attribute against a text that is not a number.
        def against_text(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            value = left(attributes, context)
            if value.__class__ is str:
                return test(value, fixed)
            try:
                return compare(sign, value, fixed)
            except FunctionFailure as error:
                raise ExpressionEvaluationError(error.what, text, error.mend) from error

        return against_text

    if fixed.__class__ is int and constants[0] is UNKNOWN:

        def against_number(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            value = left(attributes, context)
            if value.__class__ is int:
                return test(value, fixed)
            try:
                return compare(sign, value, fixed)
            except FunctionFailure as error:
                raise ExpressionEvaluationError(error.what, text, error.mend) from error

        return against_number

    def general(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        first, second = left(attributes, context), right(attributes, context)
        try:
            return compare(sign, first, second)
        except FunctionFailure as error:
            raise ExpressionEvaluationError(error.what, text, error.mend) from error

    return general
