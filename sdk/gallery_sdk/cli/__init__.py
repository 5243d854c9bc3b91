"""The command `gallery`: one module per command that parses, calls a room and prints."""

from __future__ import annotations

import gc
import sys
from typing import Final

__all__ = ["main"]

INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
_YOUNG_OBJECTS: Final = 10_000
"""New objects after which the garbage collector looks among them. Python's own 700 suit small programs; the libraries
that most commands load make hundreds of times that, and drop next to nothing of it."""


def main() -> None:
    """Run the command line; never returns."""
    # Loading makes many thousands of objects and drops none of them. To look for garbage meanwhile, and among all of
    # them once more at the end, would take a sixth of what a search takes. `LazyGroup` turns the collector on.
    gc.disable()
    gc.set_threshold(_YOUNG_OBJECTS)
    try:
        from .root import cli

        cli(prog_name="gallery")
    except KeyboardInterrupt:  # while loading; once loaded, `exits_in_our_manner` says so
        sys.stderr.write("Stopped.\n")
        raise SystemExit(INTERRUPTED) from None
    finally:
        gc.freeze()
