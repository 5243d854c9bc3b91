"""A source file read as trusted UTF-8: hashed, decoded and checked while it streams by."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from gallery_sdk.errors import SourceError

from .encodings import refuse_other_encoding

_CHUNK_BYTES: Final = 256 * 1024
_SAMPLE_BYTES: Final = 4 * 1024 * 1024
# A file written twice within one tick of the clock has the same time stamp twice. A digest is only reused
# if the file was older than this when it was taken.
_TICK_NS: Final = 2_000_000_000


class FileState(NamedTuple):
    """What changes when a file's content does."""

    size: int
    modified_ns: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> FileState:
        """From a stat."""
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ino)


class SourceFile:
    """One file of a source.

    Args:
        path: Where it is.
        label: As it is configured, for messages.
        encoding: Of its text; a byte order mark is accepted.
        clock: Nanoseconds since the epoch.
    """

    def __init__(self, path: Path, label: str, encoding: str, *, clock: Callable[[], int] = time.time_ns) -> None:
        self.path, self.label, self.encoding = path, label, encoding
        self._clock = clock
        self._known: tuple[FileState, str] | None = None

    def state(self) -> FileState:
        """The present state.

        Raises:
            SourceError: There is no such file, or it is a folder.
        """
        with self._opened() as file:
            return FileState.of(os.fstat(file.fileno()))

    @contextmanager
    def read(self, *, whole: bool = True) -> Iterator[io.BufferedReader[Any]]:
        """Stream the content as UTF-8 without a byte order mark.

        A file that is replaced by another one meanwhile is read on in the version that was opened; one that is
        altered in place is refused when the block ends.

        Args:
            whole: Whether the block reads to the end; only then can an alteration be told.

        Raises:
            SourceError: Unreadable, not text in its encoding, holding NUL, or altered while it was read.
        """
        with self._opened() as file:
            before = FileState.of(os.fstat(file.fileno()))
            started = self._clock()
            checked = _CheckedBytes(file, self.label, self.encoding)
            with io.BufferedReader(checked, _CHUNK_BYTES) as stream:
                yield stream
                if whole:
                    stream.read()  # a reader may stop before blank lines at the end
                    self._confirm(before, FileState.of(os.fstat(file.fileno())), checked.hexdigest(), started)

    def digest(self) -> str:
        """SHA-256 of the bytes; read again only when the file's state has changed."""
        with self._opened() as file:
            before = FileState.of(os.fstat(file.fileno()))
            if self._known and self._known[0] == before:
                return self._known[1]
            started = self._clock()
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._confirm(before, FileState.of(os.fstat(file.fileno())), digest, started)
        return digest

    def count_lines(self) -> int:
        """Lines with text, estimated from the first 4 MiB of a longer file."""
        with self._opened() as file:
            size = os.fstat(file.fileno()).st_size
            sample = file.read(_SAMPLE_BYTES)
        lines = sample.count(b"\n") + (not sample.endswith(b"\n") and bool(sample.strip()))
        return lines if size <= len(sample) else round(lines * size / len(sample))

    def _confirm(self, before: FileState, after: FileState, digest: str, started_ns: int) -> None:
        known = self._known
        if before != after or (known and known[0] == after and known[1] != digest):
            raise SourceError(
                "the file was altered while it was read",
                self.label,
                "Let the export write to another name and rename it when it is complete, then run again",
            )
        self._known = (after, digest) if after.modified_ns < started_ns - _TICK_NS else None

    @contextmanager
    def _opened(self) -> Iterator[io.FileIO]:
        try:
            file = self.path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise SourceError("there is no such file", self.label, f"Put it at {self.path}") from error
        except OSError as error:
            raise SourceError(
                f"cannot be opened: {error.strerror}", self.label, "Check what it is and who may read it"
            ) from error
        with file:
            yield file


class _CheckedBytes(io.RawIOBase):
    """Passes a file's bytes on as UTF-8 and refuses what is not clean text, saying where."""

    def __init__(self, file: io.FileIO, label: str, encoding: str) -> None:
        self._file, self._label, self._encoding = file, label, encoding
        self._digest = hashlib.sha256()
        codec = codecs.lookup(encoding).name
        self._passes_through = codec in ("utf-8", "utf-8-sig", "ascii")
        # utf-8-sig drops the mark; the other codecs with marks do so by themselves.
        decoder: Any = codecs.getincrementaldecoder("utf-8-sig" if codec == "utf-8" else codec)
        self._decoder: codecs.IncrementalDecoder = decoder()
        self._offset = 0  # bytes before the present chunk
        self._line = 1  # of the next character
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def hexdigest(self) -> str:
        """Of the bytes read so far, as they are in the file."""
        return self._digest.hexdigest()

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            chunk = self._read_chunk()
            self._digest.update(chunk)
            text = self._decode(chunk)
            if self._passes_through:
                mark = codecs.BOM_UTF8 if self._offset == 0 and chunk.startswith(codecs.BOM_UTF8) else b""
                self._ready = memoryview(chunk)[len(mark) :]
            else:
                self._ready = memoryview(text.encode())
            self._offset += len(chunk)
            if not chunk:
                break
        taken = self._ready[: len(buffer)]
        buffer[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def _read_chunk(self) -> bytes:
        try:
            return self._file.read(_CHUNK_BYTES)
        except OSError as error:
            raise SourceError(
                f"cannot be read: {error.strerror}", self._label, "Check what it is and its disk"
            ) from error

    def _decode(self, chunk: bytes) -> str:
        held = len(self._decoder.getstate()[0])
        if self._passes_through and not held and chunk.isascii() and b"\0" not in chunk:
            self._line += chunk.count(b"\n")
            return ""  # bytes that are passed on as they are need no text, and most are ASCII
        if self._offset == 0:
            refuse_other_encoding(chunk, self._encoding, self._label)
        try:
            text = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line = self._line + error.object[: error.start].decode(self._encoding, "replace").count("\n")
            raise SourceError(
                f"is not {self._encoding} text at line {line}, byte {self._offset - held + error.start}",
                self._label,
                "Export it as UTF-8, or name its encoding, for example source.encoding = 'cp1252'",
            ) from error
        if self._offset == 0:
            text = text.removeprefix("\ufeff")  # the codecs for one order of bytes leave the mark in
        if "\0" in text:
            line = self._line + text.count("\n", 0, text.index("\0"))
            raise SourceError(f"holds a NUL character on line {line}", self._label, "Export it again")
        self._line += text.count("\n")
        return text
