"""Noticing a key that comes twice, in memory that stays small for millions of keys."""

from __future__ import annotations

from array import array
from typing import Final

_FEWEST_SLOTS: Final = 1 << 12


class SeenKeys:
    """A set of 64-bit hashes of keys: open addressing in one array, 12 to 24 bytes for each key.

    A set of str takes about 150 bytes a key, a set of int about 90, and neither is faster than this. Two keys
    may share a hash (once in some ten million files of a million keys), so whoever is told "seen" looks again.

    Args:
        expected: About how many keys there will be; a good guess saves enlarging, which is a third of the time.
    """

    def __init__(self, expected: int = 0) -> None:
        size = _FEWEST_SLOTS
        while size // 3 * 2 <= expected:
            size *= 2
        self._mask = size - 1
        self._slots = array("q", bytes(8 * size))  # 0 = free
        self._free = size // 3 * 2

    def add(self, key: str) -> bool:
        """Remember a key; False if it, or another with its hash, was there already."""
        slots, mask = self._slots, self._mask
        hashed = hash(key) or 1
        slot = hashed & mask
        while found := slots[slot]:
            if found == hashed:
                return False
            slot = (slot + 1) & mask
        slots[slot] = hashed
        self._free -= 1
        if not self._free:
            self._grow()
        return True

    def _grow(self) -> None:
        old = self._slots
        size = 2 * len(old)
        slots, mask = array("q", bytes(8 * size)), size - 1
        for hashed in old:
            if hashed:
                slot = hashed & mask
                while slots[slot]:
                    slot = (slot + 1) & mask
                slots[slot] = hashed
        self._slots, self._mask = slots, mask
        self._free = size // 3 * 2 - len(old) // 3 * 2
