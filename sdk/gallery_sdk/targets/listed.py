"""A listing kept for look-ups by value, where a target's filter is of no use: values to ids, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping

from .base import TargetPage


class ListedIndex:
    """Ids by path and case-folded value; built by one listing and thrown away when it may be out of date."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, list[str]]] = {}

    def knows(self, path: str) -> bool:
        """Whether look-ups by `path` can be answered."""
        return path in self._ids

    async def build(self, paths: Iterable[str], pages: AsyncIterator[TargetPage]) -> None:
        """Read a listing to its end and keep the ids under the values of `paths`."""
        made: dict[str, dict[str, list[str]]] = {path: {} for path in paths}
        async for page in pages:
            for one in page.objects:
                _keep(made, one.id, one.values)
        self._ids = made

    def add(self, target_id: str, values: Mapping[str, object]) -> None:
        """Keep an object that was made after the listing."""
        _keep(self._ids, target_id, values)

    def ids(self, path: str, value: object) -> list[str]:
        """Ids of the objects whose `path` had the value, letter case aside."""
        return list(self._ids.get(path, {}).get(_key(value), ()))

    def clear(self) -> None:
        """Forget everything; the next look-up lists again."""
        self._ids = {}


def _keep(ids: dict[str, dict[str, list[str]]], target_id: str, values: Mapping[str, object]) -> None:
    for path, by_value in ids.items():
        value = values.get(path)
        if value is not None:
            known = by_value.setdefault(_key(value), [])
            if target_id not in known:
                known.append(target_id)


def _key(value: object) -> str:
    return str(value).casefold()
