"""What a function of the language is, and the set of them that an expression may call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ..errors import PluginError

if TYPE_CHECKING:
    from .sites import CallSite, Evaluate

Implementation: TypeAlias = Callable[[Sequence[object]], object]
Build: TypeAlias = "Callable[[CallSite], Evaluate]"

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ResultType(StrEnum):
    """The kind of value that an expression gives."""

    STRING = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    LIST = "list"
    ROLES = "roles"
    ANY = "any"


class Emptiness(StrEnum):
    """When a function gives no value: null or the empty text."""

    NEVER = "never"
    POSSIBLE = "possible"
    LIKE_SOURCE = "like its first argument"
    IF_ALL = "when all its flowing arguments do"
    IF_ANY = "when one of its flowing arguments does"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Attributes:
        name: As documented, for messages.
        required: Whether it must be supplied; a repeating one at least once.
        repeating: Whether it may come again. Repeating parameters come last, and several repeat as a group.
        tree_key: Its key in a synchronization schema of Microsoft Graph; the name by default.
        flows: Whether the result may be this argument itself, as with the branches of IIF.
        choices: The only texts allowed; empty is any.
        words: Whether the choices may be written as bare words.
    """

    name: str
    required: bool = True
    repeating: bool = False
    tree_key: str = ""
    flows: bool = False
    choices: tuple[str, ...] = ()
    words: bool = False

    def __post_init__(self) -> None:
        if not self.tree_key:
            object.__setattr__(self, "tree_key", self.name)


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function of the language.

    Attributes:
        name: Canonical spelling; expressions may use any case.
        parameters: In order: required or optional ones, then the repeating group.
        result_type: ANY with flowing parameters means: what flows.
        implementation: Gets the values of the supplied arguments in order, null and omitted ones as None; may raise
            FunctionFailure. Runs once per object: it must be quick, and neither block nor keep state.
        pure: Whether equal arguments always give equal results, so that constants are computed once.
        documentation: One or two sentences for a list of functions.
        source: Where the function is documented, or the package that brings it.
        dialect: `entra` for the functions of the public reference, `extended` for all others.
        aliases: Other spellings.
        emptiness: When it gives no value.
        drops: Whether it may give DROP or DROP_OBJECT.
        top_level: Whether it may only be the whole expression.
        build: Compiles one call instead of `implementation`; of built-in functions.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result_type: ResultType
    implementation: Implementation | None = None
    pure: bool = False
    documentation: str = ""
    source: str = ""
    dialect: Literal["entra", "extended"] = "extended"
    aliases: tuple[str, ...] = ()
    emptiness: Emptiness = Emptiness.POSSIBLE
    drops: bool = False
    top_level: bool = False
    build: Build | None = field(default=None, repr=False, compare=False)

    @property
    def minimum(self) -> int:
        """Number of arguments up to the last required one."""
        return max((at for at, one in enumerate(self.parameters, 1) if one.required), default=0)

    @property
    def maximum(self) -> int | None:
        """Largest number of arguments, or None without a limit."""
        return None if self.repeated else len(self.parameters)

    @property
    def repeated(self) -> int:
        """Size of the group that repeats; 0 for none."""
        return sum(one.repeating for one in self.parameters)

    def parameter(self, index: int) -> Parameter:
        """Return the parameter of an argument, 0-based."""
        fixed = len(self.parameters) - self.repeated
        return self.parameters[index if index < fixed else fixed + (index - fixed) % self.repeated]

    @property
    def signature(self) -> str:
        """The call in words: `Mid(source, start, [length])`."""
        names = [one.name if one.required else f"[{one.name}]" for one in self.parameters]
        return f"{self.name}({', '.join([*names, '...'] if self.repeated else names)})"


class FunctionRegistry:
    """The functions that expressions may call: the built-in ones, and those registered."""

    def __init__(self, specs: Iterable[FunctionSpec] | None = None) -> None:
        if specs is None:
            from .functions import BUILT_IN

            specs = BUILT_IN
        self._specs: dict[str, FunctionSpec] = {}
        self._spellings: dict[str, FunctionSpec] = {}
        for spec in specs:
            self.register(spec)

    def register(self, spec: FunctionSpec) -> None:
        """Add a function.

        Raises:
            PluginError: Its name is taken or not a name, its parameters are out of order, or it does nothing.
        """
        where = f"function {spec.name} of {spec.source or 'an unnamed source'}"
        for name in (spec.name, *spec.aliases):
            if not _NAME.fullmatch(name):
                raise PluginError(f"{name!r} is not a function name", where, "Use ASCII letters, digits and _")
            if name.casefold() in self._spellings:
                raise PluginError(f"the name {name} is taken", where, "Choose another; case does not tell names apart")
        repeating = [one.repeating for one in spec.parameters]
        if repeating != sorted(repeating):
            raise PluginError("a repeating parameter is not last", where, "Put repeating parameters at the end")
        if spec.implementation is None and spec.build is None:
            raise PluginError("the function has no implementation", where, "Give its FunctionSpec an implementation")
        self._specs[spec.name] = spec
        for name in (spec.name, *spec.aliases):
            self._spellings[name.casefold()] = spec

    def get(self, name: str) -> FunctionSpec | None:
        """Return the function of this name in any case, or None."""
        return self._spellings.get(name.casefold())

    def nearest(self, name: str) -> str | None:
        """Return the spelling that a mistyped name most likely means, or None."""
        from difflib import get_close_matches

        close = get_close_matches(name.casefold(), self._spellings, n=1, cutoff=0.6)
        return self._spellings[close[0]].name if close else None

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._spellings

    def __iter__(self) -> Iterator[FunctionSpec]:
        """Yield the functions by name."""
        return iter(sorted(self._specs.values(), key=lambda spec: spec.name.casefold()))

    def __len__(self) -> int:
        return len(self._specs)
