"""Which column was probably meant by a name that no column has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

_LIKENESS: Final = 0.75  # of letters; jobTitle and jobtitel share 0.88, city and country 0.55
_SHORTEST: Final = 4
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")


def near_column(name: str, columns: Iterable[str]) -> str | None:
    """The column that `name` was probably meant to be, or None.

    Taken in this order: the same letters in another case or with other marks between them (`job_title`, `Job Title`
    for `jobTitle`), the first letters of its words (`UPN` for `userPrincipalName`), a slip of the finger.
    """
    letters = {one: _letters(one) for one in columns}
    wanted, initials = _letters(name), _initials(name)
    for one, written in letters.items():
        if written == wanted:
            return one
    for one, written in letters.items():
        if len(written) > 1 and (written == initials or _initials(one) == wanted):
            return one
    if len(wanted) < _SHORTEST:
        return None  # one letter away from nearly everything
    near = difflib.get_close_matches(wanted, list(letters.values()), n=1, cutoff=_LIKENESS)
    return next((one for one, written in letters.items() if near and written == near[0]), None)


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _initials(name: str) -> str:
    words = _WORD.findall(name)
    return "".join(word[0] for word in words).casefold() if len(words) > 1 else ""
