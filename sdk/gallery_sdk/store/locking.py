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
        StoreError: Another process runs the job; its number is in the message. Or the file cannot be written.
    """
    path = _path(folder, job)
    descriptor = _opened(path)
    try:
        try:
            _lock(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise StoreError(
                f"the job '{job}' is being run by process {holder}", str(path), "Wait for it, or stop it first"
            ) from error
        except OSError as error:
            raise _unusable(path, error) from error
        yield
    finally:
        os.close(descriptor)


def is_locked(folder: Path, job: str) -> bool:
    """Whether a process runs the job at this moment; True also where that cannot be found out."""
    try:
        descriptor = os.open(_path(folder, job), os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        _lock(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _path(folder: Path, job: str) -> Path:
    return folder / f"{job}.lock"


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the lock of the job cannot be written ({error.strerror})",
        str(path),
        "Check who may write there, and that the disk has room; without the lock two processes could run one job",
    )


def _lock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
