"""The mapping expression language: parse, check, compile once, evaluate per object.

    expression = compile_expression('Join(".", [givenName], [surname])')
    context = EvaluationContext(now=datetime.now(UTC))
    expression({"givenName": "Ada", "surname": "Byron"}, context.for_object())      # "Ada.Byron"

The language is that of Microsoft Entra provisioning
(learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data); functions and
operators beyond it are marked `extended`.
"""

from __future__ import annotations

from .attributes import known_name
from .compiled import CompiledExpression, compile_expression
from .context import EvaluationContext
from .explain import Step, StepState, explain
from .lints import Lint
from .parser import MAX_DEPTH, MAX_LENGTH, parse
from .registry import Emptiness, FunctionRegistry, FunctionSpec, Parameter, ResultType
from .syntax import (
    Attribute,
    Call,
    Comparison,
    Concat,
    Node,
    NumberConstant,
    StringConstant,
    Word,
    render,
)
from .values import DROP, DROP_OBJECT, FunctionFailure, UniqueValue, to_text

__all__ = [
    "DROP",
    "DROP_OBJECT",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Attribute",
    "Call",
    "Comparison",
    "CompiledExpression",
    "Concat",
    "Emptiness",
    "EvaluationContext",
    "FunctionFailure",
    "FunctionRegistry",
    "FunctionSpec",
    "Lint",
    "Node",
    "NumberConstant",
    "Parameter",
    "ResultType",
    "Step",
    "StepState",
    "StringConstant",
    "UniqueValue",
    "Word",
    "compile_expression",
    "explain",
    "known_name",
    "parse",
    "render",
    "to_text",
]
