"""What a failed response says, whatever its shape, and the shape that RFC 7644 section 3.12 gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import Final

from ._access import lookup
from .findings import Finding, FindingCode
from .urns import ERROR

_LONGEST: Final = 500
"""Characters of a detail that are kept; a target's stack trace serves nobody in a log line."""


class ErrorShape(StrEnum):
    """What kind of body carried the failure."""

    SCIM = "scim"
    SCIM1 = "scim1"
    JSON = "json"
    HTML = "html"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class ScimErrorBody:
    """A failed response.

    Attributes:
        status: The HTTP status of the response, which outranks what the body claims.
        scim_type: RFC 7644 table 9 or a word of the target's own; None where not given.
        detail: One line in the target's words, at most 500 characters; may be empty.
        shape: What carried it.
        findings: What had to be forgiven.
    """

    status: int
    scim_type: str | None
    detail: str
    shape: ErrorShape
    findings: tuple[Finding, ...] = ()


def parse_error(status: int, body: object | bytes, media_type: str = "") -> ScimErrorBody:
    """Read the body of a response of status 400 or above; never fails.

    Args:
        status: The HTTP status.
        body: Decoded JSON, or the bytes or text as they came.
        media_type: The Content-Type; only asked where the body itself does not tell.
    """
    if isinstance(body, bytes | bytearray):
        body = bytes(body).decode("utf-8", errors="replace")
    if isinstance(body, str):
        text = body.strip()
        decoded = _decoded(text)
        if decoded is None:
            return _from_text(status, text, media_type)
        body = decoded
    if body is None or body in ({}, []):
        return ScimErrorBody(status, None, "", ErrorShape.EMPTY)
    if isinstance(body, list):
        body = {"Errors": body}
    if isinstance(body, Mapping):
        return _from_object(status, body)
    return ScimErrorBody(status, None, _line(str(body)), ErrorShape.JSON)


def error_body(status: int, detail: str = "", scim_type: str | None = None) -> dict[str, object]:
    """The error message of RFC 7644 section 3.12; `status` is text there."""
    body: dict[str, object] = {"schemas": [ERROR], "status": str(status)}
    if scim_type:
        body["scimType"] = scim_type
    if detail:
        body["detail"] = detail
    return body


def _decoded(text: str) -> object:
    """The JSON object or array that the text is, or None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _from_object(status: int, body: Mapping[str, object]) -> ScimErrorBody:
    errors = lookup(body, "Errors")
    if isinstance(errors, list | Mapping) and errors:
        # SCIM 1.1 section 3.9: {"Errors": [{"description": …, "code": "401"}]}; some targets leave out the array.
        first = errors[0] if isinstance(errors, list) else errors
        inner = first if isinstance(first, Mapping) else {"description": first}
        detail = _first_text(inner, "description", "detail", "message", "error")
        return ScimErrorBody(status, _scim_type(inner), detail, ErrorShape.SCIM1, _status_findings(inner, "code"))
    schemas = lookup(body, "schemas")
    is_scim = isinstance(schemas, list) and ERROR in schemas
    detail = _first_text(
        body, "detail", "error_description", "message", "description", "error_summary", "title", "error"
    )
    is_scim = is_scim or (lookup(body, "detail") is not None and lookup(body, "status") is not None)
    shape = ErrorShape.SCIM if is_scim else ErrorShape.JSON
    return ScimErrorBody(status, _scim_type(body), detail, shape, _status_findings(body, "status"))


def _status_findings(body: Mapping[str, object], name: str) -> tuple[Finding, ...]:
    claimed = lookup(body, name)
    if isinstance(claimed, int) and not isinstance(claimed, bool):
        return (Finding(FindingCode.STATUS_AS_NUMBER, f"error.{name}", str(claimed)),)
    return ()


def _scim_type(body: Mapping[str, object]) -> str | None:
    value = lookup(body, "scimType")
    return value if isinstance(value, str) and value else None


def _first_text(body: Mapping[str, object], *names: str) -> str:
    for name in names:
        value = lookup(body, name)
        if isinstance(value, Mapping):  # {"error": {"message": …}}
            value = lookup(value, "message") or lookup(value, "detail")
        if isinstance(value, str) and value.strip():
            return _line(value)
    return ""


def _from_text(status: int, text: str, media_type: str) -> ScimErrorBody:
    if not text:
        return ScimErrorBody(status, None, "", ErrorShape.EMPTY)
    if text[:1] == "<" or media_type.lower().startswith(("text/html", "application/xhtml")):
        findings = (Finding(FindingCode.HTML_ANSWER, "error"),)
        return ScimErrorBody(status, None, _title(text), ErrorShape.HTML, findings)
    return ScimErrorBody(status, None, _line(text), ErrorShape.TEXT)


def _title(html: str) -> str:
    """The page's title, else its first heading, else its visible words."""
    html = html[:20_000]
    for tag in ("title", "h1", "h2"):
        found = re.search(rf"<{tag}\b[^<>]*>([^<]*)", html, re.IGNORECASE)
        if found is not None and found[1].strip():
            return _line(unescape(found[1]), 120)
    visible = re.sub(r"<(script|style)\b.*?(?:</\1>|\Z)|<[^<>]*>", " ", html, flags=re.IGNORECASE | re.DOTALL)
    return _line(unescape(visible), 120)


def _line(text: str, longest: int = _LONGEST) -> str:
    """The text as one line without control characters, cut at `longest` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 4]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
