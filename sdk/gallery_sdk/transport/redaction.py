"""Keep secrets out of text: by the literal values that were resolved, and by the places where secrets usually stand."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, quote_plus

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
    forgotten, since a log line may come long after its connection was closed.
    """

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """Register one secret; values shorter than four characters are passed over."""
        if len(value) < _SHORTEST_SECRET or value in self._values:
            return
        with self._lock:
            self._values.add(value)
            self._pattern = None

    def values(self) -> frozenset[str]:
        """Every registered value in plain form, for a scrubber that must prove their absence."""
        with self._lock:
            return frozenset(self._values)

    def contains_secret(self, text: str) -> bool:
        """Whether any registered value stands in the text, in any of the forms that are masked."""
        pattern = self._compiled()
        return pattern is not None and pattern.search(text) is not None

    def mask(self, text: str) -> str:
        """The text with every registered value replaced by `***`."""
        pattern = self._compiled()
        return text if pattern is None else pattern.sub(MASK, text)

    def _compiled(self) -> re.Pattern[str] | None:
        with self._lock:
            if self._pattern is None and self._values:
                forms = {form for value in self._values for form in _forms(value)}
                # Longest first: a secret that contains another must go as a whole.
                self._pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
            return self._pattern


def _forms(value: str) -> set[str]:
    encoded = base64.b64encode(value.encode()).decode()
    return {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], encoded, encoded.rstrip("=")}


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
