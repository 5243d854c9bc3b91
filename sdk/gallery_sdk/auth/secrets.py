"""Secrets by reference: configuration names where a secret is kept, and only this module looks there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from ..errors import SecretError
from ..transport import MASK, SECRETS

Resolver = Callable[[str], str]
_REFERENCE: Final = re.compile(r"([a-z][a-z0-9+.-]*):(.+)", re.DOTALL)
_HOW: Final = (
    "Store it outside the configuration and name the place: env:NAME, file:/path/to/file or keyring:service/user"
)


class Secret:
    """A secret value that does not show itself: printing, formatting and logging give `***`.

    `reveal()` is the one way to the value. It cannot be pickled, copied into JSON or compared by accident with a text.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wraps a value and registers it, so that it is masked wherever text is redacted."""
        self._value = value
        SECRETS.add(value)

    def reveal(self) -> str:
        """The value; for the moment of sending, never for keeping."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return format(MASK, format_spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled; pass its reference instead")


@dataclass(frozen=True, slots=True)
class SecretFinding:
    """Something about a stored secret that works but should be mended."""

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.mend}."


def register_resolver(scheme: str, resolver: Resolver) -> None:
    """Let references `scheme:place` be resolved by a plugin, such as a client of a secret store.

    Args:
        scheme: Lower case, not one of `env`, `file`, `keyring`.
        resolver: Gets what stands behind the colon and returns the secret. Whatever it raises becomes a `SecretError`
            that names the reference alone, since messages of store clients may quote the secret.

    Raises:
        SecretError: The scheme is taken or not a scheme.
    """
    if scheme in _RESOLVERS or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme):
        raise SecretError(
            f"scheme {scheme!r} cannot be registered", "secret resolver", "Choose another, lower-case word"
        )
    _RESOLVERS[scheme] = resolver


def unregister_resolver(scheme: str) -> None:
    """Forget a plugin's scheme; the three of our own stay."""
    if scheme not in _BUILT_IN:
        _RESOLVERS.pop(scheme, None)


def register_resolvers(resolvers: Mapping[str, Resolver]) -> tuple[str, ...]:
    """Make the schemes of the installed plugins known, and return all that can be resolved then.

    Done for every job that is opened, many in one process: a scheme of an earlier call is replaced.

    Raises:
        SecretError: A scheme is one of our own, or none.
    """
    for scheme, resolver in resolvers.items():
        unregister_resolver(scheme)
        register_resolver(scheme, resolver)
    return (*_BUILT_IN, *resolvers)


def is_reference(text: str) -> bool:
    """Whether the text names a place that can be looked at, rather than being a secret itself."""
    found = _REFERENCE.fullmatch(text)
    return found is not None and found[1] in _RESOLVERS


def resolve(reference: str, *, where: str = "secret") -> Secret:
    """The secret that a reference names.

    Args:
        where: The setting that holds the reference, e.g. `apps/slack-prod.toml, auth.token`.

    Raises:
        SecretError: It is a literal value and not a reference, or nothing is kept there. The message quotes references
            only, never a value.
    """
    found = _REFERENCE.fullmatch(reference)
    resolver = _RESOLVERS.get(found[1]) if found else None
    if found is None or resolver is None:
        # What stands here may be the secret itself: it is not quoted, and masked from now on.
        SECRETS.add(reference)
        raise SecretError("a reference to a secret is expected here, and this is none", where, _HOW)
    try:
        value = resolver(found[2])
    except SecretError as error:
        raise SecretError(error.what, where, error.mend) from error
    except Exception as error:
        raise SecretError(
            f"{reference!r} cannot be resolved ({type(error).__name__})", where, f"Check the store behind '{found[1]}:'"
        ) from None
    if not value:
        raise SecretError(f"{reference!r} is empty", where, "Put the secret there")
    return Secret(value)


def find_secret_problems(reference: str) -> list[SecretFinding]:
    """What should be mended about how a secret is kept; today: files that others on this machine can read."""
    found = _REFERENCE.fullmatch(reference)
    if found is None or found[1] != "file":
        return []
    path = Path(found[2]).expanduser()
    try:
        mode = path.stat().st_mode
    except OSError:
        return []
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [SecretFinding(reference, "other users of this machine can read the file", f"Run: chmod 600 {path}")]
    return []


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise SecretError(f"environment variable {name!r} is not set", "", f"Set it: export {name}=...")
    return value


def _from_file(name: str) -> str:
    path = Path(name).expanduser()
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SecretError(
            f"file {name!r} cannot be read: {reason}", "", "Check the path and its permissions"
        ) from error
    except UnicodeDecodeError:
        raise SecretError(f"file {name!r} is not UTF-8 text", "", "Keep the secret alone in a text file") from None


def _from_keyring(name: str) -> str:
    service, slash, user = name.rpartition("/")
    if not slash or not service or not user:
        raise SecretError(f"'keyring:{name}' lacks a part", "", "Write keyring:service/user")
    try:
        import keyring
    except ImportError:
        raise SecretError(
            "references to the keyring need the package 'keyring'",
            "",
            "Install gallery-sdk[keyring], or use env: or file:",
        ) from None
    value = keyring.get_password(service, user)
    if value is None:
        raise SecretError(
            f"the keyring holds nothing for service {service!r}, user {user!r}",
            "",
            f"Run: keyring set {service} {user}",
        )
    return value


_BUILT_IN: Final[dict[str, Resolver]] = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}
_RESOLVERS: Final[dict[str, Resolver]] = dict(_BUILT_IN)
