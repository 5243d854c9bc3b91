"""Whether a call fits its function, and what kind of value it gives."""

from __future__ import annotations

from collections.abc import Sequence

from .pointing import syntax_error
from .registry import Emptiness, FunctionSpec, ResultType
from .syntax import Call, Node


def check_arguments(text: str, spec: FunctionSpec, call: Call) -> tuple[Node | None, ...]:
    """Return the arguments of a call, padded to the parameters and without omitted ones too many.

    Raises:
        ExpressionSyntaxError: There are too few or too many, one that is required is omitted, or the repeating
            ones do not come in whole groups.
    """
    arguments = list(call.arguments)
    repeated, fixed = spec.repeated, len(spec.parameters) - spec.repeated
    while len(arguments) > fixed and arguments[-1] is None and (not repeated or (len(arguments) - fixed) % repeated):
        arguments.pop()
    count = len(arguments)
    surplus = count - fixed
    if count < spec.minimum or (surplus > 0 and (not repeated or surplus % repeated)):
        raise syntax_error(
            text,
            call.position,
            f"{spec.name} takes {_arity(spec)}, but {count or 'none'} came",
            f"Write {spec.signature}",
        )
    for index, one in enumerate(arguments):
        parameter = spec.parameter(index)
        if one is None and parameter.required and not (parameter.repeating and parameter.flows):
            raise syntax_error(
                text, call.position, f"argument {index + 1} of {spec.name}, {parameter.name}, is missing",
                f"Write {spec.signature}",
            )  # fmt: skip
    while len(arguments) < fixed:
        arguments.append(None)
    return tuple(arguments)


def choose(text: str, spec: FunctionSpec, index: int, constant: object, node: Node) -> None:
    """Refuse a constant argument that is none of the choices of its parameter.

    Raises:
        ExpressionSyntaxError: It is none of them.
    """
    parameter = spec.parameter(index)
    if parameter.choices and isinstance(constant, str) and constant not in parameter.choices:
        raise syntax_error(
            text, node.position, f"{parameter.name} of {spec.name} is not one of its choices",
            f"Write one of {', '.join(parameter.choices)}",
        )  # fmt: skip


def infer(spec: FunctionSpec, parts: Sequence[tuple[ResultType | None, bool] | None]) -> tuple[ResultType | None, bool]:
    """Return the result type of a call and whether it may give null or the empty text.

    Args:
        parts: The same of its arguments; None for omitted ones.
    """
    flowing = [part for index, part in enumerate(parts) if spec.parameter(index).flows]
    empty = [part is None or part[1] for part in flowing]
    result_type: ResultType | None = spec.result_type
    if spec.result_type is ResultType.ANY and flowing:
        types = {part[0] for part in flowing if part is not None and part[0] is not None}
        result_type = types.pop() if len(types) == 1 else ResultType.ANY if types else None
    if spec.emptiness is Emptiness.LIKE_SOURCE:
        return result_type, parts[0] is None or parts[0][1]
    return result_type, {
        Emptiness.NEVER: False,
        Emptiness.POSSIBLE: True,
        Emptiness.IF_ALL: all(empty),
        Emptiness.IF_ANY: any(empty),
    }[spec.emptiness]


def _arity(spec: FunctionSpec) -> str:
    least, most = spec.minimum, spec.maximum
    if most is None:
        pairs = ", in pairs after the first two" if spec.repeated > 1 else ""
        return f"{least} arguments or more{pairs}"
    if least == most:
        return f"{least} argument{'' if least == 1 else 's'}" if least else "no argument"
    return f"{least} to {most} arguments"
