"""The face of a room whose names are imported at first use, so that who wants one of them does not load them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def imported_at_first_use(package: str, home: Mapping[str, str]) -> Callable[[str], object]:
    """What a package's `__init__.py` calls `__getattr__` (PEP 562).

    Args:
        home: Each name, and the module of the package that has it.
    """

    def find(name: str) -> object:
        module = home.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f".{module}", package), name)

    return find
