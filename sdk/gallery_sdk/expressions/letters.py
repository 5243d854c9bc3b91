"""Letters: case as .NET changes it, words, and letters without their marks."""

from __future__ import annotations

from typing import Final
from unicodedata import category, normalize

_TURKIC: Final = ("tr", "az")
_SEPARATING: Final = frozenset(
    ("Zs", "Zl", "Zp", "Cc", "Cf", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So")
)
# Documented replacements beside the marks that fall off. Note that o-slash becomes two letters.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "Æ": "AE", "ø": "oe", "Ø": "OE", "œ": "oe", "Œ": "OE", "ß": "ss", "ł": "l", "Ł": "L", "ı": "i"}
)


def lower(text: str, culture: str | None = None) -> str:
    """Return the text in lower case; by the invariant culture unless `culture` (`tr-TR`, `az-AZ`) says otherwise."""
    if culture and culture[:2].lower() in _TURKIC:
        text = text.replace("I", "ı").replace("İ", "i")
    if text.isascii():
        return text.lower()
    # Letter by letter: Python would look at the neighbours of a sigma, and give two letters for some.
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def upper(text: str, culture: str | None = None) -> str:
    """Return the text in upper case; a letter without a single capital (sharp s) stays."""
    if culture and culture[:2].lower() in _TURKIC:
        text = text.replace("i", "İ").replace("ı", "I")
    if text.isascii():
        return text.upper()
    return "".join(high if len(high := letter.upper()) == 1 else letter for letter in text)


def proper(text: str, separators: str | None = None) -> str:
    """Return the text with the first letter of each word in upper case and all others in lower case.

    Args:
        separators: The characters that words end at. None is white space, punctuation and symbols, but not the
            apostrophe: `john's` is one word.
    """
    words = []
    starts = True
    for letter in lower(text):
        separates = (
            letter in separators
            if separators is not None
            else letter != "'" and not letter.isalnum() and category(letter) in _SEPARATING
        )
        words.append(upper(letter) if starts and not separates else letter)
        starts = separates
    return "".join(words)


def without_diacritics(text: str) -> str:
    """Return the text with bare letters: marks fall off, and ligatures become two letters."""
    if text.isascii():
        return text
    bare = "".join(letter for letter in normalize("NFD", text) if not "\u0300" <= letter <= "\u036f")
    return normalize("NFC", bare).translate(_LETTERS)
