"""The command `gallery`: one module per command that parses, calls a room and prints."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line; never returns."""
    from .root import cli

    cli(prog_name="gallery")
