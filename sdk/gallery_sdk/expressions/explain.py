"""How an expression came to its value on one object, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..errors import ExpressionError
from .compiled import CompiledExpression, compile_expression
from .compiler import Compiler, DroppedInside
from .context import EvaluationContext
from .registry import FunctionRegistry
from .sites import Evaluate
from .syntax import Call, Node, children, render
from .values import Drop, to_text

REDACTED: Final = "[Redact]"


class StepState(StrEnum):
    """What happened to a sub-expression."""

    EVALUATED = "evaluated"
    SKIPPED = "not taken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One sub-expression.

    Attributes:
        depth: 0 for the whole expression.
        text: The sub-expression.
        state: Whether it was evaluated; a branch that was not taken is skipped.
        value: Its value; None unless evaluated, and for redacted ones.
        shown: Its value, or what kept it from one, as text to print.
        redacted: Whether the value is kept back because of Redact.
    """

    depth: int
    text: str
    state: StepState
    value: object
    shown: str
    redacted: bool


def explain(
    expression: str | Node | CompiledExpression,
    attributes: Mapping[str, object],
    context: EvaluationContext,
    *,
    functions: FunctionRegistry | None = None,
) -> list[Step]:
    """Return every sub-expression with its value, a parent before its arguments.

    A failure is a step, not an exception. With the context of an object (`for_object`), generated values are those
    that the same compiled expression gives elsewhere.

    Raises:
        ExpressionSyntaxError: The expression cannot be compiled.
    """
    compiled = (
        expression
        if isinstance(expression, CompiledExpression)
        else compile_expression(expression, functions=functions)
    )
    outcomes: dict[int, object] = {}  # by identity of the node: equal ones stand in several places

    def trace(node: Node, evaluate: Evaluate) -> Evaluate:
        def traced(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            try:
                value = evaluate(attributes, context)
            except ExpressionError as error:
                outcomes[id(node)] = error
                raise
            except DroppedInside as dropped:
                outcomes[id(node)] = dropped.value
                raise
            outcomes[id(node)] = value
            return value

        return traced

    compiler = Compiler(compiled.text, compiled.functions, compiled.known, compiled.key, trace)
    run = compiler.catching(compiler.compile(compiled.node))
    with suppress(ExpressionError):  # the failing step holds it
        run(attributes, context)
    return _steps(compiled.node, 0, outcomes, within_redact=False)


def _steps(node: Node, depth: int, outcomes: Mapping[int, object], *, within_redact: bool) -> list[Step]:
    redacts = within_redact or _is_redact(node)
    below = [step for child in children(node) for step in _steps(child, depth + 1, outcomes, within_redact=redacts)]
    redacted = redacts or any(step.redacted for step in below)
    text = render(node)
    if id(node) not in outcomes:
        return [Step(depth, text, StepState.SKIPPED, None, "(not taken)", redacted), *below]
    value = outcomes[id(node)]
    if isinstance(value, ExpressionError):
        return [Step(depth, text, StepState.FAILED, None, f"(failed: {value.what})", redacted), *below]
    if redacted:
        return [Step(depth, text, StepState.EVALUATED, None, REDACTED, True), *below]
    return [Step(depth, text, StepState.EVALUATED, value, _shown(value), False), *below]


def _is_redact(node: Node) -> bool:
    return isinstance(node, Call) and node.name.casefold() == "redact"


def _shown(value: object) -> str:
    if isinstance(value, Drop):
        return value.value
    text = to_text(value)
    return "(null)" if text is None else f'"{text}"'
