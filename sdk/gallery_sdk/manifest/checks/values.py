"""Values: what a mapping yields must be what its target attribute takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ...errors import ExpressionError
from ..mapping import AttributeMapping
from ..problems import Problem, shown
from ..schema import TargetAttribute

if TYPE_CHECKING:
    from ...expressions import CompiledExpression

SOFT_DELETED: Final = "IsSoftDeleted"

# Attribute type -> what an expression's result may be. A text can become anything (the engine converts "True", "7"),
# so only results that can never be converted are refused.
_FITTING: Final = {
    "boolean": {"string", "boolean"},
    "integer": {"string", "integer"},
    "decimal": {"string", "integer", "decimal"},
    "string": {"string", "boolean", "integer", "decimal", "datetime"},
    "dateTime": {"string", "datetime"},
    "binary": {"string"},
    "reference": {"string", "reference"},
}


def value_problems(mapping: AttributeMapping, attribute: TargetAttribute | None, where: str) -> Iterator[Problem]:
    """Check one mapping's expression, constant and default against its target attribute (None: not declared)."""
    if mapping.expression is not None:
        yield from _expression(mapping.expression, attribute, f"{where}.expression")
    if attribute is not None:
        for field in ("constant", "default"):
            if (value := getattr(mapping, field)) is not None:
                yield from _literal(value, attribute, f"{where}.{field}")


@lru_cache(maxsize=4096)
def compiled(expression: str) -> CompiledExpression | None:
    """The expression compiled, or None when it does not compile (which is reported once, in its place)."""
    from ...expressions import compile_expression

    try:
        return compile_expression(expression)
    except ExpressionError:
        return None


def _expression(text: str, attribute: TargetAttribute | None, where: str) -> Iterator[Problem]:
    from ...expressions import compile_expression

    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        yield Problem(where, error.what, error.mend)
        return
    for lint in expression.lints:
        yield Problem(where, lint.message, "Rewrite the expression, or leave it where it is meant", severity="warning")
    if attribute is None:
        return
    result = str(expression.result_type)
    if result in ("list", "roles"):
        if not attribute.multi_valued:
            yield Problem(
                where,
                f"the expression yields several values, and {shown(attribute.name)} takes one",
                "Use Item or Join to make one of them, or declare the attribute multi_valued",
            )
        return
    fitting = _FITTING.get(attribute.type)
    if fitting is not None and result not in fitting and result != "any":
        yield Problem(
            where,
            f"the expression yields {result}, and {shown(attribute.name)} is of type {attribute.type!r}",
            "Convert the value, for example by Switch or IIF, or correct the declared type",
        )


def _literal(value: str | bool | int | float, attribute: TargetAttribute, where: str) -> Iterator[Problem]:
    if not _converts(value, attribute.type):
        yield Problem(
            where,
            f"{shown(value)} is no value of type {attribute.type!r}",
            f"Write one that {shown(attribute.name)} takes",
        )
        return
    if attribute.enum and value not in attribute.enum:
        listed = ", ".join(str(one) for one in attribute.enum)
        yield Problem(where, f"{shown(value)} is none of the attribute's values", f"Use one of {listed}")
    if attribute.max_length is not None and isinstance(value, str) and len(value) > attribute.max_length:
        yield Problem(
            where,
            f"the text has {len(value)} characters, and {shown(attribute.name)} takes {attribute.max_length}",
            "Shorten it",
        )


def _converts(value: str | bool | int | float, wanted: str) -> bool:
    if wanted == "boolean":
        return isinstance(value, bool) or (isinstance(value, str) and value.casefold() in ("true", "false"))
    if wanted in ("integer", "decimal"):
        if isinstance(value, bool):
            return False
        try:
            number = float(value)
        except ValueError:
            return False
        return wanted == "decimal" or number == int(number)
    if wanted == "complex":
        return False
    return isinstance(value, str) or wanted == "string"
