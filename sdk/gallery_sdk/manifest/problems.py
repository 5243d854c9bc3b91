"""Problems of a manifest: one by one, and all of a file together."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from ..errors import ManifestError, UsageError

_LONGEST_VALUE: Final = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a manifest.

    Attributes:
        where: File and dotted path: `connector.toml, mapping.user[2].match`. Lists count from 0.
        what: What is wrong, the value found included.
        mend: The next step.
        severity: `error` refuses the manifest; `warning` is for an author to weigh.
    """

    where: str
    what: str
    mend: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.mend}."


class ProblemsError(UsageError):
    """A file with one problem or more, all of them at once; mixed into the error of the file's kind.

    Attributes:
        problems: In the order of the file's fields.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.what, first.where, first.mend)
        self.args = (tuple(problems),)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InvalidManifestError(ProblemsError, ManifestError):
    """A manifest with one problem or more, all of them at once."""


def dotted(path: Iterable[str | int]) -> str:
    """Write a path of keys and places: `("mapping", "user", 2)` is `mapping.user[2]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """The value as it is quoted in a message: short, and masked when it looks like a secret."""
    if isinstance(value, str) and looks_secret(value):
        return "a value that looks like a secret (not shown)"
    if isinstance(value, (dict, tuple, list)):
        return "a table" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None."""
    spelled = {candidate.casefold(): candidate for candidate in known}
    found = get_close_matches(word.casefold(), spelled, n=1, cutoff=0.6)
    return spelled[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A next step: the nearest known word, or `otherwise`."""
    meant = nearest(word, known)
    return f"Did you mean {meant!r}" if meant is not None else otherwise


# Beginnings that well-known services give to their credentials, so that leaks can be searched for.
_TOKENS: Final = re.compile(
    r"xox[abposer]-[\w-]{8,}|xapp-[\w-]{8,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|AIza[\w-]{30,}|ya29\.[\w-]{20,}|sk[-_](?:live|test|proj|ant)?[-_]?\w{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|shpat_\w{20,}"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY|[sS]ecret[_=:][\w/+-]{16,}|Bearer [\w.~+/-]{16,}"
)
# A slash ends a run: paths of pages and files are long, and ordinary.
_RANDOM_WORD: Final = re.compile(r"[A-Za-z0-9+_=-]{28,}")
_WORDLIKE_ENTROPY: Final = 3.9  # bits per character; names in camelCase or with dashes stay below, random text above


def looks_secret(text: str) -> bool:
    """Whether the text holds a credential: a known beginning, or a long run of random characters."""
    if _TOKENS.search(text):
        return True
    return any(_is_random(found.group()) for found in _RANDOM_WORD.finditer(text))


def _is_random(word: str) -> bool:
    kinds = sum(bool(re.search(pattern, word)) for pattern in ("[a-z]", "[A-Z]", "[0-9]"))
    if kinds < 3 and not re.fullmatch(r"[0-9a-f]{32,}|[0-9A-F]{32,}", word):
        return False
    shares = [word.count(character) / len(word) for character in set(word)]
    entropy = -sum(share * math.log2(share) for share in shares)
    return entropy > _WORDLIKE_ENTROPY or (re.fullmatch(r"[0-9a-fA-F]{32,}", word) is not None and entropy > 3.0)
