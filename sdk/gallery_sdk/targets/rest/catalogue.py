"""Names that people know and ids that the API wants: profiles, roles, departments, read once per job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from ..connection import refused_here

Load = Callable[[], Awaitable[Iterable[tuple[str, str]]]]
"""Reads all entries as (id, name)."""


class Catalogue:
    """A small table of the target, loaded at its first use and once more for each name that is not found in it.

    Names are compared without regard to letter case. A name that two entries have stands for neither: which of them is
    meant cannot be known.
    """

    def __init__(self, what: str, load: Load, *, mend: str) -> None:
        """`what` is the entry's kind in messages ("profile"); `mend` says what to do about an unknown name."""
        self._what, self._load, self._mend = what, load, mend
        self._names: dict[str, str] | None = None
        self._ids: dict[str, list[str]] = {}
        self._unknown: set[str] = set()
        self._loading = asyncio.Lock()

    async def id_of(self, name: str) -> str:
        """The id of an entry by its name; an id is given back as it is.

        Raises:
            TargetFailure: OBJECT: there is none of that name, or there are several.
        """
        known = await self._loaded()
        if name in known:
            return name
        folded = name.casefold()
        if folded not in self._ids and folded not in self._unknown:
            await self._reload(known)
            self._unknown.add(folded)
        ids = self._ids.get(folded, [])
        if len(ids) == 1:
            return ids[0]
        what = f"there is no {self._what} {name!r}" if not ids else f"{len(ids)} entries are called {name!r}"
        raise refused_here(what, self._what, self._mend)

    async def name_of(self, entry_id: str) -> str:
        """The name of an entry; its id where it is not in the catalogue, so that nothing seems empty that is not."""
        return (await self._loaded()).get(entry_id, entry_id)

    async def size(self) -> int:
        """How many entries there are."""
        return len(await self._loaded())

    async def names(self) -> list[str]:
        """All names in alphabetical order."""
        return sorted((await self._loaded()).values(), key=str.casefold)

    async def _loaded(self) -> dict[str, str]:
        if self._names is None:
            await self._reload(None)
        assert self._names is not None
        return self._names

    async def _reload(self, known: dict[str, str] | None) -> None:
        """Load anew, unless somebody else has done so since `known` was looked at."""
        async with self._loading:
            if self._names is not known:
                return
            names: dict[str, str] = {}
            ids: dict[str, list[str]] = {}
            for entry_id, name in await self._load():
                names[entry_id] = name
                ids.setdefault(name.casefold(), []).append(entry_id)
            self._names, self._ids = names, ids
