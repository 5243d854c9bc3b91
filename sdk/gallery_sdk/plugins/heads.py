"""The parts of files that the index needs, read without reading the rest.

A manifest is long, mostly mappings and facts about the target, and parsing TOML in Python costs about 0.25 s a
megabyte; the metadata of a distribution is an e-mail header with a whole README for its body. Of a few hundred
connectors only names, abilities and kinds of sign-in are wanted.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

# A line that opens a table. Quoted keys are left out: a line of an array could look like one.
_HEADER: Final = re.compile(r"^\[\[?[ \t]*([A-Za-z0-9_-]+(?:[ \t]*\.[ \t]*[A-Za-z0-9_-]+)*)[ \t]*\]\]?", re.MULTILINE)
_WANTED: Final = frozenset({"vendor", "capabilities", "transport", "auth", "auth.method"})
_NAME: Final = re.compile(r"^Name:[ \t]*(.+?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_VERSION: Final = re.compile(r"^Version:[ \t]*(.+?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)


def parse_head(text: str) -> dict[str, Any]:
    """The top of a manifest and those of its tables that the index needs.

    What else the manifest holds is not even looked at: whether it is sound shows when the connector is used, and
    `gallery check` and `gallery doctor` say so before. A text with multi-line strings, in which anything may look like
    the beginning of a table, is read whole.

    Raises:
        tomllib.TOMLDecodeError: What was looked at is no TOML.
    """
    text = text.replace("\r\n", "\n")
    if '"""' in text or "'''" in text:
        return tomllib.loads(text)
    parts, begin, wanted = [], 0, True
    for header in _HEADER.finditer(text):
        if wanted:
            parts.append(text[begin : header.start()])
        begin, wanted = header.start(), "".join(header[1].split()) in _WANTED
    if wanted:
        parts.append(text[begin:])
    return tomllib.loads("".join(parts))


def parse_metadata(text: str) -> tuple[str, str]:
    """Name and version in a distribution's METADATA; "" for what is not there."""
    head = text.replace("\r\n", "\n").partition("\n\n")[0]
    name, version = _NAME.search(head), _VERSION.search(head)
    return name[1] if name else "", version[1] if version else ""
