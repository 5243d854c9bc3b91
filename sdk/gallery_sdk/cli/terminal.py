"""Whether somebody sits at the other end."""

from __future__ import annotations

import sys


def is_interactive() -> bool:
    """Whether questions can be asked: stdin is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()
