"""Recursive descent over the text of a mapping expression.

    expression = concat [ ("=" | "<>" | ">=" | "<=" | ">" | "<") concat ]
    concat     = primary { "&" primary }
    primary    = call | "[" name "]" | string | number | "&H" digits | word | "(" expression ")"
    call       = name "(" [ argument { "," argument } ] ")"        argument = [ expression ]

White space is free everywhere. Source: learn.microsoft.com/entra/identity/app-provisioning/
functions-for-customizing-application-data, "Syntax overview"; `&` as in hybrid/cloud-sync/reference-expressions.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from .pointing import syntax_error
from .syntax import (
    OPERATORS,
    Attribute,
    Call,
    Comparison,
    Concat,
    Node,
    NumberConstant,
    Operator,
    StringConstant,
    Word,
)

MAX_LENGTH: Final = 10_000
MAX_DEPTH: Final = 100

_BLANK: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?![A-Za-z0-9_.])")
_HEX: Final = re.compile(r"&[Hh][0-9A-Fa-f]{1,16}(?![A-Za-z0-9_])")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r'\\(["\\])')
_LONGEST_FIRST: Final = sorted(OPERATORS, key=len, reverse=True)
_QUOTES: Final = "'‘’“”„«»`"


def parse(text: str, *, max_length: int = MAX_LENGTH, max_depth: int = MAX_DEPTH) -> Node:
    """Return the tree of an expression.

    Function names are not looked up here. A bare `[attribute]` or constant is an expression as well.

    Raises:
        ExpressionSyntaxError: The text is not an expression, is longer than `max_length` characters, or nests
            deeper than `max_depth`.
    """
    if len(text) > max_length:
        raise syntax_error(
            text,
            max_length,
            f"the expression has {len(text)} characters, the limit is {max_length}",
            "Split it over two mappings, or move fixed tables into the source",
        )
    return _Parser(text, max_depth).whole()


class _Parser:
    def __init__(self, text: str, max_depth: int) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._max_depth = max_depth

    def whole(self) -> Node:
        if not self._text.strip():
            self._fail(
                "the expression is empty", 'Write a function, for example ToLower([mail]), an [attribute] or a "text"'
            )
        node = self._expression()
        self._blank()
        if self._at < len(self._text):
            self._trailing()
        return node

    def _expression(self) -> Node:
        self._blank()
        self._depth += 1
        if self._depth > self._max_depth:
            self._fail(
                f"the expression nests deeper than {self._max_depth} levels", "Flatten it, for example by Switch"
            )
        left = self._concat()
        operator = self._operator()
        node = left
        if operator is not None:
            right = self._concat()
            self._blank()
            if any(self._text.startswith(one, self._at) for one in OPERATORS):
                self._fail("a condition holds one comparison only", "Put one side in parentheses, or nest IIF")
            node = Comparison(operator, left, right, position=left.position)
        self._depth -= 1
        return node

    def _operator(self) -> Operator | None:
        self._blank()
        for operator in _LONGEST_FIRST:
            if self._text.startswith(operator, self._at):
                self._at += len(operator)
                return operator
        return None

    def _concat(self) -> Node:
        parts = [self._primary()]
        while self._take("&"):
            parts.append(self._primary())
        return parts[0] if len(parts) == 1 else Concat(tuple(parts), position=parts[0].position)

    def _primary(self) -> Node:
        self._blank()
        start, text = self._at, self._text
        letter = text[start : start + 1]
        if letter == "[":
            return self._attribute(start)
        if letter == '"':
            return self._string(start)
        if letter == "(":
            self._at += 1
            node = self._expression()
            if not self._take(")"):
                self._expected('")"', "Close the parenthesis that is open")
            return node
        if letter == "&" or letter == "-" or letter.isdigit():
            return self._number(start)
        if name := _NAME.match(text, start):
            self._at = name.end()
            if self._take("("):
                return Call(name.group(), self._arguments(name.group()), position=start)
            return Word(name.group(), position=start)
        if letter and letter in _QUOTES:
            self._fail(f"a text cannot stand in {letter}", 'Use straight double quotes: "text"')
        return self._expected('a function, an [attribute], a "text" or a number', "Add what is missing")

    def _attribute(self, start: int) -> Attribute:
        end = self._text.find("]", start)
        if end < 0:
            self._fail('the attribute name is not closed by "]"', 'Add "]" after the name')
        name = self._text[start + 1 : end].strip()
        if not name:
            self._fail("the attribute name is empty", "Write the name of a source attribute, for example [mail]")
        self._at = end + 1
        return Attribute(name, position=start)

    def _string(self, start: int) -> StringConstant:
        found = _STRING.match(self._text, start)
        if found is None:
            self._fail("the text is not closed by a double quote", r'Add " at its end; inside a text write \" and \\')
        self._at = found.end()
        # Any other backslash is kept: documented patterns hold "\+(?<isdCode>...".
        return StringConstant(_ESCAPE.sub(r"\1", found.group(1)), position=start)

    def _number(self, start: int) -> NumberConstant:
        found = _HEX.match(self._text, start) or _NUMBER.match(self._text, start)
        if found is None:
            self._fail("this is not a number", 'Numbers are written 7, -10, 1.5 or &HF7; put anything else in "quotes"')
        self._at = found.end()
        return NumberConstant(found.group(), position=start)

    def _arguments(self, name: str) -> tuple[Node | None, ...]:
        if self._take(")"):
            return ()
        arguments: list[Node | None] = []
        while True:
            self._blank()
            omitted = self._text[self._at : self._at + 1] in (",", ")")
            arguments.append(None if omitted else self._expression())
            if self._take(")"):
                return tuple(arguments)
            if not self._take(","):
                self._expected(f'"," or ")" in the arguments of {name}', "Separate arguments by commas, and close them")

    def _take(self, mark: str) -> bool:
        self._blank()
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True

    def _blank(self) -> None:
        found = _BLANK.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _trailing(self) -> NoReturn:
        word = _NAME.match(self._text, self._at)
        if word is not None and word.group().upper() in ("AND", "OR"):
            self._no_connectives()
        if self._text[self._at] == ")":
            self._fail('")" closes nothing', "Remove it, or open the parenthesis that it belongs to")
        self._fail("the expression should end here", 'Join texts by Join or "&", or remove what follows')

    def _expected(self, what: str, mend: str) -> NoReturn:
        word = _NAME.match(self._text, self._at)
        if word is not None and word.group().upper() in ("AND", "OR"):
            self._no_connectives()
        found = self._text[self._at : self._at + 1]
        self._fail(f"expected {what}, found {repr(found) if found else 'the end'}", mend)

    def _no_connectives(self) -> NoReturn:
        self._fail(
            "conditions cannot be joined by AND or OR",
            "Nest IIF in the value for true (AND) or in the value for false (OR)",
        )

    def _fail(self, what: str, mend: str) -> NoReturn:
        raise syntax_error(self._text, self._at, what, mend)
