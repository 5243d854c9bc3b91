"""Expressions compiled once per job to nested closures; nothing is parsed or looked up per object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias

from ..errors import ExpressionError
from .attributes import compile_attribute, known_name
from .calls import check_arguments, choose, infer
from .comparisons import compile_comparison
from .context import EvaluationContext
from .lints import Lint
from .pointing import shorten, syntax_error
from .registry import FunctionRegistry, FunctionSpec, Parameter, ResultType
from .sites import UNKNOWN, CallSite, Evaluate, nothing, on_implementation
from .syntax import Attribute, Call, Comparison, Concat, Node, NumberConstant, StringConstant, Word, render
from .values import DROP, DROP_OBJECT, Drop

Trace: TypeAlias = Callable[[Node, Evaluate], Evaluate]

SENTINELS: Final[Mapping[str, Drop]] = {"IgnoreAttributeFlow": DROP, "IgnoreObjectFlow": DROP_OBJECT}
_NO_OBJECT: Final = EvaluationContext(datetime(1601, 1, 1, tzinfo=UTC))  # for pure functions of constants


@dataclass(frozen=True, slots=True)
class Part:
    """What compiling a node gives.

    Attributes:
        constant: Its value where that is known and cannot be changed by who gets it, else UNKNOWN.
        result_type: None if it never has a value.
        can_be_null: Whether it may give null or the empty text.
        drops: Whether it may give DROP or DROP_OBJECT.
        fixed: Whether it gives every object the same.
    """

    evaluate: Evaluate
    constant: object = UNKNOWN
    result_type: ResultType | None = ResultType.ANY
    can_be_null: bool = True
    drops: bool = False
    fixed: bool = False


class DroppedInside(Exception):
    """A dropped value inside a function: the whole expression is dropped."""

    def __init__(self, value: object) -> None:
        self.value = value


class Compiler:
    """The state of one compilation.

    Args:
        trace: Wraps the closure of every node; constants are evaluated per object then, like all else.
    """

    def __init__(
        self,
        text: str,
        registry: FunctionRegistry,
        known: frozenset[str] | None,
        key: object,
        trace: Trace | None = None,
    ) -> None:
        self.text = text
        self.registry = registry
        self.known = known
        self.key = key
        self.trace = trace
        self.lints: list[Lint] = []
        self.inputs: set[str] = set()
        self.redacted = False
        self.selects_unique = False
        self.catches = False

    def compile(self, node: Node, parameter: Parameter | None = None, *, top: bool = True) -> Part:
        """Compile a node, given as an argument of `parameter` unless it stands at the top."""
        if isinstance(node, Call):
            part = self._call(node, top=top)
        elif isinstance(node, Attribute):
            part = Part(self._attribute(node))
        elif isinstance(node, StringConstant):
            part = self._constant(node.value, ResultType.STRING)
        elif isinstance(node, NumberConstant):
            whole = isinstance(node.value, int)
            part = self._constant(node.value, ResultType.INTEGER if whole else ResultType.ANY)
        elif isinstance(node, Comparison):
            part = self._comparison(node)
        elif isinstance(node, Concat):
            part = self._concat(node)
        else:
            assert isinstance(node, Word)
            part = self._word(node, parameter)
        if self.trace is None:
            return part
        return Part(
            self.trace(node, part.evaluate), UNKNOWN, part.result_type, part.can_be_null, part.drops, part.fixed
        )

    def catching(self, part: Part) -> Evaluate:
        """Return the closure of the whole expression, out of which no dropped value escapes as an exception."""
        evaluate = part.evaluate
        if not self.catches:
            return evaluate

        def catch(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            try:
                return evaluate(attributes, context)
            except DroppedInside as dropped:
                return dropped.value

        return catch

    def _constant(self, value: object, result_type: ResultType) -> Part:
        return Part(_giving(value), value, result_type, can_be_null=value == "", fixed=True)

    def _attribute(self, node: Attribute) -> Evaluate:
        name = node.name
        own = known_name(name, self.known or ())
        if own is not None and own != name:
            self._lint("attribute-case", f"the source spells [{name}] as [{own}]", node)
        elif own is None and self.known is not None:
            self._lint("unknown-attribute", f"the source has no attribute [{name}]; it gives null", node)
        self.inputs.add(own or name)
        return compile_attribute(own or name, self.known)

    def _word(self, node: Word, parameter: Parameter | None) -> Part:
        if parameter is not None and parameter.words:
            for choice in parameter.choices:
                if choice.casefold() == node.name.casefold():
                    if choice != node.name:
                        self._lint("word-case", f"{node.name} is spelt {choice}", node)
                    return self._constant(choice, ResultType.STRING)
        for name, value in SENTINELS.items():
            if name.casefold() == node.name.casefold():
                if name != node.name:
                    self._lint("word-case", f"{node.name} is spelt {name}", node)
                return Part(_giving(value), result_type=None, can_be_null=False, drops=True, fixed=True)
        if parameter is not None and parameter.words:
            mend = f"Write one of {', '.join(parameter.choices)}"
        elif (spec := self.registry.get(node.name)) is not None:
            mend = f"Call it: {spec.signature}"
        else:
            mend = f'Write [{node.name}] for an attribute, or "{node.name}" for a text'
        return self._refuse(node, f"the word {node.name} has no meaning here", mend)

    def _comparison(self, node: Comparison) -> Part:
        left, right = self.compile(node.left, top=False), self.compile(node.right, top=False)
        text = shorten(render(node))
        evaluate = compile_comparison(
            node.operator, self._kept(left), self._kept(right), (left.constant, right.constant), text
        )
        return Part(
            evaluate,
            result_type=ResultType.BOOLEAN,
            can_be_null=False,
            fixed=left.fixed and right.fixed and not left.drops and not right.drops,
        )

    def _concat(self, node: Concat) -> Part:
        # As `Join("", ...)`, which is also how it is exported.
        self._lint("extended-operator", '"&" is not in the reference of Microsoft Entra; Join is', node)
        call = Call("Join", (StringConstant(""), *node.parts), position=node.position)
        return self._compiled_call(_join(), call, call.arguments)

    def _call(self, node: Call, *, top: bool) -> Part:
        spec = self.registry.get(node.name)
        if spec is None:
            nearest = self.registry.nearest(node.name)
            mend = f"Did you mean {nearest}" if nearest else "List the functions by `gallery expr --functions`"
            self._refuse(node, f"there is no function {node.name}", mend)
        if spec.name != node.name:
            self._lint("function-case", f"{node.name} is spelt {spec.name}", node)
        if spec.dialect != "entra":
            self._lint("extended-function", f"{spec.name} is not in the reference of Microsoft Entra", node)
        if spec.top_level and not top:
            self._refuse(node, f"{spec.name} cannot be an argument", "Make it the whole expression")
        self.redacted |= spec.name == "Redact"
        self.selects_unique |= spec.name == "SelectUniqueValue"
        return self._compiled_call(spec, node, check_arguments(self.text, spec, node))

    def _compiled_call(self, spec: FunctionSpec, node: Call, arguments: tuple[Node | None, ...]) -> Part:
        parts = [
            None if one is None else self.compile(one, spec.parameter(index), top=False)
            for index, one in enumerate(arguments)
        ]
        for index, part in enumerate(parts):
            if part is not None:
                choose(self.text, spec, index, part.constant, arguments[index] or node)
        passes = spec.result_type is ResultType.ANY
        closures = tuple(
            None if part is None else part.evaluate if passes and spec.parameter(index).flows else self._kept(part)
            for index, part in enumerate(parts)
        )
        supplied = max((at for at, one in enumerate(arguments, 1) if one is not None), default=0)
        site = CallSite(
            spec=spec,
            call=node,
            arguments=closures,
            constants=tuple(None if part is None else part.constant for part in parts),
            fixed=tuple(part is None or part.fixed for part in parts),
            supplied=supplied,
            key=(self.key, node.position),
            refuse=lambda index, what, mend: syntax_error(self.text, (arguments[index] or node).position, what, mend),
            lint=lambda code, message: self._lint(code, message, node),
        )
        evaluate = (spec.build or on_implementation)(site)
        result_type, can_be_null = infer(
            spec, [None if part is None else (part.result_type, part.can_be_null) for part in parts]
        )
        fixed = spec.pure and all(part is None or (part.fixed and not part.drops) for part in parts)
        drops = spec.drops or (passes and any(part is not None and part.drops for part in parts))
        value = self._fold(evaluate, node) if fixed and not spec.drops and self.trace is None else UNKNOWN
        if value is not UNKNOWN:
            return Part(_giving(value), value, result_type, value is None or value == "", fixed=True)
        return Part(evaluate, UNKNOWN, result_type, can_be_null, drops, fixed)

    def _fold(self, evaluate: Evaluate, node: Call) -> object:
        """Return the value of a call that is the same for every object, unless its owner could change it."""
        try:
            value = evaluate({}, _NO_OBJECT)
        except ExpressionError as error:
            self._lint("always-fails", f"this fails on every object: {error.what}", node)
            return UNKNOWN
        return UNKNOWN if isinstance(value, (list, dict)) else value

    def _kept(self, part: Part) -> Evaluate:
        """Return the closure of an argument that its function must not see dropped."""
        evaluate = part.evaluate
        if not part.drops:
            return evaluate
        self.catches = True

        def guard(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            value = evaluate(attributes, context)
            if value is DROP or value is DROP_OBJECT:
                raise DroppedInside(value)
            return value

        return guard

    def _lint(self, code: str, message: str, node: Node) -> None:
        self.lints.append(Lint(code, message, node.position))

    def _refuse(self, node: Node, what: str, mend: str) -> NoReturn:
        raise syntax_error(self.text, node.position, what, mend)


def _giving(value: object) -> Evaluate:
    return nothing if value is None else lambda _attributes, _context: value


def _join() -> FunctionSpec:
    from .functions.text import JOIN

    return JOIN
