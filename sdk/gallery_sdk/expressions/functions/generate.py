"""Functions that make values up, each once per object."""

from __future__ import annotations

import string
from collections.abc import Mapping
from random import Random
from typing import Final
from uuid import UUID

from ...errors import ExpressionEvaluationError
from ..context import EvaluationContext
from ..registry import Emptiness, ResultType
from ..sites import UNKNOWN, CallSite, Evaluate
from ..values import FunctionFailure, as_integer, as_text
from ._declaring import GRAPH, built_in, optional, required

_LONGEST: Final = 256
# Special characters of the Windows rule "Password must meet complexity requirements".
_CLASSES: Final = (string.digits, "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/", string.ascii_uppercase, string.ascii_lowercase)
_NAMES: Final = ("length", "minimumNumbers", "minimumSpecialCharacters", "minimumCapital", "minimumLowerCase")


def random_string(random: Random, length: int, minimums: list[int], avoided: str) -> str:
    """Return a text with at least so many digits, special characters, capitals and small letters.

    The rest comes from the classes that have a minimum; from letters and digits if none has.

    Raises:
        FunctionFailure: The minimums do not fit into the length, or a class has no character left.
    """
    if not 1 <= length <= _LONGEST or any(minimum < 0 for minimum in minimums) or sum(minimums) > length:
        raise FunctionFailure(
            "the minimums and the length do not fit together",
            f"The length is 1 to {_LONGEST}, and at least the sum of the four minimums",
        )
    allowed = ["".join(one for one in letters if one not in avoided) for letters in _CLASSES]
    wanted = [index for index, minimum in enumerate(minimums) if minimum] or [0, 2, 3]
    pool = "".join(allowed[index] for index in wanted)
    if any(minimum and not allowed[index] for index, minimum in enumerate(minimums)) or not pool:
        raise FunctionFailure("charactersToAvoid leaves none of a class", "Avoid fewer characters")
    letters = [random.choice(allowed[index]) for index, minimum in enumerate(minimums) for _ in range(minimum)]
    letters += [random.choice(pool) for _ in range(length - len(letters))]
    random.shuffle(letters)
    return "".join(letters)


def _random_string(site: CallSite) -> Evaluate:
    numbers = [site.evaluate(index) for index in range(5)]
    avoided = site.evaluate(5)
    if UNKNOWN not in site.constants:
        values = site.constants
        try:
            length, *minimums = (as_integer(value, name) for value, name in zip(values[:5], _NAMES, strict=True))
            random_string(Random(0), length, minimums, as_text(values[5]))  # noqa: S311  # thrown away
        except FunctionFailure as error:
            raise site.refuse(0, error.what, error.mend) from error

    def run(attributes: Mapping[str, object], context: EvaluationContext) -> object:
        def make() -> object:
            values = [number(attributes, context) for number in numbers]
            other = avoided(attributes, context)
            try:
                length, *minimums = (as_integer(value, name) for value, name in zip(values, _NAMES, strict=True))
                return random_string(context.random, length, minimums, as_text(other))
            except FunctionFailure as error:
                raise site.failed(error) from error

        return context.once(site.key, make)

    return run


def _guid(site: CallSite) -> Evaluate:
    key = site.key

    def run(_attributes: Mapping[str, object], context: EvaluationContext) -> object:
        return context.once(key, lambda: str(UUID(int=context.random.getrandbits(128), version=4)))

    return run


def _default_domain(site: CallSite) -> Evaluate:
    def run(_attributes: Mapping[str, object], context: EvaluationContext) -> object:
        if context.default_domain:
            return context.default_domain
        raise ExpressionEvaluationError(
            "no default domain is set", site.text, "Set default_domain, or write the domain into the mapping"
        )

    return run


FUNCTIONS: Final = (
    built_in(
        "Guid", (), ResultType.STRING, _guid, "A new GUID in lower case.", emptiness=Emptiness.NEVER, pure=False,
    ),
    built_in(
        "RandomString", (*(required(name) for name in _NAMES), optional("charactersToAvoid")), ResultType.STRING,
        _random_string, "A random text, for example an initial password. Wrap it in Redact to keep it out of logs.",
        emptiness=Emptiness.NEVER, pure=False,
    ),
    built_in(
        "DefaultDomain", (), ResultType.STRING, _default_domain, "The default domain of the tenant.",
        emptiness=Emptiness.NEVER, pure=False, source=GRAPH,
    ),
)  # fmt: skip
