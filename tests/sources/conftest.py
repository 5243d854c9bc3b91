"""Sources made of files that a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.sources import Source, SourceConfig, SourceObject, SourceProblem, open_source

OpenFiles = Callable[..., Source]


@pytest.fixture
def open_files(tmp_path: Path) -> OpenFiles:
    """Write the files given by keyword (users, groups, members) and open a source on them."""

    def open_(
        kind: str = "csv", *, allow_empty: bool = False, options: dict[str, Any] | None = None, **files: str | bytes
    ) -> Source:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        config = SourceConfig.model_validate({"kind": kind, **{name: name for name in files}, **(options or {})})
        return open_source(config, tmp_path, allow_empty=allow_empty)

    return open_


def read_all(source: Source, kind: str = "user", *, size: int = 200) -> tuple[list[SourceObject], list[SourceProblem]]:
    """Everything that a full read yields."""

    async def read() -> tuple[list[SourceObject], list[SourceProblem]]:
        objects: list[SourceObject] = []
        problems: list[SourceProblem] = []
        async for page in source.pages(kind, size=size):
            objects += page.objects
            problems += page.problems
        return objects, problems

    return asyncio.run(read())


@pytest.fixture(name="read_all")
def read_all_fixture() -> Callable[..., tuple[list[SourceObject], list[SourceProblem]]]:
    """The function `read_all`."""
    return read_all


@pytest.fixture
def find() -> Callable[..., SourceObject | None]:
    """Look one object up."""

    def find_(source: Source, key: str, kind: str = "user") -> SourceObject | None:
        return asyncio.run(source.get(kind, key))

    return find_
