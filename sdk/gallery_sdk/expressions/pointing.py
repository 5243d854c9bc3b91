"""Errors that show the expression and point at the place."""

from __future__ import annotations

from typing import Final

from ..errors import ExpressionSyntaxError

_WINDOW: Final = 100  # characters of the expression around the place


def syntax_error(text: str, position: int, what: str, mend: str) -> ExpressionSyntaxError:
    """Return an error that shows the line of `text` around `position` (0-based) and a caret below it."""
    position = min(max(position, 0), len(text))
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start:] if end < 0 else text[start:end]
    column = position - start
    left = max(0, column - _WINDOW * 2 // 3)
    shown = line[left : left + _WINDOW]
    shown = "".join(letter if letter.isprintable() else " " for letter in shown)  # the caret counts characters
    before, after = "..." if left else "", "..." if left + _WINDOW < len(line) else ""
    caret = " " * (len(before) + column - left) + "^"
    return ExpressionSyntaxError(what, f"{before}{shown}{after}\n{caret}\nat character {position + 1}", mend)


def shorten(text: str, limit: int = 120) -> str:
    """Return a text that fits into a message."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
