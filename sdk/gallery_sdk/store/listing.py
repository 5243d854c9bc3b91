"""The target as listed at the start of a cycle, kept on disk so that matching holds no directory in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Engine, delete, select

from .tables import TARGET_KEY, TARGET_OBJECT
from .tables_of_job import chunks


class TargetListing:
    """Objects of one job's target by id and by matching value (case-folded text)."""

    def __init__(self, engine: Engine, job: str) -> None:
        self._engine, self._job = engine, job

    def clear(self) -> None:
        """Forget the listing; it is only true for the cycle that made it."""
        with self._engine.begin() as connection:
            for table in (TARGET_OBJECT, TARGET_KEY):
                connection.execute(delete(table).where(table.c.job == self._job))

    def add(self, kind: str, objects: Sequence[tuple[str, Mapping[str, object]]], paths: Sequence[str]) -> None:
        """Keep a page of (target id, flat values), searchable by `paths`."""
        if not objects:
            return
        keys = [
            {"job": self._job, "kind": kind, "path": path, "key": match_key(value), "target_id": target_id}
            for target_id, values in objects
            for path in paths
            if (value := values.get(path)) is not None
        ]
        with self._engine.begin() as connection:
            connection.execute(
                TARGET_OBJECT.insert().prefix_with("OR REPLACE", dialect="sqlite"),
                [
                    {"job": self._job, "kind": kind, "target_id": target_id, "listed": orjson.dumps(values)}
                    for target_id, values in objects
                ],
            )
            if keys:
                connection.execute(TARGET_KEY.insert(), keys)

    def find(self, kind: str, path: str, keys: Sequence[str]) -> dict[str, list[str]]:
        """Return key -> target ids (several where the target is not unique)."""
        found: dict[str, list[str]] = {}
        with self._engine.connect() as connection:
            for chunk in chunks(keys):
                query = select(TARGET_KEY.c.key, TARGET_KEY.c.target_id).where(
                    TARGET_KEY.c.job == self._job,
                    TARGET_KEY.c.kind == kind,
                    TARGET_KEY.c.path == path,
                    TARGET_KEY.c.key.in_(chunk),
                )
                for key, target_id in connection.execute(query.distinct()):
                    found.setdefault(key, []).append(target_id)
        return found

    def values(self, kind: str, target_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return target id -> flat values as listed."""
        found: dict[str, dict[str, Any]] = {}
        with self._engine.connect() as connection:
            for chunk in chunks(target_ids):
                query = select(TARGET_OBJECT.c.target_id, TARGET_OBJECT.c.listed).where(
                    TARGET_OBJECT.c.job == self._job,
                    TARGET_OBJECT.c.kind == kind,
                    TARGET_OBJECT.c.target_id.in_(chunk),
                )
                found.update((target_id, orjson.loads(listed)) for target_id, listed in connection.execute(query))
        return found


def match_key(value: object) -> str:
    """Return the text under which a matching value is found: case-folded, since most targets ignore case."""
    return str(value).casefold()
