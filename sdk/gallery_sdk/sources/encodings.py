"""Telling the encoding of a file by its first bytes, where it is not the one that is configured."""

from __future__ import annotations

import codecs
from typing import Final

from gallery_sdk.errors import SourceError

# UTF-32 first: its mark in little-endian order begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES: Final = 512


def encoding_of(head: bytes) -> str | None:
    """The encoding that the first bytes of a file show: by a byte order mark, or by the zeros of UTF-16 without one.

    Text in mostly Latin letters has a zero in every second byte of UTF-16, before the letter (big-endian) or behind it.
    None where nothing shows; UTF-8, with a mark or without, is among these.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    sample = head[:_SAMPLE_BYTES]
    before, behind = sample[0::2].count(0), sample[1::2].count(0)
    if max(before, behind) <= len(sample) // 4 or min(before, behind) > len(sample) // 32:
        return None
    return "utf-16-le" if behind > before else "utf-16-be"


def refuse_other_encoding(head: bytes, configured: str, label: str) -> None:
    """Refuse a file whose first bytes show another encoding than the configured one.

    Raises:
        SourceError: With the setting to write.
    """
    shown, codec = encoding_of(head), codecs.lookup(configured).name
    if shown is None:
        if codec in ("utf-16", "utf-32") and head:  # these codecs go by the mark
            raise SourceError(
                f"is not {configured} text: it begins without a byte order mark",
                label,
                "Remove source.encoding if it is UTF-8, or name the encoding",
            )
        return
    family = shown.removesuffix("-le").removesuffix("-be")
    in_order = codec.startswith(family) and head[:4].decode(codec, "replace").startswith("\ufeff")
    if codec == shown or (shown == family and in_order):
        return
    what = f"is {family.upper()} text, not {configured}"
    if codec == family:
        what = f"is {family.upper()} text without a byte order mark"
    raise SourceError(what, label, f"Set source.encoding = '{shown}' in the app's file")
