"""Where token sets are kept between runs, outside of any repository."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import IO, Protocol

import orjson

from ..errors import AuthError
from .tokens import TokenSet

_LOCK_SECONDS = 60.0
_POLL_SECONDS = 0.05


class TokenStore(Protocol):
    """Keeps one token set per app."""

    def read(self, app: str) -> TokenSet | None:
        """The stored set, None when there is none.

        Raises:
            AuthError: What is stored cannot be read.
        """
        ...

    def write(self, app: str, tokens: TokenSet) -> None:
        """Store a set, the old one or the new one whole whatever happens meanwhile."""
        ...

    def lock(self, app: str) -> AbstractAsyncContextManager[None]:
        """Only one process at a time refreshes an app's tokens: hold it from reading to writing.

        Raises:
            AuthError: Another process held it for a minute.
        """
        ...


class MemoryTokenStore:
    """For tests and for apps that need no memory between runs."""

    def __init__(self) -> None:
        self._sets: dict[str, TokenSet] = {}

    def read(self, app: str) -> TokenSet | None:
        """The stored set."""
        return self._sets.get(app)

    def write(self, app: str, tokens: TokenSet) -> None:
        """Store a set."""
        self._sets[app] = tokens

    @asynccontextmanager
    async def lock(self, app: str) -> AsyncIterator[None]:
        """Nobody else can reach this store."""
        yield


class FileTokenStore:
    """One file per app, readable by its owner alone (mode 0600), replaced atomically."""

    def __init__(self, directory: Path | None = None) -> None:
        """`directory` defaults to the user's data directory of this platform; it is created with mode 0700."""
        if directory is None:
            import platformdirs

            directory = platformdirs.user_data_path("gallery", appauthor=False) / "tokens"
        self._directory = directory

    def read(self, app: str) -> TokenSet | None:
        """The stored set; see `TokenStore.read`."""
        path = self._path(app, "json")
        try:
            document = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, orjson.JSONDecodeError):
            raise AuthError(
                "the stored token set cannot be read", str(path), "Sign in again; the file is then replaced"
            ) from None  # the cause could quote the file's text
        return TokenSet.from_document(document, where=str(path))

    def write(self, app: str, tokens: TokenSet) -> None:
        """Store a set; on disk before this returns, since a single-use refresh token cannot be had twice."""
        path = self._path(app, "json")
        self._prepare()
        try:
            handle, name = tempfile.mkstemp(dir=self._directory, prefix=f".{path.stem}.", suffix=".tmp")  # mode 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(orjson.dumps(tokens.to_document()))
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._not_writable(error) from error

    @asynccontextmanager
    async def lock(self, app: str) -> AsyncIterator[None]:
        """Hold a lock file; see `TokenStore.lock`. The system drops it when the process dies."""
        path = self._path(app, "lock")
        self._prepare()
        with path.open("a+b") as file:
            deadline = time.monotonic() + _LOCK_SECONDS
            while not _try_lock(file):
                if time.monotonic() > deadline:
                    raise AuthError("another process holds the token lock", str(path), "Look for a run that hangs")
                await asyncio.sleep(_POLL_SECONDS)
            try:
                yield
            finally:
                _unlock(file)

    def _prepare(self) -> None:
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._not_writable(error) from error
        with contextlib.suppress(OSError):  # somebody else's directory, writable for us
            self._directory.chmod(0o700)

    def _not_writable(self, error: OSError) -> AuthError:
        reason = error.strerror or str(error)
        return AuthError(
            f"tokens cannot be stored: {reason}",
            str(self._directory),
            "Give this user a directory that it can write to",
        )

    def _path(self, app: str, suffix: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", app):
            raise AuthError(
                f"{app!r} cannot name a file", "token store", "Use letters, digits, dots, dashes, underscores"
            )
        return self._directory / f"{app}.{suffix}"


if os.name == "nt":  # pragma: no cover - exercised on Windows alone
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # absent on POSIX
        except OSError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]  # absent on POSIX
else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
