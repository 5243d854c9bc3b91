"""Text to filter: one compiled expression per attribute expression, and a recursive descent for what joins them.

The grammar is RFC 7644 section 3.4.2.2 with its errata, plus three habits that do no harm and that large clients
rely on: `$ref` as a name, more than one blank between words, and `emails[type eq "work"].value eq "x"`.
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Final, NoReturn

from ...errors import FilterError
from .ast import And, AttributePath, Comparison, Filter, Not, Or, Present, Scalar, ValuePath

# Possessive (`*+`), because a name that is no URN must not be retried one letter shorter.
_URN: Final = r"(?:([A-Za-z][A-Za-z0-9+.-]*+:[A-Za-z0-9._~/%+:-]+):)?"
_NAME: Final = r"\$?[A-Za-z][A-Za-z0-9_-]*+"
ATTRIBUTE: Final = rf"{_URN}({_NAME})(?:\.({_NAME}))?"
"""Groups: urn, name, sub. The URN takes all it can, so that dots inside it stay in it."""

_STRING: Final = r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"'
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_END: Final = r"(?=[ )\]]|\Z)"
_TAIL: Final = rf" +(?:([pP][rR]){_END}|([A-Za-z]{{2}}) +(?:({_STRING})|({_NUMBER})|(true|false|null)){_END})"
_SPACE: Final = r"\s"
_LENIENT_TAIL: Final = (
    r"\s+(?:([pP][rR])(?=[\s)\]]|\Z)|([A-Za-z]{2})"
    rf'(?:\s*("(?:[^"\\]|\\.)*")|\s+(?:({_NUMBER})|((?i:true|false|null))))(?=[\s)\]]|\Z))'
)

OPERATORS: Final = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_LITERALS: Final[dict[str, Scalar]] = {"true": True, "false": False, "null": None}
_MAX_DEPTH: Final = 40
"""Deeper nesting is refused before it can exhaust the stack; no client sends a tenth of it."""


class _Grammar:
    """The compiled expressions of one degree of strictness."""

    def __init__(self, tail: str, blank: str) -> None:
        space = f"{blank}+"
        self.expression = re.compile(rf"{ATTRIBUTE}(?:{tail}|(\[))", re.DOTALL)
        self.tail = re.compile(tail, re.DOTALL)
        self.and_ = re.compile(rf"{space}[aA][nN][dD]{space}")
        self.or_ = re.compile(rf"{space}[oO][rR]{space}")
        self.not_ = re.compile(rf"[nN][oO][tT]{blank}*\(")
        self.bare_not = re.compile(rf"[nN][oO][tT]{space}")
        self.blanks = re.compile(f"{blank}*")
        self.sub = re.compile(rf"\.({_NAME})")


_STRICT: Final = _Grammar(_TAIL, " ")
_LENIENT: Final = _Grammar(_LENIENT_TAIL, _SPACE)


def parse_filter(text: str, *, lenient: bool = False) -> Filter:
    """Read a filter.

    Args:
        text: The filter as it stands before percent-encoding.
        lenient: Forgive what some clients send against the grammar: any white space, `True` for `true`,
            `not` without parentheses, `eq"x"` without a blank, raw control characters in strings,
            `emails[...] pr`.

    Raises:
        FilterError: The text breaks the grammar; the message points at the character.
    """
    if lenient:
        text = text.strip()
    parser = FilterParser(text, _LENIENT if lenient else _STRICT, lenient=lenient)
    ast = parser.disjunction(inner=False)
    if parser.position != len(text):
        parser.fail("the filter should end here", 'Join expressions with "and" or "or", and close what was opened')
    return ast


class FilterParser:
    """A cursor over one text; also reads the filter inside the brackets of an attribute path."""

    __slots__ = ("_depth", "_grammar", "_lenient", "position", "text")

    def __init__(self, text: str, grammar: _Grammar = _STRICT, *, lenient: bool = False) -> None:
        self.text, self.position = text, 0
        self._grammar, self._lenient, self._depth = grammar, lenient, 0

    def disjunction(self, *, inner: bool) -> Filter:
        """Read terms joined by `or`; `inner` inside brackets, where no second value path may stand."""
        first = self._conjunction(inner)
        joined = self._grammar.or_.match(self.text, self.position)
        if joined is None:
            return first
        terms = [first]
        while joined is not None:
            self.position = joined.end()
            terms.append(self._conjunction(inner))
            joined = self._grammar.or_.match(self.text, self.position)
        return Or(tuple(terms))

    def _conjunction(self, inner: bool) -> Filter:
        first = self._term(inner)
        joined = self._grammar.and_.match(self.text, self.position)
        if joined is None:
            return first
        terms = [first]
        while joined is not None:
            self.position = joined.end()
            terms.append(self._term(inner))
            joined = self._grammar.and_.match(self.text, self.position)
        return And(tuple(terms))

    def _term(self, inner: bool) -> Filter:
        text, position = self.text, self.position
        first = text[position : position + 1]
        if first == "(":
            return self._group(position + 1, inner)
        if first in ("n", "N"):
            negation = self._grammar.not_.match(text, position)
            if negation is not None:
                return Not(self._group(negation.end(), inner))
        found = self._grammar.expression.match(text, position)
        if found is None:
            if self._lenient and (negation := self._grammar.bare_not.match(text, position)) is not None:
                self._enter(negation.end())
                negated = Not(self._term(inner))
                self._depth -= 1
                return negated
            self._explain()
        urn, name, sub, present, op, string, number, literal, bracket = found.groups()
        path = AttributePath(name, sub, urn)
        self.position = found.end()
        if bracket is None:
            return self._expression(path, position, present, op, string, number, literal)
        if inner:
            self.position -= 1
            self.fail("a value path stands inside a value path", "Compare sub-attributes inside the brackets")
        return self._value_path(path)

    def _expression(
        self,
        path: AttributePath,
        start: int,
        present: str | None,
        op: str | None,
        string: str | None,
        number: str | None,
        literal: str | None,
    ) -> Filter:
        if present is not None or op is None:
            return Present(path)
        op = op.lower()
        if op not in OPERATORS:
            self.position = start
            self._explain()
        if string is not None:
            return Comparison(path, op, string[1:-1] if "\\" not in string else self._unescape(string))
        if number is not None:
            return Comparison(path, op, self._number(number))
        return Comparison(path, op, _LITERALS[(literal or "null").lower()])

    def _group(self, position: int, inner: bool) -> Filter:
        self._enter(position)
        ast = self.disjunction(inner=inner)
        self._leave(")")
        return ast

    def bracketed(self, position: int) -> Filter:
        """Read the filter that starts at `position`, just behind a `[`, and step over its `]`."""
        self._enter(position)
        ast = self.disjunction(inner=True)
        self._leave("]")
        return ast

    def _value_path(self, path: AttributePath) -> Filter:
        inner = self.bracketed(self.position)
        sub = self._grammar.sub.match(self.text, self.position)
        if sub is not None and path.sub is None:
            # emails[type eq "work"].value eq "x": what Entra ID sends for a matching attribute in a multi-value.
            tail = self._grammar.tail.match(self.text, sub.end())
            if tail is None:
                self.position = sub.end()
                self.fail("an operator and a value are wanted after the sub-attribute", 'Write for example eq "x"')
            start, self.position = self.position, tail.end()
            return self._expression(AttributePath(path.name, sub[1], path.urn, inner), start, *tail.groups())
        if self._lenient and (tail := self._grammar.tail.match(self.text, self.position)) is not None and tail[1]:
            self.position = tail.end()
        return ValuePath(path, inner)

    def _enter(self, position: int) -> None:
        self._depth += 1
        self.position = self._grammar.blanks.match(self.text, position).end()  # type: ignore[union-attr]  # matches empty
        if self._depth > _MAX_DEPTH:
            self.fail(f"the filter nests more than {_MAX_DEPTH} levels", "Split it into several requests")

    def _leave(self, bracket: str) -> None:
        self.position = self._grammar.blanks.match(self.text, self.position).end()  # type: ignore[union-attr]  # as above
        if not self.text.startswith(bracket, self.position):
            self.fail(f'"{bracket}" is wanted', f'Close what was opened with "{bracket}"')
        self.position += 1
        self._depth -= 1

    def _number(self, text: str) -> int | float:
        try:
            value = float(text) if any(mark in text for mark in ".eE") else int(text)
        except ValueError:  # more digits than int() reads
            value = float("inf")
        if not isfinite(value):
            self.fail("the number before this point is out of range", "Write a number that fits 64 bits")
        return value

    def _unescape(self, string: str) -> str:
        try:
            return str(json.loads(string, strict=not self._lenient))
        except ValueError:  # only in lenient mode, where the backslash of an unknown escape is dropped
            return re.sub(r"\\(.)", r"\1", string[1:-1], flags=re.DOTALL)

    def _explain(self) -> NoReturn:
        """Say which part of an attribute expression is missing, now that the whole did not match."""
        text = self.text
        attribute = re.compile(ATTRIBUTE).match(text, self.position)
        if attribute is None:
            self.fail("an attribute is wanted", 'Write an expression such as userName eq "ada"')
        self.position = attribute.end()
        if text[self.position : self.position + 1] not in ("", " ", "["):
            self.fail("the attribute is not well formed", "Write name, name.sub, or URN:name with letters, digits, - _")
        operator = re.compile(r" +([^ )\]]*)").match(text, self.position)
        if operator is None or operator[1].lower() not in OPERATORS:
            self.position = self.position if operator is None else operator.start(1)
            self.fail("an operator is wanted", "Write one of eq, ne, co, sw, ew, gt, ge, lt, le, pr")
        self.position = operator.end()
        blanks = re.compile(" +").match(text, self.position)
        self.position = self.position if blanks is None else blanks.end()
        self.fail("a value is wanted", 'Write "text" in double quotes, a number, true, false or null')

    def fail(self, what: str, mend: str) -> NoReturn:
        """Raise, with the text around the cursor and a caret under it."""
        raise FilterError(what, point_at(self.text, self.position), mend)


def point_at(text: str, position: int) -> str:
    """The stretch of text around a position with a caret below it; counts characters from 1."""
    start = max(0, position - 50)
    shown = "".join(c if c.isprintable() else "·" for c in text[start : position + 30])
    return f"{shown}\n{' ' * (position - start)}^ character {position + 1}"
