"""What other rooms hold of an expression: compiled once per job, called once per object."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from .attributes import SOFT_DELETED
from .compiler import Compiler
from .context import EvaluationContext
from .lints import Lint, condition_lints
from .parser import MAX_DEPTH, MAX_LENGTH, parse
from .pointing import syntax_error
from .registry import FunctionRegistry, ResultType
from .sites import Evaluate
from .syntax import Node, render, walk

Compatibility: TypeAlias = Literal["gallery", "entra-strict"]


@dataclass(frozen=True, slots=True)
class CompiledExpression:
    """An expression, ready to be evaluated on any number of objects; call it with their attributes.

    Attributes:
        text: The expression as it was written; of a tree, as it is rendered.
        node: Its tree.
        evaluate: The closure itself: the same as calling, one step shorter.
        inputs: Names of the source attributes that it reads, in the source's spelling where that is known.
        result_type: The kind of its value; ANY if that depends on the object.
        can_be_null: Whether it may give null, the empty text, or nothing that flows.
        redacted: Whether its values must not appear in logs and plans (it calls Redact).
        is_constant: Whether it gives every object the same.
        selects_unique: Whether it gives a UniqueValue, whose candidates the engine looks up.
        lints: What works but deserves a look.
    """

    text: str
    node: Node
    evaluate: Evaluate = field(repr=False)
    inputs: frozenset[str]
    result_type: ResultType
    can_be_null: bool
    redacted: bool
    is_constant: bool
    selects_unique: bool
    lints: tuple[Lint, ...]
    functions: FunctionRegistry = field(repr=False, compare=False)
    known: frozenset[str] | None = field(repr=False, compare=False)
    key: object = field(repr=False, compare=False)

    def __call__(self, attributes: Mapping[str, object], context: EvaluationContext) -> object:
        """Return the value for one object: see the values of this package; DROP, DROP_OBJECT or a UniqueValue.

        Raises:
            ExpressionEvaluationError: It cannot be evaluated on this object; others are not affected.
        """
        return self.evaluate(attributes, context)


def compile_expression(
    text: str | Node,
    *,
    functions: FunctionRegistry | None = None,
    attributes: Collection[str] | None = None,
    compatibility: Compatibility = "gallery",
    max_length: int = MAX_LENGTH,
) -> CompiledExpression:
    """Return the compiled expression.

    Args:
        text: The expression, or its tree.
        functions: What it may call; the built-in functions by default.
        attributes: All names that the source can have, where that is known. Reading gets quicker, and
            misspelt names become lints.
        compatibility: `entra-strict` adds lints for what is documented not to work there.
        max_length: Longest text in characters; Microsoft Entra accepts 10,000.

    Raises:
        ExpressionSyntaxError: The text is no expression, calls what does not exist, or gives it wrong arguments.
    """
    if isinstance(text, Node):
        if any(depth > 4 * MAX_DEPTH for depth, _ in walk(text)):
            raise syntax_error("", 0, "the tree is too deep", f"Nest at most {MAX_DEPTH} levels")
        text = render(text)
    node = parse(text, max_length=max_length)
    known = None if attributes is None else frozenset(attributes) | {SOFT_DELETED}
    key = object()
    compiler = Compiler(text, functions or _built_in(), known, key)
    part = compiler.compile(node)
    lints = compiler.lints
    if len(text) > MAX_LENGTH:
        lints.append(Lint("too-long", f"Microsoft Entra accepts {MAX_LENGTH} characters, these are {len(text)}", 0))
    if compatibility == "entra-strict":
        lints += condition_lints(node)
    return CompiledExpression(
        text=text,
        node=node,
        evaluate=compiler.catching(part),
        inputs=frozenset(compiler.inputs),
        result_type=part.result_type or ResultType.ANY,
        can_be_null=part.can_be_null or part.drops or compiler.catches,
        redacted=compiler.redacted,
        is_constant=part.fixed,
        selects_unique=compiler.selects_unique,
        lints=tuple(sorted(lints, key=lambda lint: lint.position)),
        functions=compiler.registry,
        known=known,
        key=key,
    )


@cache
def _built_in() -> FunctionRegistry:
    return FunctionRegistry()
