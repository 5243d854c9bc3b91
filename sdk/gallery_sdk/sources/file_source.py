"""People, groups and memberships from files: the source behind the kinds csv and jsonl."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from gallery_sdk.errors import ConfigError, SourceError

from .config import SourceConfig
from .duplicates import SeenKeys
from .files import SourceFile
from .formats import Format, Part
from .looking_up import Candidates
from .memberships import Memberships, membership_columns
from .near_names import near_column
from .normalising import MEMBERS, as_key
from .objects import SourceObject, SourcePage, SourceProblem

_Result = TypeVar("_Result")
_USER_KEYS: Final = ("id", "objectId", "employeeId")
_GROUP_KEYS: Final = ("id", "objectId", "groupId")


class FileSource:
    """A source of files. Reading streams: memory does not grow with the number of people.

    Args:
        config: The `[source]` table.
        base: The folder that relative paths start from.
        file_format: How rows are written.
        allow_empty: Whether a file without rows is believed.
    """

    supports_delta = False

    def __init__(self, config: SourceConfig, base: Path, file_format: Format, *, allow_empty: bool = False) -> None:
        if not config.users and not config.groups:
            raise ConfigError(f"a {config.kind} source needs a file", "source.users", 'Add users = "people.csv"')
        if config.members and not config.groups:
            raise ConfigError("memberships need groups", "source.members", 'Add groups = "groups.csv"')
        if config.options:
            raise ConfigError(f"a {config.kind} source takes no options", "source.options", "Remove the table")
        self._config, self._base, self._format, self._allow_empty = config, base, file_format, allow_empty
        self._parts: dict[str, Part] = {}
        if config.users:
            self._parts["user"] = self._open_part(config.users, config.key, _USER_KEYS, "source.key")
        self._memberships: tuple[Part, str] | None = None
        if config.groups:
            self._parts["group"] = self._open_groups(config.groups)
        if config.members:
            file = self._file(config.members)
            columns = file_format.columns(file)
            if columns or not allow_empty:
                group_key, member_key = membership_columns(columns, file.label)
                self._memberships = Part(file, group_key, columns), member_key
        self.reference_attributes = tuple(sorted(set(config.references.values())))
        files = ", ".join(f"{part.file.label} (key {part.key})" for part in self._parts.values())
        self.name = f"{file_format.name} {files}"

    def reference_key(self, attribute: str) -> str | None:
        """The attribute of the other object that `attribute` holds, as configured; None for its key."""
        return self._config.references.get(attribute)

    def snapshot(self) -> str:
        """SHA-256 over the content of all files."""
        total = hashlib.sha256()
        for file in self._files():
            total.update(f"{file.label}\0{file.digest()}\0".encode())
        return total.hexdigest()

    def count(self, kind: str) -> int | None:
        """Lines, less the header; estimated for a large file."""
        part = self._parts.get(kind)
        if part is None:
            return None
        return max(part.file.count_lines() - (self._format.name == "csv"), 0)

    def attributes(self, kind: str) -> tuple[str, ...]:
        """The header, or what a sample of the lines has; members are not an attribute."""
        part = self._parts.get(kind)
        if part is None:
            return ()
        return tuple(name for name in part.columns if not (part.has_members and name == MEMBERS))

    async def pages(self, kind: str, *, size: int = 200) -> AsyncIterator[SourcePage]:
        """See `Source.pages`. Memberships are sorted by group before the first page of groups."""
        with closing(self._read(kind)) as items:
            # The first step may sort millions of memberships, which must not hold up the loop.
            chunk = await _in_thread(lambda: list(islice(items, size)))
            while chunk:
                problems = [item for item in chunk if type(item) is SourceProblem]
                objects = [item for item in chunk if type(item) is SourceObject] if problems else chunk
                yield SourcePage(cast(list[SourceObject], objects), problems)
                chunk = list(islice(items, size))

    async def get(self, kind: str, key: str) -> SourceObject | None:
        """See `Source.get`. Reads the file once, and refuses it for the same reasons as a full read."""
        return await asyncio.to_thread(self._find, kind, key)

    async def changes(self, kind: str, watermark: str | None) -> AsyncIterator[SourcePage]:
        """Refused: files keep no record of changes."""
        raise SourceError(
            "files keep no record of changes", self.name, "Read all of it; unchanged objects cost no request"
        )
        yield  # an async generator, as the interface has it

    def _find(self, kind: str, key: str) -> SourceObject | None:
        candidates = Candidates(key.strip())
        with closing(self._read(kind)) as items:
            for item in items:
                candidates.consider(item)
        return candidates.decide(self.name)

    def _read(self, kind: str) -> Generator[SourceObject | SourceProblem]:
        """All objects of a kind, checked."""
        part = self._parts.get(kind)
        if part is None:
            return
        with ExitStack() as stack:
            memberships = None
            if kind == "group" and self._memberships:
                memberships = stack.enter_context(closing(self._load_memberships(*self._memberships)))
                yield from memberships.problems
            stream = stack.enter_context(part.file.read())
            remember = SeenKeys(part.file.count_lines()).add
            key, has_members, empty = part.key, part.has_members, True
            unsaid = () if has_members and self._format.name == "csv" else None
            members: Any = None
            new = tuple.__new__
            for item in stack.enter_context(closing(self._format.records(stream, part))):
                empty = False
                if type(item) is not tuple:
                    problem = cast(SourceProblem, item)
                    if problem.id is not None and not remember(problem.id):
                        self._refuse_twice(part, problem.id)
                    yield problem
                    continue
                number, attributes = item
                value = attributes.get(key)
                identity = value.strip() if type(value) is str else as_key(value)
                if not identity:
                    yield self._without_key(part, number)
                    continue
                if not remember(identity):
                    self._refuse_twice(part, identity)
                if has_members:
                    members = attributes.pop(MEMBERS, unsaid)
                if memberships:
                    members = memberships.of(identity)
                # Past the generated constructor, which takes a third of the time of all this.
                yield new(SourceObject, (kind, identity, attributes, members))
            if empty:
                self._refuse_empty(part)
            if memberships:
                yield from memberships.strangers()

    def _load_memberships(self, part: Part, member_key: str) -> Memberships:
        memberships = Memberships(part, member_key)
        try:
            with part.file.read() as stream:
                if not memberships.load(self._format.records(stream, part)):
                    self._refuse_empty(part)
        except BaseException:
            memberships.close()
            raise
        return memberships

    def _refuse_twice(self, part: Part, identity: str) -> None:
        """Raise if the key is really there twice, and not merely another with the same hash."""
        places: list[str] = []
        with part.file.read(whole=False) as stream:
            for item in self._format.records(stream, part):
                if isinstance(item, SourceProblem):
                    found, place = item.id, item.where.removeprefix(f"{part.file.label}, ")
                else:
                    found, place = as_key(item[1].get(part.key)), f"{self._format.row} {item[0]}"
                if found == identity:
                    places.append(place)
                if len(places) == 2:
                    raise SourceError(
                        f"{places[0]} and {places[1]} have the same '{part.key}'",
                        part.file.label,
                        "Remove one of them, or name the attribute that is unique with source.key",
                    )

    def _without_key(self, part: Part, number: int) -> SourceProblem:
        return SourceProblem(
            f"{part.file.label}, {self._format.row} {number}",
            f"has no usable '{part.key}', which is the key",
            "Fill it in; until then nobody is taken to have left the source",
        )

    def _refuse_empty(self, part: Part) -> None:
        if not self._allow_empty:
            raise SourceError(
                f"holds no {self._format.row}s",
                part.file.label,
                "Check the export; if it is meant to be empty, set safety.allow_empty = true",
            )

    def _files(self) -> list[SourceFile]:
        parts = [*self._parts.values(), *([self._memberships[0]] if self._memberships else [])]
        return [part.file for part in parts]

    def _file(self, label: str) -> SourceFile:
        return SourceFile(self._base / label, label, self._config.encoding)

    def _open_groups(self, label: str) -> Part:
        config = self._config
        part = self._open_part(label, config.group_key, _GROUP_KEYS, "source.group_key", fallback=config.key)
        inline = not config.members and (self._format.name == "jsonl" or MEMBERS in part.columns)
        return Part(part.file, part.key, part.columns, has_members=inline)

    def _open_part(
        self, label: str, wanted: str | None, usual: tuple[str, ...], setting: str, fallback: str | None = None
    ) -> Part:
        file = self._file(label)
        columns = self._format.columns(file)
        if not columns and self._allow_empty:
            return Part(file, wanted or fallback or usual[0], columns)
        if not columns:
            raise SourceError(
                "is empty", label, "Check the export; if it is meant to be empty, set safety.allow_empty = true"
            )
        if wanted is None:
            present = [name for name in ((fallback,) if fallback else ()) + usual if name in columns]
            if present:
                return Part(file, present[0], columns)
            near = next((one for name in usual if (one := near_column(name, columns))), None)
            raise SourceError(
                f"has none of the usual keys {', '.join(usual)}; its columns are {', '.join(columns)}",
                label,
                _take(near, setting) if near else f"Name the one that never changes with {setting}",
            )
        if wanted not in columns:
            near = near_column(wanted, columns)
            what = f"has no column '{wanted}' ({setting}); it has {', '.join(columns)}"
            raise SourceError(what, label, _take(near, setting) if near else f"Set {setting} to one of them")
        return Part(file, wanted, columns)


def _take(column: str, setting: str) -> str:
    return f"Did you mean '{column}'? Then set {setting} = \"{column}\" in the app's file"


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    """Run `work` beside the loop; a cancelled wait ends when the work does, so that nobody closes its files."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
