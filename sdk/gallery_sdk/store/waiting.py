"""What waits within a cycle: staged deprovisioning, deferred creates, names of references, memberships."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, delete, func, select

from .records import LINKED
from .tables import DEFERRED, MEMBERSHIP_RESET, OBJECT, REFERENCE_KEY, STAGED
from .tables_of_job import TablesOfJob, chunks


class Waiting(TablesOfJob):
    """What waits."""

    # -- staged deprovisioning -----------------------------------------------------------------------

    def stage(self, actions: Sequence[tuple[str, str, bytes]]) -> None:
        """Keep (kind, source id, action) until all of the cycle's are counted."""
        with self.engine.begin() as connection:
            self._upsert(
                connection,
                STAGED,
                ("job", "kind", "source_id"),
                [{"job": self.job, "kind": kind, "source_id": one, "action": action} for kind, one, action in actions],
            )

    def count_staged(self) -> dict[str, int]:
        """Return per kind how many disables and deletes wait."""
        query = select(STAGED.c.kind, func.count()).where(STAGED.c.job == self.job).group_by(STAGED.c.kind)
        with self.engine.connect() as connection:
            return {row.kind: int(row[1]) for row in connection.execute(query)}

    def staged(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Return a page of staged actions as (id, action), in the order they were staged, from behind id `after`."""
        query = select(STAGED.c.id, STAGED.c.action).where(STAGED.c.job == self.job, STAGED.c.id > after)
        with self.engine.connect() as connection:
            return [(row.id, row.action) for row in connection.execute(query.order_by(STAGED.c.id).limit(limit))]

    # -- deferred creates ----------------------------------------------------------------------------

    def defer(self, kind: str, entries: Sequence[tuple[str, str, bytes]]) -> None:
        """Keep (kind referred to, source id referred to, action) until what it refers to is linked."""
        values = [
            {"job": self.job, "kind": kind, "referred_kind": referred, "waits_for": one, "action": action}
            for referred, one, action in entries
        ]
        with self.engine.begin() as connection:
            connection.execute(DEFERRED.insert(), values)

    def take_deferred(self, kind: str, limit: int, *, ready: bool) -> list[bytes]:
        """Remove and return up to `limit` deferred actions.

        Args:
            ready: Only those whose referred object is linked, in scope and enabled; otherwise any.
        """
        query = select(DEFERRED.c.id, DEFERRED.c.action).where(DEFERRED.c.job == self.job, DEFERRED.c.kind == kind)
        if ready:
            query = query.join(
                OBJECT,
                and_(
                    OBJECT.c.job == DEFERRED.c.job,
                    OBJECT.c.kind == DEFERRED.c.referred_kind,
                    OBJECT.c.source_id == DEFERRED.c.waits_for,
                    OBJECT.c.state == LINKED,
                    OBJECT.c.in_scope,
                    OBJECT.c.enabled,
                ),
            )
        with self.engine.begin() as connection:
            taken = connection.execute(query.order_by(DEFERRED.c.id).limit(limit)).all()
            if taken:
                connection.execute(delete(DEFERRED).where(DEFERRED.c.id.in_([row.id for row in taken])))
        return [row.action for row in taken]

    def clear_cycle(self) -> None:
        """Forget what an earlier cycle staged and deferred; every cycle decides anew."""
        with self.engine.begin() as connection:
            for table in (STAGED, DEFERRED):
                connection.execute(delete(table).where(table.c.job == self.job))

    # -- references ----------------------------------------------------------------------------------

    def save_reference_keys(self, attribute: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Remember which source id an attribute's value names."""
        with self.engine.begin() as connection:
            self._upsert(
                connection,
                REFERENCE_KEY,
                ("job", "attribute", "value"),
                [{"job": self.job, "attribute": attribute, "value": value, "source_id": one} for value, one in pairs],
            )

    def reference_ids(self, attribute: str, values: Sequence[str]) -> dict[str, str]:
        """Return value -> source id for a reference that is written by another attribute than the key."""
        found: dict[str, str] = {}
        with self.engine.connect() as connection:
            for chunk in chunks(values):
                query = select(REFERENCE_KEY.c.value, REFERENCE_KEY.c.source_id).where(
                    REFERENCE_KEY.c.job == self.job,
                    REFERENCE_KEY.c.attribute == attribute,
                    REFERENCE_KEY.c.value.in_(chunk),
                )
                found.update((value, source_id) for value, source_id in connection.execute(query))
        return found

    def reset_memberships(self, source_ids: Sequence[str]) -> None:
        """Mark users whose memberships must be sent anew (account new or enabled again)."""
        with self.engine.begin() as connection:
            self._upsert(
                connection,
                MEMBERSHIP_RESET,
                ("job", "source_id"),
                [{"job": self.job, "source_id": one} for one in source_ids],
            )

    def membership_resets(self) -> set[str]:
        """Return the users marked by `reset_memberships`."""
        query = select(MEMBERSHIP_RESET.c.source_id).where(MEMBERSHIP_RESET.c.job == self.job)
        with self.engine.connect() as connection:
            return {row.source_id for row in connection.execute(query)}

    def clear_membership_resets(self) -> None:
        """Forget the marks once every group was seen."""
        with self.engine.begin() as connection:
            connection.execute(delete(MEMBERSHIP_RESET).where(MEMBERSHIP_RESET.c.job == self.job))
