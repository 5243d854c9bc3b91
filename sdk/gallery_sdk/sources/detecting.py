"""Settings of a source that one of its files shows by itself, for whoever writes an app's file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HEAD_BYTES: Final = 64 * 1024


def detect_settings(path: Path, kind: str) -> dict[str, str]:
    """`encoding` and `delimiter` of a file, where its beginning shows that they are not the usual ones.

    An encoding is shown by a byte order mark or by the zeros of UTF-16, a delimiter by the first row. Empty where
    nothing shows, or the file cannot be read: a source is opened by its configuration alone, and says what is wrong.
    """
    from .csv_format import MARKS, mark_between_cells  # only where an app is added
    from .encodings import encoding_of

    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return {}
    found: dict[str, str] = {}
    if encoding := encoding_of(head):
        found["encoding"] = encoding
    if kind == "csv":
        text = head.decode(encoding or "utf-8", "ignore").removeprefix("\ufeff")
        mark = mark_between_cells(text.partition("\n")[0])
        if mark is not None and MARKS[mark] != ",":
            found["delimiter"] = MARKS[mark]
    return found
