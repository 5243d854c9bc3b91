"""JSON Lines: one object on each line, native types kept, nested objects made flat."""

from __future__ import annotations

import io
import re
from collections.abc import Generator
from itertools import islice
from typing import Any, Final

import orjson

from gallery_sdk.errors import SourceError

from .files import SourceFile
from .formats import Part, Record, cut_off
from .normalising import MEMBERS, ROLES, as_key, flatten, shape_members, shape_roles
from .objects import SourceProblem

_SAMPLE_LINES: Final = 1000


class JsonLinesFormat:
    """Reads JSON Lines."""

    name = "jsonl"
    row = "line"

    def columns(self, file: SourceFile) -> tuple[str, ...]:
        """The names that occur on the first 1,000 lines, in order of appearance."""
        names: dict[str, None] = {}
        with file.read(whole=False) as stream:
            _refuse_array(stream, file.label)
            for line in islice(stream, _SAMPLE_LINES):
                try:
                    names.update(dict.fromkeys(flatten(orjson.loads(line))))
                except (ValueError, AttributeError):
                    continue  # reported with its line when it is read in earnest
        return tuple(names)

    def records(self, stream: io.BufferedReader[Any], part: Part) -> Generator[Record | SourceProblem]:
        """Lines counted from 1, blank ones included."""
        _refuse_array(stream, part.file.label)
        broken: tuple[int, bytes] | None = None  # not JSON: a broken line, or the end of a cut-off file
        for number, line in enumerate(stream, 1):
            if line.isspace():
                continue
            if broken:
                yield _broken(part, *broken)
                broken = None
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                broken = (number, line)
                continue
            if type(record) is not dict:
                yield _problem(part, number, "is JSON, but not an object", "Write one object in braces", None)
                continue
            try:
                attributes = flatten(record)
                if ROLES in attributes:
                    attributes[ROLES] = shape_roles(attributes[ROLES])
                if part.has_members and MEMBERS in attributes:
                    attributes[MEMBERS] = shape_members(attributes[MEMBERS])
            except ValueError as error:
                yield _problem(part, number, f"has {error}", "Correct the object", as_key(record.get(part.key)))
                continue
            yield number, attributes
        if broken:
            raise cut_off(part.file.label, self.row, broken[0])


def _refuse_array(stream: io.BufferedReader[Any], label: str) -> None:
    if stream.peek(64)[:64].lstrip().startswith(b"["):
        raise SourceError(
            "is one JSON array, not one object on each line", label, "Convert it, for example with: jq -c '.[]'"
        )


def _problem(part: Part, number: int, what: str, mend: str, key: str | None) -> SourceProblem:
    return SourceProblem(f"{part.file.label}, line {number}", what, mend, key)


def _broken(part: Part, number: int, line: bytes) -> SourceProblem:
    """The problem of a line that is not JSON, with its key if that can still be read."""
    name = re.escape(orjson.dumps(part.key))
    found = re.search(name + rb'\s*:\s*("(?:[^"\\]|\\.)*"|\d+)\s*[,}]', line)
    try:
        key = as_key(orjson.loads(found[1])) if found else None
    except orjson.JSONDecodeError:
        key = None
    return _problem(part, number, "is not JSON", "Export the line again", key)
