"""Which connectors a person probably means: forgiving of case, order and a typing error."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from .protocols import Searchable

E = TypeVar("E", bound="Searchable")

_EXACT, _PREFIX, _WORD, _INSIDE = 1.0, 0.8, 0.7, 0.5
_SLIP = 0.95
_LEAST_LIKENESS = 0.4  # of trigrams; "slak" and "slack" share 0.55, unrelated words of one letter in common 0.2
_NAME, _TOPIC = 1.0, 0.6
_MEANS = 0.25  # the best of these comes below the least of a topic
_LEAST_MEANS = 3  # letters; "s" is no wish for SCIM
_LEAST_NEAR = 0.75  # of letters in order; "slak" and "slack" share 0.89, "slak" and "snowflake" 0.62


def match_entries(query: str, entries: Iterable[E]) -> list[E]:
    """The entries that answer to the query, best first; those of equal rank by slug.

    A text that equals the query ranks above one that begins with it, above one with such a word in it. Where nothing
    does, texts that are alike answer (one slip of the finger, trigrams). Names (name, slug, aliases) weigh more than
    topics (categories, keywords), topics more than means (ways to sign in, protocol), which answer only as they are
    written. Of several words each must be found somewhere.

    Args:
        query: What was typed; an empty query matches everything.
        entries: Where to look.
    """
    asked = _plain(query)
    if not asked:
        return sorted(entries, key=lambda entry: entry.slug)
    entries, words = list(entries), asked.split()
    found = _ranked(asked, words, [entry for entry in entries if _has_all(words, entry)], alike=False)
    if not found:  # likeness costs the most, and is asked only when nothing answers as it is written
        found = _ranked(asked, words, entries, alike=True)
    return [entry for rank, entry in sorted(found, key=lambda pair: (-pair[0], pair[1].slug))]


def nearest_entry(slug: str, entries: Iterable[E]) -> E | None:
    """The one connector that was probably meant by a slug that none has; None if none is near enough to be said.

    Unlike a search it never guesses by topic, nor by a few letters in common: by the whole of a name or alias, its
    beginning, or a slip of the finger in it. Of two that are equally near, the first by slug.
    """
    asked = _plain(slug)
    ranked = [
        (max(_nearness(asked, _plain(text)) for text in (entry.slug, entry.name, *entry.aliases)), entry)
        for entry in sorted(entries, key=lambda entry: entry.slug)
    ]
    best = max(ranked, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= _LEAST_NEAR else None


def _nearness(asked: str, text: str) -> float:
    if asked == text:
        return _EXACT
    if len(asked) > 3 and len(text) > 3 and _one_slip(asked, text):
        return _SLIP
    if len(asked) >= 3 and text.startswith(asked):
        return _PREFIX
    from difflib import SequenceMatcher  # only where a name is unknown

    return SequenceMatcher(None, asked, text).ratio()


def _has_all(words: list[str], entry: Searchable) -> bool:
    """Whether every word is somewhere in the entry's texts, without which nothing in it can answer as written."""
    text = _folded(" ".join((entry.name, entry.slug, *entry.aliases, *entry.categories, *entry.keywords)))
    if all(word in text for word in words):
        return True
    text = "\n".join((text, *_means(tuple(entry.auth), entry.transport)))
    return all(word in text for word in words)


@lru_cache(maxsize=256)
def _means(auth: tuple[str, ...], transport: str) -> tuple[str, ...]:
    """Ids and labels of the ways to sign in and of the protocol; most connectors share them with others."""
    from ..manifest.wording import protocol_text, sign_in_text  # only where a word is looked for

    texts = [text for kind in auth for text in (kind, sign_in_text(kind))]
    return tuple(dict.fromkeys(_plain(text) for text in (*texts, transport, protocol_text(transport))))


def _ranked(asked: str, words: list[str], entries: Iterable[E], *, alike: bool) -> list[tuple[float, E]]:
    ranked = [(_rank(asked, words, entry, alike), entry) for entry in entries]
    return [(rank, entry) for rank, entry in ranked if rank > 0]


def _rank(asked: str, words: list[str], entry: Searchable, alike: bool) -> float:
    names = [_plain(text) for text in (entry.name, entry.slug, *entry.aliases)]
    topics = [_plain(text) for text in (*entry.categories, *entry.keywords)]
    means = _means(tuple(entry.auth), entry.transport)
    whole = _best(asked, names, topics, means, alike=alike and len(words) == 1)
    if len(words) == 1:
        return whole
    ranks = [_best(word, names, topics, means, alike=alike) for word in words]
    return max(whole, 0.9 * sum(ranks) / len(ranks) if all(ranks) else 0.0)


def _best(asked: str, names: list[str], topics: list[str], means: tuple[str, ...], *, alike: bool) -> float:
    by_name = max((_score(asked, text, alike) for text in names), default=0.0)
    by_topic = max((_score(asked, text, alike) for text in topics), default=0.0)
    by_means = max((_score(asked, text, False) for text in means), default=0.0) if len(asked) >= _LEAST_MEANS else 0.0
    return max(_NAME * by_name, _TOPIC * by_topic, _MEANS * by_means)


def _score(asked: str, text: str, alike: bool) -> float:
    if asked == text:
        return _EXACT
    if not alike and asked not in text:
        return 0.0
    if text.startswith(asked):
        return _PREFIX
    words = text.split()
    if any(word.startswith(asked) for word in words):
        return _WORD
    if len(asked) >= 3 and asked in text:
        return _INSIDE
    if not alike:
        return 0.0
    likeness = max((_likeness(asked, word) for word in (text, *words)), default=0.0)
    return likeness * _INSIDE if likeness >= _LEAST_LIKENESS else 0.0


def _likeness(one: str, other: str) -> float:
    """One slip of the finger, else Dice's coefficient of the trigrams; words of one or two letters are never alike."""
    if len(one) < 3 or len(other) < 3:
        return 0.0
    if len(one) > 3 and abs(len(one) - len(other)) <= 1 and _one_slip(one, other):
        return _SLIP
    first = _trigrams(one)
    padded = f"  {other} "
    if not any(trigram in padded for trigram in first):  # as with nearly every word of a catalog
        return 0.0
    second = _trigrams(other)
    return 2 * len(first & second) / (len(first) + len(second))


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter was left out, added or mistaken, or two neighbours were swapped."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


@lru_cache(maxsize=64)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))


def _plain(text: str) -> str:
    return " ".join(_folded(text).split())


def _folded(text: str) -> str:
    return text.casefold().replace("-", " ").replace("_", " ")
