"""From the text of a `connector.toml` to a manifest, or to all of its problems at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ..errors import ManifestError
from .model import Manifest
from .problems import InvalidManifestError, Problem
from .translating import problems_of

_TOML_PLACE: Final = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_LARGEST_BYTES: Final = 4_000_000


def read_manifest(path: Path | str) -> Manifest:
    """Read a `connector.toml`.

    Args:
        path: The file, or the folder that holds it.

    Raises:
        ManifestError: The file cannot be read.
        InvalidManifestError: It is not TOML, or not a manifest; every problem is in `problems`.
    """
    path = Path(path)
    if path.is_dir():
        path /= "connector.toml"
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ManifestError(
                f"the file is larger than {_LARGEST_BYTES} bytes", str(path), "Check that this is a manifest"
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ManifestError("there is no such file", str(path), "Check the path, or run `gallery new`") from error
    except OSError as error:
        raise ManifestError(
            f"the file cannot be read ({error.strerror})", str(path), "Check its permissions"
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidManifestError(
            [Problem(f"{path}, line {line}", "the text is not UTF-8", "Save the file in UTF-8, as TOML asks")]
        ) from error
    return parse_manifest(text, str(path))


def parse_manifest(text: str, where: str = "connector.toml") -> Manifest:
    """Read the text of a manifest.

    Only the shape is checked here: fields, types, closed vocabularies. Whether the whole makes sense is for
    `find_problems`.

    Args:
        text: TOML.
        where: What the text is called in messages: its path.

    Raises:
        InvalidManifestError: It is not TOML, or not a manifest; every problem is in `problems`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidManifestError([_syntax_problem(str(error), text, where)]) from error
    try:
        manifest = Manifest.model_validate(data)
    except ValidationError as error:
        raise InvalidManifestError(problems_of(error, Manifest, where)) from None
    manifest._where = where
    return manifest


def _syntax_problem(message: str, text: str, where: str) -> Problem:
    found = _TOML_PLACE.match(message)
    if found is None:
        return Problem(where, f"not TOML: {message}", "Mend the file; https://toml.io shows the syntax")
    line = int(found["line"]) if found["line"] else text.count("\n") + 1
    what = found["what"][:1].lower() + found["what"][1:]
    level_and_table = "overwrite a value" in what and re.search(r"^\s*\[\[?\s*schema\s*\.", text, re.MULTILINE)
    if level_and_table or "'schema'" in what:
        mend = "`schema` is the level of the format (schema = 1); attributes are declared as [[attribute.user]]"
    else:
        mend = "Mend the line; quote texts, write every table and key once, and tables of a list in [[two brackets]]"
    column = f" at column {found['column']}" if found["column"] else " at the end of the file"
    return Problem(f"{where}, line {line}", f"not TOML: {what}{column}", mend)
