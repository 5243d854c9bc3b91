"""The command `gallery`: one module per command that parses, calls a room and prints."""

from __future__ import annotations

import gc

__all__ = ["main"]


def main() -> None:
    """Run the command line; never returns."""
    # Loading makes many thousands of objects and drops none of them. To look for garbage meanwhile, and among all of
    # them once more at the end, would take a sixth of what a search takes.
    gc.disable()
    from .root import cli

    try:
        cli(prog_name="gallery")
    finally:
        gc.freeze()
