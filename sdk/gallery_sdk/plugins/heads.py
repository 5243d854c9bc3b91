"""The parts of files that the index needs, read without reading the rest.

A manifest is long, mostly mappings and facts about the target, and parsing TOML in Python costs about 0.25 s a
megabyte; the metadata of a distribution is an e-mail header with a whole README for its body. Of a few hundred
connectors only names, abilities and kinds of sign-in are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

_TOP: Final = frozenset(
    {"schema", "slug", "name", "version", "summary", "status", "categories", "keywords", "aliases"}
)  # fmt: skip
# As their headers are written after the first bracket; and what is wanted of each.
_TABLES: Final[Mapping[str, frozenset[str]]] = {
    "vendor]": frozenset({"name"}),
    "capabilities]": frozenset({"user", "group"}),
    "transport]": frozenset({"kind"}),
    "[auth.method]]": frozenset({"kind"}),
}
_NAMES: Final = ("vendor", "capabilities", "transport", "auth")
_NAMED: Final = (*_NAMES, *(f"[{name}" for name in _NAMES))  # what may be one of those tables, or one below it
_BELOW: Final = tuple(f"{name}." for name in (*_NAMES[:3], "auth.method"))
_SPACED_OR_QUOTED: Final = tuple(bracket + mark for bracket in ("", "[") for mark in " \t\"'")
_INDENTED: Final = re.compile(r"\n[ \t]+\[[\[ \t\"']*(?:" + "|".join(_NAMES) + r")\b")

_STRING: Final = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_GAP: Final = r"(?:[ \t\n]|#[^\n]*\n)*"
# A line of a table: empty, or one key and its value. Arrays hold texts alone and may go over several lines; numbers,
# dates, words and inline tables are taken as they stand, since none of them is wanted.
_LINE: Final = re.compile(
    r"[ \t]*(?:(?P<key>[A-Za-z0-9_-]+)[ \t]*=[ \t]*(?:"
    rf"(?P<text>{_STRING})|(?P<number>0|[1-9][0-9]*)(?=[ \t\n#])"
    rf"|\[(?P<texts>{_GAP}(?:{_STRING}{_GAP}(?:,{_GAP}{_STRING}{_GAP})*,?{_GAP})?)\]"
    r"|(?P<other>[A-Za-z0-9+-][^\n#]*|'[^'\n]*'|\{[^\n]*\})"
    r")[ \t]*)?(?:#[^\n]*)?\n"
)
_TEXT: Final = re.compile(_STRING)

_NAME: Final = re.compile(r"^Name:[ \t]*(.+?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_VERSION: Final = re.compile(r"^Version:[ \t]*(.+?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)


def parse_head(text: str) -> Mapping[str, Any]:
    """What the index needs of a manifest: keys of the top, and of the tables `vendor`, `capabilities`, `transport` and
    `auth.method`. More may be in it.

    What else the manifest holds is not looked at: whether it is sound shows when the connector is used, and
    `gallery check` and `gallery doctor` say so before. A manifest that is written in another way than nearly all are
    (dotted or quoted keys, indented tables, escapes, multi-line strings) is read whole, and so is one with an error in
    what was looked at.

    Raises:
        tomllib.TOMLDecodeError: It was read whole, and is no TOML.
    """
    text = text.replace("\r\n", "\n")
    try:
        return _quickly(text)
    except _Unusual:
        import tomllib

        return tomllib.loads(text)


class _Unusual(Exception):
    """Not written as nearly all manifests are, or wrong."""


def _quickly(text: str) -> Mapping[str, Any]:
    if '"""' in text or "'''" in text or _INDENTED.search(text):
        raise _Unusual
    top, *tables = f"\n{text}\n".split("\n[")
    data: dict[str, Any] = _values(top + "\n", _TOP)
    methods: list[dict[str, Any]] = []
    for table in tables:
        if table.startswith(_NAMED):
            header = table[: table.find("]") + (2 if table[0] == "[" else 1)]
            if header in _TABLES:
                values = _values(f"{table[len(header) :]}\n", _TABLES[header])
                if header == "[auth.method]]":
                    methods.append(values)
                elif data.setdefault(header[:-1], values) is not values:
                    raise _Unusual
            elif not header.lstrip("[").startswith(_BELOW):
                raise _Unusual
        elif table.startswith(_SPACED_OR_QUOTED):
            raise _Unusual
    if methods:
        data["auth"] = {"method": methods}
    return data


def _values(lines: str, wanted: Collection[str]) -> dict[str, Any]:
    """The wanted keys of one table, whose header ends where `lines` begin."""
    values: dict[str, Any] = {}
    place = 0
    while place < len(lines):
        line = _LINE.match(lines, place)
        if line is None:
            raise _Unusual
        key = line["key"]
        if key in values or key in _NAMES or (key is not None and place == 0):
            raise _Unusual
        if key in wanted:
            values[key] = _value(line)
        place = line.end()
    return values


def _value(line: re.Match[str]) -> object:
    text, texts, number = line.group("text", "texts", "number")
    if text is not None:
        return _plain(text)
    if number is not None:
        return int(number)
    if texts is not None and "#" not in texts:
        return [_plain(one) for one in _TEXT.findall(texts)]
    raise _Unusual


def _plain(quoted: str) -> str:
    """The text between the quotes, where it stands for itself."""
    text = quoted[1:-1]
    if "\\" in text or not text.isprintable():
        raise _Unusual
    return text


def parse_metadata(text: str) -> tuple[str, str]:
    """Name and version in a distribution's METADATA; "" for what is not there."""
    head = text.replace("\r\n", "\n").partition("\n\n")[0]
    name, version = _NAME.search(head), _VERSION.search(head)
    return name[1] if name else "", version[1] if version else ""
