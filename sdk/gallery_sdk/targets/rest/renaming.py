"""The same columns over another API: what mappings call `Username` is `userName` where the app is reached by SCIM.

An app that has an API of its own beside SCIM is mapped once. The names of its own API are the mapping's, and a table
says what each is called by SCIM, so that a team's overrides outlive a change of API.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from ..base import (
    Canonical,
    Comparer,
    ConnectionReport,
    MemberOutcome,
    Target,
    TargetCapabilities,
    TargetObject,
    TargetPage,
)
from ..failure import TargetFailure
from ..findings import FindingLog, TargetFinding
from .catalogue import Catalogue
from .columns import Values

if TYPE_CHECKING:
    from ...manifest import Manifest
    from ...manifest import Transport as Declared

Names: TypeAlias = Mapping[str, Mapping[str, str]]
"""By kind: column to path."""


def renamed_manifest(manifest: Manifest, names: Names, transport: Declared) -> Manifest:
    """The manifest as the other API's target reads it: its transport, and schema and mappings by the other names.

    Columns that the other API does not know are left out.
    """
    schema: dict[str, object] = {}
    mapped: dict[str, object] = {}
    paths: dict[str, str] = {}
    for kind in ("user", "group"):
        table = names.get(kind, {})
        schema[kind] = tuple(
            one.model_copy(update={"name": table[one.name]})
            for one in manifest.target_schema[kind]
            if one.name in table
        )
        mapped[kind] = tuple(
            one.model_copy(update={"id": table[one.target], "target": table[one.target]})
            for one in manifest.mappings[kind]
            if one.target in table
        )
        paths.update(table)
    filters = [f"filter:{paths[name]}-eq" for name in sorted(manifest.capabilities.filters & paths.keys())]
    others = [feature for feature in manifest.capabilities.features if not feature.startswith("filter:")]
    return manifest.model_copy(
        update={
            "transport": transport,
            "attribute": manifest.attribute.model_copy(update=schema),
            "mapping": manifest.mapping.model_copy(update=mapped),
            "capabilities": manifest.capabilities.model_copy(update={"features": (*filters, *others)}),
        }
    )


class RenamedTarget:
    """A target whose paths go by other names; values of some columns are names here and ids there."""

    def __init__(
        self,
        inner: Target,
        names: Names,
        *,
        catalogues: Mapping[str, Catalogue] | None = None,
        lenient: bool = False,
    ) -> None:
        """Nothing is sent.

        Args:
            catalogues: By column of users, what turns its names into the ids that the inner target wants.
            lenient: A name that a catalogue does not have is left out, with a finding, instead of failing the object.
        """
        self._inner, self._lenient = inner, lenient
        self._log = FindingLog()
        self._in = {kind: dict(table) for kind, table in names.items()}
        self._out = {kind: {path: column for column, path in table.items()} for kind, table in names.items()}
        self._catalogues = dict(catalogues or {})

    # -- what it is ------------------------------------------------------------------------------------

    @property
    def capabilities(self) -> TargetCapabilities:
        """What the inner target can do, by these names."""
        inner = self._inner.capabilities
        return replace(
            inner,
            filterable_paths=self._outer_sets(inner.filterable_paths, but=self._catalogues),
            list_omits=self._outer_sets(inner.list_omits),
            unreadable=self._outer_sets(inner.unreadable),
        )

    @property
    def requests_sent(self) -> int:
        """Requests put on the wire so far."""
        return self._inner.requests_sent

    @property
    def findings(self) -> tuple[TargetFinding, ...]:
        """What was met so far, in the inner target's words."""
        return (*self._inner.findings, *self._log.all())

    def canonical(self, kind: str) -> Canonical | None:
        """The inner target's, on what has the same value there."""
        inner = self._inner.canonical(kind)
        if inner is None:
            return None
        into, out, apart = self._in.get(kind, {}), self._out.get(kind, {}), self._catalogues

        def canonical(values: dict[str, object]) -> dict[str, object]:
            kept = {name: value for name, value in values.items() if name not in into or name in apart}
            known = inner({into[name]: value for name, value in values.items() if name not in kept})
            return {**kept, **{out[path]: value for path, value in known.items()}}

        return canonical

    def comparer(self, kind: str) -> Comparer | None:
        """The inner target's; a column that it does not know never differs."""
        inner, into = self._inner.comparer(kind), self._in.get(kind, {})

        def equal(path: str, old: object, new: object) -> bool:
            if path not in into:
                return True
            if path in self._catalogues:
                return str(old).casefold() == str(new).casefold()
            return inner is not None and inner(into[path], old, new)

        return equal

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        """The inner target's."""
        return self._inner.estimate(operation, kind, members=members)

    # -- what it does ----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Make ready."""
        await self._inner.open()

    async def aclose(self) -> None:
        """Let go of the target."""
        await self._inner.aclose()

    async def test(self) -> ConnectionReport:
        """The inner target's connection test."""
        return await self._inner.test()

    async def count(self, kind: str) -> int | None:
        """How many objects there are."""
        return await self._inner.count(kind)

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        """All objects, page by page."""
        async for page in self._inner.list_objects(kind, members=members):
            yield TargetPage([await self._outer(one) for one in page.objects], page.total)

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        """Objects whose `path` has the value."""
        if path in self._catalogues:
            value = await self._catalogues[path].id_of(str(value))
        found = await self._inner.find(kind, self._in.get(kind, {}).get(path, path), value)
        return [await self._outer(one) for one in found]

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        """One object; None when it is gone."""
        found = await self._inner.read(kind, target_id, members=members)
        return None if found is None else await self._outer(found)

    async def create(self, kind: str, values: Values, *, members: Sequence[str] = ()) -> TargetObject:
        """Make an object."""
        with self._failures(kind):
            created = await self._inner.create(kind, await self._inner_values(kind, values), members=members)
        return replace(created, values=dict(values))

    async def update(self, kind: str, target_id: str, before: Values, after: Values) -> TargetObject | None:
        """Change an object."""
        old, new = await self._inner_values(kind, before, lenient=True), await self._inner_values(kind, after)
        for name in self._catalogues:
            path = self._in.get(kind, {}).get(name)
            if path in old and path not in new and after.get(name):
                new[path] = old[path]  # left out, so the target keeps what it has
        with self._failures(kind):
            changed = await self._inner.update(kind, target_id, old, new)
        return None if changed is None else await self._outer(changed)

    async def delete(self, kind: str, target_id: str) -> None:
        """Delete an object."""
        await self._inner.delete(kind, target_id)

    async def read_members(self, target_id: str) -> set[str]:
        """The ids of a group's members."""
        return await self._inner.read_members(target_id)

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        """Add and remove members."""
        return await self._inner.change_members(target_id, add, remove, current_size=current_size)

    # -- between the names -----------------------------------------------------------------------------

    async def _inner_values(self, kind: str, values: Values, *, lenient: bool = False) -> dict[str, object]:
        table, made = self._in.get(kind, {}), dict[str, object]()
        for name, value in values.items():
            if name not in table:
                continue
            if name in self._catalogues and value:
                value = await self._id(kind, name, str(value), lenient=lenient)
                if value is None:
                    continue
            made[table[name]] = value
        return made

    async def _id(self, kind: str, column: str, name: str, *, lenient: bool) -> str | None:
        try:
            return await self._catalogues[column].id_of(name)
        except TargetFailure as failure:
            if lenient:
                return name
            if not self._lenient or failure.status is not None:
                raise
            self._log.add("value_left_out", f"{kind} {column}", failure.what)
            return None

    async def _outer(self, found: TargetObject) -> TargetObject:
        table, values = self._out.get(found.kind, {}), dict[str, object]()
        for path, value in found.values.items():
            column = table.get(path)
            if column is None:
                continue
            catalogue = self._catalogues.get(column)
            values[column] = await catalogue.name_of(str(value)) if catalogue is not None and value else value
        return replace(found, values=values)

    def _outer_sets(
        self, sets: Mapping[str, frozenset[str]], *, but: Mapping[str, object] | None = None
    ) -> dict[str, frozenset[str]]:
        return {
            kind: frozenset(self._out.get(kind, {}).get(path, path) for path in paths) - set(but or ())
            for kind, paths in sets.items()
        }

    @contextmanager
    def _failures(self, kind: str) -> Iterator[None]:
        """Refused attributes by the names of the mapping."""
        try:
            yield
        except TargetFailure as failure:
            failure.attributes = tuple(self._out.get(kind, {}).get(path, path) for path in failure.attributes)
            raise
