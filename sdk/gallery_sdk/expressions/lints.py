"""Notes on expressions that work but deserve a look."""

from __future__ import annotations

from dataclasses import dataclass

from .syntax import Call, Comparison, Node, StringConstant, walk


@dataclass(frozen=True, slots=True)
class Lint:
    """One note.

    Attributes:
        code: Its kind, for example `function-case`.
        message: What was noticed.
        position: Where in the text, 0-based.
    """

    code: str
    message: str
    position: int


def condition_lints(node: Node) -> list[Lint]:
    """Return a note per IIF whose condition is documented not to work in Microsoft Entra.

    Three shapes: a comparison with the empty text, IsNullOrEmpty, IsPresent.
    """
    found = []
    for _, one in walk(node):
        if not isinstance(one, Call) or one.name.casefold() != "iif" or not one.arguments:
            continue
        condition = one.arguments[0]
        compared = isinstance(condition, Comparison) and StringConstant("") in (condition.left, condition.right)
        asked = isinstance(condition, Call) and condition.name.casefold() in ("isnullorempty", "ispresent")
        if condition is not None and (compared or asked):
            message = "Microsoft Entra does not support this condition in IIF; Switch on the attribute instead"
            found.append(Lint("null-condition", message, condition.position))
    return found
