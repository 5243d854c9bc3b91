"""References to secrets, and secrets written out where a reference belongs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from gallery_sdk.manifest import Problem

REFERENCE_SCHEMES: Final = ("env", "file", "keyring")
"""Schemes that are always known; plugins that resolve secrets add theirs."""

_SECRET_NAME: Final = re.compile(
    r"(^|_)(token|secret|password|passphrase|passwd|credentials?|bearer|(api|access|private|signing|client)_?key)$",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<place>\S.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_reference(value: str, schemes: Collection[str] = REFERENCE_SCHEMES) -> bool:
    """Whether a value refers to a secret by one of the schemes, as `env:SLACK_TOKEN` does.

    What stands behind `env:` must be the name of a variable: a token pasted there is the secret itself.
    """
    found = _REFERENCE.fullmatch(value)
    if found is None or found["scheme"] not in schemes:
        return False
    return found["scheme"] != "env" or is_variable(found["place"])


def is_variable(text: str) -> bool:
    """Whether a shell can set an environment variable of this name (POSIX.1-2017, XBD section 3.235)."""
    return _VARIABLE.fullmatch(text) is not None


def literal_secrets(auth: object, where: str, schemes: Collection[str]) -> Iterator[Problem]:
    """Inputs that are secret by their name and do not hold a reference. Their values are not shown."""
    for name, value in auth.items() if isinstance(auth, dict) else ():
        if isinstance(value, str) and _SECRET_NAME.search(str(name)) and not is_reference(value, schemes):
            yield literal_secret(str(name), where, schemes)


def literal_secret(name: str, where: str, schemes: Collection[str]) -> Problem:
    """The problem of an input that holds its secret itself."""
    others = ", ".join(f"{one}:…" for one in schemes if one != "env")
    return Problem(
        f"{where}, auth.{name}",
        "is a secret, and must not be written here",
        f'Put it into the environment and write {name} = "env:{name.upper()}"{f" (or {others})" if others else ""}; '
        "if the file was shared, replace the secret",
    )
