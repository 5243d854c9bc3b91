"""From a resource to the flat values that the engine compares: `{path text: value}`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .paths import AttributePath, compile_getter
from .schemas import SchemaSet


def flatten(resource: Mapping[str, object], paths: Iterable[AttributePath | str]) -> dict[str, object]:
    """Read `paths` from one resource; paths without a value (absent, null, empty) are absent from the answer."""
    return compile_flattener(paths)(resource)


def compile_flattener(
    paths: Iterable[AttributePath | str], *, schema: SchemaSet | None = None
) -> Callable[[Mapping[str, object]], dict[str, object]]:
    """A function that reads `paths` from a resource; compile it once per job, call it per object.

    Keys of the answer are the texts of the paths as given, in the order given. It undoes `compile_assembler`:
    what that folded in comes out equal.

    Raises:
        PathError: One of the paths is not an attribute path.
    """
    getters = [(str(path), compile_getter(path, schema=schema)) for path in paths]

    def flattener(resource: Mapping[str, object]) -> dict[str, object]:
        return {key: value for key, read in getters if (value := read(resource)) is not None}

    return flattener
