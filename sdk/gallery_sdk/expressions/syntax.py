"""The tree of a mapping expression, and its text.

Trees are plain frozen data. Two trees are equal when they say the same; where a node stood in a text
(`position`, 0-based) does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from ..errors import ExpressionSyntaxError

Operator: TypeAlias = Literal["=", "<>", ">", ">=", "<", "<="]
OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    position: int = field(default=0, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`Name(argument, , argument)`; an omitted argument is None.

    `F()` has no argument and `F(,)` has two omitted ones, so a single None cannot be written.
    """

    name: str
    arguments: tuple[Node | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """`[name]`: the value of a source attribute. The name has no `]` and no blanks around it."""

    name: str


@dataclass(frozen=True, slots=True)
class StringConstant(Node):
    r"""`"text"`, in which `\"` stands for a quote and `\\` for a backslash."""

    value: str


@dataclass(frozen=True, slots=True)
class NumberConstant(Node):
    """`7`, `-10`, `1.5` or hexadecimal `&HF7`, as it was written."""

    text: str

    @property
    def value(self) -> int | float:
        if self.text[:2].upper() == "&H":
            return int(self.text[2:], 16)
        return float(self.text) if "." in self.text else int(self.text)


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A bare word: `vbTextCompare`, `UTF8`, `IgnoreAttributeFlow`."""

    name: str


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left = right`, the condition of IIF and CBool."""

    operator: Operator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Concat(Node):
    """`a & b & c`: two parts or more."""

    parts: tuple[Node, ...]


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below, in the order of the text, without the omitted ones."""
    if isinstance(node, Call):
        return tuple(argument for argument in node.arguments if argument is not None)
    if isinstance(node, Comparison):
        return (node.left, node.right)
    return node.parts if isinstance(node, Concat) else ()


def walk(node: Node) -> Iterator[tuple[int, Node]]:
    """Yield every node with its depth, parents first, in the order of the text; does not recurse."""
    pending = [(0, node)]
    while pending:
        depth, current = pending.pop()
        yield depth, current
        pending.extend((depth + 1, child) for child in reversed(children(current)))


def render(node: Node) -> str:
    """Return the text of a tree, with `, ` between arguments; parsing it gives the tree back.

    Raises:
        ExpressionSyntaxError: An attribute name holds `]`, which no text can express.
    """
    if isinstance(node, Call):
        return f"{node.name}({', '.join('' if one is None else render(one) for one in node.arguments)})"
    if isinstance(node, Attribute):
        if "]" in node.name:
            raise ExpressionSyntaxError(
                'an attribute name cannot hold "]"', f"attribute {node.name}", "Rename the source attribute"
            )
        return f"[{node.name}]"
    if isinstance(node, StringConstant):
        return quote(node.value)
    if isinstance(node, NumberConstant):
        return node.text
    if isinstance(node, Comparison):
        return f"{_operand(node.left, Comparison)} {node.operator} {_operand(node.right, Comparison)}"
    if isinstance(node, Concat):
        return " & ".join(_operand(part, Comparison, Concat) for part in node.parts)
    assert isinstance(node, Word)
    return node.name


def quote(text: str) -> str:
    """Return a text as a string constant."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _operand(node: Node, *bracketed: type[Node]) -> str:
    return f"({render(node)})" if isinstance(node, bracketed) else render(node)
