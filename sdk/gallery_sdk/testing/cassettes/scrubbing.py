"""Scrubbing by default-deny: of a recording only what is known to be public or invented survives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import orjson

from ...transport import is_secret_name
from .vocabulary import TOKEN

ORIGIN: Final = "https://target.example"
"""Stands for every address in a cassette; `.example` is reserved (RFC 2606)."""

PLACEHOLDER: Final = re.compile(r"(?:value|scrubbed)-\d+|scrubbed")
_MOMENT: Final = "2026-01-01T00:00:00Z"
_IS_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_KEPT_REQUEST: Final = ("accept", "content-type")
_KEPT_RESPONSE: Final = ("content-type", "location", "retry-after")
_NEVER: Final = frozenset(
    {"authorization", "cookie", "set-cookie", "date", "server", "host", "via", "user-agent", "connection", "etag"}
    | {"content-length", "content-encoding", "transfer-encoding", "www-authenticate", "expires", "last-modified"}
)
_LIFETIMES: Final = frozenset({"expires_in", "expires", "expiresin"})
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+")
_SAID: Final = frozenset({"detail", "description", "message", "error", "error_summary", "error_description", "title"})
_HTML: Final = "<!DOCTYPE html><html><head><title>scrubbed</title></head></html>"
_HARMLESS: Final = 9999  # a larger number may be an identifier, a telephone number or a point in time


class Scrubber:
    """Turns one recording into what may be published; the same input gives the same output.

    What is not known becomes `value-0001`, `value-0002`, … in order of appearance, the same text always the same one,
    so that an id which an answer gives is still the id that the next request asks for.

    Args:
        words: Public words: `vocabulary_of` the connector.
        invented: Texts that the suite made up, to what they are in the cassette: `invented_by`.
    """

    def __init__(self, words: frozenset[str], invented: Mapping[str, str]) -> None:
        self._words = words
        self._folded = frozenset(word.casefold() for word in words)
        self._invented = dict(invented)
        self._tokens = {token: kept for text, new in invented.items() for token, kept in _pairs(text, new)}
        self._placeholders: dict[str, str] = {}
        self._secrets: dict[str, str] = {}

    def interaction(self, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """One request and its answer, in vcrpy's format."""
        request, response = recorded["request"], recorded["response"]
        sent = _header(request["headers"], "content-type")
        received = _header(response["headers"], "content-type")
        uri = self.uri(request["uri"])
        return {
            "request": {
                "method": request["method"],
                "uri": uri,
                "headers": _kept(request["headers"], _KEPT_REQUEST),
                "body": self._body(request.get("body"), sent),
            },
            "response": {
                "status": {"code": response["status"]["code"], "message": ""},
                "headers": self._answered(response["headers"]),
                "body": {"string": self._body(response["body"].get("string"), received)},
            },
        }

    def uri(self, uri: str) -> str:
        """An address at `ORIGIN`; segments and parameters that are not known become placeholders."""
        parts = urlsplit(uri)
        path = "/".join(quote(self._token(unquote(segment)), safe="@:.~-_") for segment in parts.path.split("/"))
        pairs = [
            (name, "scrubbed" if is_secret_name(name) else self.phrase(content))
            for name, content in parse_qsl(parts.query, keep_blank_values=True)
            if name.casefold() in self._folded or name.startswith("$")
        ]
        query = f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""
        return f"{ORIGIN}{path}{query}"

    def phrase(self, text: str) -> str:
        """A filter or a query: every word of it on its own."""
        if text in self._invented:
            return self._invented[text]
        return TOKEN.sub(lambda found: self._token(found[0]), text)

    def json(self, value: Any, key: str = "") -> Any:
        """A JSON value; members of objects under names that are not known are left out."""
        if isinstance(value, dict):
            return {
                name: self._secret(each) if isinstance(each, str) and is_secret_name(name) else self.json(each, name)
                for name, each in value.items()
                if name.casefold() in self._folded or name in self._invented
            }
        if isinstance(value, list):
            return [self.json(each, key) for each in value]
        if isinstance(value, bool) or value is None:
            return value
        if key.lower() in _LIFETIMES and isinstance(value, (int, float)):
            return 3600  # what was left of it depends on how long the recording took
        if isinstance(value, int):
            return value if abs(value) <= _HARMLESS else 10_000 + int(self._placeholder(str(value)).partition("-")[2])
        if isinstance(value, float):
            return value if abs(value) <= _HARMLESS else 0.0
        return self.text(value, key)

    def text(self, value: str, key: str = "") -> str:
        """A text under a name."""
        if not value.strip() or PLACEHOLDER.fullmatch(value):
            return value
        if value in self._invented:
            return self._invented[value]
        if value.startswith(("https://", "http://")):
            return self.uri(value)
        if value in self._words and key.lower() != "id":
            return value
        if _IS_MOMENT.fullmatch(value):
            return _MOMENT
        if key.lower() in _SAID:
            return self._said(value)
        return self._placeholder(value)

    def _said(self, value: str) -> str:
        """What the app says for people: of its words, those that the connector reads."""
        codes = [one for one in TOKEN.findall(value) if one in self._words and ("_" in one or one.isupper())]
        phrases = [one for one in self._words if " " in one and 8 < len(one) < len(value) and one in value]
        return " ".join([*codes, *sorted(phrases)]) or "scrubbed"

    def _token(self, token: str) -> str:
        if not token or token in self._words or (token.isdigit() and len(token) < 5) or PLACEHOLDER.fullmatch(token):
            return token
        if token in self._invented:
            return self._invented[token]
        if token in self._tokens:
            return self._tokens[token]
        return self._placeholder(token)

    def _placeholder(self, value: str) -> str:
        # Of one width, so that ids which come in order stay in order: some clients page by that.
        return self._placeholders.setdefault(value, f"value-{len(self._placeholders) + 1:04d}")

    def _secret(self, value: str) -> str:
        """Another text for each token, since a client that is given the same one again gives up."""
        return self._secrets.setdefault(value, f"scrubbed-{len(self._secrets) + 1}")

    def _body(self, content: Any, media_type: str) -> str:
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content or ""
        if not text:
            return ""
        if "form-urlencoded" in media_type:
            return urlencode([
                (name, content if name == "grant_type" else "scrubbed")
                for name, content in parse_qsl(text, keep_blank_values=True)
                if name.casefold() in self._folded
            ])  # fmt: skip
        try:
            return orjson.dumps(self.json(orjson.loads(text))).decode()
        except orjson.JSONDecodeError:
            return _HTML if "html" in media_type else "scrubbed"

    def _answered(self, headers: Mapping[str, Any]) -> dict[str, list[str]]:
        """Headers of an answer: those of HTTP that matter, and those that the connector itself knows by name."""
        own = sorted(name.lower() for name in headers if name.casefold() in self._folded and not is_secret_name(name))
        kept = _kept(headers, tuple(dict.fromkeys((*_KEPT_RESPONSE, *(name for name in own if name not in _NEVER)))))
        for name, contents in kept.items():
            if name == "retry-after":
                kept[name] = [one if one.isdigit() and len(one) < 5 else "5" for one in contents]
            elif name != "content-type":
                kept[name] = [self._header_text(one) for one in contents]
        return kept

    def _header_text(self, content: str) -> str:
        if _ADDRESS.search(content):
            return _ADDRESS.sub(lambda found: self.uri(found[0]), content)
        return self.phrase(content)


def _kept(headers: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, list[str]]:
    """The headers that are allowed, in a fixed order and spelling."""
    found = {name.lower(): each if isinstance(each, list) else [each] for name, each in headers.items()}
    return {name: [str(one) for one in found[name]] for name in names if name in found}


def _header(headers: Mapping[str, Any], name: str) -> str:
    return " ".join(_kept(headers, (name,)).get(name, []))


def _pairs(text: str, new: str) -> list[tuple[str, str]]:
    """Words of an invented text, beside what they are in the cassette."""
    before, after = TOKEN.findall(text), TOKEN.findall(new)
    return list(zip(before, after, strict=True)) if len(before) == len(after) else []
