"""The private key that a command signs with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .failing import show_problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """Read it; where other users of this machine could, warn and say how to mend it.

    Raises:
        CatalogError: It cannot be read or opened.
    """
    from ..auth import find_secret_problems
    from ..catalog.keys import read_private_key

    key = read_private_key(path)
    for one in find_secret_problems(f"file:{path}"):
        show_problem(str(path), one.what, one.mend, label="Warning")
    return key
