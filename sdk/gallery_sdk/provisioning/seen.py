"""Which known objects a full read met: one bit per row, so a million people cost 125 kB."""

from __future__ import annotations


class Seen:
    """Row ids met in this cycle.

    Args:
        highest: The highest row id when reading began; later rows are new and never missing.

    Attributes:
        incomplete: A row of the source could not even be named: then nobody may be taken for gone.
    """

    def __init__(self, highest: int) -> None:
        self._highest = highest
        self._bits = bytearray((highest >> 3) + 1)
        self.incomplete = False

    def add(self, row_id: int) -> None:
        """Mark a row; 0 (not stored yet) and new rows are ignored."""
        if 0 < row_id <= self._highest:
            self._bits[row_id >> 3] |= 1 << (row_id & 7)

    def lacks(self, row_id: int) -> bool:
        """Say whether a row that existed before was not met."""
        return row_id <= self._highest and not self._bits[row_id >> 3] & (1 << (row_id & 7))
