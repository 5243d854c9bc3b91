"""One call in one expression, and the usual ways to compile it to a closure.

A closure evaluates its arguments itself, so that it can leave some out. Errors name the sub-expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from ..errors import ExpressionError, ExpressionEvaluationError, ExpressionSyntaxError
from .context import EvaluationContext
from .pointing import shorten
from .registry import FunctionSpec
from .syntax import Call, render
from .values import FunctionFailure, as_text, is_list

Evaluate: TypeAlias = Callable[[Mapping[str, object], EvaluationContext], object]


class _Unknown(Enum):
    UNKNOWN = "known only per object"


UNKNOWN: Final = _Unknown.UNKNOWN
"""Stands for the value of an argument that is not constant."""


@dataclass(frozen=True, slots=True)
class CallSite:
    """What the compiler of a function sees of one call.

    Attributes:
        spec: The function.
        call: The call in the tree.
        arguments: A closure per argument, None for omitted ones; padded to the parameters, trailing omitted
            ones of a repeating group removed.
        constants: Its value per argument where that is known, else UNKNOWN; None for omitted ones.
        fixed: Whether an argument is the same for every object.
        supplied: Number of arguments without trailing omitted ones.
        key: Tells this call from every other one, for values that an object keeps.
        refuse: Makes the error to raise for a constant argument (index, what, mend).
        lint: Notes something about the call (code, message).
    """

    spec: FunctionSpec
    call: Call
    arguments: tuple[Evaluate | None, ...]
    constants: tuple[object, ...]
    fixed: tuple[bool, ...]
    supplied: int
    key: object
    refuse: Callable[[int, str, str], ExpressionSyntaxError]
    lint: Callable[[str, str], None]

    @property
    def text(self) -> str:
        """The call as text, for messages."""
        return shorten(render(self.call))

    def given(self, index: int) -> bool:
        """Whether an argument was supplied."""
        return self.arguments[index] is not None

    def evaluate(self, index: int) -> Evaluate:
        """Return the closure of an argument; of an omitted one it gives null."""
        return self.arguments[index] or nothing

    def constant_text(self, index: int) -> str | None:
        """Return the text of a constant argument; None of an omitted, null or variable one."""
        value = self.constants[index]
        return None if value is None or value is UNKNOWN else as_text(value)

    def failed(self, error: Exception) -> ExpressionEvaluationError:
        """Return the error to raise when the function could not work on an object."""
        if isinstance(error, ExpressionError):  # a registered function said it all; a copy, to be raised from it
            return ExpressionEvaluationError(error.what, error.where, error.mend)
        if isinstance(error, FunctionFailure):
            return ExpressionEvaluationError(error.what, self.text, error.mend)
        return ExpressionEvaluationError(
            f"{self.spec.name} failed with {type(error).__name__}",
            self.text,
            f"Report it to the author of the function: {self.spec.source or self.spec.name}",
        )


def nothing(_attributes: Mapping[str, object], _context: EvaluationContext) -> object:
    """Give null."""
    return None


def on_values(function: Callable[..., object]) -> Callable[[CallSite], Evaluate]:
    """Compile calls of a plain function of the argument values; omitted ones are None."""

    def build(site: CallSite) -> Evaluate:
        rest = site.constants[1:]
        first = site.evaluate(0)
        if UNKNOWN not in rest:

            def on_first(attributes: Mapping[str, object], context: EvaluationContext) -> object:
                value = first(attributes, context)
                try:
                    return function(value, *rest)
                except Exception as error:
                    raise site.failed(error) from error

            return on_first
        evaluate_all = [site.evaluate(index) for index in range(len(site.arguments))]

        def on_all(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            values = [evaluate(attributes, context) for evaluate in evaluate_all]
            try:
                return function(*values)
            except Exception as error:
                raise site.failed(error) from error

        return on_all

    return build


def of_text(site: CallSite, function: Callable[[str], object], *, source: int = 0, null: str | None = None) -> Evaluate:
    """Return a closure for a function of one text, the argument `source`: null gives `null`, a list is mapped."""
    evaluate = site.evaluate(source)

    def other(value: object) -> object:
        if value is None:
            return null
        if is_list(value):
            return [function(as_text(one)) for one in value if one is not None]
        return function(as_text(value))

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        value = evaluate(attributes, context)
        try:
            return function(value) if value.__class__ is str else other(value)
        except Exception as error:
            raise site.failed(error) from error

    return run


def on_text(function: Callable[..., object], *, null: str | None = None) -> Callable[[CallSite], Evaluate]:
    """Compile calls of a function of one text and further values; see `of_text`."""

    def build(site: CallSite) -> Evaluate:
        constants = site.constants[1:]
        if UNKNOWN not in constants:
            return of_text(site, (lambda text: function(text, *constants)) if constants else function, null=null)
        source = site.evaluate(0)
        others = [site.evaluate(index) for index in range(1, len(site.arguments))]

        def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
            value = source(attributes, context)
            rest = [evaluate(attributes, context) for evaluate in others]
            if value is None:
                return null
            try:
                if is_list(value):
                    return [function(as_text(one), *rest) for one in value if one is not None]
                return function(as_text(value), *rest)
            except Exception as error:
                raise site.failed(error) from error

        return run

    return build


def on_implementation(site: CallSite) -> Evaluate:
    """Compile a call of a registered function, which gets its supplied arguments as one sequence."""
    implementation = site.spec.implementation
    assert implementation is not None
    arguments = [site.evaluate(index) for index in range(site.supplied)]

    def call(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        values = [evaluate(attributes, context) for evaluate in arguments]
        try:
            return implementation(values)
        except Exception as error:
            raise site.failed(error) from error

    return call
