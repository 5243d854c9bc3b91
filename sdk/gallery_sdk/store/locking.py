"""One process at a time runs a job; a second one is told who does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StoreError


@contextmanager
def job_lock(folder: Path, job: str) -> Iterator[None]:
    """Hold the job's lock file; the operating system frees it when the process ends, however it ends.

    Raises:
        StoreError: Another process runs the job; its number is in the message.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{job}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise StoreError(
                f"the job '{job}' is being run by process {holder}", str(path), "Wait for it, or stop it first"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
