"""Compiled patterns and replacements of Replace: .NET's Regex.Replace, with a time limit."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias

from .dotnet_patterns import Translation
from .values import FunctionFailure

TIME_LIMIT_SECONDS: Final = 0.1

_QUICK_STEPS: Final = 1_000_000  # what the engine surely does within the time limit
_REFERENCE: Final = re.compile(r"\$(?:\{(\w+)\}|([0-9]{1,2})|([$&]))")

Match: TypeAlias = Any  # the `regex` module ships no types


class Pattern:
    """A pattern written for .NET.

    Attributes:
        names: Names of its groups.
        anchored: Whether it can only match a text as a whole or from one of its ends.
    """

    __slots__ = ("_engine", "_groups", "_quick_length", "anchored", "names")

    def __init__(self, text: str) -> None:
        import regex  # type: ignore[import-untyped, unused-ignore]  # ships no types; slow to import

        translation = Translation(text)
        try:
            # Version 1 has .NET's scope of (?i) and set subtraction; full case folding it has not.
            self._engine = regex.compile("(?-f)" + translation.text, regex.V1)
        except (regex.error, RecursionError, OverflowError, MemoryError) as error:
            raise FunctionFailure(
                "the pattern is not a regular expression of .NET",
                "Correct the pattern; in a text each of its backslashes is doubled",
            ) from error
        self._groups = translation.groups
        self.names = translation.names
        self.anchored = text.startswith("^") or (text.endswith("$") and not text.endswith("\\$"))
        # The clock costs four times the match itself. Without loops inside loops the steps are bounded by
        # length ** (loops + 1), so short texts need none.
        self._quick_length = 0 if translation.nested else int(_QUICK_STEPS ** (1 / (translation.loops + 1)))

    def replace(self, text: str, replacement: str | Callable[[Match], str]) -> str:
        """Return the text with every match replaced.

        Raises:
            FunctionFailure: It takes longer than `TIME_LIMIT_SECONDS`.
        """
        if len(text) <= self._quick_length:
            return self._engine.sub(replacement, text)  # type: ignore[no-any-return]  # the module ships no types
        try:
            return self._engine.sub(replacement, text, timeout=TIME_LIMIT_SECONDS)  # type: ignore[no-any-return]
        except TimeoutError as error:
            raise _too_slow() from error

    def find_group(self, text: str, name: str) -> str | None:
        """Return what the named group holds in the first match; None without one."""
        try:
            found = self._engine.search(text, timeout=TIME_LIMIT_SECONDS)
        except TimeoutError as error:
            raise _too_slow() from error
        return None if found is None else found[name]

    def replacement(self, text: str) -> str | Callable[[Match], str]:
        """Compile the text that replaces a match: `${name}`, `$1`, `$&` and `$$`; other `$` stand for themselves.

        A text without references is given as it is, which the engine replaces with sooner.
        """
        parts: list[str | int | None] = []
        end = 0
        for found in _REFERENCE.finditer(text):
            group = self._group(found)
            if group is not None:
                parts += [text[end : found.start()], group]
                end = found.end()
        parts.append(text[end:])
        kept = [part for part in parts if part != ""]
        if len(kept) == 1 and isinstance(kept[0], int):
            only = kept[0]
            return lambda match: match[only] or ""
        if all(isinstance(part, str) for part in kept):
            literal = "".join(str(part) for part in kept)
            return literal if "\\" not in literal else lambda match: literal
        return lambda match: "".join(part if part.__class__ is str else match[part] or "" for part in kept)

    def unknown_names(self, replacement: str) -> list[str]:
        """Return the names in `${name}` that are no groups of this pattern."""
        names = [found[1] for found in _REFERENCE.finditer(replacement) if found[1]]
        return [name for name in names if name not in self.names and not name.isdigit()]

    def _group(self, found: re.Match[str]) -> str | int | None:
        name, number, sign = found.groups()
        if sign is not None:
            return "$" if sign == "$" else 0
        if name is not None and name in self.names:
            return self._engine.groupindex[name]  # type: ignore[no-any-return]
        number = number or (name if name is not None and name.isdigit() else None)
        if number is None:
            return None
        return self._groups.get(int(number))


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """Return the compiled pattern.

    Raises:
        FunctionFailure: It is no pattern, or uses what is not supported.
    """
    return Pattern(text)


def _too_slow() -> FunctionFailure:
    return FunctionFailure(
        f"the pattern took longer than {TIME_LIMIT_SECONDS} s on this text",
        "Make the pattern unambiguous: anchor it, and avoid loops inside loops",
    )
