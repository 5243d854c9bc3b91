"""Keep secrets out of text: by the literal values that were resolved, and by the places where secrets usually stand."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

MASK: Final = "***"
_SHORTEST_SECRET = 4  # a shorter one would mask ordinary words everywhere and is no secret to speak of

_SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "dd-api-key"}
    | {"dd-application-key", "x-auth-token", "x-access-token", "apikey", "www-authenticate"}
)
_SENSITIVE = r"(?:password|passwd|pwd|secret|token|api[_-]?key|apikey|assertion|private[_-]?key|credential|passphrase)"
_SECRET_NAME: Final = re.compile(rf"(?:[\w.-]*{_SENSITIVE}|code|code_verifier|sessionid|session_id)", re.IGNORECASE)
_CHARACTER = r"[A-Za-z0-9._~+/=:-]"
# "the basic plan" and "bearer authentication" are words: a token is long, or holds what words do not.
_SCHEME: Final = re.compile(
    rf"\b(Bearer|Basic|SSWS|ApiToken|GenieKey|Negotiate)\s+(?:(?={_CHARACTER}*[0-9=_~+/]){_CHARACTER}{{6,}}|{_CHARACTER}{{20,}})",
    re.IGNORECASE,
)
_HEADER_LINE: Final = re.compile(
    r"\b((?:proxy-)?authorization|cookie|set-cookie|x-api-key)(\"?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\r\n,}]+)",
    re.IGNORECASE,
)
_JSON_PAIR: Final = re.compile(
    rf"(?P<head>(?P<quote>[\"'])(?:[\w.-]*{_SENSITIVE}|code|code_verifier)(?P=quote)\s*:\s*)"
    r"(?:\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s,}\]]+)",
    re.IGNORECASE,
)
_FORM_PAIR: Final = re.compile(
    rf"(?<![\w.-])((?:[\w.-]*{_SENSITIVE}|code|code_verifier|sessionid|session_id)=)[^&\s\"'<>]+", re.IGNORECASE
)


class SecretRegistry:
    """The secret values that this process has seen, so that they can be searched for and masked.

    A value is found in plain form, percent-encoded, escaped for JSON, and in base64. Thread-safe; nothing is ever
    forgotten, since a log line may come long after its connection was closed. Adding costs the same however many are
    known, and so does masking: a text is looked up by its first characters, never tried against every secret.
    """

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._forms: set[str] = set()
        # First characters of a form -> the lengths of the forms that begin so, longest first: a secret that contains
        # another must go as a whole. Tokens of one kind begin alike (every JWT does), but have few lengths.
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """Register one secret; values shorter than four characters are passed over."""
        if len(value) < _SHORTEST_SECRET or value in self._values:
            return
        with self._lock:
            for form in _forms(value):
                self._forms.add(form)
                head = form[:_SHORTEST_SECRET]
                known = self._lengths.get(head, ())
                if len(form) not in known:
                    self._lengths[head] = tuple(sorted((*known, len(form)), reverse=True))
            self._values.add(value)

    def values(self) -> frozenset[str]:
        """Every registered value in plain form, for a scrubber that must prove their absence."""
        with self._lock:
            return frozenset(self._values)

    def contains_secret(self, text: str) -> bool:
        """Whether any registered value stands in the text, in any of the forms that are masked."""
        return next(self._found(text), None) is not None

    def mask(self, text: str) -> str:
        """The text with every registered value replaced by `***`."""
        parts, kept = [], 0
        for start, end in self._found(text):
            parts += [text[kept:start], MASK]
            kept = end
        return "".join([*parts, text[kept:]]) if parts else text

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Where registered values stand, from the left, without overlaps: start and end."""
        lengths, forms, end = self._lengths, self._forms, 0
        if not lengths:
            return
        heads = range(len(text) - _SHORTEST_SECRET + 1)
        for start in [at for at in heads if text[at : at + _SHORTEST_SECRET] in lengths]:
            if start < end:
                continue
            for length in lengths[text[start : start + _SHORTEST_SECRET]]:
                if text[start : start + length] in forms:
                    end = start + length
                    yield start, end
                    break


def _forms(value: str) -> set[str]:
    """A value as it may stand in a text; none is shorter than the value, so each has a full head."""
    # What an environment holds beside UTF-8 arrives as lone surrogates, which must not stop a secret from being masked.
    raw = value.encode(errors="surrogatepass")
    encoded, quoted = base64.b64encode(raw).decode(), quote(raw, safe="")
    return {value, quoted, quoted.replace("%20", "+"), json.dumps(value)[1:-1], encoded, encoded.rstrip("=")}


SECRETS: Final = SecretRegistry()
"""The registry of this process; secrets register themselves when they are resolved."""


def is_secret_name(name: str) -> bool:
    """Whether a header, query parameter or field of this name usually holds a secret."""
    return name.lower() in _SECRET_HEADERS or _SECRET_NAME.fullmatch(name) is not None


def redact(text: str) -> str:
    """The text with registered secrets and whatever stands in a secret's place replaced by `***`."""
    text = SECRETS.mask(text)
    text = _HEADER_LINE.sub(lambda found: f"{found[1]}{found[2]}{MASK}", text)
    text = _SCHEME.sub(lambda found: f"{found[1]} {MASK}", text)
    text = _JSON_PAIR.sub(lambda found: f'{found["head"]}"{MASK}"', text)
    return _FORM_PAIR.sub(lambda found: f"{found[1]}{MASK}", text)


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers fit for a log: values of secret headers masked whole, registered secrets masked in all others."""
    return {name: MASK if is_secret_name(name) else SECRETS.mask(value) for name, value in headers.items()}
