"""The state of one job. Synchronous; the engine calls it on one writer thread."""

from __future__ import annotations

from sqlalchemy import delete, update

from .history import History
from .objects import Objects
from .tables import DEFERRED, MEMBERSHIP_RESET, OBJECT, REFERENCE_KEY, STAGED
from .waiting import Waiting


class JobStore(Objects, Waiting, History):
    """Everything remembered of one job: links, escrow, what waits, watermark, log."""

    def reset(self, *, links: bool = False, escrow: bool = False) -> None:
        """Prepare a restart: read all anew; with `links` forget every link, with `escrow` retry at once."""
        with self.engine.begin() as connection:
            mine = OBJECT.c.job == self.job
            if links:
                connection.execute(delete(OBJECT).where(mine))
            else:
                connection.execute(update(OBJECT).where(mine).values(fingerprint=None, members=None))
            if escrow:
                connection.execute(
                    update(OBJECT).where(mine).values(attempts=0, first_failed=None, due=None, error_code=None)
                )
            for table in (STAGED, DEFERRED, MEMBERSHIP_RESET, REFERENCE_KEY):
                connection.execute(delete(table).where(table.c.job == self.job))
