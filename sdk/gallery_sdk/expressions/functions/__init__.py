"""The built-in functions, by theme."""

from __future__ import annotations

from typing import Final

from ..registry import FunctionSpec
from . import dates, encoding, generate, lists, logic, patterns, roles, text

BUILT_IN: Final[tuple[FunctionSpec, ...]] = (
    *text.FUNCTIONS,
    *lists.FUNCTIONS,
    *logic.FUNCTIONS,
    *dates.FUNCTIONS,
    *patterns.FUNCTIONS,
    *encoding.FUNCTIONS,
    *generate.FUNCTIONS,
    *roles.FUNCTIONS,
)
"""Every function of the language that needs no plugin."""
