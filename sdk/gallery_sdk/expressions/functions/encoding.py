"""Functions between text and bytes, and of distinguished names."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Final

from ..registry import Emptiness, ResultType
from ..sites import on_text, on_values
from ..values import FunctionFailure, as_integer, as_text, one_value
from ._declaring import CLOUD_SYNC, built_in, optional, required

_ENCODINGS: Final = {"Unicode": "utf-16-le", "ASCII": "ascii", "UTF8": "utf-8"}
_ESCAPED: Final = re.compile(r"(?:\\[0-9A-Fa-f]{2})+|\\.", re.DOTALL)
_COMPONENT: Final = re.compile(r"(?:\\.|[^\\,;])+", re.DOTALL)


def _bytes(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise FunctionFailure("the text holds half a character", "Correct the source") from error


def _from_base64(text: str, encoding: object) -> str:
    name = "Unicode" if encoding is None else as_text(encoding)
    if name not in _ENCODINGS:
        raise FunctionFailure("the encoding is not known", f"Use one of {', '.join(_ENCODINGS)}")
    return _decoded(text).decode(_ENCODINGS[name], errors="replace")


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise FunctionFailure("the text is not base64", "Correct the source") from error


def _component(dn: str, number: object) -> str | None:
    index = as_integer(number, "componentNumber")
    components = [part.strip() for part in _COMPONENT.findall(dn)]
    if not 1 <= index <= len(components):
        return None
    _, found, value = components[index - 1].partition("=")
    return _ESCAPED.sub(_unescape, value.strip()) if found else None


def _unescape(found: re.Match[str]) -> str:
    text = found.group()
    if len(text) < 3:
        return text[1:]
    return bytes.fromhex(text.replace("\\", "")).decode("utf-8", errors="replace")


def _security_identifier(value: object) -> str | None:
    value = one_value(value)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.upper().startswith("S-1-"):
        return value
    raw = bytes(value) if isinstance(value, (bytes, bytearray)) else _decoded(as_text(value))
    if len(raw) < 8 or len(raw) != 8 + 4 * raw[1]:
        raise FunctionFailure("the value is not a security identifier", "Map the binary objectSid")
    authority = int.from_bytes(raw[2:8], "big")
    parts = [int.from_bytes(raw[at : at + 4], "little") for at in range(8, len(raw), 4)]
    return "-".join(["S", str(raw[0]), str(authority), *(str(part) for part in parts)])


_STRING: Final = ResultType.STRING

FUNCTIONS: Final = (
    built_in(
        "ConvertToBase64", (required("source"),), _STRING,
        on_text(lambda text: b64encode(_bytes(text, "utf-16-le")).decode()),
        "The source in base64, from its UTF-16 bytes.", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "ConvertFromBase64",
        (required("source"), optional("encoding", choices=tuple(_ENCODINGS), words=True)),
        _STRING, on_text(_from_base64), "The text that base64 holds in UTF-16 (Unicode), ASCII or UTF8.",
        source=CLOUD_SYNC,
    ),
    built_in(
        "ConvertToUTF8Hex", (required("source"),), _STRING, on_text(lambda text: _bytes(text, "utf-8").hex().upper()),
        "The UTF-8 bytes of the source in hexadecimal.", emptiness=Emptiness.LIKE_SOURCE,
    ),
    built_in(
        "DNComponent", (required("dn"), required("componentNumber")), _STRING, on_text(_component),
        "The value of a component of a distinguished name, from the left, from 1.", source=CLOUD_SYNC,
    ),
    built_in(
        "StringFromSid", (required("objectSid"),), _STRING, on_values(_security_identifier),
        "The S-1-... form of a binary security identifier.", source=CLOUD_SYNC,
    ),
)  # fmt: skip
